/* SPDX-License-Identifier: MIT */
/* Threads that work for a while, started together; hashing and making items are such work. */
#include "algo/bench.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "algo/dataset.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/rand.h"

enum { SLICE_US = 5000, WARM_UP_US = 100000 };

/* --- the crew -------------------------------------------------------------------------------- */

struct worker {
    struct bench_crew *crew;
    pthread_barrier_t *start;
    _Atomic int *failed; /* of any of them: then none works */
    pthread_t thread;
    unsigned index;
    struct fault why;
    uint64_t count;
    int64_t began_us, ended_us, cpu_us;
};

/* The index-th of the CPUs this process may use. Best effort. */
static void bind_thread(unsigned index)
{
    cpu_set_t allowed, one;

    if (sched_getaffinity(0, sizeof allowed, &allowed) || !CPU_COUNT(&allowed))
        return;
    index %= (unsigned)CPU_COUNT(&allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && !index--) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            (void)pthread_setaffinity_np(pthread_self(), sizeof one, &one);
            return;
        }
}

/* Turns until `us` have passed or nothing is left. Returns the work done. */
static uint64_t turns_for(const struct bench_crew *crew, void *state, int64_t us)
{
    int64_t began = now_us();
    uint64_t count = 0, done = 1;

    while (done && now_us() - began < us) {
        done = crew->turn(crew->arg, state);
        count += done;
    }
    return count;
}

static void measure(struct worker *w, void *state)
{
    const struct bench_crew *crew = w->crew;

    w->began_us = now_us(); /* outside the CPU time: that is never more than this */
    w->cpu_us = thread_cpu_us();
    w->count = turns_for(crew, state, (int64_t)(crew->seconds * SECOND_US));
    w->cpu_us = thread_cpu_us() - w->cpu_us;
    w->ended_us = now_us();
}

static void *work(void *arg)
{
    struct worker *w = arg;
    const struct bench_crew *crew = w->crew;
    void *state = NULL;

    bind_thread(w->index);
    int err = crew->begin(crew->arg, &state, &w->why);
    if (err < 0)
        atomic_store(w->failed, err);
    else
        (void)turns_for(crew, state, WARM_UP_US);
    (void)pthread_barrier_wait(w->start);
    if (!atomic_load(w->failed))
        measure(w, state);
    if (err >= 0)
        crew->end(crew->arg, state);
    return NULL;
}

static void add_up(struct bench_crew *crew, const struct worker *workers)
{
    int64_t began = workers[0].began_us, ended = workers[0].ended_us;

    crew->count = 0;
    crew->cpu_seconds = 0;
    for (unsigned i = 0; i < crew->threads; i++) {
        began = workers[i].began_us < began ? workers[i].began_us : began;
        ended = workers[i].ended_us > ended ? workers[i].ended_us : ended;
        crew->count += workers[i].count;
        crew->cpu_seconds += (double)workers[i].cpu_us / SECOND_US;
    }
    crew->seconds = (double)(ended - began) / SECOND_US;
    crew->rate = crew->seconds > 0 ? (double)crew->count / crew->seconds : 0;
}

int bench_crew_run(struct bench_crew *crew, struct fault *why)
{
    struct worker *workers = xcalloc(crew->threads, sizeof *workers);
    _Atomic int failed = 0;
    pthread_barrier_t start;
    int err;

    (void)pthread_barrier_init(&start, NULL, crew->threads);
    for (unsigned i = 0; i < crew->threads; i++) {
        workers[i] = (struct worker){.crew = crew, .start = &start, .failed = &failed, .index = i};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
            abort(); /* the others wait at the barrier: nothing to go back to */
    }
    for (unsigned i = 0; i < crew->threads; i++)
        (void)pthread_join(workers[i].thread, NULL);
    (void)pthread_barrier_destroy(&start);
    err = atomic_load(&failed);
    if (!err)
        add_up(crew, workers);
    for (unsigned i = 0; err && why && i < crew->threads; i++)
        if (*workers[i].why.text)
            *why = workers[i].why;
    free(workers);
    return err;
}

/* --- hashing --------------------------------------------------------------------------------- */

struct hasher {
    struct algo_ctx *ctx;
    uint64_t slice, at;
    uint8_t input[ALGO_INPUT_MAX];
};

static int hash_begin(void *arg, void **state, struct fault *why)
{
    const struct bench *b = arg;
    struct hasher *h = xcalloc(1, sizeof *h);
    int err = b->algo->ctx_new ? b->algo->ctx_new(b->dataset, &h->ctx, why) : 0;

    if (err < 0) {
        free(h);
        return err;
    }
    h->slice = algo_batch(b->algo);
    rand_bytes(h->input, sizeof h->input);
    *state = h;
    return 0;
}

static uint64_t hash_turn(void *arg, void *state)
{
    const struct bench *b = arg;
    struct hasher *h = state;
    int64_t began = now_us();
    struct scan scan = {
        .in = {h->input, b->algo->input_len, b->algo->nonce_at,
               b->dataset ? dataset_key(b->dataset) : NULL},
        .first = h->at,
        .count = h->slice,
        .version_count = b->versions,
    };

    for (unsigned i = 0; i < b->versions; i++)
        scan.version[i] = 0x20000000 | i << 13;
    b->impl->scan(h->ctx, &scan);
    h->at = (h->at + scan.done) % (UINT64_C(1) << 31);
    if (now_us() - began < SLICE_US / 2 && h->slice < UINT64_C(1) << 30)
        h->slice *= 2;
    return scan.done * scan_versions(&scan);
}

static void hash_end(void *arg, void *state)
{
    const struct bench *b = arg;
    struct hasher *h = state;

    if (b->algo->ctx_free)
        b->algo->ctx_free(h->ctx);
    free(h);
}

int bench_run(struct bench *b, struct fault *why)
{
    struct bench_crew crew = {
        .threads = b->threads,
        .seconds = b->seconds,
        .arg = b,
        .begin = hash_begin,
        .turn = hash_turn,
        .end = hash_end,
    };
    int err = bench_crew_run(&crew, why);

    b->seconds = crew.seconds;
    b->cpu_seconds = crew.cpu_seconds;
    b->hashes = crew.count;
    b->hashrate = crew.rate;
    return err;
}

/* --- items of a dataset ---------------------------------------------------------------------- */

struct filler {
    const struct dataset_ops *ops;
    void *memory;
    uint64_t total;
    _Atomic uint64_t next;
};

static int fill_begin(void *arg, void **state, struct fault *why)
{
    (void)arg;
    (void)why;
    *state = NULL;
    return 0;
}

static uint64_t fill_turn(void *arg, void *state)
{
    struct filler *f = arg;
    uint64_t step = f->ops->step ? f->ops->step : 1;
    uint64_t first = atomic_fetch_add(&f->next, step);

    (void)state;
    if (first >= f->total)
        return 0;
    uint64_t count = f->total - first < step ? f->total - first : step;
    f->ops->fill(f->memory, first, count);
    return count;
}

static void fill_end(void *arg, void *state)
{
    (void)arg;
    (void)state;
}

static int reserve(struct bench_fill *b, const struct dataset_plan *plan, struct fault *why)
{
    const _Atomic bool never = false;
    uint64_t available = memory_available();
    bool complete;
    int err;

    if (b->reserved)
        return 0;
    if (plan->full_bytes > available)
        return fault_set(why, ERR_MEMORY, "the dataset of %s needs %llu MiB, %llu MiB are free",
                         plan->title, (unsigned long long)plan->full_bytes >> 20,
                         (unsigned long long)available >> 20);
    err = b->algo->dataset->reserve(dataset_memory(b->dataset), &never, &complete, why);
    b->reserved = err >= 0;
    return err;
}

int bench_fill(struct bench_fill *b, struct fault *why)
{
    struct filler filler = {.ops = b->algo->dataset, .memory = dataset_memory(b->dataset)};
    struct bench_crew crew = {
        .threads = b->threads,
        .seconds = b->seconds,
        .arg = &filler,
        .begin = fill_begin,
        .turn = fill_turn,
        .end = fill_end,
    };
    struct dataset_plan plan;
    int err = filler.ops->plan(dataset_key(b->dataset), &plan, why);

    if (err < 0 || (err = reserve(b, &plan, why)) < 0)
        return err;
    filler.total = plan.items;
    if ((err = bench_crew_run(&crew, why)) < 0)
        return err;
    b->seconds = crew.seconds;
    b->cpu_seconds = crew.cpu_seconds;
    b->items = crew.count;
    b->total = plan.items;
    b->rate = crew.rate;
    return 0;
}
