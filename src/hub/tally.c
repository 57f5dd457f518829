/* SPDX-License-Identifier: MIT */
/* Counting shares: the device that found it and the total, each share in exactly one final counter.
 */
#include "hub/internal.h"

static void found(struct counters *c, double difficulty)
{
    c->found++;
    c->unanswered++;
    if (difficulty > c->best_difficulty)
        c->best_difficulty = difficulty;
}

static void answered(struct counters *c, int err, double difficulty)
{
    if (c->unanswered)
        c->unanswered--;
    if (!err) {
        c->accepted++;
        c->difficulty_accepted += difficulty;
    } else if (err == ERR_CLOSED) {
        c->lost++;
    } else if (err == ERR_STALE || err == ERR_NO_JOB) {
        c->stale++;
    } else {
        c->rejected++;
    }
}

static struct hub_device *numbered(struct hub *hub, unsigned device)
{
    for (unsigned i = 0; i < hub->device_count; i++)
        if (hub->devices[i].info.number == device)
            return &hub->devices[i];
    return NULL;
}

void hub_tally_found(struct hub *hub, unsigned device, double difficulty)
{
    struct hub_device *d = numbered(hub, device);

    found(&hub->shares, difficulty);
    if (d)
        found(&d->shares, difficulty);
}

void hub_tally_answer(struct hub *hub, unsigned device, const struct algo *algo, int err,
                      double difficulty)
{
    struct hub_device *d = numbered(hub, device);

    answered(&hub->shares, err, difficulty);
    if (d)
        answered(&d->shares, err, difficulty);
    if (d && !err)
        line_accepted(d->line, algo);
    hub_snapshot_soon(hub);
}
