/* SPDX-License-Identifier: MIT */
/* Which work source the devices serve, and the way of a job to them and of a share back. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "core/target.h"
#include "hub/internal.h"

/* The job the devices should be on now, borrowed, and its source in words; NULL = none. */
static struct job *choose(struct hub *hub, char source[64])
{
    struct job *own = hub->pool ? pool_job(hub->pool) : NULL;
    struct job *job;

    *source = 0;
    if (!hub->mining || hub->stopping)
        return NULL;
    if (own && pool_serving(hub->pool)) {
        (void)text_copy(source, 64, "local pool");
        return own;
    }
    if ((job = upstreams_job(hub->upstreams))) {
        (void)snprintf(source, 64, "pool %d", upstreams_active(hub->upstreams));
        return job;
    }
    if (own && !upstreams_enabled(hub->upstreams)) {
        (void)text_copy(source, 64, "solo");
        return own;
    }
    return NULL;
}

static unsigned lanes(const struct hub *hub)
{
    unsigned n = 0;

    for (unsigned i = 0; i < hub->device_count; i++)
        if (hub->devices[i].device)
            n += hub->devices[i].info.threads;
    return n;
}

static void hand_out(struct hub *hub, struct job *job)
{
    unsigned first = 0, count = lanes(hub);

    for (unsigned i = 0; i < hub->device_count; i++) {
        if (!hub->devices[i].device)
            continue;
        device_assign(hub->devices[i].device, job, first, count);
        first += hub->devices[i].info.threads;
    }
    /* after all slots are filled; pairs with the acquire in the devices' scan loops */
    atomic_fetch_add_explicit(&hub->generation, 1, memory_order_release);
}

void hub_publish(struct hub *hub)
{
    char source[64];
    struct job *job = choose(hub, source);
    bool moved = strcmp(source, hub->feed.source) != 0;

    if (moved)
        log_info(JOB, *source ? "the devices work for: %s" : "no work for the devices%s", source);
    bool other = feed_take(hub, &hub->feed, job, source);
    if (moved || other)
        hub_snapshot_soon(hub);
    if (other) /* else, when pool mode was turned: the same chain, the devices go on with it */
        hand_out(hub, hub->feed.job);
}

void hub_share_found(struct hub *hub, struct share *share)
{
    uint32_t source = share->job->source;
    double asked = target_difficulty(&share->job->algo->diff1, &share->job->share_target);

    hub_tally_found(hub, share->device, share->difficulty);
    if (share->is_block)
        log_debug(SHARE, "device %u solved a block at height %llu", share->device,
                  (unsigned long long)share->job->height);
    if (source == SOURCE_POOL) {
        int err = hub->pool ? pool_local_share(hub->pool, share) : ERR_CLOSED;
        hub_tally_answer(hub, share->device, err, asked);
        if (!err)
            log_debug(SHARE, "accepted by the own pool, difficulty %.4g", share->difficulty);
        else
            log_info(SHARE, "not taken by the own pool: %s", err_str(err));
    } else {
        int err = upstreams_submit(hub->upstreams, share);
        if (err < 0) {
            log_warn(SHARE, "lost, its pool is gone: %s", err_str(err));
            hub_tally_answer(hub, share->device, ERR_CLOSED, asked);
        }
    }
    share_free(share);
}
