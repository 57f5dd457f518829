/* SPDX-License-Identifier: MIT */
/* Threads that hash for a while, started together. */
#include "algo/bench.h"

#include <pthread.h>
#include <sched.h>

#include "algo/dataset.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/rand.h"

enum { SLICE_US = 5000, WARM_UP_US = 100000 };

struct runner {
    const struct bench *bench;
    pthread_barrier_t *start;
    pthread_t thread;
    unsigned index;
    struct algo_ctx *ctx;
    uint64_t hashes;
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

/* Scans until `us` have passed, in slices of about SLICE_US. Returns the hashes done. */
static uint64_t hash_for(const struct runner *r, uint64_t *slice, int64_t us)
{
    const struct bench *b = r->bench;
    uint8_t input[ALGO_INPUT_MAX];
    uint64_t hashes = 0, at = 0;
    int64_t began = now_us(), before, now = began;

    rand_bytes(input, sizeof input);
    while (now - began < us) {
        struct scan scan = {
            .in = {input, b->algo->input_len, b->algo->nonce_at,
                   b->dataset ? dataset_key(b->dataset) : NULL},
            .first = at,
            .count = *slice,
            .version_count = b->versions,
        };
        for (unsigned i = 0; i < b->versions; i++)
            scan.version[i] = 0x20000000 | i << 13;
        b->impl->scan(r->ctx, &scan);
        hashes += scan.done * scan_versions(&scan);
        at = (at + scan.done) % (UINT64_C(1) << 31);
        before = now;
        now = now_us();
        if (now - before < SLICE_US / 2 && *slice < UINT64_C(1) << 30)
            *slice *= 2;
    }
    return hashes;
}

static void *run(void *arg)
{
    struct runner *r = arg;
    uint64_t slice = algo_batch(r->bench->algo);

    bind_thread(r->index);
    (void)hash_for(r, &slice, WARM_UP_US);
    (void)pthread_barrier_wait(r->start);
    r->cpu_us = thread_cpu_us();
    r->began_us = now_us();
    r->hashes = hash_for(r, &slice, (int64_t)(r->bench->seconds * SECOND_US));
    r->ended_us = now_us();
    r->cpu_us = thread_cpu_us() - r->cpu_us;
    return NULL;
}

static void add_up(struct bench *b, const struct runner *runners)
{
    int64_t began = runners[0].began_us, ended = runners[0].ended_us;

    b->hashes = 0;
    b->cpu_seconds = 0;
    for (unsigned i = 0; i < b->threads; i++) {
        began = runners[i].began_us < began ? runners[i].began_us : began;
        ended = runners[i].ended_us > ended ? runners[i].ended_us : ended;
        b->hashes += runners[i].hashes;
        b->cpu_seconds += (double)runners[i].cpu_us / SECOND_US;
    }
    b->seconds = (double)(ended - began) / SECOND_US;
    b->hashrate = (double)b->hashes / b->seconds;
}

int bench_run(struct bench *b, struct fault *why)
{
    pthread_barrier_t start;
    struct runner *runners = xcalloc(b->threads, sizeof *runners);
    int err = 0;

    for (unsigned i = 0; i < b->threads && !err; i++) {
        runners[i] = (struct runner){.bench = b, .start = &start, .index = i};
        if (b->algo->ctx_new)
            err = b->algo->ctx_new(b->dataset, &runners[i].ctx, why);
    }
    if (err < 0)
        goto done;
    (void)pthread_barrier_init(&start, NULL, b->threads);
    for (unsigned i = 0; i < b->threads; i++)
        if (pthread_create(&runners[i].thread, NULL, run, &runners[i]))
            abort(); /* the others wait at the barrier: nothing to go back to */
    for (unsigned i = 0; i < b->threads; i++)
        (void)pthread_join(runners[i].thread, NULL);
    (void)pthread_barrier_destroy(&start);
    add_up(b, runners);

done:
    for (unsigned i = 0; i < b->threads && b->algo->ctx_free; i++)
        b->algo->ctx_free(runners[i].ctx);
    free(runners);
    return err;
}
