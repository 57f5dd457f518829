/* SPDX-License-Identifier: MIT */
/* The way of jobs to the devices and of shares back. */
#include <stdio.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "core/target.h"
#include "hub/internal.h"

/* Lanes are counted over all devices, whatever they do: a device that changes to another line
 * leaves its part of the nonces free, and takes nobody else's. */
static unsigned lanes(const struct hub *hub)
{
    unsigned n = 0;

    for (unsigned i = 0; i < hub->device_count; i++)
        if (hub->devices[i].device)
            n += hub->devices[i].info.threads;
    return n;
}

static void assign(struct hub_device *d, struct job *job, unsigned first, unsigned count)
{
    if (job && (!d->assigned || job->algo != d->assigned->algo))
        *d->error = 0; /* another algorithm, or the same after a stop, is tried anew */
    device_assign(d->device, job, first, count);
    (void)job_ref(job);
    job_unref(d->assigned);
    d->assigned = job;
}

/* What one device works for: its line's job, or that of its own pool where work is spread. The
 * dataset is the line's. */
static struct job *job_of(struct hub *hub, struct hub_device *d)
{
    struct job *line = d->line->feed.job, *own = NULL;

    if (line && line->source != SOURCE_POOL && !d->paused)
        own = upstreams_slice(hub->upstreams, d->line->wish.algo, line, &d->rate, &d->slice);
    if (!own || own == line || own == d->line->feed.offered)
        return line;
    if (line->dataset && !own->dataset) /* no device has seen the job without */
        own->dataset = dataset_ref(line->dataset);
    return own->dataset == line->dataset ? own : line;
}

static void hand_out(struct hub *hub)
{
    unsigned first = 0, count = lanes(hub);
    bool any = false;

    for (unsigned i = 0; i < hub->device_count; i++) {
        struct hub_device *d = &hub->devices[i];
        if (!d->device)
            continue;
        struct job *job = job_of(hub, d);
        if (job != d->assigned) {
            assign(d, job, first, count);
            any = true;
        }
        first += d->info.threads;
    }
    if (any) /* after all slots are filled; pairs with the acquire in the devices' scan loops */
        atomic_fetch_add_explicit(&hub->generation, 1, memory_order_release);
}

void hub_publish(struct hub *hub)
{
    if (hub->publishing) /* what a step opens or closes may call back */
        return;
    hub->publishing = true;
    line_step(hub, &hub->line);
    for (unsigned i = 0; i < hub->device_count; i++)
        if (hub->devices[i].line == &hub->devices[i].own)
            line_step(hub, &hub->devices[i].own);
    hub->publishing = false;
    hand_out(hub);
}

static void note_reject(struct hub *hub, const struct share *share, double asked, int err)
{
    int64_t age_us = share->found_us ? share->found_us - share->job->born_us : 0;
    struct rejected reject = {
        .at_ms = wall_ms(),
        .at_us = now_us(),
        .job_age_ms = age_us > 0 ? age_us / 1000 : 0,
        .difficulty = asked,
        .pool = -1,
        .refusal = (uint8_t)refusal_of(err),
    };

    (void)text_copy(reject.algo, sizeof reject.algo, share->job->algo->name);
    (void)text_copy(reject.reason, sizeof reject.reason, err_str(err));
    hub_tally_reject(hub, share->device, &reject);
}

static void to_own_pool(struct hub *hub, const struct share *share, double asked)
{
    struct pool *pool = hub_pool(hub, share->job->algo);
    int err = pool ? pool_local_share(pool, share) : ERR_CLOSED;
    const struct share_note note = {
        .device = share->device,
        .algo = share->job->algo,
        .fate = err == ERR_CLOSED ? FATE_LOST : fate_of(err),
        .refusal = refusal_of(err),
        .difficulty = asked,
        .hashes = target_hashes(&share->job->share_target),
        .sent = pool != NULL,
    };

    hub_tally_note(hub, &note);
    if (!err) {
        log_debug(SHARE, "accepted by the own pool, difficulty %.4g", share->difficulty);
        return;
    }
    log_info(SHARE, "not taken by the own pool: %s", err_str(err));
    if (err != ERR_CLOSED)
        note_reject(hub, share, asked, err);
}

void hub_share_found(struct hub *hub, struct share *share)
{
    double asked = target_difficulty(&share->job->algo->diff1, &share->job->share_target);

    hub_tally_found(hub, share->device, share->job->algo, share->difficulty);
    if (share->is_block)
        log_debug(SHARE, "device %u solved a block at height %llu", share->device,
                  (unsigned long long)share->job->height);
    if (share->job->source == SOURCE_POOL)
        to_own_pool(hub, share, asked);
    else
        upstreams_submit(hub->upstreams, share);
    share_free(share);
}
