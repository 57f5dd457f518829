/* SPDX-License-Identifier: MIT */
/* The search: several hashes in flight, loop by loop in turn, so that the groups of the others are
 * on their way from memory while one computes. A light context makes the groups of all hashes in
 * flight at once, for the same reason. */
#include "algo/scan.h"

#include <string.h>

#include "base/endian.h"
#include "kernels/kawpow/kawpow.h"

struct run {
    struct algo_ctx *ctx;
    const struct kawpow_engine *engine;
    const struct kawpow_program *program;
    kawpow_code_fn *code; /* NULL = the engine interprets */
    const struct scan *scan;
    const uint32_t *l1;
    struct ethash_mod by_groups;
};

static inline void loop_once(const struct run *run, unsigned i, unsigned loop)
{
    struct algo_ctx *ctx = run->ctx;

    if (run->code)
        kawpow_code_run(run->code, &ctx->mix[i], run->l1, ctx->group[i], loop);
    else
        run->engine->loop(run->program, &ctx->mix[i], run->l1, ctx->group[i], loop);
}

static inline uint32_t group_of(const struct run *run, unsigned i, unsigned loop)
{
    return ethash_mod(&run->by_groups, run->ctx->mix[i].reg[0][loop % KAWPOW_LANES]);
}

static inline void fetch(const struct run *run, unsigned i, unsigned loop)
{
    const struct ethash_item *group =
        run->ctx->full + (size_t)group_of(run, i, loop) * KAWPOW_GROUP_ITEMS;

    for (unsigned j = 0; j < KAWPOW_GROUP_ITEMS; j++)
        __builtin_prefetch(group + j, 0, 0); /* used once */
    run->ctx->group[i] = group->word;
}

/* Groups are asked for in bursts: where a translation of addresses takes long, processors wait for
 * it before they go on, and waiting for several at once costs as much as for one. */
static void fetch_burst(const struct run *run, unsigned at, unsigned end, unsigned loop)
{
    for (unsigned i = at; i < end; i++)
        fetch(run, i, loop);
}

static bool loops_full(const struct run *run, unsigned count)
{
    fetch_burst(run, 0, count, 0);
    for (unsigned loop = 0; loop < KAWPOW_LOOPS; loop++)
        for (unsigned at = 0; at < count; at += KAWPOW_BURST) {
            unsigned end = count - at < KAWPOW_BURST ? count : at + KAWPOW_BURST;
            for (unsigned i = at; i < end; i++)
                loop_once(run, i, loop);
            if (loop + 1 < KAWPOW_LOOPS)
                fetch_burst(run, at, end, loop + 1);
        }
    return true;
}

static bool loops_light(const struct run *run, unsigned count)
{
    uint32_t item[KAWPOW_FLIGHT * KAWPOW_GROUP_ITEMS];
    struct algo_ctx *ctx = run->ctx;

    for (unsigned loop = 0; loop < KAWPOW_LOOPS; loop++) {
        if (scan_is_stale(run->scan))
            return false;
        for (unsigned i = 0; i < count * KAWPOW_GROUP_ITEMS; i++)
            item[i] = group_of(run, i / KAWPOW_GROUP_ITEMS, loop) * KAWPOW_GROUP_ITEMS +
                      i % KAWPOW_GROUP_ITEMS;
        ethash_items(ctx->data->cache, item, (size_t)count * KAWPOW_GROUP_ITEMS, ctx->made[0]);
        for (unsigned i = 0; i < count; i++) {
            ctx->group[i] = ctx->made[i][0].word;
            loop_once(run, i, loop);
        }
    }
    return true;
}

/* Digests of `count` hashes whose seeds are at `at` of ctx->seed. */
static bool fly(const struct run *run, unsigned at, unsigned count)
{
    struct algo_ctx *ctx = run->ctx;
    uint32_t digest[KAWPOW_DIGEST_WORDS];

    for (unsigned i = 0; i < count; i++)
        run->engine->init(ctx->seed.word[0][at + i], ctx->seed.word[1][at + i], &ctx->mix[i]);
    if (!(ctx->full ? loops_full : loops_light)(run, count))
        return false;
    for (unsigned i = 0; i < count; i++) {
        run->engine->digest(&ctx->mix[i], digest);
        for (unsigned j = 0; j < KAWPOW_DIGEST_WORDS; j++)
            ctx->digest.word[j][at + i] = digest[j];
    }
    return true;
}

/* Hashes of nonces from `first` on, at most sixteen, into ctx->hash. False: the job is old. */
static bool batch(const struct run *run, uint64_t first, unsigned count)
{
    struct algo_ctx *ctx = run->ctx;
    unsigned flight = ctx->full ? KAWPOW_FLIGHT : KAWPOW_LIGHT_FLIGHT;

    run->engine->seeds(run->scan->in.bytes, first, &ctx->seed);
    for (unsigned at = 0; at < count; at += flight)
        if (!fly(run, at, count - at < flight ? count - at : flight))
            return false;
    run->engine->finals(&ctx->seed, &ctx->digest, &ctx->hash);
    return true;
}

/* Is hash `i` of the batch at most the target? */
static bool wins(const struct run *run, unsigned i)
{
    const struct kawpow_words *hash = &run->ctx->hash;
    const struct u256 *target = &run->scan->target;
    uint8_t bytes[32];

    if (htobe32(hash->word[0][i]) > target->w[3] >> 32)
        return false;
    for (unsigned j = 0; j < 8; j++)
        put_le32(bytes + 4 * j, hash->word[j][i]);
    struct u256 value = u256_from_be(bytes);
    return u256_cmp(&value, target) <= 0;
}

static struct run run_of(const struct kawpow_engine *engine, bool code, struct algo_ctx *ctx,
                         const struct scan *scan)
{
    struct kawpow_prepared *p = kawpow_ctx_program(ctx, scan->in.key->height);

    return (struct run){
        .ctx = ctx,
        .engine = engine,
        .program = &p->program,
        .code = code ? kawpow_ctx_code(ctx, p) : NULL,
        .scan = scan,
        .l1 = ctx->data->l1[0].word,
        .by_groups = ethash_mod_by(ctx->data->groups),
    };
}

void kawpow_scan_by(const struct kawpow_engine *engine, bool code, struct algo_ctx *ctx,
                    struct scan *scan)
{
    scan->done = 0;
    scan->found = 0;
    if (!kawpow_ctx_fits(ctx, scan->in.key))
        return; /* of another dataset: nothing can be tried */
    const struct run run = run_of(engine, code, ctx, scan);
    const unsigned wide = ctx->full ? KAWPOW_LANES : KAWPOW_LIGHT_FLIGHT;
    while (scan->done < scan->count && !scan_is_stale(scan)) {
        uint64_t at = scan->first + scan->done, left = scan->count - scan->done;
        unsigned n = left < wide ? (unsigned)left : wide;
        if (!batch(&run, at, n))
            return;
        for (unsigned i = 0; i < n; i++) {
            scan->done++;
            if (wins(&run, i) && scan_found(scan, at + i))
                return;
        }
    }
}

void kawpow_scan_scalar(struct algo_ctx *ctx, struct scan *scan)
{
    kawpow_scan_by(&kawpow_scalar, false, ctx, scan);
}
