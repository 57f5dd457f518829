/* SPDX-License-Identifier: MIT */
/* What the keys of every screen do, and the menus. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "ui/screen_state.h"

const struct menu menus[] = {
    {"menu.pool",
     "Pool",
     "pools",
     {{'S', "witch", "upstream.switch", NULL},
      {'E', "nable", "upstream.enable", NULL},
      {'D', "isable", "upstream.disable", NULL},
      {'C', "hange strategy", "upstream.strategy", NULL},
      {'Q', "uota", "upstream.quota", NULL},
      {'I', "nfo", "open", NULL}}},
    {"menu.device",
     "Device",
     "devices",
     {{'P', "ause", "device.pause", NULL},
      {'R', "esume", "device.resume", NULL},
      {'A', "ll pause", NULL, "device pause all"},
      {'W', "ake all", NULL, "device resume all"},
      {'I', "nfo", "open", NULL}}},
    {"menu.settings",
     "Settings",
     NULL,
     {{'R', "eload configuration", NULL, "reload"},
      {'T', "heme", "theme.next", NULL},
      {'K', "eys", "help", NULL}}},
    {"menu.display",
     "Display",
     NULL,
     {{'T', "heme", "theme.next", NULL},
      {'G', "raph symbols", "symbols.next", NULL},
      {'N', "ormal log", NULL, "log level info"},
      {'D', "ebug log", NULL, "log level debug"},
      {'Q', "uiet log", NULL, "log level warn"}}},
    {0},
};

static void step_screen(struct screen *s, unsigned step)
{
    screen_show_panel(s, (s->active + step) % panel_count());
}

static void act_next(struct screen *s)
{
    step_screen(s, 1);
}

static void act_previous(struct screen *s)
{
    step_screen(s, panel_count() - 1);
}

static void act_help(struct screen *s)
{
    if (strcmp(panels[s->active]->name, "help") == 0)
        screen_show_panel(s, s->before);
    else
        (void)screen_open(s, "help");
}

static void act_back(struct screen *s)
{
    if (strcmp(panels[s->active]->name, "help") == 0)
        screen_show_panel(s, s->before);
    else
        screen_show_panel(s, 0);
}

static void act_pause(struct screen *s)
{
    ask_command(s, "mining stop");
}

static void act_resume(struct screen *s)
{
    ask_command(s, "mining start");
}

static void act_pause_toggle(struct screen *s)
{
    ask_command(s, s->now && s->now->state == MINING_STOPPED ? "mining start" : "mining stop");
}

static void act_algorithms(struct screen *s)
{
    (void)screen_open(s, "algorithms");
}

static void act_pool_mode(struct screen *s)
{
    ask_command(s, s->now && s->now->pool_on ? "pool off" : "pool on");
}

static void set_refresh(struct screen *s, int64_t us)
{
    s->opts.refresh_us = us < REFRESH_MIN_US   ? REFRESH_MIN_US
                         : us > REFRESH_MAX_US ? REFRESH_MAX_US
                                               : us;
    screen_say(s, "drawing every %.1f s", (double)s->opts.refresh_us / SECOND_US);
}

static void act_slower(struct screen *s)
{
    set_refresh(s, s->opts.refresh_us * 2);
}

static void act_faster(struct screen *s)
{
    set_refresh(s, s->opts.refresh_us / 2);
}

static void act_freeze(struct screen *s)
{
    s->frozen = !s->frozen;
    s->frozen_us = s->now_us;
    if (!s->frozen && s->newest) {
        snapshot_unref(s->now);
        s->now = s->newest;
        s->newest = NULL;
    }
}

static void act_alarm_seen(struct screen *s)
{
    s->seen_warnings = screen_warnings(s->now);
    if (!s->seen_warnings)
        screen_say(s, "there are no warnings");
    else
        screen_say(s, "%u warning%s seen; listed until the cause is gone", s->now->warning_count,
                   s->now->warning_count == 1 ? "" : "s");
}

static void open_prompt_with(struct screen *s, const char *what, const char *text)
{
    prompt_start(&s->prompt, text);
    s->prompt_for = what;
    s->choices[0] = 0;
}

static void open_prompt(struct screen *s, const char *what)
{
    open_prompt_with(s, what, "");
}

void screen_prompt(struct screen *s, const char *text)
{
    open_prompt_with(s, "command", text);
}

static void act_command(struct screen *s)
{
    open_prompt(s, "command");
}

static void act_search(struct screen *s)
{
    open_prompt(s, "search");
}

static void act_filter(struct screen *s)
{
    open_prompt(s, "filter");
}

static void act_theme(struct screen *s)
{
    char name[32];

    theme_after(s->opts.theme.name, name);
    if (theme_pick(name, s->opts.no_color) != name) {
        screen_say(s, "colours are switched off (NO_COLOR, --no-color)");
        return;
    }
    (void)theme_load(&s->opts.theme, name, NULL);
    s->redraw = true;
    screen_say(s, "theme %s", s->opts.theme.title);
}

static void act_symbols(struct screen *s)
{
    static const char *const names[] = {"ascii", "block", "braille"};

    if (s->grid.ascii) {
        screen_say(s, "only ASCII: the locale or the terminal has nothing else");
        return;
    }
    s->grid.symbols = (enum symbols)((s->grid.symbols + 1) % 3);
    screen_say(s, "graphs in %s", names[s->grid.symbols]);
}

static void act_redraw(struct screen *s)
{
    s->redraw = true;
}

static void act_suspend(struct screen *s)
{
    screen_say(s, "suspending would stop mining: use tmux or screen to leave it running");
}

static void act_interrupt(struct screen *s)
{
    if (s->interrupt_us && s->now_us - s->interrupt_us < 2 * SECOND_US) {
        s->opts.quit(s->opts.arg);
        return;
    }
    s->interrupt_us = s->now_us;
    ask_quit(s);
}

static const struct {
    const char *action;
    void (*run)(struct screen *);
} actions[] = {
    {"help", act_help},
    {"screen.next", act_next},
    {"screen.previous", act_previous},
    {"back", act_back},
    {"pause", act_pause},
    {"resume", act_resume},
    {"pause.toggle", act_pause_toggle},
    {"algorithms", act_algorithms},
    {"pool.mode", act_pool_mode},
    {"refresh.slower", act_slower},
    {"refresh.faster", act_faster},
    {"freeze", act_freeze},
    {"alarm.seen", act_alarm_seen},
    {"prompt.command", act_command},
    {"prompt.search", act_search},
    {"prompt.filter", act_filter},
    {"theme.next", act_theme},
    {"symbols.next", act_symbols},
    {"redraw", act_redraw},
    {"suspend", act_suspend},
    {"quit", ask_quit},
    {"interrupt", act_interrupt},
};

bool screen_action(struct screen *s, const char *action)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i].action, action) == 0) {
            actions[i].run(s);
            return true;
        }
    for (const struct menu *m = menus; m->action; m++)
        if (strcmp(m->action, action) == 0) {
            ask_menu(s, m);
            return true;
        }
    return false;
}
