/* SPDX-License-Identifier: MIT */
/* The list of datasets: sharing, memory, and building one outside it. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/dataset_one.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/memory.h"

enum { UNUSED_KEPT = 2 }; /* keys of one algorithm that nobody uses */

struct datasets *datasets_new(const struct datasets_options *options)
{
    struct datasets *all = xcalloc(1, sizeof *all);

    atomic_init(&all->refs, 1);
    all->options = *options;
    all->options.choices.dir = options->choices.dir ? xstrdup(options->choices.dir) : NULL;
    all->options.choices.randomx =
        xstrdup(options->choices.randomx ? options->choices.randomx : "v1");
    (void)pthread_mutex_init(&all->lock, NULL);
    (void)pthread_cond_init(&all->ended, NULL);
    return all;
}

struct datasets *datasets_ref(struct datasets *all)
{
    atomic_fetch_add_explicit(&all->refs, 1, memory_order_relaxed);
    return all;
}

void datasets_unref(struct datasets *all)
{
    /* release and acquire: as in dataset_unref */
    if (atomic_fetch_sub_explicit(&all->refs, 1, memory_order_acq_rel) != 1)
        return;
    free((void *)(uintptr_t)all->options.choices.dir);
    free((void *)(uintptr_t)all->options.choices.randomx);
    (void)pthread_cond_destroy(&all->ended);
    (void)pthread_mutex_destroy(&all->lock);
    free(all);
}

/* Takes entry i out; its reference passes to the caller. Locked. */
static struct dataset *take_out(struct datasets *all, unsigned i)
{
    struct dataset *d = all->list[i];

    all->count--;
    memmove(all->list + i, all->list + i + 1, (all->count - i) * sizeof *all->list);
    return d;
}

/* Only the list holds it: nobody else can get hold of it while the list is locked. */
static bool unused(const struct dataset *d)
{
    return atomic_load(&d->refs) == 1;
}

void datasets_free(struct datasets *all)
{
    if (!all)
        return;
    (void)pthread_mutex_lock(&all->lock);
    all->closed = true;
    for (unsigned i = 0; i < all->count; i++)
        atomic_store(&all->list[i]->cancel, true);
    while (all->makers)
        (void)pthread_cond_wait(&all->ended, &all->lock);
    (void)pthread_mutex_unlock(&all->lock);
    while (all->count)
        dataset_unref(take_out(all, all->count - 1));
    datasets_unref(all);
}

/* --- memory ---------------------------------------------------------------------------------- */

static uint64_t held(const struct datasets *all)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < all->count; i++)
        sum += dataset_bytes(all->list[i]);
    return sum;
}

/* What was promised and is not written yet still looks free to the system. */
static uint64_t unmade(const struct datasets *all)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < all->count; i++)
        sum += dataset_unmade(all->list[i]);
    return sum;
}

static uint64_t free_bytes(const struct datasets *all)
{
    uint64_t available = memory_available(), used = held(all), promised = unmade(all);
    uint64_t allowed = all->options.memory_max;

    available = available > promised ? available - promised : 0;
    if (!allowed)
        return available;
    allowed = allowed > used ? allowed - used : 0;
    return allowed < available ? allowed : available;
}

/* The unused dataset that was used the longest time ago, out of the list. NULL = none. Locked. */
static struct dataset *oldest_unused(struct datasets *all, const struct algo *algo,
                                     const struct dataset *except)
{
    for (unsigned i = 0; i < all->count; i++)
        if (all->list[i] != except && unused(all->list[i]) && (!algo || all->list[i]->algo == algo))
            return take_out(all, i);
    return NULL;
}

static bool room(struct datasets *all, uint64_t bytes, const struct dataset *except)
{
    struct dataset *d;

    while (free_bytes(all) < bytes && (d = oldest_unused(all, NULL, except)))
        dataset_unref(d);
    return free_bytes(all) >= bytes;
}

static int no_room(const struct datasets *all, uint64_t bytes, struct fault *why)
{
    return fault_set(why, ERR_MEMORY, "not enough memory: %.2f GiB are needed, %.2f GiB are free",
                     (double)bytes / (1 << 30), (double)free_bytes(all) / (1 << 30));
}

int datasets_reserve(struct datasets *all, struct dataset *d, struct fault *why)
{
    int err = 0;

    (void)pthread_mutex_lock(&all->lock);
    if (!atomic_load(&d->reserved)) {
        if (room(all, d->plan.full_bytes, d))
            atomic_store(&d->reserved, true);
        else
            err = no_room(all, d->plan.full_bytes, why);
    }
    (void)pthread_mutex_unlock(&all->lock);
    return err;
}

/* --- finding and adding ---------------------------------------------------------------------- */

/* The entry of a plan, moved to the end as the newest used. NULL = none; a failed one is dropped.
 * Locked. */
static struct dataset *find(struct datasets *all, const struct algo *algo,
                            const struct dataset_plan *plan)
{
    for (unsigned i = 0; i < all->count; i++) {
        if (all->list[i]->algo != algo || strcmp(all->list[i]->plan.name, plan->name) != 0)
            continue;
        struct dataset *d = take_out(all, i);
        if (dataset_state(d) == DATASET_FAILED) {
            dataset_unref(d);
            return NULL;
        }
        all->list[all->count++] = d;
        return d;
    }
    return NULL;
}

/* Leaves at most UNUSED_KEPT unused ones of an algorithm. Locked. */
static void tidy(struct datasets *all, const struct algo *algo)
{
    unsigned count = 0;

    for (unsigned i = 0; i < all->count; i++)
        count += all->list[i]->algo == algo && unused(all->list[i]);
    for (; count > UNUSED_KEPT; count--)
        dataset_unref(oldest_unused(all, algo, NULL));
}

/* Locked. */
static struct dataset *add(struct datasets *all, const struct algo *algo,
                           const struct algo_key *key, const struct dataset_plan *plan,
                           struct fault *why)
{
    struct dataset *d;

    if (all->closed) {
        (void)fault_set(why, ERR_CLOSED, "the program is ending");
        return NULL;
    }
    if (!room(all, plan->light_bytes, NULL)) {
        (void)no_room(all, plan->light_bytes, why);
        return NULL;
    }
    if (all->count == DATASETS_MAX) {
        (void)fault_set(why, ERR_MEMORY, "%d datasets are in use already", DATASETS_MAX);
        return NULL;
    }
    d = dataset_new(all, algo, key, plan);
    all->list[all->count++] = d;
    return d;
}

struct dataset *datasets_get(struct datasets *all, const struct algo *algo,
                             const struct algo_key *key, bool full, struct fault *why)
{
    struct dataset_plan plan;

    if (algo->dataset->plan(key, &plan, why) < 0)
        return NULL;
    (void)pthread_mutex_lock(&all->lock);
    struct dataset *d = find(all, algo, &plan);
    bool fresh = !d;
    if (!d)
        d = add(all, algo, key, &plan, why);
    (void)dataset_ref(d);
    tidy(all, algo);
    (void)pthread_mutex_unlock(&all->lock);
    if (!d)
        return NULL;
    bool more = full && plan.items && !atomic_exchange(&d->full_wanted, true);
    if (fresh || more)
        dataset_start(d);
    return d;
}

unsigned datasets_view(struct datasets *all, struct dataset_view *out, unsigned max)
{
    unsigned n = 0;

    (void)pthread_mutex_lock(&all->lock);
    for (; n < all->count && n < max; n++)
        dataset_view(all->list[n], &out[n]);
    (void)pthread_mutex_unlock(&all->lock);
    return n;
}

/* --- one by itself --------------------------------------------------------------------------- */

static void *fill_all(void *arg)
{
    while (dataset_fill(arg, SECOND_US))
        ;
    return NULL;
}

static void fill_with(struct dataset *d, unsigned threads)
{
    pthread_t *others = xcalloc(threads, sizeof *others);
    unsigned started = 0;

    while (started + 1 < threads && !pthread_create(&others[started], NULL, fill_all, d))
        started++;
    (void)fill_all(d);
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(others[i], NULL);
    free(others);
}

static int make_all(struct dataset *d, bool full, unsigned threads, double seconds[2],
                    struct fault *why)
{
    int64_t began = now_us();
    int err = dataset_make_light(d, why);

    seconds[0] = (double)(now_us() - began) / SECOND_US;
    if (err < 0 || !full || !d->plan.items)
        return err;
    began = now_us();
    d->making = true; /* the last item starts no thread: what follows is done here */
    if ((err = dataset_make_room(d, why)) < 0)
        return err;
    if (dataset_state(d) != DATASET_FULL) {
        fill_with(d, threads ? threads : 1);
        err = dataset_make_full(d, why);
    }
    seconds[1] = (double)(now_us() - began) / SECOND_US;
    return err;
}

int dataset_build(const struct algo *algo, const struct algo_key *key,
                  const struct dataset_choices *choices, bool full, unsigned threads,
                  double seconds[2], struct dataset **ret, struct fault *why)
{
    struct datasets_options options = {.choices = *choices};
    struct dataset_plan plan;
    double unused_seconds[2];
    int err = algo->dataset->plan(key, &plan, why);

    if (err < 0)
        return err;
    struct datasets *all = datasets_new(&options);
    struct dataset *d = NULL;
    if (free_bytes(all) >= plan.light_bytes) { /* nobody else knows of this list */
        d = dataset_new(all, algo, key, &plan);
        err = make_all(d, full, threads, seconds ? seconds : unused_seconds, why);
    } else {
        err = no_room(all, plan.light_bytes, why);
    }
    if (err < 0) {
        dataset_unref(d);
        d = NULL;
    }
    datasets_unref(all); /* the dataset keeps it */
    *ret = d;
    return err;
}
