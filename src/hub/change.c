/* SPDX-License-Identifier: MIT */
/* The change of a line to another algorithm: prepared, carried out, and undone. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "hub/internal.h"

const char *wish_name(const struct hub *hub, struct wish wish)
{
    if (wish.algo)
        return wish.algo->name;
    return wish.follows ? hub->config->mining.algorithm : "nothing";
}

static bool same(struct wish a, struct wish b)
{
    return a.algo == b.algo && a.follows == b.follows;
}

struct line *line_of_own(struct hub *hub, struct hub_device *d)
{
    if (d->line == &d->own)
        return d->line;
    d->own = (struct line){.owner = d, .wish = {hub->line.wish.algo, true}, .gap_told = true};
    line_step(hub, &d->own); /* the same job as the default line's: the device goes on */
    d->line = &d->own;
    return d->line;
}

/* A device that is as all others needs no line of its own. */
static void join_default(struct hub *hub, struct line *line)
{
    struct hub_device *d = line->owner;

    if (!d || !line->wish.follows || line->stage != CHANGE_NONE)
        return;
    d->line = &hub->line;
    line_clear(line);
}

/* What was on trial before goes on being so: it still leads back when nothing is accepted. */
static void drop_change(struct hub *hub, struct line *line)
{
    feed_drop(&line->next);
    line->stage = line->on_trial ? CHANGE_TRIAL : CHANGE_NONE;
    line->ticked_us = now_us();
    line->on_trial = line->returning = false;
    join_default(hub, line);
}

void line_change(struct hub *hub, struct line *line, struct wish to)
{
    *line->note = 0;
    if (line->stage == CHANGE_PREPARING)
        feed_drop(&line->next);
    if (same(to, line->wish)) {
        if (line->stage == CHANGE_PREPARING)
            drop_change(hub, line);
        return;
    }
    if (line->stage == CHANGE_NONE) /* else what was on trial is not what one returns to */
        line->before = line->wish;
    line->on_trial = line->on_trial || line->stage == CHANGE_TRIAL || line->returning;
    line->stage = CHANGE_PREPARING;
    line->to = to;
    line->next.ahead = true;
    line->returning = false;
    line->began_us = now_us();
}

/* --- carrying it out -------------------------------------------------------------------------- */

static void count(struct hub *hub, const char *from, const char *to, const char *cause)
{
    struct switch_count *c = hub->switches, *end = c + hub->switch_count;

    while (c < end && (strcmp(c->from, from) || strcmp(c->to, to) || strcmp(c->cause, cause)))
        c++;
    if (c == hub->switches + SWITCHES_MAX)
        return;
    if (c == end) {
        hub->switch_count++;
        *c = (struct switch_count){.cause = cause};
        (void)text_copy(c->from, sizeof c->from, from);
        (void)text_copy(c->to, sizeof c->to, to);
    }
    c->count++;
}

/* The devices change over to what was prepared. */
static void go(struct hub *hub, struct line *line)
{
    const char *was = wish_name(hub, line->wish);
    const struct algo *to = line->next.job ? line->next.job->algo : line->to.algo;
    bool trial = !line->returning && hub->config->mining.switching.return_after_us > 0;

    line->from = line_algo(line);
    feed_drop(&line->feed);
    line->feed = line->next;
    line->next = (struct feed){0};
    feed_begin(hub, &line->feed);
    line->wish = line->to;
    line->went_us = line->ticked_us = now_us();
    line->clock_us = line->gap_us = line->gap_heard_us = 0;
    line->gap_told = !line->from || line->from == to;
    line->stage = CHANGE_NONE;
    if (line->from != to) {
        bool joins = line->owner && line->wish.follows;
        line->stage = trial && !joins ? CHANGE_TRIAL : CHANGE_NONE;
        count(hub, line->from ? line->from->name : was, wish_name(hub, line->wish),
              line->returning ? "return" : "command");
        log_info(JOB, "%s: from %s to %s%s%s", line_name(line), line->from ? line->from->name : was,
                 wish_name(hub, line->wish), *line->feed.source ? ", for: " : "",
                 line->feed.source);
    }
    line->on_trial = line->returning = false;
    if (!line->owner)
        hub_front_follow(hub);
    hub_snapshot_soon(hub);
}

__attribute__((format(printf, 2, 3))) static void note(struct line *line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line->note, sizeof line->note, format, args);
    va_end(args);
    line->note_us = now_us();
    log_warn(JOB, "%s: %s", line_name(line), line->note);
}

/* It never began: the devices have gone on with what they did. */
static void give_up(struct hub *hub, struct line *line, const char *why)
{
    note(line, "not switched to %.24s: %.140s", wish_name(hub, line->to), why);
    drop_change(hub, line);
    hub_snapshot_soon(hub);
}

static void wait_on(struct hub *hub, struct line *line)
{
    int64_t limit = hub->config->mining.switching.return_after_us;

    if (line->returning || !limit || now_us() - line->began_us < limit ||
        feed_ready(&line->next) == FEED_PREPARING)
        return;
    give_up(hub, line, "no work of it came");
}

void change_step(struct hub *hub, struct line *line)
{
    char source[64];

    if (line->owner && line->to.follows)
        line->to.algo = hub->line.wish.algo; /* the default line may have changed meanwhile */
    (void)feed_take(hub, &line->next, source_job(hub, line->to, source), source);
    enum feed_ready ready = feed_ready(&line->next);
    if (ready == FEED_READY || !hub->mining) {
        go(hub, line);
        join_default(hub, line);
    } else if (ready == FEED_FAILED && !line->returning) {
        give_up(hub, line, line->next.trouble);
    } else {
        wait_on(hub, line);
    }
}

void change_undo(struct hub *hub, struct line *line, const char *why)
{
    char name[32];

    (void)text_copy(name, sizeof name, wish_name(hub, line->wish));
    line->to = line->before;
    line->stage = CHANGE_PREPARING;
    line->next.ahead = true;
    line->returning = true;
    line->began_us = now_us();
    note(line, "returns from %.24s to what was done before: %.120s", name, why);
    (void)source_open(hub, line->to.algo ? line->to.algo : hub->own_algo, NULL);
    hub_snapshot_soon(hub);
}
