/* SPDX-License-Identifier: MIT */
/* Self-test: known answers, then every implementation against the reference on random headers. */
#include <stdio.h>
#include <string.h>

#include "algo/algo.h"
#include "algo/cpu.h"
#include "algo/dataset.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"

enum { NONCES = 37 }; /* of one random range: whole vectors of every width and a rest */

struct tester {
    const struct algo *algo;
    algo_report_fn *report;
    void *arg;
    struct algo_key key; /* what data and ctx were made for */
    struct dataset *data;
    struct algo_ctx *ctx;
    unsigned failures;
};

struct trial { /* one random search and its true outcome */
    uint8_t input[ALGO_INPUT_MAX];
    struct scan scan;
};

static void tell(struct tester *t, const char *what, bool ok, const char *detail)
{
    char line[128];

    (void)snprintf(line, sizeof line, "%s %s", t->algo->name, what);
    t->report(t->arg, line, ok, ok ? NULL : detail);
    t->failures += !ok;
}

/* --- datasets -------------------------------------------------------------------------------- */

static void drop(struct tester *t)
{
    if (t->ctx && t->algo->ctx_free)
        t->algo->ctx_free(t->ctx);
    dataset_unref(t->data);
    t->ctx = NULL;
    t->data = NULL;
}

/* Makes data (light) and ctx for a key, unless they are there. */
static int set_key(struct tester *t, const struct algo_key *key, struct fault *why)
{
    const struct dataset_choices choices = {.huge_pages = true};
    bool same = t->algo->dataset ? dataset_fits(t->data, t->algo, key) : t->ctx != NULL;
    int err = 0;

    t->key = *key;
    if (same)
        return 0;
    drop(t);
    if (t->algo->dataset)
        err = dataset_build(t->algo, key, &choices, false, 1, NULL, &t->data, why);
    if (!err && t->algo->ctx_new)
        err = t->algo->ctx_new(t->data, &t->ctx, why);
    return err;
}

/* --- known answers --------------------------------------------------------------------------- */

static int hash_vector(const struct tester *t, const struct algo_vector *v, struct algo_result *got)
{
    uint8_t input[ALGO_INPUT_MAX];
    size_t len = strlen(v->input_hex) / 2;

    if (len > sizeof input || !hex_decode(v->input_hex, input, len))
        return ERR_FIELD;
    const struct algo_input in = {
        .bytes = input, .len = (uint16_t)len, .nonce_at = t->algo->nonce_at, .key = &t->key};
    return t->algo->hash(t->ctx, &in, got);
}

static bool is(const uint8_t got[32], const char *hex)
{
    uint8_t want[32];

    return !hex || (hex_decode(hex, want, 32) && !memcmp(want, got, 32));
}

static void check_vector(struct tester *t, const struct algo_vector *v)
{
    struct algo_key key = {.height = v->height};
    struct algo_result got;
    struct fault why = {0};
    int err;

    if (v->seed_hex) {
        key.seed_len = (uint8_t)(strlen(v->seed_hex) / 2);
        if (key.seed_len > ALGO_SEED_MAX || !hex_decode(v->seed_hex, key.seed, key.seed_len)) {
            tell(t, v->source, false, "its seed cannot be read");
            return;
        }
        key.seed_is_empty = !key.seed_len;
    }
    if ((err = set_key(t, &key, &why)) < 0 || (err = hash_vector(t, v, &got)) < 0)
        tell(t, v->source, false, *why.text ? why.text : err_str(err));
    else
        tell(t, v->source, is(got.hash, v->hash_hex) && is(got.mix, v->mix_hex),
             "the hash differs from the known answer");
}

/* --- implementations ------------------------------------------------------------------------- */

/* The reference's answer to a trial, noted in it. 0 or the error of the reference. */
static int answer(const struct tester *t, struct trial *trial)
{
    struct scan *scan = &trial->scan;
    uint8_t input[ALGO_INPUT_MAX];
    struct algo_input in = scan->in;

    memcpy(input, trial->input, sizeof input);
    in.bytes = input;
    for (scan->done = 0; scan->done < scan->count && scan->found < SCAN_FOUND_MAX; scan->done++) {
        uint64_t nonce = scan->first + scan->done;
        algo_put_nonce(t->algo, input, in.nonce_at, nonce);
        for (unsigned v = 0; v < scan_versions(scan); v++) {
            struct algo_result got;
            uint32_t version = scan->version_count ? scan->version[v] : 0;
            if (scan->version_count)
                put_le32(input, version);
            int err = t->algo->hash(t->ctx, &in, &got);
            if (err < 0)
                return err;
            struct u256 value = algo_hash_value(t->algo, got.hash);
            if (u256_cmp(&value, &scan->target) > 0 || scan->found == SCAN_FOUND_MAX)
                continue;
            scan->hit[scan->found].nonce = nonce;
            scan->hit[scan->found++].version = version;
        }
    }
    return 0;
}

/* A random input, a range that now and then ends with the last nonce, a target that about one hash
 * in eight meets (in 128 with versions), on odd rounds as many versions as the implementation
 * rolls.
 */
static int make_trial(const struct tester *t, const struct algo_impl *impl, unsigned round,
                      struct trial *trial)
{
    uint64_t nonces = t->algo->nonce_len == 8 ? UINT64_MAX : UINT64_C(1) << 32;
    struct scan *scan = &trial->scan;

    rand_bytes(trial->input, sizeof trial->input);
    *scan = (struct scan){.count = t->algo->trial_nonces ? t->algo->trial_nonces : NONCES,
                          .target = u256_max()};
    scan->in = (struct algo_input){trial->input, t->algo->input_len, t->algo->nonce_at, &t->key};
    scan->first = round % 4 == 3 ? nonces - scan->count : rand_u32() % (nonces - scan->count);
    if (round % 2 && impl->versions > 1) {
        scan->version_count = impl->versions;
        for (unsigned i = 0; i < scan->version_count; i++)
            scan->version[i] = rand_u32();
    }
    scan->target.w[3] = (UINT64_MAX >> (scan->version_count ? 7 : 3)) ^ rand_u32();
    return answer(t, trial);
}

static bool agrees(const struct tester *t, const struct algo_impl *impl, const struct trial *trial)
{
    const struct scan *want = &trial->scan;
    struct scan got = *want;

    memset(got.hit, 0, sizeof got.hit);
    got.found = 0;
    got.done = 0;
    impl->scan(t->ctx, &got);
    if (got.found != want->found || got.done != want->done)
        return false;
    for (unsigned i = 0; i < got.found; i++)
        if (got.hit[i].nonce != want->hit[i].nonce || got.hit[i].version != want->hit[i].version)
            return false;
    return true;
}

static void check_impl(struct tester *t, const struct algo_impl *impl, unsigned rounds)
{
    char input[2 * ALGO_INPUT_MAX + 1], detail[2 * ALGO_INPUT_MAX + 128];
    struct trial trial;
    bool ok = true;

    for (unsigned i = 0; i < rounds && ok; i++)
        ok = make_trial(t, impl, i, &trial) == 0 && agrees(t, impl, &trial);
    if (!ok) {
        hex_encode(trial.input, t->algo->input_len, input);
        (void)snprintf(detail, sizeof detail,
                       "differs from the reference: first nonce %llu, %u versions, input %s",
                       (unsigned long long)trial.scan.first, trial.scan.version_count, input);
    }
    tell(t, impl->name, ok, detail);
}

unsigned algo_selftest(const struct algo *algo, unsigned rounds, bool slow, algo_report_fn *report,
                       void *arg)
{
    struct tester t = {.algo = algo, .report = report, .arg = arg};
    struct algo_key none = {0};
    struct fault why = {0};

    if (algo->selftest)
        t.failures += algo->selftest(rounds, report, arg);
    if (!algo->dataset && set_key(&t, &none, &why) < 0)
        tell(&t, "scratch memory", false, why.text);
    for (const struct algo_vector *v = algo->vectors; v->source; v++) {
        if (!v->slow || slow)
            check_vector(&t, v);
    }
    if (t.ctx || (!algo->ctx_new && !algo->dataset)) /* on the key of the last vector */
        for (const struct algo_impl *impl = algo->impls; impl->name; impl++)
            if (!(impl->needs & ~cpu_features()))
                check_impl(&t, impl, rounds);
    drop(&t);
    return t.failures;
}
