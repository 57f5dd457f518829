/* SPDX-License-Identifier: MIT */
/* Lines: their jobs, whether their shares are accepted, how long a change left them without work.
 */
#include "hub/line.h"

#include <stdio.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "hub/internal.h"

enum {
    GAP_QUIET_US = 600000,   /* no thread has told a gap for this long: the longest is known */
    GAP_BEFORE_US = 1000000, /* a thread that was idle before this did not lose it by the change */
};

const char *line_name(const struct line *line)
{
    return line->owner ? line->owner->info.id : "the devices";
}

const struct algo *line_algo(const struct line *line)
{
    return line->feed.job ? line->feed.job->algo : NULL;
}

bool line_used(const struct hub *hub, const struct line *line)
{
    for (unsigned i = 0; i < hub->device_count; i++)
        if (hub->devices[i].line == line)
            return true;
    return false;
}

void line_clear(struct line *line)
{
    feed_drop(&line->feed);
    feed_drop(&line->next);
    line->stage = CHANGE_NONE;
    line->on_trial = line->returning = false;
}

static void tell_source(const struct line *line, const char *source)
{
    if (!*source)
        log_info(JOB, "no work for %s", line_name(line));
    else
        log_info(JOB, "%s work%s for: %s", line_name(line), line->owner ? "s" : "", source);
}

void line_step(struct hub *hub, struct line *line)
{
    char source[64];
    struct job *offer = source_job(hub, line->wish, source);
    bool moved = strcmp(source, line->feed.source) != 0;

    if (moved && (line->owner || line_used(hub, line) || !hub->device_count))
        tell_source(line, source);
    if (feed_take(hub, &line->feed, offer, source) || moved)
        hub_snapshot_soon(hub);
    if (line->stage == CHANGE_PREPARING)
        change_step(hub, line);
    else if (line->stage == CHANGE_TRIAL && feed_ready(&line->feed) == FEED_FAILED)
        change_undo(hub, line, line->feed.trouble);
}

/* --- on trial --------------------------------------------------------------------------------- */

void line_accepted(struct line *line, const struct algo *algo)
{
    const struct algo *now = line_algo(line);

    if ((line->stage != CHANGE_TRIAL && !line->on_trial) || !now || now != algo)
        return;
    line->stage = line->on_trial ? line->stage : CHANGE_NONE; /* goes on with being prepared */
    line->on_trial = false;
    log_info(JOB, "%s: the first share of %s is accepted", line_name(line), now->name);
}

/* Could shares be found now? While datasets are made, nothing is expected yet. */
static bool on_the_clock(const struct hub *hub, const struct line *line)
{
    const struct job *job = line->feed.job;
    bool can = false;

    if (!hub->mining || (job && dataset_filling(job->dataset)) ||
        feed_ready(&line->feed) == FEED_PREPARING)
        return false;
    for (unsigned i = 0; i < hub->device_count; i++)
        can = can || (hub->devices[i].line == line && !hub->devices[i].paused);
    return can;
}

static bool all_failed(const struct hub *hub, const struct line *line)
{
    bool any = false;

    for (unsigned i = 0; i < hub->device_count; i++) {
        const struct hub_device *d = &hub->devices[i];
        if (d->line != line || !d->device)
            continue;
        if (device_state(d->device) != DEVICE_FAILED)
            return false;
        any = true;
    }
    return any;
}

static void try_on(struct hub *hub, struct line *line, int64_t now)
{
    char why[120];

    if (on_the_clock(hub, line))
        line->clock_us += now - line->ticked_us;
    line->ticked_us = now;
    if (all_failed(hub, line)) {
        change_undo(hub, line, "it cannot be hashed here");
    } else if (line->clock_us >= hub->config->mining.switching.return_after_us) {
        (void)snprintf(why, sizeof why, "%s for %d s",
                       line->feed.job ? "no share was accepted" : "there was no work",
                       (int)(line->clock_us / SECOND_US));
        change_undo(hub, line, why);
    }
}

/* --- the gap ---------------------------------------------------------------------------------- */

void line_gap(struct line *line, int64_t gap_us, int64_t at_us)
{
    if (line->gap_told || at_us - gap_us < line->went_us - GAP_BEFORE_US)
        return;
    line->gap_heard_us = at_us;
    if (gap_us > line->gap_us)
        line->gap_us = gap_us;
}

static void tell_gap(struct line *line, int64_t now)
{
    if (line->gap_told || !line->gap_heard_us || now - line->gap_heard_us < GAP_QUIET_US)
        return;
    line->gap_told = true;
    log_info(JOB, "%s: switched to %s: %.3g ms without hashing", line_name(line),
             line_algo(line) ? line_algo(line)->name : "another algorithm",
             (double)line->gap_us / 1000);
}

void line_tick(struct hub *hub, struct line *line)
{
    int64_t now = now_us();

    tell_gap(line, now);
    if (line->stage == CHANGE_TRIAL)
        try_on(hub, line, now);
}
