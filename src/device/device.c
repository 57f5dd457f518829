/* SPDX-License-Identifier: MIT */
/* The life of a device: finding, opening, handing jobs to its threads, closing. */
#include "device/device.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "device/lane.h"

unsigned devices_find(const struct config *config, struct device_info *out, unsigned max)
{
    unsigned count = 0;

    for (const struct driver *const *at = drivers; *at && count < max; at++) {
        unsigned found = (*at)->find(config, out + count, max - count);
        for (unsigned i = 0; i < found; i++, count++) {
            out[count].number = (uint16_t)(count + 1);
            out[count].driver = *at;
        }
    }
    return count;
}

void assignment_free(struct assignment *a)
{
    if (!a)
        return;
    job_unref(a->job);
    free(a);
}

static void wake(struct lane_thread *t)
{
    (void)pthread_mutex_lock(&t->lock);
    (void)pthread_cond_signal(&t->wake);
    (void)pthread_mutex_unlock(&t->lock);
}

static int lane_init(struct lane_thread *t, struct device *d, unsigned index, uv_async_t *bell)
{
    pthread_condattr_t monotonic;

    *t = (struct lane_thread){.device = d, .index = index, .port = port_new(bell)};
    (void)pthread_mutex_init(&t->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&t->wake, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    d->count++;
    int err = pthread_create(&t->thread, NULL, scan_loop, t);
    t->started = !err;
    return -err;
}

static void lane_fini(struct lane_thread *t)
{
    if (t->started)
        (void)pthread_join(t->thread, NULL);
    assignment_free(slot_take(&t->slot));
    port_free(t->port);
    (void)pthread_cond_destroy(&t->wake);
    (void)pthread_mutex_destroy(&t->lock);
}

/* Signals are the main thread's: threads started here inherit an all-blocked mask. */
static int start_threads(struct device *d, uv_async_t *bell)
{
    sigset_t all, before;
    int err = 0;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < d->info.threads && !err; i++)
        err = lane_init(&d->lanes[i], d, i, bell);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

int device_open(const struct device_info *info, const struct config *config,
                const _Atomic uint32_t *generation, uv_async_t *bell, struct device **ret,
                struct fault *why)
{
    struct device *d = xcalloc(1, sizeof *d + info->threads * sizeof *d->lanes);
    int err = 0;

    d->info = *info;
    d->generation = generation;
    d->impl = "";
    (void)pthread_mutex_init(&d->lock, NULL);
    d->state = xcalloc(1, info->driver->state_bytes + 1);
    if (info->driver->open && (err = info->driver->open(d->state, info, config, why)) < 0)
        goto fail;
    if ((err = start_threads(d, bell)) < 0) {
        (void)fault_set(why, err, "%s: cannot start %u threads: %s", info->id, info->threads,
                        err_str(err));
        goto fail;
    }
    *ret = d;
    return 0;

fail:
    device_free(d);
    return err;
}

void device_assign(struct device *d, struct job *job, uint32_t first, uint32_t count)
{
    if (job && job->algo != d->assigned) /* pairs with the lanes' reads in may_hash */
        atomic_store(&d->failed, NULL);
    d->assigned = job ? job->algo : NULL; /* after a stop what failed is tried again */
    for (unsigned i = 0; i < d->count; i++) {
        struct assignment *a = xcalloc(1, sizeof *a);
        a->job = job_ref(job);
        a->lane = (struct lane){first + i, count};
        assignment_free(slot_put(&d->lanes[i].slot, a));
        wake(&d->lanes[i]);
    }
}

void device_pause(struct device *d, bool paused)
{
    if (!paused) /* what failed is tried again */
        atomic_store(&d->failed, NULL);
    atomic_store(&d->paused, paused);
    for (unsigned i = 0; i < d->count; i++)
        wake(&d->lanes[i]);
}

bool device_take(struct device *d, struct event *ev)
{
    for (unsigned i = 0; i < d->count; i++) {
        struct lane_thread *t = &d->lanes[d->next];
        d->next = (d->next + 1) % d->count;
        if (port_take(t->port, ev))
            return true;
    }
    return false;
}

enum device_state device_state(const struct device *d)
{
    const struct algo *failed = atomic_load(&d->failed);
    bool waiting = false;

    if (failed && failed == d->assigned)
        return DEVICE_FAILED;
    if (atomic_load(&d->paused))
        return DEVICE_PAUSED;
    for (unsigned i = 0; i < d->count; i++) {
        if (atomic_load(&d->lanes[i].running))
            return DEVICE_RUN;
        waiting = waiting || atomic_load(&d->lanes[i].waiting);
    }
    return waiting ? DEVICE_WAITING : DEVICE_IDLE;
}

bool device_can(struct device *d, const struct algo *algo, struct fault *why)
{
    return d->info.driver->pick(d->state, algo, why) != NULL;
}

void device_failure(struct device *d, char *out, size_t size)
{
    (void)pthread_mutex_lock(&d->lock);
    (void)text_copy(out, size, d->failure);
    (void)pthread_mutex_unlock(&d->lock);
}

bool device_cpu_time(const struct device *d, int64_t *ran_us, int64_t *cpu_us)
{
    *ran_us = *cpu_us = 0;
    for (unsigned i = 0; i < d->count; i++) {
        *ran_us += atomic_load_explicit(&d->lanes[i].ran_us, memory_order_relaxed);
        *cpu_us += atomic_load_explicit(&d->lanes[i].cpu_us, memory_order_relaxed);
    }
    return d->info.driver->busy;
}

const struct device_info *device_info(const struct device *d)
{
    return &d->info;
}

const char *device_impl(const struct device *d)
{
    return atomic_load(&d->impl);
}

uint64_t device_dropped(const struct device *d)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < d->count; i++)
        sum += atomic_load(&d->lanes[i].port->dropped);
    return sum;
}

void device_free(struct device *d)
{
    if (!d)
        return;
    atomic_store(&d->stop, true);
    for (unsigned i = 0; i < d->count; i++)
        wake(&d->lanes[i]);
    for (unsigned i = 0; i < d->count; i++)
        lane_fini(&d->lanes[i]);
    if (d->info.driver->close)
        d->info.driver->close(d->state);
    (void)pthread_mutex_destroy(&d->lock);
    free(d->state);
    free(d);
}
