/* SPDX-License-Identifier: MIT */
/* The way of jobs to the devices and of shares back. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
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

static void hand_out(struct hub *hub)
{
    unsigned first = 0, count = lanes(hub);
    bool any = false;

    for (unsigned i = 0; i < hub->device_count; i++) {
        struct hub_device *d = &hub->devices[i];
        if (!d->device)
            continue;
        if (d->line->feed.job != d->assigned) {
            assign(d, d->line->feed.job, first, count);
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

static void to_own_pool(struct hub *hub, const struct share *share, double asked)
{
    struct pool *pool = hub_pool(hub, share->job->algo);
    int err = pool ? pool_local_share(pool, share) : ERR_CLOSED;

    hub_tally_answer(hub, share->device, share->job->algo, err, asked);
    if (!err)
        log_debug(SHARE, "accepted by the own pool, difficulty %.4g", share->difficulty);
    else
        log_info(SHARE, "not taken by the own pool: %s", err_str(err));
}

static void to_upstream(struct hub *hub, const struct share *share, double asked)
{
    int err = upstreams_submit(hub->upstreams, share);

    if (err >= 0)
        return;
    log_warn(SHARE, "lost, its pool is gone: %s", err_str(err));
    hub_tally_answer(hub, share->device, share->job->algo, ERR_CLOSED, asked);
}

void hub_share_found(struct hub *hub, struct share *share)
{
    double asked = target_difficulty(&share->job->algo->diff1, &share->job->share_target);

    hub_tally_found(hub, share->device, share->difficulty);
    if (share->is_block)
        log_debug(SHARE, "device %u solved a block at height %llu", share->device,
                  (unsigned long long)share->job->height);
    if (share->job->source == SOURCE_POOL)
        to_own_pool(hub, share, asked);
    else
        to_upstream(hub, share, asked);
    share_free(share);
}
