/* SPDX-License-Identifier: MIT */
/* The engines against the definition, on a DAG that is made in a millisecond. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/cpu.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"
#include "crypto/keccak.h"
#include "kernels/ethash/engine.h"

enum { CACHE_ITEMS = 509, ENTRIES = 251, NONCES = 37, DAG_ITEMS = 2 * ENTRIES };

struct tiny {
    struct ethash_cache cache;
    struct ethash_item dag[DAG_ITEMS];
};

static int make(struct tiny *t)
{
    static const struct ethash_sizes sizes = {CACHE_ITEMS, ENTRIES, 256};
    uint8_t seed[32];

    ethash_seed_of(1, seed);
    return ethash_cache_make(&t->cache, &sizes, seed, false, NULL, NULL, NULL);
}

/* Known answer: Keccak-256 of this DAG. */
static bool makes_the_dag(struct tiny *t, const struct ethash_engine *engine)
{
    uint32_t index[DAG_ITEMS];
    uint8_t digest[32];
    char hex[65];

    for (uint32_t i = 0; i < DAG_ITEMS; i++)
        index[i] = i;
    memset(t->dag, 0, sizeof t->dag);
    engine->items(&t->cache, index, DAG_ITEMS, t->dag);
    keccak256(t->dag, sizeof t->dag, digest);
    hex_encode(digest, sizeof digest, hex);
    return !strcmp(hex, "87d6e4091f1390ecdb29b4759677067c944dc68a474fd59d2e3240c93fa127ca");
}

/* A search of random nonces finds those that the definition finds in the DAG: one in four. */
static bool finds(const struct tiny *t, const struct ethash_view *view,
                  const struct ethash_engine *engine)
{
    const struct ethash_view full = ethash_view_of(&t->cache, t->dag);
    uint8_t input[ALGO_INPUT_MAX];
    struct scan scan = {.in = {.bytes = input, .len = ETHASH_INPUT, .nonce_at = ETHASH_NONCE_AT},
                        .first = (uint64_t)rand_u32() << 32 | rand_u32(),
                        .count = view->dag ? NONCES : 3,
                        .target = u256_max()};
    unsigned at = 0;

    scan.target.w[3] = (UINT64_MAX >> 2) ^ rand_u32();
    rand_bytes(input, sizeof input);
    engine->scan(view, &scan);
    for (uint64_t i = 0; i < scan.done; i++) {
        struct algo_result want;
        put_le64(input + ETHASH_NONCE_AT, scan.first + i);
        ethash_hash_reference(&full, input, &want);
        struct u256 value = u256_from_be(want.hash);
        bool hit = at < scan.found && scan.hit[at].nonce == scan.first + i;
        if (hit != (u256_cmp(&value, &scan.target) <= 0))
            return false;
        at += hit;
    }
    return at == scan.found && (scan.done == scan.count || scan.found == SCAN_FOUND_MAX);
}

static bool hashes(const struct tiny *t, const struct ethash_engine *engine)
{
    const struct ethash_view full = ethash_view_of(&t->cache, t->dag);
    struct algo_result got[ETHASH_BATCH], want;
    uint8_t input[ETHASH_BATCH][ETHASH_INPUT];
    const uint8_t *inputs[ETHASH_BATCH];
    bool same = true;

    rand_bytes(input, sizeof input);
    for (unsigned i = 0; i < ETHASH_BATCH; i++)
        inputs[i] = input[i];
    for (unsigned count = 1; count <= ETHASH_BATCH; count += ETHASH_BATCH - 1) {
        engine->hash(&t->cache, inputs, count, got);
        for (unsigned i = 0; i < count; i++) {
            ethash_hash_reference(&full, input[i], &want);
            same &= !memcmp(&got[i], &want, sizeof want);
        }
    }
    return same;
}

static const char *wrong(struct tiny *t, const struct ethash_engine *engine, unsigned rounds)
{
    if (!makes_the_dag(t, engine))
        return "its DAG differs from the known answer";
    const struct ethash_view light = ethash_view_of(&t->cache, NULL);
    const struct ethash_view full = ethash_view_of(&t->cache, t->dag);
    if (!finds(t, &light, engine) || !hashes(t, engine))
        return "it hashes wrongly from the cache";
    for (unsigned i = 0; i < rounds; i++)
        if (!finds(t, &full, engine))
            return "it searches the DAG wrongly";
    return NULL;
}

unsigned ethash_selftest(const char *name, unsigned rounds, algo_report_fn *report, void *arg)
{
    struct tiny *t = aligned_alloc(64, sizeof *t);
    unsigned failures = 0;
    char line[64];

    if (!t || make(t) < 0) {
        (void)snprintf(line, sizeof line, "%s on a tiny DAG", name);
        report(arg, line, false, "no memory");
        free(t);
        return 1;
    }
    for (const struct ethash_engine *const *at = ethash_engines; *at; at++) {
        if ((*at)->needs & ~cpu_features())
            continue;
        const char *detail = wrong(t, *at, rounds);
        (void)snprintf(line, sizeof line, "%s %s on a tiny DAG", name, (*at)->name);
        report(arg, line, !detail, detail);
        failures += detail != NULL;
    }
    ethash_cache_free(&t->cache);
    free(t);
    return failures;
}
