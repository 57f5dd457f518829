/* SPDX-License-Identifier: MIT */
/* The console as a state machine: keys in, commands and frames out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fake/canned.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "ui/screen_state.h"

static const struct command_info commands[] = {
    {"mining start", "", "start hashing", CLASS_B, NULL},
    {"mining stop", "", "stop hashing", CLASS_B, NULL},
    {"pool on", "", "open the pool", CLASS_C, "The port opens."},
    {"pool off", "", "close the pool", CLASS_C, "Miners are disconnected."},
    {"upstream switch", "N", "use pool N", CLASS_B, NULL},
    {"upstream strategy", "NAME [MINUTES]", "how pools are chosen", CLASS_B, NULL},
    {"upstream quota", "N QUOTA", "the quota of pool N", CLASS_B, NULL},
    {"upstream drill", "[SECONDS]", "a failover drill", CLASS_B, NULL},
    {"upstream enable", "N", "allow pool N", CLASS_B, NULL},
    {"upstream disable", "N", "forbid pool N", CLASS_B, NULL},
    {"device pause", "ID|all", "pause a device", CLASS_B, NULL},
    {"device resume", "ID|all", "resume a device", CLASS_B, NULL},
    {"log level", "LEVEL", "write less or more", CLASS_A, NULL},
    {"payout run", "", "pay now", CLASS_D, "Money moves."},
    {"reload", "", "read the configuration", CLASS_B, NULL},
    {"ban add", "NETWORK [TIME|forever]", "ban", CLASS_C, "Its connections are closed."},
    {"ban remove", "NETWORK", "end a ban", CLASS_B, NULL},
    {0},
};

static struct screen *s;
static int64_t now;
static char sent[256];
static int sent_count, quits;

static void send_words(void *arg, const char *words)
{
    (void)arg;
    (void)snprintf(sent, sizeof sent, "%s", words);
    sent_count++;
}

static void quit(void *arg)
{
    (void)arg;
    quits++;
}

static void tick(int64_t us)
{
    int x, y;

    now += us;
    (void)screen_draw(s, now, &x, &y);
}

static int set_up(void **state)
{
    struct screen_options o = {
        .commands = commands, .ascii = true, .send = send_words, .quit = quit};

    (void)state;
    (void)theme_load(&o.theme, "dark", NULL);
    sent[0] = 0;
    sent_count = quits = 0;
    s = screen_new(&o);
    struct snapshot *rig = canned_rig();
    now = rig->taken_us;
    screen_snapshot(s, rig);
    screen_log(s, canned_log, CANNED_LOG);
    tick(SECOND_US);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    screen_free(s);
    return 0;
}

static void press(const char *keys)
{
    for (; *keys; keys++)
        screen_key(s, *keys, now);
}

/* Whether the frame of now contains a text. */
static bool shows(const char *text)
{
    int x, y;
    AUTO_FREE char *frame = grid_text(screen_draw(s, now, &x, &y));

    return strstr(frame, text) != NULL;
}

static void class_b_asks_in_one_line(void **state)
{
    (void)state;
    press("p");
    assert_true(shows("mining stop? y/N"));
    press("y"); /* too soon to have been read */
    assert_int_equal(sent_count, 0);
    tick(SCREEN_SETTLE_US);
    press("x");
    assert_true(shows("mining stop? y/N"));
    press("y");
    assert_string_equal(sent, "mining stop");
    assert_false(shows("y/N"));
}

static void silence_and_other_answers_mean_no(void **state)
{
    (void)state;
    press("p");
    tick(INT64_C(10) * SECOND_US + 1);
    assert_false(shows("y/N"));
    press("y");
    press("p");
    tick(SECOND_US);
    press("n");
    press("p");
    tick(SECOND_US);
    screen_key(s, KEY_ESC, now);
    press("p");
    tick(SECOND_US);
    screen_key(s, KEY_ENTER, now);
    press("y");
    assert_int_equal(sent_count, 0);
}

static void class_c_shows_the_consequence(void **state)
{
    (void)state;
    press("O");
    assert_true(shows("The port opens."));
    assert_true(shows("30s"));
    tick(SECOND_US);
    press("y");
    assert_string_equal(sent, "pool on");
}

static void class_d_wants_the_word(void **state)
{
    (void)state;
    press(":payout run\r");
    assert_true(shows("type RUN"));
    tick(SECOND_US);
    press("y\r");
    assert_int_equal(sent_count, 0);
    assert_true(shows("not done"));
    press(":payout run\r");
    tick(SECOND_US);
    press("RUN\r");
    assert_string_equal(sent, "payout run");
}

static void class_a_goes_at_once(void **state)
{
    (void)state;
    press(":  log   level  debug \r");
    assert_string_equal(sent, "log level debug");
}

static void nothing_changes_right_after_a_screen_change(void **state)
{
    (void)state;
    press("2 ");
    tick(SECOND_US);
    press("y");
    assert_int_equal(sent_count, 0);
    press(" ");
    tick(SECOND_US);
    press("y");
    assert_string_equal(sent, "device pause cpu0");
}

static void space_acts_on_the_row_under_the_cursor(void **state)
{
    (void)state;
    press("2jj");
    tick(SECOND_US);
    press(" ");
    tick(SECOND_US);
    press("y");
    assert_string_equal(sent, "device resume gpu1"); /* it is paused */
}

static void pool_menu_switches_to_the_chosen_pool(void **state)
{
    (void)state;
    press("P");
    assert_true(shows("[S]witch"));
    screen_key(s, KEY_ESC, now);
    press("j");
    tick(SECOND_US);
    press("Ps");
    tick(SECOND_US);
    press("y");
    assert_string_equal(sent, "upstream switch 1");
}

static void rejects_are_shown_and_left_again(void **state)
{
    (void)state;
    press("3");
    tick(SECOND_US);
    press("R");
    assert_true(shows("Rejected shares 3 of 3"));
    assert_true(shows("job not found"));
    press("s"); /* acts on pools, which are not shown */
    assert_true(shows("R goes back"));
    press("R");
    assert_true(shows("Pools 1/3 alive"));
}

static void strategy_quota_and_drill_have_keys(void **state)
{
    (void)state;
    press("3j");
    tick(SECOND_US);
    press("c");
    tick(SECOND_US);
    press("y");
    assert_string_equal(sent, "upstream strategy round-robin");
    press("d");
    tick(SECOND_US);
    press("y");
    assert_string_equal(sent, "upstream drill");
    press("e5");
    screen_key(s, KEY_ENTER, now);
    tick(SECOND_US);
    press("y");
    assert_string_equal(sent, "upstream quota 1 5");
}

static void bans_are_shown_and_ended(void **state)
{
    (void)state;
    screen_snapshot(s, canned_pool());
    press("6b");
    tick(SECOND_US);
    assert_true(shows("Bans 2"));
    assert_true(shows("2001:db8:7::/48"));
    assert_false(shows("Blocks"));
    press("u"); /* the newest is chosen */
    assert_true(shows("ban remove 203.0.113.9? y/N"));
    tick(SCREEN_SETTLE_US);
    press("y");
    assert_string_equal(sent, "ban remove 203.0.113.9");
    press("B198.51.100.7\r");
    assert_true(shows("Its connections are closed."));
    press("\033");
    press("b");
    tick(SECOND_US);
    assert_true(shows("Blocks"));
}

static void quitting_asks(void **state)
{
    (void)state;
    press("q");
    assert_true(shows("Stop and exit?"));
    tick(SECOND_US);
    screen_key(s, KEY_ESC, now);
    assert_int_equal(quits, 0);
    press(":quit\r");
    tick(SECOND_US);
    press("s");
    assert_int_equal(quits, 1);
}

static void interrupt_twice_quits(void **state)
{
    (void)state;
    screen_key(s, KEY_CTRL('c'), now);
    assert_true(shows("Stop and exit?"));
    assert_int_equal(quits, 0);
    tick(SECOND_US);
    screen_key(s, KEY_CTRL('c'), now);
    assert_int_equal(quits, 1);
}

static void unknown_commands_are_not_sent(void **state)
{
    (void)state;
    press(":pool onn\r");
    assert_int_equal(sent_count, 0);
    assert_true(shows("did you mean \"pool on\"?"));
}

static void completion_knows_what_exists(void **state)
{
    (void)state;
    press(":dev\tp\t");
    assert_true(shows("cpu0 gpu0 gpu1 all"));
    press("g\t");
    assert_true(shows(":device pause gpu"));
}

static void freezing_keeps_the_picture(void **state)
{
    (void)state;
    press("z");
    assert_true(shows("FROZEN"));
    struct snapshot *pool = canned_pool();
    screen_snapshot(s, pool);
    tick(SECOND_US);
    assert_true(shows("eu.pool.example"));
    press("z");
    assert_false(shows("eu.pool.example"));
}

static void old_data_is_marked(void **state)
{
    (void)state;
    tick(41 * SECOND_US);
    assert_true(shows("stale 42s"));
}

static void warnings_stay_until_seen_and_gone(void **state)
{
    (void)state;
    assert_true(shows("!1"));
    press("!");
    assert_true(shows("1 warning seen"));
    tick(SCREEN_MESSAGE_US);
    assert_true(shows("!1"));
}

static void log_screen_filters_and_searches(void **state)
{
    (void)state;
    press("8");
    assert_false(shows("mining.notify"));
    press("l");
    assert_true(shows("mining.notify"));
    press("\\REJECTED\r");
    assert_true(shows("filter: REJECTED"));
    assert_false(shows("mining.notify"));
    press("\\\r/connect\r");
    assert_true(shows("follow: off") || shows("new below"));
    press("G");
    assert_true(shows("follow: on"));
}

static void help_tells_the_keys_of_the_screen_before(void **state)
{
    (void)state;
    press("2?");
    assert_true(shows("pause or resume the chosen device"));
    screen_key(s, KEY_ESC, now);
    assert_true(shows("[2 Devices]"));
}

static bool is_done(const struct panel *p, const char *action)
{
    bool done;

    assert_true(screen_open(s, p->name));
    struct ui_ctx ctx = screen_ctx(s);
    done = p->act && p->act(&ctx, action);
    return done || screen_action(s, action);
}

static void every_binding_does_something(void **state)
{
    (void)state;
    for (unsigned i = 0; panels[i]; i++)
        for (const struct binding *b = panels[i]->bindings; b && b->keys; b++)
            if (!is_done(panels[i], b->action))
                fail_msg("%s: nobody does \"%s\"", panels[i]->name, b->action);
    for (const struct binding *b = global_bindings; b->keys; b++)
        for (unsigned i = 0; panels[i]; i++)
            if (!is_done(panels[i], b->action))
                fail_msg("%s: nobody does \"%s\"", panels[i]->name, b->action);
}

static void every_menu_item_does_something(void **state)
{
    (void)state;
    for (const struct menu *m = menus; m->action; m++)
        for (const struct menu_item *item = m->items; item->key; item++) {
            bool known = false;
            if (item->command)
                known = command_lookup(commands, item->command) != NULL;
            for (unsigned i = 0; item->action && panels[i]; i++)
                if (!m->panel || strcmp(m->panel, panels[i]->name) == 0)
                    known |= is_done(panels[i], item->action);
            if (!known)
                fail_msg("%s: [%c] does nothing", m->title, item->key);
        }
}

/* A small generator, so that a failure can be run again. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void survives_ten_thousand_random_keys_and_sizes(void **state)
{
    uint32_t seed = 20260105;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        uint32_t r = next_random(&seed);
        int key = r % 5 == 0    ? KEY_SPECIAL + (int)(next_random(&seed) % 26)
                  : r % 11 == 1 ? (int)(next_random(&seed) % 32)
                  : r % 97 == 2 ? 0x4e00
                                : 0x20 + (int)(next_random(&seed) % 95);
        screen_key(s, key, now);
        if (r % 7 == 0) {
            screen_resize(s, (int)(next_random(&seed) % 160), (int)(next_random(&seed) % 50));
            tick((int64_t)(next_random(&seed) % 2000000));
        }
        if (r % 61 == 0)
            screen_snapshot(s, r % 2 ? canned_rig() : canned_pool());
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(class_b_asks_in_one_line),
        T(silence_and_other_answers_mean_no),
        T(class_c_shows_the_consequence),
        T(class_d_wants_the_word),
        T(class_a_goes_at_once),
        T(nothing_changes_right_after_a_screen_change),
        T(space_acts_on_the_row_under_the_cursor),
        T(pool_menu_switches_to_the_chosen_pool),
        T(rejects_are_shown_and_left_again),
        T(strategy_quota_and_drill_have_keys),
        T(bans_are_shown_and_ended),
        T(quitting_asks),
        T(interrupt_twice_quits),
        T(unknown_commands_are_not_sent),
        T(completion_knows_what_exists),
        T(freezing_keeps_the_picture),
        T(old_data_is_marked),
        T(warnings_stay_until_seen_and_gone),
        T(log_screen_filters_and_searches),
        T(help_tells_the_keys_of_the_screen_before),
        T(every_binding_does_something),
        T(every_menu_item_does_something),
        T(survives_ten_thousand_random_keys_and_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
