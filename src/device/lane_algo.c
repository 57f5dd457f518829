/* SPDX-License-Identifier: MIT */
/* What a hashing thread needs for the algorithm of its job: implementation, dataset, own memory. */
#include <string.h>

#include "algo/dataset.h"
#include "base/str.h"
#include "device/lane.h"

/* The device cannot do the algorithm. Said once, by the first of its threads. */
static void fail(struct lane_thread *t, const struct algo *algo, int err, const char *text)
{
    struct device *d = t->device;
    const struct algo *none = NULL;

    if (!atomic_compare_exchange_strong(&d->failed, &none, algo))
        return;
    (void)pthread_mutex_lock(&d->lock);
    (void)text_copy(d->failure, sizeof d->failure, text);
    (void)pthread_mutex_unlock(&d->lock);
    (void)lane_post(t, (struct event){.type = EV_DEVICE_DOWN, .err = err});
}

void lane_drop_ctx(struct lane_thread *t)
{
    if (t->ctx && t->algo->ctx_free)
        t->algo->ctx_free(t->ctx);
    dataset_unref(t->dataset);
    t->ctx = NULL;
    t->algo = NULL;
    t->dataset = NULL;
}

/* Does what we hash with fit the job, and is it the best there is? */
static bool is_set(const struct lane_thread *t, const struct job *job)
{
    return t->algo == job->algo && t->dataset == job->dataset &&
           (!job->dataset || t->full == (dataset_state(job->dataset) == DATASET_FULL));
}

/* More threads than the algorithm is to have on this device? */
static bool is_benched(const struct lane_thread *t, const struct algo *algo)
{
    const struct device *d = t->device;

    return d->info.driver->threads &&
           t->index >= d->info.driver->threads(d->state, algo, d->info.threads);
}

/* Scratch memory and implementation for the job's algorithm and dataset. */
static int set_algo(struct lane_thread *t, const struct job *job, struct fault *why)
{
    struct device *d = t->device;
    const struct algo *algo = job->algo;
    int err;

    if (t->algo != algo)
        t->slice = algo_batch(algo);
    lane_drop_ctx(t);
    t->turn = 0;
    t->full = job->dataset && dataset_state(job->dataset) == DATASET_FULL;
    t->benched = is_benched(t, algo);
    if (d->info.driver->settle)
        d->info.driver->settle(d->state, t->index, algo);
    if (!(t->impl = d->info.driver->pick(d->state, algo, why)))
        return ERR_CONFIG;
    if (!t->benched && algo->ctx_new && (err = algo->ctx_new(job->dataset, &t->ctx, why)) < 0)
        return err;
    t->algo = algo;
    t->dataset = dataset_ref(job->dataset);
    atomic_store(&d->impl, t->impl->name);
    return 0;
}

/* Not while the dataset is being prepared. */
bool lane_ready(struct lane_thread *t)
{
    const struct job *job = t->now.job;
    struct fault why = {0};
    int err;

    if (is_set(t, job))
        return true;
    if (job->algo->dataset) {
        enum dataset_state state = job->dataset ? dataset_state(job->dataset) : DATASET_FAILED;
        if (state != DATASET_LIGHT && state != DATASET_FULL)
            return false;
    }
    if ((err = set_algo(t, job, &why)) < 0)
        fail(t, job->algo, err, why.text);
    return !err;
}
