/* SPDX-License-Identifier: MIT */
/* Self-test: known answers, then every implementation against the reference on random headers. */
#include <stdio.h>
#include <string.h>

#include "algo/algo.h"
#include "algo/cpu.h"
#include "base/alloc.h"
#include "base/hex.h"
#include "base/rand.h"

typedef void report_fn(void *arg, const char *what, bool ok, const char *detail);

enum { NONCES = 37 }; /* of one random range: whole vectors of every width and a rest */

struct trial { /* one random search and its true outcome */
    uint8_t header[ALGO_HEADER_MAX];
    struct scan scan;
    unsigned found;
    uint64_t nonce[SCAN_FOUND_MAX];
    uint64_t done;
};

static bool vector_holds(const struct algo *algo, struct algo_ctx *ctx, const struct algo_vector *v)
{
    uint8_t header[ALGO_HEADER_MAX], want[32], got[32];

    if (!hex_decode(v->header_hex, header, algo->header_len) || !hex_decode(v->hash_hex, want, 32))
        return false;
    algo->hash(ctx, header, got);
    return !memcmp(want, got, sizeof want);
}

static unsigned check_vectors(const struct algo *algo, struct algo_ctx *ctx, report_fn *report,
                              void *arg)
{
    unsigned failures = 0;
    char what[96];

    for (const struct algo_vector *v = algo->vectors; v->source; v++) {
        bool ok = vector_holds(algo, ctx, v);
        (void)snprintf(what, sizeof what, "%s %s", algo->name, v->source);
        report(arg, what, ok, ok ? NULL : "the hash differs from the known answer");
        failures += !ok;
    }
    return failures;
}

/* A random header, a range that now and then ends with the last nonce, a target that about one
 * hash in eight meets; answered by the reference. */
static void make_trial(const struct algo *algo, struct algo_ctx *ctx, unsigned round,
                       struct trial *t)
{
    uint64_t nonces = algo->nonce_len == 8 ? UINT64_MAX : UINT64_C(1) << 32;

    rand_bytes(t->header, algo->header_len);
    t->scan = (struct scan){.header = t->header, .count = NONCES, .target = u256_max()};
    t->scan.target.w[3] = UINT64_MAX >> 3 ^ rand_u32();
    t->scan.first = round % 4 == 3 ? nonces - NONCES : rand_u32() % (nonces - NONCES);
    t->found = 0;
    for (t->done = 0; t->done < NONCES && t->found < SCAN_FOUND_MAX; t->done++) {
        uint8_t hash[32];
        algo_put_nonce(algo, t->header, t->scan.first + t->done);
        algo->hash(ctx, t->header, hash);
        struct u256 value = algo_hash_value(algo, hash);
        if (u256_cmp(&value, &t->scan.target) <= 0)
            t->nonce[t->found++] = t->scan.first + t->done;
    }
}

static bool agrees(const struct algo_impl *impl, struct algo_ctx *ctx, const struct trial *t)
{
    struct scan scan = t->scan;

    impl->scan(ctx, &scan);
    return scan.found == t->found && scan.done == t->done &&
           !memcmp(scan.nonce, t->nonce, t->found * sizeof *t->nonce);
}

static unsigned check_impls(const struct algo *algo, struct algo_ctx *ctx,
                            const struct trial *trials, unsigned rounds, report_fn *report,
                            void *arg)
{
    unsigned failures = 0;
    char what[96], header[2 * ALGO_HEADER_MAX + 1], detail[2 * ALGO_HEADER_MAX + 96];

    for (const struct algo_impl *impl = algo->impls; impl->name; impl++) {
        if (impl->needs & ~cpu_features())
            continue;
        unsigned i = 0;
        while (i < rounds && agrees(impl, ctx, &trials[i]))
            i++;
        if (i < rounds) {
            hex_encode(trials[i].header, algo->header_len, header);
            (void)snprintf(detail, sizeof detail,
                           "differs from the reference: first nonce %llu, header %s",
                           (unsigned long long)trials[i].scan.first, header);
        }
        (void)snprintf(what, sizeof what, "%s %s", algo->name, impl->name);
        report(arg, what, i == rounds, i == rounds ? NULL : detail);
        failures += i < rounds;
    }
    return failures;
}

unsigned algo_selftest(const struct algo *algo, unsigned rounds, report_fn *report, void *arg)
{
    struct algo_ctx *ctx = NULL;
    struct fault why = {0};

    if (algo->ctx_new && algo->ctx_new(&ctx, &why) < 0) {
        report(arg, algo->name, false, why.text);
        return 1;
    }
    unsigned failures = check_vectors(algo, ctx, report, arg);
    struct trial *trials = xcalloc(rounds, sizeof *trials);
    for (unsigned i = 0; i < rounds; i++) {
        make_trial(algo, ctx, i, &trials[i]);
        trials[i].scan.header = trials[i].header;
    }
    failures += check_impls(algo, ctx, trials, rounds, report, arg);
    free(trials);
    if (algo->ctx_free)
        algo->ctx_free(ctx);
    return failures;
}
