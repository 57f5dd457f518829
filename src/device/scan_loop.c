/* SPDX-License-Identifier: MIT */
/* The hashing thread: takes the newest assignment, cuts work, scans in slices of milliseconds,
 * checks what it finds with the reference, tells the hub. */
#include <stdio.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "core/share.h"
#include "device/lane.h"

enum {
    SLICE_US = 4000,         /* one scan call: pause and stop wait no longer than this */
    TELL_US = 200000,        /* between two counts of hashes */
    SENSE_US = 1000000,      /* between two measurements */
    DATASET_WAIT_US = 20000, /* a dataset is being made: looked at this often */
    FILL_TURNS = 10,         /* while a dataset is filled, one turn in so many hashes */
};

bool lane_post(struct lane_thread *t, struct event ev)
{
    ev.device = t->device->info.number;
    ev.worker = (uint16_t)t->index;
    ev.at_us = now_us();
    return port_post(t->port, ev, &t->device->stop);
}

static void tell_hashes(struct lane_thread *t)
{
    if (t->hashes)
        (void)lane_post(
            t, (struct event){.type = EV_HASHES_DONE, .algo = t->scanned, .hashes = t->hashes});
    t->hashes = 0;
    t->told_us = now_us();
}

/* Adds up the time hashed and the CPU time in it; from now on it hashes, or does not. */
static void keep_time(struct lane_thread *t, bool hashing)
{
    int64_t now = now_us(), cpu = thread_cpu_us();

    if (t->timing) {
        (void)atomic_fetch_add_explicit(&t->ran_us, now - t->timed_us, memory_order_relaxed);
        (void)atomic_fetch_add_explicit(&t->cpu_us, cpu - t->timed_cpu_us, memory_order_relaxed);
    }
    t->timing = hashing;
    t->timed_us = now;
    t->timed_cpu_us = cpu;
}

static void sense(struct lane_thread *t)
{
    const struct driver *driver = t->device->info.driver;
    struct telemetry m = telemetry_unknown;

    if (t->index || !driver->sense || now_us() - t->sensed_us < SENSE_US)
        return;
    t->sensed_us = now_us();
    if (driver->sense(t->device->state, &m))
        (void)lane_post(t, (struct event){.type = EV_TELEMETRY, .telemetry = m});
}

static bool may_hash(const struct lane_thread *t)
{
    const struct device *d = t->device;

    return t->now.job && !t->used_up && !atomic_load(&d->paused) &&
           atomic_load(&d->failed) != t->now.job->algo;
}

/* Is there a dataset that may soon be ready, or have items to make? */
static bool dataset_due(const struct lane_thread *t)
{
    const struct dataset *d = t->now.job ? t->now.job->dataset : NULL;

    return d && dataset_state(d) != DATASET_FULL;
}

/* Sleeps until something may have changed. The first thread of a device that measures itself wakes
 * once a second for that; a thread whose dataset is being prepared looks at it often. */
static void wait(struct lane_thread *t)
{
    struct device *d = t->device;
    bool waiting = may_hash(t);
    bool timed = waiting || (t->index == 0 && d->info.driver->sense);
    int64_t until = now_us() + (waiting && dataset_due(t) ? DATASET_WAIT_US : SENSE_US);
    struct timespec at = {until / SECOND_US, until % SECOND_US * 1000};
    int err = 0;

    (void)pthread_mutex_lock(&t->lock);
    while (!err && may_hash(t) == waiting && !atomic_load(&d->stop) &&
           !atomic_load_explicit(&t->slot.newest, memory_order_relaxed))
        err = timed ? pthread_cond_timedwait(&t->wake, &t->lock, &at)
                    : pthread_cond_wait(&t->wake, &t->lock);
    (void)pthread_mutex_unlock(&t->lock);
}

static struct share *claim(const struct lane_thread *t, uint64_t nonce, uint32_t version)
{
    const struct block_plan *plan = &t->now.job->plan;
    struct share *share = xcalloc(1, sizeof *share);

    share->job = job_ref(t->now.job);
    share->device = t->device->info.number;
    share->extranonce1_len = plan->extranonce1_len;
    share->extranonce2_len = plan->extranonce2_len;
    memcpy(share->extranonce1, plan->extranonce1, sizeof share->extranonce1);
    put_le64(share->extranonce2, t->work.extranonce2);
    share->ntime = t->work.ntime;
    share->version = version;
    share->nonce = nonce;
    share->found_us = now_us();
    return share;
}

/* What crosses to the hub is hashed again by the algorithm's definition: Ethash and KawPow from
 * their cache alone; RandomX with the same dataset, which was checked when it was made. */
static void report(struct lane_thread *t, uint64_t nonce, uint32_t version)
{
    struct share *share = claim(t, nonce, version);

    if (share_check(share, &t->now.job->share_target, t->ctx) < 0) {
        share_free(share);
        (void)lane_post(t, (struct event){.type = EV_HARDWARE_ERROR});
    } else if (!lane_post(t, (struct event){.type = EV_SHARE_FOUND, .share = share})) {
        share_free(share);
    }
}

/* The next slice takes about SLICE_US: from the time the last one took, at most twice as long. */
static void adapt_slice(struct lane_thread *t, uint64_t done, int64_t took_us)
{
    uint64_t fits = took_us > 0 ? done * SLICE_US / (uint64_t)took_us : 2 * t->slice;

    if (done < t->slice)
        return; /* cut short: says little about the speed */
    t->slice = fits > 2 * t->slice ? 2 * t->slice : fits;
    if (t->slice < algo_batch(t->algo))
        t->slice = algo_batch(t->algo);
}

static void scan_slice(struct lane_thread *t, uint32_t born)
{
    struct device *d = t->device;
    struct work *work = &t->work;
    struct scan scan = {
        .in = {work->input, work->input_len, work->nonce_at, &t->now.job->key},
        .first = work->nonce_first,
        .count = t->slice < work->nonce_count ? t->slice : work->nonce_count,
        .target = t->now.job->share_target,
        .generation = d->generation,
        .born = born,
    };
    int64_t began = now_us();

    if (t->scanned && t->scanned != t->algo) {
        tell_hashes(t);
        (void)lane_post(t, (struct event){.type = EV_ALGO_CHANGED,
                                          .algo = t->algo,
                                          .gap_us = began - t->scanned_us});
    }
    t->scanned = t->algo;
    scan.version_count = work_versions(work, t->impl->versions, scan.version);
    d->info.driver->scan(d->state, t->index, t->impl, t->ctx, &scan);
    t->scanned_us = now_us();
    adapt_slice(t, scan.done, t->scanned_us - began);
    t->hashes += scan.done * scan_versions(&scan);
    work->nonce_first += scan.done;
    work->nonce_count -= scan.done;
    for (unsigned i = 0; i < scan.found; i++)
        report(t, scan.hit[i].nonce, scan.version_count ? scan.hit[i].version : work->version);
    if (!work->nonce_count && !work_next(work, t->now.lane)) {
        t->used_up = true;
        (void)lane_post(t, (struct event){.type = EV_JOB_USED_UP});
    }
}

/* A turn of the loop: some of the dataset while it is not full, else a slice of the work. False
 * when there is nothing to do. */
static bool work_on(struct lane_thread *t, uint32_t born)
{
    bool fills = dataset_filling(t->dataset) && (t->benched || t->turn++ % FILL_TURNS);

    if (fills && dataset_fill(t->dataset, SLICE_US))
        return true;
    if (!t->benched)
        scan_slice(t, born);
    return !t->benched;
}

static void enter(struct lane_thread *t)
{
    const struct device *d = t->device;
    char name[16];

    (void)snprintf(name, sizeof name, THREAD_HASH_PREFIX "%.6s.%u", d->info.id, t->index % 1000);
    (void)pthread_setname_np(pthread_self(), name);
    if (d->info.driver->enter)
        d->info.driver->enter(d->state, t->index);
    if (t->index == 0)
        (void)lane_post(t, (struct event){.type = EV_DEVICE_UP});
}

/* One turn. True when it computed. */
static bool turn(struct lane_thread *t)
{
    /* read before the slot: a job published after this makes the scan return at once. Pairs with
     * the release in the hub's publish. */
    uint32_t born = atomic_load_explicit(t->device->generation, memory_order_acquire);

    lane_take_assignment(t);
    bool wanted = may_hash(t), ready = wanted && lane_ready(t);
    atomic_store(&t->running, ready && !t->benched);
    atomic_store(&t->waiting, wanted && !ready && may_hash(t));
    return ready && work_on(t, born);
}

void *scan_loop(void *lane_thread)
{
    struct lane_thread *t = lane_thread;

    enter(t);
    t->told_us = now_us();
    while (!atomic_load(&t->device->stop)) {
        bool busy = turn(t);
        if (!busy || now_us() - t->told_us >= TELL_US) {
            tell_hashes(t);
            keep_time(t, busy);
        }
        sense(t);
        if (!busy)
            wait(t);
    }
    tell_hashes(t);
    job_unref(t->now.job);
    lane_drop_ctx(t);
    return NULL;
}
