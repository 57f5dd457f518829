/* SPDX-License-Identifier: MIT */
/* The contract of scans that roll versions: every implementation that can, with every count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/endian.h"
#include "base/rand.h"
#include "tests/contract/algo_vectors.h"

/* --- what the definition says ---------------------------------------------------------------- */

static bool meets(const struct algo *algo, const struct scan *scan, uint64_t nonce,
                  uint32_t version)
{
    uint8_t input[ALGO_INPUT_MAX];
    struct algo_input in = scan->in;
    struct algo_result got;

    memcpy(input, scan->in.bytes, in.len);
    put_le32(input, version);
    algo_put_nonce(algo, input, in.nonce_at, nonce);
    in.bytes = input;
    assert_int_equal(algo->hash(NULL, &in, &got), 0);
    struct u256 value = algo_hash_value(algo, got.hash);
    return u256_cmp(&value, &scan->target) <= 0;
}

/* The outcome of a scan by the reference. */
static void answer(const struct algo *algo, struct scan *scan)
{
    for (; scan->done < scan->count && scan->found < SCAN_FOUND_MAX; scan->done++)
        for (unsigned v = 0; v < scan->version_count && scan->found < SCAN_FOUND_MAX; v++)
            if (meets(algo, scan, scan->first + scan->done, scan->version[v])) {
                scan->hit[scan->found].nonce = scan->first + scan->done;
                scan->hit[scan->found++].version = scan->version[v];
            }
}

static void assert_outcome(const struct algo *algo, const struct algo_impl *impl,
                           struct algo_ctx *ctx, const struct scan *ask)
{
    struct scan want = *ask, got = *ask;

    answer(algo, &want);
    impl->scan(ctx, &got);
    if (got.done != want.done || got.found != want.found)
        fail_msg("%s %s, %u versions, %llu nonces from %llu: %llu done, %u found; want %llu, %u",
                 algo->name, impl->name, ask->version_count, (unsigned long long)ask->count,
                 (unsigned long long)ask->first, (unsigned long long)got.done, got.found,
                 (unsigned long long)want.done, want.found);
    for (unsigned i = 0; i < got.found; i++)
        if (got.hit[i].nonce != want.hit[i].nonce || got.hit[i].version != want.hit[i].version)
            fail_msg("%s %s, %u versions: hit %u is %llu with %08x; want %llu with %08x",
                     algo->name, impl->name, ask->version_count, i,
                     (unsigned long long)got.hit[i].nonce, got.hit[i].version,
                     (unsigned long long)want.hit[i].nonce, want.hit[i].version);
}

/* A scan of random bytes and versions. `bytes` holds the input. */
static struct scan random_scan(const struct algo *algo, uint8_t bytes[ALGO_INPUT_MAX],
                               unsigned versions)
{
    struct scan scan = {.in = input_of(algo, bytes), .version_count = versions};

    rand_bytes(bytes, ALGO_INPUT_MAX);
    for (unsigned i = 0; i < versions; i++)
        scan.version[i] = rand_u32();
    return scan;
}

/* Calls `check` with every count of versions that an implementation rolls. */
typedef void check_count_fn(const struct algo *, const struct algo_impl *, struct algo_ctx *,
                            unsigned versions);

static void check_counts(const struct algo *algo, const struct algo_impl *impl,
                         struct algo_ctx *ctx, const void *check)
{
    for (unsigned versions = 1; versions <= impl->versions; versions *= 2)
        (*(check_count_fn *const *)check)(algo, impl, ctx, versions);
}

static void for_each_count(check_count_fn *check)
{
    for (const struct algo *const *at = algos; *at; at++)
        for_each_impl(*at, check_counts, &check);
}

/* --- against the reference ------------------------------------------------------------------- */

static void check_random(const struct algo *algo, const struct algo_impl *impl,
                         struct algo_ctx *ctx, unsigned versions)
{
    for (unsigned round = 0; round < 12; round++) {
        uint8_t bytes[ALGO_INPUT_MAX];
        struct scan scan = random_scan(algo, bytes, versions);
        scan.first = rand_u32() / 2;
        scan.count = 70;
        scan.target.w[3] = UINT64_MAX / (8 * versions) ^ rand_u32();
        assert_outcome(algo, impl, ctx, &scan);
    }
}

static void rolled_scans_agree_with_the_reference(void **state)
{
    (void)state;
    for_each_count(check_random);
}

static void check_ends(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                       unsigned versions)
{
    static const uint64_t starts[] = {0, 1, 0x7ffffff9, 0xffffffd0, 0xffffffff};

    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++)
        for (uint64_t count = 1; count <= 48; count += 5) {
            uint8_t bytes[ALGO_INPUT_MAX];
            struct scan scan = random_scan(algo, bytes, versions);
            scan.first = starts[s];
            scan.count = count;
            scan.target.w[3] = UINT64_MAX / 32;
            if (starts[s] + count <= UINT64_C(1) << 32)
                assert_outcome(algo, impl, ctx, &scan);
        }
}

static void rolled_scans_honour_both_ends_of_their_range(void **state)
{
    (void)state;
    for_each_count(check_ends);
}

/* All hashes win, and about three in four: the list fills behind and within a nonce's versions. */
static void check_full(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                       unsigned versions)
{
    uint8_t bytes[ALGO_INPUT_MAX];
    struct scan scan = random_scan(algo, bytes, versions);

    scan.first = 5;
    scan.count = 100;
    scan.target = u256_max();
    assert_outcome(algo, impl, ctx, &scan);
    impl->scan(ctx, &scan);
    assert_int_equal(scan.found, SCAN_FOUND_MAX);
    assert_int_equal(scan.done, SCAN_FOUND_MAX / versions);
    for (unsigned round = 0; round < 8; round++) {
        scan = random_scan(algo, bytes, versions);
        scan.count = 100;
        scan.target.w[3] = UINT64_MAX / 4 * 3;
        assert_outcome(algo, impl, ctx, &scan);
    }
}

static void a_full_list_ends_a_rolled_scan_behind_its_nonce(void **state)
{
    (void)state;
    for_each_count(check_full);
}

static void check_stale(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                        unsigned versions)
{
    uint8_t bytes[ALGO_INPUT_MAX];
    _Atomic uint32_t generation = 7;
    struct scan scan = random_scan(algo, bytes, versions);

    scan.count = UINT64_C(1) << 32;
    scan.generation = &generation;
    scan.born = 6;
    impl->scan(ctx, &scan);
    assert_int_equal(scan.found, 0);
    assert_true(scan.done < 1 << 20);
}

static void a_stale_rolled_scan_returns_early(void **state)
{
    (void)state;
    for_each_count(check_stale);
}

/* --- known answers --------------------------------------------------------------------------- */

enum { HITS_MAX = 2048 };

struct hits {
    size_t count;
    struct {
        uint64_t nonce;
        uint32_t version;
    } hit[HITS_MAX];
};

/* All that a scan finds, going on behind each full list. */
static void collect(const struct algo_impl *impl, struct algo_ctx *ctx, const struct scan *ask,
                    struct hits *all)
{
    all->count = 0;
    for (uint64_t done = 0; done < ask->count;) {
        struct scan scan = *ask;
        scan.first += done;
        scan.count -= done;
        impl->scan(ctx, &scan);
        assert_in_range(scan.done, 1, scan.count);
        /* what was lost with the rest of a nonce's versions is looked for again */
        uint64_t sure = scan.found == SCAN_FOUND_MAX && scan.done > 1 ? scan.done - 1 : scan.done;
        for (unsigned i = 0; i < scan.found && scan.hit[i].nonce < scan.first + sure; i++) {
            assert_true(all->count < HITS_MAX);
            all->hit[all->count].nonce = scan.hit[i].nonce;
            all->hit[all->count++].version = scan.hit[i].version;
        }
        done += sure;
    }
}

/* The hits with one version are exactly the known ones. */
static void assert_known(const struct algo_impl *impl, const struct hits *all, uint32_t version,
                         const json_t *known, const char *name)
{
    size_t found = 0;

    for (size_t i = 0; i < all->count; i++) {
        if (all->hit[i].version != version)
            continue;
        const json_t *nonce = json_object_get(json_array_get(known, found++), "nonce");
        if (!nonce || all->hit[i].nonce != (uint64_t)json_integer_value(nonce))
            fail_msg("%s, %s, version %08x: %llu is not the known nonce", impl->name, name, version,
                     (unsigned long long)all->hit[i].nonce);
    }
    if (found != json_array_size(known))
        fail_msg("%s, %s, version %08x: %zu hits of %zu", impl->name, name, version, found,
                 json_array_size(known));
}

struct row {
    uint8_t header[80];
    uint64_t first, count;
    struct u256 target;
    uint32_t version;
    const json_t *hits;
    const char *name;
};

/* The row's version stands at one place among others, which win too. */
static void check_row(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                      const void *arg)
{
    const struct row *row = arg;
    struct hits all;

    for (unsigned versions = 2; versions <= impl->versions; versions *= 2) {
        struct scan scan = {.in = input_of(algo, row->header),
                            .first = row->first,
                            .count = row->count,
                            .target = row->target,
                            .version_count = versions};
        for (unsigned i = 0; i < versions; i++)
            scan.version[i] = row->version ^ (i ? i << 13 : 0);
        uint32_t other = scan.version[versions - 1];
        scan.version[versions - 1] = row->version;
        scan.version[0] = other;
        collect(impl, ctx, &scan, &all);
        assert_known(impl, &all, row->version, row->hits, row->name);
    }
}

/* The long windows are for scans that do not roll. */
static void scans_find_the_known_nonces_among_other_versions(void **state)
{
    const json_t *one;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(vectors, "scans"), i, one)
    {
        const char *zeroed = json_string_value(json_object_get(one, "header_with_nonce_zeroed"));
        struct row row = {
            .first = (uint64_t)json_integer_value(json_object_get(one, "start_nonce")),
            .count = (uint64_t)json_integer_value(json_object_get(one, "count")),
            .target = number(text(one, "target")),
            .hits = json_object_get(one, "hits"),
            .name = text(one, "name"),
        };
        header_of(zeroed ? zeroed : text(one, "header_without_nonce"), row.header);
        row.version = le32(row.header);
        if (row.count <= 4096)
            for_each_impl(algo_find("sha256d"), check_row, &row);
    }
    assert_true(i > 0);
}

struct edge {
    uint8_t header[80];
    struct u256 target;
    bool accept;
    const char *why;
};

static void check_edge(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                       const void *arg)
{
    const struct edge *e = arg;
    uint32_t version = le32(e->header);

    for (unsigned versions = 2; versions <= impl->versions; versions *= 2) {
        struct scan scan = {.in = input_of(algo, e->header),
                            .first = le32(e->header + 76),
                            .count = 1,
                            .target = e->target,
                            .version_count = versions};
        for (unsigned i = 0; i < versions; i++)
            scan.version[i] = version + (versions - 1 - i);
        impl->scan(ctx, &scan);
        bool accepted = scan.found && scan.hit[scan.found - 1].version == version;
        if (accepted != e->accept)
            fail_msg("%s %s, %u versions: %s", algo->name, impl->name, versions, e->why);
    }
}

static void rolled_hashes_are_compared_in_all_256_bits(void **state)
{
    const json_t *row, *one;
    size_t i, k;

    (void)state;
    json_array_foreach(json_object_get(vectors, "compare_edges"), i, row)
    {
        json_array_foreach(json_object_get(row, "cases"), k, one)
        {
            struct edge e = {.target = number(text(one, "target")),
                             .accept = json_is_true(json_object_get(one, "accept")),
                             .why = text(one, "why")};
            header_of(text(row, "header"), e.header);
            for_each_impl(algo_find("sha256d"), check_edge, &e);
        }
    }
    assert_true(i > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rolled_scans_agree_with_the_reference),
        cmocka_unit_test(rolled_scans_honour_both_ends_of_their_range),
        cmocka_unit_test(a_full_list_ends_a_rolled_scan_behind_its_nonce),
        cmocka_unit_test(a_stale_rolled_scan_returns_early),
        cmocka_unit_test(scans_find_the_known_nonces_among_other_versions),
        cmocka_unit_test(rolled_hashes_are_compared_in_all_256_bits),
    };

    return cmocka_run_group_tests(tests, load_vectors, unload_vectors);
}
