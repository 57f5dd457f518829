/* SPDX-License-Identifier: MIT */
/* The hash covers the dataset's content, so that a wrong key gives a wrong hash. */
#include "tests/fake/dataset_algo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/dataset.h"
#include "algo/scan.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "crypto/sha256.h"

_Atomic bool fake_dataset_held, fake_dataset_broken, fake_dataset_full, fake_dataset_short;
_Atomic unsigned fake_dataset_hashes;

struct algo_ctx {
    struct dataset *dataset; /* borrowed */
};

static void content(const struct algo_key *key, uint8_t out[32])
{
    uint8_t text[8 + ALGO_SEED_MAX];

    put_le64(text, key->height / FAKE_EPOCH);
    memcpy(text + 8, key->seed, ALGO_SEED_MAX);
    sha256(text, sizeof text, out);
}

static int plan(const struct algo_key *key, struct dataset_plan *out, struct fault *why)
{
    char hex[2 * ALGO_SEED_MAX + 1];

    if (key->height > UINT32_MAX)
        return fault_set(why, ERR_KEY, "height %llu is past the last epoch",
                         (unsigned long long)key->height);
    hex_encode(key->seed, key->seed_len, hex);
    *out = (struct dataset_plan){.light_bytes = 32};
    if (atomic_load(&fake_dataset_full))
        out->full_bytes = out->items = 1;
    (void)snprintf(out->name, sizeof out->name, "fake-%llu-%.100s",
                   (unsigned long long)(key->height / FAKE_EPOCH), hex);
    (void)snprintf(out->title, sizeof out->title, "fake %llu",
                   (unsigned long long)(key->height / FAKE_EPOCH));
    return 0;
}

static int light(const struct algo_key *key, const struct dataset_plan *p,
                 const struct dataset_choices *choices, const _Atomic bool *cancel,
                 _Atomic uint32_t *permille, void **state, struct fault *why)
{
    (void)p;
    (void)choices;
    while (atomic_load(&fake_dataset_held)) {
        if (atomic_load(cancel))
            return ERR_CLOSED;
        sleep_us(1000);
    }
    if (atomic_load(&fake_dataset_broken))
        return fault_set(why, ERR_MEMORY, "the fake dataset is broken");
    atomic_store(permille, 1000);
    *state = xcalloc(1, 32);
    content(key, *state);
    return 0;
}

static int reserve(void *state, const _Atomic bool *cancel, bool *complete, struct fault *why)
{
    (void)state;
    (void)cancel;
    *complete = false;
    if (atomic_load(&fake_dataset_short))
        return fault_set(why, ERR_MEMORY, "no room for the fake items");
    return 0;
}

static void fill(void *state, uint64_t first, uint64_t count)
{
    (void)state;
    (void)first;
    (void)count;
}

static int finish(void *state, struct fault *why)
{
    (void)state;
    (void)why;
    return 0;
}

static const struct dataset_ops ops = {.plan = plan,
                                       .light = light,
                                       .reserve = reserve,
                                       .fill = fill,
                                       .step = 1,
                                       .finish = finish,
                                       .free = free};

static int ctx_new(struct dataset *dataset, struct algo_ctx **ret, struct fault *why)
{
    (void)why;
    *ret = xcalloc(1, sizeof **ret);
    (*ret)->dataset = dataset;
    return 0;
}

static void ctx_free(struct algo_ctx *ctx)
{
    free(ctx);
}

static int hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    uint8_t bytes[ALGO_INPUT_MAX + 32], wanted[32];

    content(in->key, wanted);
    if (!ctx || memcmp(wanted, dataset_memory(ctx->dataset), 32) != 0)
        return ERR_KEY;
    memcpy(bytes, wanted, 32);
    memcpy(bytes + 32, in->bytes, in->len);
    *out = (struct algo_result){0};
    sha256(bytes, 32u + in->len, out->hash);
    atomic_fetch_add(&fake_dataset_hashes, 1);
    return 0;
}

static int hash_mixed(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    int err = hash(ctx, in, out);

    if (!err)
        sha256(out->hash, 32, out->mix);
    return err;
}

static void scan_with(const struct algo *algo, struct algo_ctx *ctx, struct scan *scan)
{
    uint8_t bytes[ALGO_INPUT_MAX];
    struct algo_result result;
    struct algo_input in = scan->in;

    memcpy(bytes, in.bytes, in.len);
    in.bytes = bytes;
    for (scan->done = 0; scan->done < scan->count && !scan_is_stale(scan); scan->done++) {
        algo_put_nonce(algo, bytes, in.nonce_at, scan->first + scan->done);
        if (algo->hash(ctx, &in, &result) < 0)
            return;
        struct u256 value = algo_hash_value(algo, result.hash);
        if (u256_cmp(&value, &scan->target) <= 0 && scan_found(scan, scan->first + scan->done)) {
            scan->done++;
            return;
        }
    }
}

static void scan_sealer(struct algo_ctx *ctx, struct scan *scan)
{
    scan_with(&fake_sealer, ctx, scan);
}

static void scan_blobber(struct algo_ctx *ctx, struct scan *scan)
{
    scan_with(&fake_blobber, ctx, scan);
}

static const struct algo_impl sealer_impls[] = {{.name = "scalar", .scan = scan_sealer}, {0}};
static const struct algo_impl blobber_impls[] = {{.name = "scalar", .scan = scan_blobber}, {0}};

const struct algo fake_sealer = {
    .name = "sealer",
    .title = "Sealer",
    .input_len = 40,
    .nonce_at = 32,
    .nonce_len = 8,
    .hash_is_be = true,
    .diff1 = {{0, 0, 0, UINT64_C(1) << 32}},
    .hash = hash_mixed,
    .impls = sealer_impls,
    .dataset = &ops,
    .ctx_new = ctx_new,
    .ctx_free = ctx_free,
};

const struct algo fake_blobber = {
    .name = "blobber",
    .title = "Blobber",
    .input_len = 76,
    .nonce_at = 39,
    .nonce_len = 4,
    .any_len = true,
    .diff1 = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
    .hash = hash,
    .impls = blobber_impls,
    .dataset = &ops,
    .ctx_new = ctx_new,
    .ctx_free = ctx_free,
};
