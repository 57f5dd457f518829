/* SPDX-License-Identifier: MIT */
/* The life of one dataset: light part, room for the full one, filling, checking, keeping. */
#include "algo/dataset.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "algo/dataset_one.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

const char *dataset_state_name(enum dataset_state state)
{
    static const char *const names[] = {"preparing", "light", "full", "failed"};

    return names[state];
}

struct dataset *dataset_new(struct datasets *all, const struct algo *algo,
                            const struct algo_key *key, const struct dataset_plan *plan)
{
    struct dataset *d = xcalloc(1, sizeof *d);

    atomic_init(&d->refs, 1);
    d->all = datasets_ref(all);
    d->algo = algo;
    d->ops = algo->dataset;
    d->key = *key;
    d->plan = *plan;
    d->began_us = now_us();
    (void)pthread_mutex_init(&d->lock, NULL);
    return d;
}

struct dataset *dataset_ref(struct dataset *d)
{
    if (d)
        atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
    return d;
}

void dataset_unref(struct dataset *d)
{
    /* release: our reads happen before the last holder frees; pairs with its acquire */
    if (!d || atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (d->memory)
        d->ops->free(d->memory);
    (void)pthread_mutex_destroy(&d->lock);
    datasets_unref(d->all);
    free(d);
}

/* --- what is known --------------------------------------------------------------------------- */

enum dataset_state dataset_state(const struct dataset *d)
{
    /* pairs with the release in set_state */
    return (enum dataset_state)atomic_load_explicit(&d->state, memory_order_acquire);
}

bool dataset_fits(const struct dataset *d, const struct algo *algo, const struct algo_key *key)
{
    struct dataset_plan plan;

    return d && d->algo == algo && !algo->dataset->plan(key, &plan, NULL) &&
           !strcmp(plan.name, d->plan.name);
}

void *dataset_memory(const struct dataset *d)
{
    return d->memory;
}

const struct algo_key *dataset_key(const struct dataset *d)
{
    return &d->key;
}

uint64_t dataset_bytes(const struct dataset *d)
{
    enum dataset_state state = dataset_state(d);

    return (state == DATASET_FAILED ? 0 : d->plan.light_bytes) +
           (atomic_load(&d->reserved) ? d->plan.full_bytes : 0);
}

uint64_t dataset_unmade(const struct dataset *d)
{
    uint64_t made = atomic_load(&d->made);

    if (!atomic_load(&d->reserved) || atomic_load(&d->touched) || made >= d->plan.items)
        return 0;
    return d->plan.full_bytes / d->plan.items * (d->plan.items - made);
}

static void set_state(struct dataset *d, enum dataset_state state)
{
    /* what was made is visible to who sees the state; pairs with dataset_state */
    atomic_store_explicit(&d->state, state, memory_order_release);
    if (d->all->options.changed)
        d->all->options.changed(d->all->options.arg);
}

void dataset_fail(struct dataset *d, enum dataset_state state, const char *text)
{
    (void)pthread_mutex_lock(&d->lock);
    (void)text_copy(d->error, sizeof d->error, text);
    (void)pthread_mutex_unlock(&d->lock);
    atomic_store(&d->full_wanted, false);
    set_state(d, state);
}

/* 0..1 of the part that is being made. */
static double progress(const struct dataset *d, enum dataset_state state)
{
    if (state == DATASET_PREPARING)
        return atomic_load(&d->permille) / 1000.0;
    if (state == DATASET_LIGHT && atomic_load(&d->filling))
        return (double)atomic_load(&d->made) / (double)d->plan.items;
    return 1;
}

void dataset_view(const struct dataset *from, struct dataset_view *v)
{
    struct dataset *d = (struct dataset *)(uintptr_t)from; /* for its lock */
    enum dataset_state state = dataset_state(d);

    *v = (struct dataset_view){
        .algo = d->algo,
        .state = state,
        .full_wanted = atomic_load(&d->full_wanted),
        .progress = progress(d, state),
        .eta_seconds = NAN,
        .bytes = dataset_bytes(d),
        .users = atomic_load(&d->refs),
    };
    memcpy(v->title, d->plan.title, sizeof v->title);
    if (d->ops->describe && (state == DATASET_LIGHT || state == DATASET_FULL))
        d->ops->describe(d->memory, v->pages, sizeof v->pages);
    (void)pthread_mutex_lock(&d->lock);
    memcpy(v->error, d->error, sizeof v->error);
    v->seconds = (double)(v->progress < 1 ? now_us() - d->began_us : d->took_us) / SECOND_US;
    (void)pthread_mutex_unlock(&d->lock);
    if (v->progress > 0.005 && v->progress < 1)
        v->eta_seconds = v->seconds * (1 - v->progress) / v->progress;
}

/* --- making ---------------------------------------------------------------------------------- */

static void part_begins(struct dataset *d)
{
    (void)pthread_mutex_lock(&d->lock);
    d->began_us = now_us();
    (void)pthread_mutex_unlock(&d->lock);
}

static void part_ends(struct dataset *d)
{
    (void)pthread_mutex_lock(&d->lock);
    d->took_us = now_us() - d->began_us;
    (void)pthread_mutex_unlock(&d->lock);
}

int dataset_make_light(struct dataset *d, struct fault *why)
{
    part_begins(d);
    int err = d->ops->light(&d->key, &d->plan, &d->all->options.choices, &d->cancel, &d->permille,
                            &d->memory, why);
    if (err < 0)
        return err;
    part_ends(d);
    set_state(d, DATASET_LIGHT);
    return 0;
}

static void becomes_full(struct dataset *d)
{
    char pages[96] = "";

    if (d->ops->describe)
        d->ops->describe(d->memory, pages, sizeof pages);
    log_info(DEVICE, "%s: the dataset of %s is full%s%s", d->algo->name, d->plan.title,
             *pages ? "; " : "", pages);
    set_state(d, DATASET_FULL);
}

int dataset_make_room(struct dataset *d, struct fault *why)
{
    bool complete = false;
    int err;

    if (!d->plan.items)
        return fault_set(why, ERR_KEY, "%s has no full dataset", d->algo->name);
    if ((err = datasets_reserve(d->all, d, why)) < 0)
        return err;
    part_begins(d);
    if ((err = d->ops->reserve(d->memory, &d->cancel, &complete, why)) < 0) {
        atomic_store(&d->reserved, false);
        return err;
    }
    if (complete)
        atomic_store(&d->touched, true);
    if (complete && d->ops->finish(d->memory, why) == 0) {
        part_ends(d);
        becomes_full(d);
        return 0;
    }
    /* released: the room is visible to who fills; pairs with dataset_filling */
    atomic_store_explicit(&d->filling, true, memory_order_release);
    return 0;
}

/* Every item is to be made again: other samples would let the bad ones pass. In this order: who
 * claims items after it is counted. */
static void forget_items(struct dataset *d)
{
    atomic_store(&d->made, 0);
    atomic_store(&d->next, 0);
}

int dataset_make_full(struct dataset *d, struct fault *why)
{
    atomic_store(&d->touched, true);
    int err = d->ops->finish(d->memory, why);

    atomic_store(&d->filling, false);
    if (err == ERR_CHECK)
        forget_items(d);
    if (err < 0)
        return err;
    part_ends(d);
    becomes_full(d);
    if (d->ops->keep && d->all->options.choices.dir)
        (void)d->ops->keep(d->memory, &d->cancel, NULL); /* next time it is made again */
    return 0;
}

static bool all_made(const struct dataset *d)
{
    return atomic_load(&d->made) == d->plan.items;
}

/* The stage that waits to be run; NULL = none. */
typedef int stage_fn(struct dataset *, struct fault *);

static stage_fn *stage_due(const struct dataset *d)
{
    enum dataset_state state = dataset_state(d);

    if (atomic_load(&d->cancel))
        return NULL;
    if (state == DATASET_PREPARING)
        return dataset_make_light;
    if (state != DATASET_LIGHT || !atomic_load(&d->full_wanted))
        return NULL;
    if (!atomic_load(&d->filling))
        return dataset_make_room;
    return all_made(d) ? dataset_make_full : NULL;
}

static void run_stages(struct dataset *d)
{
    stage_fn *stage;

    while ((stage = stage_due(d))) {
        struct fault why = {0};
        int err = stage(d, &why);
        if (!err)
            continue;
        atomic_store(&d->filling, false);
        dataset_fail(d, stage == dataset_make_light ? DATASET_FAILED : DATASET_LIGHT,
                     *why.text ? why.text : err_str(err));
    }
}

static void *maker(void *arg)
{
    struct dataset *d = arg;
    struct datasets *all = datasets_ref(d->all);
    bool more = true;

    (void)pthread_setname_np(pthread_self(), THREAD_HASH_PREFIX "dataset");
    while (more) {
        run_stages(d);
        (void)pthread_mutex_lock(&d->lock); /* who makes a stage due looks at `making` after it */
        more = stage_due(d) != NULL;
        d->making = more;
        (void)pthread_mutex_unlock(&d->lock);
    }
    dataset_unref(d);
    (void)pthread_mutex_lock(&all->lock);
    all->makers--;
    (void)pthread_cond_broadcast(&all->ended);
    (void)pthread_mutex_unlock(&all->lock);
    datasets_unref(all);
    return NULL;
}

/* A detached thread with all signals blocked: they are the main thread's. */
static bool spawn(struct dataset *d)
{
    sigset_t every, before;
    pthread_attr_t attr;
    pthread_t thread;

    (void)sigfillset(&every);
    (void)pthread_sigmask(SIG_SETMASK, &every, &before);
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    int err = pthread_create(&thread, &attr, maker, d);
    (void)pthread_attr_destroy(&attr);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !err;
}

void dataset_start(struct dataset *d)
{
    (void)pthread_mutex_lock(&d->lock);
    bool making = d->making;
    d->making = true;
    (void)pthread_mutex_unlock(&d->lock);
    if (making)
        return;
    (void)pthread_mutex_lock(&d->all->lock);
    bool open = !d->all->closed;
    d->all->makers += open;
    (void)pthread_mutex_unlock(&d->all->lock);
    if (open && spawn(dataset_ref(d)))
        return;
    if (open) {
        dataset_unref(d);
        (void)pthread_mutex_lock(&d->all->lock);
        d->all->makers--;
        (void)pthread_mutex_unlock(&d->all->lock);
        dataset_fail(d, dataset_state(d) == DATASET_PREPARING ? DATASET_FAILED : DATASET_LIGHT,
                     "no thread could be started to make the dataset");
    }
    (void)pthread_mutex_lock(&d->lock);
    d->making = false;
    (void)pthread_mutex_unlock(&d->lock);
}

bool dataset_filling(const struct dataset *d)
{
    /* pairs with the release in dataset_make_room */
    return d && atomic_load_explicit(&d->filling, memory_order_acquire) &&
           atomic_load_explicit(&d->next, memory_order_relaxed) < d->plan.items &&
           !atomic_load_explicit(&d->cancel, memory_order_relaxed);
}

bool dataset_fill(struct dataset *d, int64_t us)
{
    int64_t until = now_us() + us;
    bool did = false;

    while (dataset_filling(d)) {
        uint64_t first = atomic_fetch_add(&d->next, d->ops->step);
        if (first >= d->plan.items)
            break;
        uint64_t left = d->plan.items - first, n = left < d->ops->step ? left : d->ops->step;
        d->ops->fill(d->memory, first, n);
        did = true;
        /* the items of all threads are visible to the one that sees the full count */
        if (atomic_fetch_add_explicit(&d->made, n, memory_order_acq_rel) + n == d->plan.items)
            dataset_start(d);
        if (now_us() >= until)
            break;
    }
    return did;
}
