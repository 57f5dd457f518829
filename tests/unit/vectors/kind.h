/* SPDX-License-Identifier: MIT */
/* What the functions that check a kind of vector share. Include after cmocka. */
#pragma once

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/str.h"
#include "stratum/server.h"

enum { BYTES_MAX = 4096 };

/* Both must not be changed by a check. */
typedef void kind_fn(const json_t *input, const json_t *expect);

static inline const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (!text)
        fail_msg("no \"%s\"", key);
    return text;
}

static inline uint64_t number_of(const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);

    if (!json_is_integer(number))
        fail_msg("\"%s\" is no number", key);
    return (uint64_t)json_integer_value(number);
}

static inline bool truth_of(const json_t *object, const char *key)
{
    assert_true(json_is_boolean(json_object_get(object, key)));
    return json_is_true(json_object_get(object, key));
}

static inline const json_t *in(const json_t *object, const char *key)
{
    const json_t *found = json_object_get(object, key);

    assert_non_null(found);
    return found;
}

/* Eight digits of a number, most significant first. */
static inline uint32_t word_of(const json_t *object, const char *key)
{
    uint32_t word;

    assert_true(hex_u32(text_of(object, key), &word));
    return word;
}

/* All bytes of a member; returns how many. */
static inline size_t bytes_of(const json_t *object, const char *key, uint8_t *out, size_t max)
{
    long len = hex_decode_any(text_of(object, key), out, max);

    if (len < 0)
        fail_msg("\"%s\" is not hexadecimal, or longer than %zu bytes", key, max);
    return (size_t)len;
}

static inline void hash_of(const json_t *object, const char *key, uint8_t out[32])
{
    assert_true(hex_decode(text_of(object, key), out, 32));
}

static inline struct u256 u256_of(const json_t *object, const char *key)
{
    uint8_t bytes[32];

    hash_of(object, key, bytes);
    return u256_from_be(bytes);
}

static inline void assert_bytes(const json_t *expect, const char *key, const void *got, size_t len)
{
    char *hex = xmalloc(2 * len + 1);

    hex_encode(got, len, hex);
    assert_string_equal(hex, text_of(expect, key));
    free(hex);
}

/* A hash whose bytes are shown in reverse. */
static inline void assert_shown(const json_t *expect, const char *key, const uint8_t hash[32])
{
    uint8_t shown[32];

    bytes_reverse(shown, hash, 32);
    assert_bytes(expect, key, shown, 32);
}

static inline void assert_target(const json_t *expect, const char *key, const struct u256 *got)
{
    uint8_t bytes[32];

    u256_to_be(got, bytes);
    assert_bytes(expect, key, bytes, 32);
}

static inline void assert_near(double got, double want, double part)
{
    if (!(fabs(got - want) <= fabs(want) * part))
        fail_msg("%.17g, should be %.17g", got, want);
}

/* --- a miner that submits -------------------------------------------------------------------- */

struct heard { /* what the pool was handed */
    struct miner miner;
    struct str out;
    const json_t *extranonce1; /* hex, or NULL */
    struct submission got;
    char got_user[128], got_job[64];
    unsigned submits;
};

static inline struct heard *heard_of(struct miner *m)
{
    return (struct heard *)((char *)m - offsetof(struct heard, miner));
}

static inline int on_subscribe(struct miner *m, const char *session, struct fault *why)
{
    const char *hex = json_string_value(heard_of(m)->extranonce1);
    long len = hex ? hex_decode_any(hex, m->extranonce1, sizeof m->extranonce1) : 0;

    (void)session;
    (void)why;
    assert_true(len >= 0);
    m->extranonce1_len = (uint8_t)len;
    return 0;
}

static inline int on_authorize(struct miner *m, const char *user, const char *pass,
                               struct fault *why)
{
    (void)m;
    (void)user;
    (void)pass;
    (void)why;
    return 0;
}

static inline int on_submit(struct miner *m, const struct submission *s, struct fault *why)
{
    struct heard *h = heard_of(m);

    (void)why;
    h->got = *s;
    (void)text_copy(h->got_user, sizeof h->got_user, s->user);
    (void)text_copy(h->got_job, sizeof h->got_job, s->job ? s->job : "");
    h->submits++;
    return 0;
}

static inline bool on_current(struct miner *m, struct notice *n)
{
    (void)m;
    (void)n;
    return false;
}

static inline void say(struct heard *h, unsigned id, const char *method, const json_t *params)
{
    char *list = json_dumps(params, JSON_COMPACT), line[2 * BYTES_MAX];
    struct fault why = {0};

    assert_non_null(list);
    int len = snprintf(line, sizeof line, "{\"id\":%u,\"method\":\"%s\",\"params\":%s}", id, method,
                       list);
    assert_in_range(len, 1, sizeof line - 1);
    if (miner_line(&h->miner, line, (size_t)len, &why) < 0)
        fail_msg("%s: %s", line, why.text);
    free(list);
}

/* What our server makes of these parameters of mining.submit, in a dialect. */
static inline struct submission submit(const char *dialect, const char *algo,
                                       const json_t *extranonce1, unsigned extranonce2_len,
                                       const json_t *params)
{
    static const struct miner_hooks hooks = {.subscribe = on_subscribe,
                                             .authorize = on_authorize,
                                             .submit = on_submit,
                                             .current = on_current};
    struct heard h = {.extranonce1 = extranonce1};
    json_t *agent = json_pack("[s]", "miner/1"), *login = json_pack("[ss]", "user.worker", "x");

    h.miner = (struct miner){.hooks = &hooks,
                             .algo = algo_find(algo),
                             .pool_agent = "pool/1",
                             .out = &h.out,
                             .extranonce2_len = (uint8_t)extranonce2_len};
    for (const struct dialect *const *at = dialects; *at; at++)
        if (!strcmp((*at)->name, dialect))
            h.miner.dialect = *at;
    assert_non_null(h.miner.dialect);
    say(&h, 1, "mining.subscribe", agent);
    say(&h, 2, "mining.authorize", login);
    say(&h, 3, "mining.submit", params);
    if (h.submits != 1)
        fail_msg("the submission did not arrive: %s", h.out.s);
    assert_string_equal(h.got_user, json_string_value(json_array_get(params, 0)));
    assert_string_equal(h.got_job, json_string_value(json_array_get(params, 1)));
    h.got.user = h.got.job = h.got.id = NULL; /* borrowed */
    json_decref(agent);
    json_decref(login);
    str_free(&h.out);
    return h.got;
}
