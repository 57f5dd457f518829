/* SPDX-License-Identifier: MIT */
/* The start-up check: a dataset of 4078 items, made in milliseconds. Known answers on it, then each
 * implementation, on the whole dataset and on its cache, against the definition. */
#include <stdio.h>
#include <string.h>

#include "algo/cpu.h"
#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"
#include "kernels/kawpow/kawpow.h"

enum {
    NONCES = 17,      /* a whole batch and a rest */
    LIGHT_NONCES = 5, /* items are made for each of them */
};

static const struct ethash_sizes tiny = {
    .cache_items = 509, .entries = 2039, .parents = KAWPOW_PARENTS};
static const char tiny_seed[] = "9320d10d59a2f8a91ac8f67fad7a52a6b6480936e891c159ea05e67c35279b53";

/* Made with two independent programs. */
static const struct {
    uint64_t height, nonce;
    const char *header, *hash, *mix;
} known[] = {
    {3, UINT64_C(0xf5dcd8f010b652cd),
     "979c8b69f8aaa2296586c05ff92126ae20bcdac37d1d4b9508e6ca2510945545",
     "0bf4129582932e8e5d190f56ddd8c5f38a677796115661648f693448ca8a013b",
     "314c5ff75e0389337bcd011ce8e068b4eb6021df43156b9f29d0470bceb51de1"},
    {300, UINT64_C(0xe0383af9766e4415),
     "ff0e8e0250b14de4ec93a9ca3ee5856d4e99e953039174cf804f346df7893bdc",
     "00c61c15105f734e50757fa8f025f3771afef298932b0ed244e7cc42dbeb2026",
     "9ad15e78d15f9eb8aa3167e0ff251f1274da704710d0a4664caa346bc7bc1b89"},
    {30000, UINT64_C(0x8b3fa8b118c1d4af),
     "e37099a7409b5407bdb0e1fd76f5efc14b7a2cfc1a23293e263965c17de78ebf",
     "02c1c4327eb1a23a919a4666a6847a8ac993e5d6497b77508071a5a4be464e52",
     "d750899df94217c9a35078729f87070018dd707dd42dbe5bed3af2ec43557b92"},
    {3000000, UINT64_C(0xb1be9fccc6fd260b),
     "8eac32c9e4b8f86f8b9d2b85bfc6c75200d8be9f6ee0839e8f0aff084268195d",
     "04d509ba96451051c53e1fc0cd9524d36e677e1ac13745b0a770a5d0627a5fa6",
     "6265a6ccd3d8e449ae68182b71e22681f6b80755c048ff5760551ce88cfb01c0"},
};

struct tester {
    algo_report_fn *report;
    void *arg;
    struct algo_ctx *ctx[2]; /* light, full */
    unsigned failures;
};

struct trial {
    uint8_t input[KAWPOW_INPUT];
    struct algo_key key;
    struct scan scan;
};

static void tell(struct tester *t, const char *what, bool ok, const char *detail)
{
    char line[64];

    (void)snprintf(line, sizeof line, "kawpow %s, tiny dataset", what);
    t->report(t->arg, line, ok, ok ? NULL : detail);
    t->failures += !ok;
}

static bool is(const uint8_t got[32], const char *hex)
{
    uint8_t want[32];

    return hex_decode(hex, want, sizeof want) && !memcmp(got, want, sizeof want);
}

static bool knows(struct algo_ctx *ctx, size_t i)
{
    const struct algo_key key = {.height = known[i].height};
    uint8_t input[KAWPOW_INPUT], again[32];
    const struct algo_input in = {input, sizeof input, KAWPOW_NONCE_AT, &key};
    struct algo_result got;

    if (!hex_decode(known[i].header, input, KAWPOW_HEADER))
        return false;
    put_le64(input + KAWPOW_NONCE_AT, known[i].nonce);
    return kawpow_hash(ctx, &in, &got) == 0 && is(got.hash, known[i].hash) &&
           is(got.mix, known[i].mix) && kawpow_final_of_mix(&in, got.mix, again) == 0 &&
           !memcmp(again, got.hash, sizeof again);
}

static void check_known(struct tester *t)
{
    bool ok = true;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ok = ok && knows(t->ctx[0], i) && knows(t->ctx[1], i);
    tell(t, "known answers", ok, "a hash differs from the known answer");
}

/* A random search and, by the definition, what it finds. */
static void make_trial(struct algo_ctx *ctx, unsigned count, struct trial *trial)
{
    struct scan *scan = &trial->scan;
    uint8_t input[KAWPOW_INPUT];
    struct algo_result got;

    rand_bytes(trial->input, sizeof trial->input);
    memcpy(input, trial->input, sizeof input);
    trial->key = (struct algo_key){.height = rand_u32()};
    *scan = (struct scan){.in = {input, sizeof input, KAWPOW_NONCE_AT, &trial->key},
                          .first = UINT32_MAX - rand_u32() % (2 * NONCES),
                          .count = count,
                          .target = u256_shr(u256_max(), 2)};
    for (uint64_t i = 0; i < count; i++) {
        put_le64(input + KAWPOW_NONCE_AT, scan->first + i);
        if (kawpow_hash(ctx, &scan->in, &got) < 0)
            continue; /* cannot be; the searches then differ */
        struct u256 value = u256_from_be(got.hash);
        if (u256_cmp(&value, &scan->target) <= 0 && scan->found < SCAN_FOUND_MAX)
            scan->hit[scan->found++].nonce = scan->first + i;
    }
    scan->done = count;
    scan->in.bytes = trial->input;
}

static bool finds_the_same(const struct algo_impl *impl, struct algo_ctx *ctx,
                           const struct trial *trial)
{
    const struct scan *want = &trial->scan;
    struct scan got = *want;

    impl->scan(ctx, &got);
    bool same = got.found == want->found && got.done == want->done;
    for (unsigned i = 0; same && i < got.found; i++)
        same = got.hit[i].nonce == want->hit[i].nonce;
    return same;
}

static void check_impls(struct tester *t, const struct trial *trials, unsigned count)
{
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++) {
        bool ok = true;
        if (impl->needs & ~cpu_features())
            continue;
        for (unsigned i = 0; i < count; i++)
            ok = ok && finds_the_same(impl, t->ctx[i > 0], &trials[i]);
        tell(t, impl->name, ok, "differs from the definition");
    }
}

/* What the trials hash with. */
struct tiny_dataset {
    struct kawpow_data data;
    struct ethash_cache cache;
    struct ethash_memory items;
};

static int make_dataset(struct tiny_dataset *d)
{
    uint8_t seed[32];
    int err;

    memset(d, 0, sizeof *d);
    if (!hex_decode(tiny_seed, seed, sizeof seed))
        return ERR_FIELD;
    if ((err = ethash_cache_make(&d->cache, &tiny, seed, false, NULL, NULL, NULL)) < 0 ||
        (err = ethash_memory_get(&d->items, ethash_dag_bytes(&tiny), false, NULL)) < 0)
        return err;
    kawpow_data_prepare(&d->data, KAWPOW_ANY_EPOCH, &d->cache);
    ethash_items_from(&d->cache, 0, (size_t)2 * tiny.entries, d->items.at);
    d->data.full = d->items.at;
    return 0;
}

static void run(struct tester *t, const struct kawpow_data *data, unsigned rounds)
{
    AUTO_FREE struct trial *trials = xcalloc(rounds + 1, sizeof *trials);

    t->ctx[0] = kawpow_ctx_over(data, false);
    t->ctx[1] = kawpow_ctx_over(data, true);
    check_known(t);
    for (unsigned i = 0; i <= rounds; i++)
        make_trial(t->ctx[1], i ? NONCES : LIGHT_NONCES, &trials[i]); /* the first one is light */
    check_impls(t, trials, rounds + 1);
    kawpow_ctx_free(t->ctx[0]);
    kawpow_ctx_free(t->ctx[1]);
}

unsigned kawpow_selftest(unsigned rounds, algo_report_fn *report, void *arg)
{
    struct tiny_dataset *d = aligned_alloc(_Alignof(struct tiny_dataset), sizeof *d);
    struct tester t = {.report = report, .arg = arg};

    if (!d || make_dataset(d) < 0)
        tell(&t, "memory", false, "could not be had");
    else
        run(&t, &d->data, rounds);
    if (d) {
        ethash_memory_put(&d->items);
        ethash_cache_free(&d->cache);
    }
    free(d);
    return t.failures;
}
