/* SPDX-License-Identifier: MIT */
/* What the contract tests of algorithms share: rows of the vectors, and going through all that this
 * CPU runs. Include after cmocka. */
#pragma once

#include <string.h>

#include <jansson.h>

#include "algo/algo.h"
#include "algo/cpu.h"
#include "base/hex.h"

static json_t *vectors;

static inline const char *text(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));

    assert_non_null(s);
    return s;
}

/* 64 hex digits, most significant first. */
static inline struct u256 number(const char *hex)
{
    uint8_t bytes[32];

    assert_true(hex_decode(hex, bytes, sizeof bytes));
    return u256_from_be(bytes);
}

/* Header with a zero nonce: some rows leave the nonce off. */
static inline void header_of(const char *hex, uint8_t header[80])
{
    memset(header, 0, 80);
    assert_true(hex_decode_any(hex, header, 80) >= 76);
}

static inline struct algo_input input_of(const struct algo *algo, const uint8_t *header)
{
    return (struct algo_input){.bytes = header, .len = algo->input_len, .nonce_at = algo->nonce_at};
}

/* Calls `check` for each runnable implementation, with a context. Algorithms with datasets have
 * tests of their own: here they would need too long. */
typedef void check_fn(const struct algo *, const struct algo_impl *, struct algo_ctx *,
                      const void *arg);

static inline void for_each_impl(const struct algo *algo, check_fn *check, const void *arg)
{
    struct algo_ctx *ctx = NULL;

    if (algo->dataset)
        return;
    if (algo->ctx_new)
        assert_int_equal(algo->ctx_new(NULL, &ctx, NULL), 0);
    for (const struct algo_impl *impl = algo->impls; impl->name; impl++)
        if (!(impl->needs & ~cpu_features()))
            check(algo, impl, ctx, arg);
    if (algo->ctx_free)
        algo->ctx_free(ctx);
}

static inline int load_vectors(void **state)
{
    (void)state;
    vectors = json_load_file("tests/vectors/sha256d.json", 0, NULL);
    return vectors ? 0 : -1;
}

static inline int unload_vectors(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}
