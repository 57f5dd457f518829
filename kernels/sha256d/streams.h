/* SPDX-License-Identifier: MIT */
/* The search with SHA-256 instructions: STREAMS nonces interleaved, so that one hides the latency
 * of the others. Included by one file per instruction set, which says STREAMS and defines quad four
 * 32-bit words; ADD(a, b) adds them, LOAD(p) reads them struct state             a..h as the
 * instructions want them state_of(s)              the state of eight words add_nonce(&state, n)
 * adds n to a and e rounds4(&state, wk)      four rounds next_words(w, i)         words i..i+3 of
 * the schedule from the sixteen before; w is a ring digest_words(&s, &t, w)  the sum of two states
 * as eight words in order h_of(&state, wk)         h after four more rounds */
#pragma once

#include "kernels/sha256d/prepare.h"
#include "kernels/sha256d/sha256.h"

#define EACH _Pragma("GCC unroll 4") for (int k = 0; k < STREAMS; k++)

struct streams {
    struct state state[STREAMS];
    quad w[STREAMS][4];
};

/* Rounds i..i+3 where W does not depend on the nonce, and where it is the ring's newest. */
#define ROUNDS_OF(s, i, table)                                                                     \
    EACH                                                                                           \
    {                                                                                              \
        rounds4(&(s)->state[k], LOAD((table) + (i)));                                              \
    }
#define ROUNDS_WITH_W(s, i)                                                                        \
    EACH                                                                                           \
    {                                                                                              \
        rounds4(&(s)->state[k], ADD((s)->w[k][(i) / 4 % 4], LOAD(sha256_k + (i))));                \
    }
#define STEP(s, i)                                                                                 \
    EACH                                                                                           \
    {                                                                                              \
        next_words((s)->w[k], i);                                                                  \
        rounds4(&(s)->state[k], ADD((s)->w[k][(i) / 4 % 4], LOAD(sha256_k + (i))));                \
    }

static ALWAYS_INLINE void rounds_16_to_59(struct streams *s)
{
    STEP(s, 16);
    STEP(s, 20);
    STEP(s, 24);
    STEP(s, 28);
    STEP(s, 32);
    STEP(s, 36);
    STEP(s, 40);
    STEP(s, 44);
    STEP(s, 48);
    STEP(s, 52);
    STEP(s, 56);
}

/* The first sixteen words of the header's second block, for nonces from `nonce` on. */
static ALWAYS_INLINE void second_block(struct streams *s, const uint32_t tail[4], uint32_t nonce)
{
    static const uint32_t padding[12] = {[0] = 0x80000000, [11] = 640};

    EACH
    {
        const uint32_t first[4] = {tail[0], tail[1], tail[2],
                                   __builtin_bswap32(nonce + (uint32_t)k)};
        s->w[k][0] = LOAD(first);
        for (int i = 1; i < 4; i++)
            s->w[k][i] = LOAD(padding + 4 * (i - 1));
    }
}

/* State before round 16 of the second block. */
static ALWAYS_INLINE void begin(struct streams *s, const struct sha256d_prepared *p,
                                const struct sha256d_version *version, uint32_t nonce)
{
    EACH
    {
        s->state[k] = state_of(version->start);
        add_nonce(&s->state[k], __builtin_bswap32(nonce + (uint32_t)k));
    }
    ROUNDS_OF(s, 4, p->c + C_K1);
    ROUNDS_OF(s, 8, p->c + C_K1);
    ROUNDS_OF(s, 12, p->c + C_K1);
}

/* The candidates among the streams, from their states after the second block: the second hash up to
 * the round that decides its most significant word. */
static ALWAYS_INLINE uint32_t finish(struct streams *s, const struct sha256d_prepared *p,
                                     const struct sha256d_version *version)
{
    static const uint32_t padding[8] = {[0] = 0x80000000, [7] = 256};
    const struct state mid = state_of(version->mid);
    uint32_t candidates = 0;

    EACH
    {
        digest_words(&s->state[k], &mid, s->w[k]);
        s->w[k][2] = LOAD(padding);
        s->w[k][3] = LOAD(padding + 4);
        s->state[k] = state_of(sha256_iv);
    }
    ROUNDS_WITH_W(s, 0);
    ROUNDS_WITH_W(s, 4);
    ROUNDS_WITH_W(s, 8);
    ROUNDS_WITH_W(s, 12);
    rounds_16_to_59(s);
    EACH
    {
        next_words(s->w[k], 60);
        uint32_t h = h_of(&s->state[k], ADD(s->w[k][3], LOAD(sha256_k + 60))) + sha256_iv[7];
        candidates |= (uint32_t)(__builtin_bswap32(h) <= p->limit) << k;
    }
    return candidates;
}

/* One version: schedule and rounds go together. */
static __attribute__((noinline)) uint32_t try_one(const struct sha256d_prepared *p, uint32_t nonce)
{
    struct streams s;

    second_block(&s, p->tail, nonce);
    begin(&s, p, p->version, nonce);
    rounds_16_to_59(&s);
    STEP(&s, 60);
    return finish(&s, p, p->version);
}

/* Several: W + K of rounds 16..63 is worked out once for all versions. */
static __attribute__((noinline)) void schedule(const struct sha256d_prepared *p, uint32_t nonce,
                                               quad wk[STREAMS][12])
{
    struct streams s;

    second_block(&s, p->tail, nonce);
#pragma GCC unroll 12
    for (unsigned i = 16; i < 64; i += 4) {
        EACH
        {
            next_words(s.w[k], i);
            wk[k][i / 4 - 4] = ADD(s.w[k][i / 4 % 4], LOAD(sha256_k + i));
        }
    }
}

static __attribute__((noinline)) uint32_t try_version(const struct sha256d_prepared *p,
                                                      const struct sha256d_version *version,
                                                      uint32_t nonce, const quad wk[STREAMS][12])
{
    struct streams s;

    begin(&s, p, version, nonce);
#pragma GCC unroll 12
    for (unsigned i = 0; i < 12; i++) {
        EACH
        {
            rounds4(&s.state[k], wk[k][i]);
        }
    }
    return finish(&s, p, version);
}

static uint32_t search(const struct sha256d_prepared *p, uint32_t nonce, uint32_t steps,
                       uint32_t candidates[SCAN_VERSIONS_MAX])
{
    quad wk[STREAMS][12];
    uint32_t tried = 0, any;

    do {
        if (p->versions == 1) {
            any = candidates[0] = try_one(p, nonce);
        } else {
            schedule(p, nonce, wk);
            any = 0;
            for (unsigned i = 0; i < p->versions; i++)
                any |= candidates[i] = try_version(p, p->version + i, nonce, (const quad(*)[12])wk);
        }
        nonce += STREAMS;
    } while (++tried < steps && !any);
    return tried;
}
