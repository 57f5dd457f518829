/* SPDX-License-Identifier: MIT */
/* Ethash (Ethereum and its forks) and Etchash (Ethereum Classic since ECIP-1099). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/cpu.h"
#include "algo/dataset.h"
#include "base/alloc.h"
#include "kernels/ethash/dag.h"
#include "kernels/ethash/engine.h"

enum {
    PARENTS = 256,
    EPOCH_LENGTH = 30000, /* blocks */
    ECIP1099_BLOCK = 11700000,
    ECIP1099_LENGTH = 60000,
};

/* Sizes and seed follow counts of their own, which differ after ECIP-1099. */
struct epoch {
    uint64_t size, seed;
};

static struct epoch ethash_epoch(uint64_t block)
{
    return (struct epoch){block / EPOCH_LENGTH, block / EPOCH_LENGTH};
}

static struct epoch etchash_epoch(uint64_t block)
{
    if (block < ECIP1099_BLOCK)
        return ethash_epoch(block);
    uint64_t size = block / ECIP1099_LENGTH;
    return (struct epoch){size, size * (ECIP1099_LENGTH / EPOCH_LENGTH)};
}

/* --- dataset --------------------------------------------------------------------------------- */

struct state {
    struct ethash_dag dag; /* first: dag.h */
    struct epoch epoch;
};

static int plan(struct epoch epoch, uint64_t block, struct dataset_plan *plan, struct fault *why)
{
    if (epoch.size > ETHASH_EPOCH_MAX)
        return fault_set(why, ERR_KEY,
                         "block %llu would lie in epoch %llu, and the last possible one is %d: the "
                         "height in the job is wrong",
                         (unsigned long long)block, (unsigned long long)epoch.size,
                         ETHASH_EPOCH_MAX);
    const struct ethash_sizes sizes = ethash_sizes_of((uint32_t)epoch.size, PARENTS);
    *plan = (struct dataset_plan){0};
    ethash_dag_plan(&sizes, plan);
    (void)snprintf(plan->name, sizeof plan->name, "epoch-%u-seed-%u", (unsigned)epoch.size,
                   (unsigned)epoch.seed);
    (void)snprintf(plan->title, sizeof plan->title, "epoch %u", (unsigned)epoch.size);
    return 0;
}

static int light(struct epoch epoch, const struct dataset_choices *choices,
                 const _Atomic bool *cancel, _Atomic uint32_t *permille, void **ret,
                 struct fault *why)
{
    const struct ethash_sizes sizes = ethash_sizes_of((uint32_t)epoch.size, PARENTS);
    struct state *state = xcalloc(1, sizeof *state);
    uint8_t seed[32];

    state->epoch = epoch;
    ethash_seed_of((uint32_t)epoch.seed, seed);
    int err = ethash_dag_light(&state->dag, &sizes, seed, choices, cancel, permille, why);
    if (err < 0)
        free(state);
    else
        *ret = state;
    return err;
}

static void free_state(void *state)
{
    struct state *s = state;

    if (s)
        ethash_dag_drop(&s->dag);
    free(s);
}

/* --- hashing --------------------------------------------------------------------------------- */

struct algo_ctx {
    struct ethash_view view;
    struct epoch epoch;
};

static int ctx_new(struct dataset *dataset, struct algo_ctx **ret, struct fault *why)
{
    if (!dataset)
        return fault_set(why, ERR_KEY, "hashing needs the cache of an epoch");
    const struct state *state = dataset_memory(dataset);
    bool full = dataset_state(dataset) == DATASET_FULL;
    struct algo_ctx *ctx = xcalloc(1, sizeof *ctx);

    ctx->view = ethash_view_of(&state->dag.cache, full ? ethash_dag_items(&state->dag) : NULL);
    ctx->epoch = state->epoch;
    *ret = ctx;
    return 0;
}

static void ctx_free(struct algo_ctx *ctx)
{
    free(ctx);
}

/* Always from the cache, even where the DAG is at hand: what a search of the DAG found is checked
 * against something that no error in gigabytes of memory has touched. */
static int hash(const struct algo_ctx *ctx, struct epoch epoch, const struct algo_input *in,
                struct algo_result *out)
{
    if (!ctx || !in->key || epoch.size != ctx->epoch.size || epoch.seed != ctx->epoch.seed)
        return ERR_KEY;
    ethash_engine_best()->hash(ctx->view.cache, &in->bytes, 1, out);
    return 0;
}

static int quick(const struct algo_input *in, const uint8_t mix[32], uint8_t out[32])
{
    if (in->len != ETHASH_INPUT)
        return ERR_FIELD;
    ethash_hash_of_mix(in->bytes, mix, out);
    return 0;
}

#define SCAN(engine)                                                                               \
    static void scan_##engine(struct algo_ctx *ctx, struct scan *scan)                             \
    {                                                                                              \
        ethash_##engine.scan(&ctx->view, scan);                                                    \
    }
#if defined(__x86_64__)
SCAN(avx512)
SCAN(avx2)
#endif
SCAN(scalar)

static const struct algo_impl impls[] = {
#if defined(__x86_64__)
    {"avx512", CPU_AVX512, 0, scan_avx512},
    {"avx2", CPU_AVX2, 0, scan_avx2},
#endif
    {"scalar", 0, 0, scan_scalar},
    {0},
};

/* --- the two algorithms ---------------------------------------------------------------------- */

/* Those functions of the interface that ask which epoch a block lies in. */
#define VARIANT(name)                                                                              \
    static int name##_plan(const struct algo_key *key, struct dataset_plan *ret,                   \
                           struct fault *why)                                                      \
    {                                                                                              \
        return plan(name##_epoch(key->height), key->height, ret, why);                             \
    }                                                                                              \
    static int name##_light(const struct algo_key *key, const struct dataset_plan *planned,        \
                            const struct dataset_choices *choices, const _Atomic bool *cancel,     \
                            _Atomic uint32_t *permille, void **state, struct fault *why)           \
    {                                                                                              \
        (void)planned;                                                                             \
        return light(name##_epoch(key->height), choices, cancel, permille, state, why);            \
    }                                                                                              \
    static int name##_hash(struct algo_ctx *ctx, const struct algo_input *in,                      \
                           struct algo_result *out)                                                \
    {                                                                                              \
        return hash(ctx, name##_epoch(in->key ? in->key->height : 0), in, out);                    \
    }                                                                                              \
    static unsigned name##_selftest_hook(unsigned rounds, algo_report_fn *report, void *arg)       \
    {                                                                                              \
        return ethash_selftest(#name, rounds, report, arg);                                        \
    }                                                                                              \
    static const struct dataset_ops name##_dataset = {                                             \
        .plan = name##_plan,                                                                       \
        .light = name##_light,                                                                     \
        .reserve = ethash_dag_reserve,                                                             \
        .fill = ethash_dag_fill,                                                                   \
        .step = ETHASH_STEP,                                                                       \
        .finish = ethash_dag_finish,                                                               \
        .describe = ethash_dag_describe,                                                           \
        .free = free_state,                                                                        \
    };
VARIANT(ethash)
VARIANT(etchash)

static const char *const ethash_aliases[] = {"daggerhashimoto", "dagger-hashimoto", "ethereum",
                                             NULL};
static const char *const etchash_aliases[] = {"ethereumclassic", "ethereum-classic", NULL};

/* Seal hash and nonce (little-endian) of a real block each, with a small cache: the implementations
 * are compared on it. The other known answers: kernels/ethash/known.c. */
static const struct algo_vector ethash_vectors[] = {
    {.source = "ETH block 1 (epoch 0)",
     .input_hex = "85913a3057ea8bec78cd916871ca73802e77724e014dda65add3405d02240eb7"
                  "c41eef9f97d49b53",
     .hash_hex = "000000002bc095dd4de049873e6302c3f14a7f2e5b5a1f60cdf1f1798164d610",
     .mix_hex = "969b900de27b6ac6a67742365dd65f55a0526c41fd18e1b16f1a1215c2e66f59",
     .height = 1,
     .slow = true},
    {0},
};
static const struct algo_vector etchash_vectors[] = {
    {.source = "ETC block 660001 (epoch 22)",
     .input_hex = "96b8209f3f91f7a87ed70a14280804627a449b55dca6d915307cc9584eccb95e"
                  "7d4547f4580eda59",
     .hash_hex = "000000000005174f0afc535a00faabfe5c259750b65319800736a6c0f5d8bf83",
     .mix_hex = "fe621dea9def81adebe30a311a248cb21f979331e67d6a85d1147cd05c65ef94",
     .height = 660001,
     .slow = true},
    {0},
};

/* Share difficulty as EthereumStratum/1.0.0 (NiceHash) counts it: the same as Bitcoin's, so that
 * difficulty 1 is 2^32 hashes. Dialects that send a target do not need it. */
#define DIFF1                                                                                      \
    {                                                                                              \
        {                                                                                          \
            0, 0, 0, UINT64_C(0xffff) << 16                                                        \
        }                                                                                          \
    } /* 0xffff * 2^208 */

const struct algo algo_ethash = {
    .name = "ethash",
    .title = "Ethash",
    .aliases = ethash_aliases,
    .input_len = ETHASH_INPUT,
    .nonce_at = ETHASH_NONCE_AT,
    .nonce_len = 8,
    .trial_nonces = ETHASH_BATCH + 3,
    .batch = ETHASH_BATCH,
    .hash_is_be = true,
    .diff1 = DIFF1,
    .hash = ethash_hash,
    .quick = quick,
    .impls = impls,
    .dataset = &ethash_dataset,
    .ctx_new = ctx_new,
    .ctx_free = ctx_free,
    .vectors = ethash_vectors,
    .selftest = ethash_selftest_hook,
};

const struct algo algo_etchash = {
    .name = "etchash",
    .title = "Etchash",
    .aliases = etchash_aliases,
    .input_len = ETHASH_INPUT,
    .nonce_at = ETHASH_NONCE_AT,
    .nonce_len = 8,
    .trial_nonces = ETHASH_BATCH + 3,
    .batch = ETHASH_BATCH,
    .hash_is_be = true,
    .diff1 = DIFF1,
    .hash = etchash_hash,
    .quick = quick,
    .impls = impls,
    .dataset = &etchash_dataset,
    .ctx_new = ctx_new,
    .ctx_free = ctx_free,
    .vectors = etchash_vectors,
    .selftest = etchash_selftest_hook,
};
