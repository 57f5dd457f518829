/* SPDX-License-Identifier: MIT */
/* x86 SHA instructions, two nonces interleaved so that one hides the other's latency. The state is
 * kept as the instructions want it: lanes from high to low A,B,E,F and C,D,G,H. */
#include <immintrin.h>

#include "kernels/sha256d/prepare.h"
#include "kernels/sha256d/sha256.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
enum { PAIR = 2 };
#define EACH for (int k = 0; k < PAIR; k++)

struct pair {
    __m128i abef[PAIR], cdgh[PAIR], w[4][PAIR]; /* w: ring of four message words each */
};

static ALWAYS_INLINE __m128i constant(unsigned i)
{
    return _mm_loadu_si128((const __m128i_u *)(sha256_k + i));
}

/* Two rounds: the old ABEF becomes the new CDGH, so the two registers change names. */
static ALWAYS_INLINE void rounds2(__m128i *abef, __m128i *cdgh, __m128i wk)
{
    __m128i now = _mm_sha256rnds2_epu32(*cdgh, *abef, wk);

    *cdgh = *abef;
    *abef = now;
}

static ALWAYS_INLINE void rounds4(struct pair *p, unsigned i)
{
    __m128i wk[PAIR];

    EACH wk[k] = _mm_add_epi32(p->w[i / 4 % 4][k], constant(i));
    EACH rounds2(&p->abef[k], &p->cdgh[k], wk[k]);
    EACH wk[k] = _mm_shuffle_epi32(wk[k], 0x0e);
    EACH rounds2(&p->abef[k], &p->cdgh[k], wk[k]);
}

/* Message words i..i+3 from the sixteen before them. */
static ALWAYS_INLINE void schedule(struct pair *p, unsigned i)
{
    __m128i *w0 = p->w[i / 4 % 4], *w4 = p->w[(i / 4 + 1) % 4];
    __m128i *w8 = p->w[(i / 4 + 2) % 4], *w12 = p->w[(i / 4 + 3) % 4];

    EACH w0[k] =
        _mm_add_epi32(_mm_sha256msg1_epu32(w0[k], w4[k]), _mm_alignr_epi8(w12[k], w8[k], 4));
    EACH w0[k] = _mm_sha256msg2_epu32(w0[k], w12[k]);
}

static ALWAYS_INLINE void step4(struct pair *p, unsigned i)
{
    schedule(p, i);
    rounds4(p, i);
}

static ALWAYS_INLINE void rounds16_to_60(struct pair *p)
{
    step4(p, 16);
    step4(p, 20);
    step4(p, 24);
    step4(p, 28);
    step4(p, 32);
    step4(p, 36);
    step4(p, 40);
    step4(p, 44);
    step4(p, 48);
    step4(p, 52);
    step4(p, 56);
    schedule(p, 60);
}

static ALWAYS_INLINE void set_state(struct pair *p, const uint32_t s[8])
{
    EACH p->abef[k] = _mm_set_epi32((int)s[0], (int)s[1], (int)s[4], (int)s[5]);
    EACH p->cdgh[k] = _mm_set_epi32((int)s[2], (int)s[3], (int)s[6], (int)s[7]);
}

/* Adds the state the block began with and makes the digest the next block's first eight words. */
static ALWAYS_INLINE void digest_to_words(struct pair *p, const uint32_t mid[8])
{
    struct pair from;

    set_state(&from, mid);
    EACH
    {
        __m128i abef = _mm_shuffle_epi32(_mm_add_epi32(p->abef[k], from.abef[k]), 0x1b);
        __m128i cdgh = _mm_shuffle_epi32(_mm_add_epi32(p->cdgh[k], from.cdgh[k]), 0x1b);
        p->w[0][k] = _mm_unpacklo_epi64(abef, cdgh);
        p->w[1][k] = _mm_unpackhi_epi64(abef, cdgh);
    }
}

/* The most significant words of the second hashes: initial h plus F after round 61. */
static ALWAYS_INLINE void hash_pair(const uint32_t mid[8], const uint32_t tail[3], uint32_t nonce,
                                    uint32_t top[PAIR])
{
    struct pair p;

    set_state(&p, mid);
    EACH p.w[0][k] = _mm_set_epi32((int)__builtin_bswap32(nonce + (uint32_t)k), (int)tail[2],
                                   (int)tail[1], (int)tail[0]);
    EACH p.w[1][k] = _mm_set_epi32(0, 0, 0, INT32_MIN);
    EACH p.w[2][k] = _mm_setzero_si128();
    EACH p.w[3][k] = _mm_set_epi32(640, 0, 0, 0);
    rounds4(&p, 0);
    rounds4(&p, 4);
    rounds4(&p, 8);
    rounds4(&p, 12);
    rounds16_to_60(&p);
    rounds4(&p, 60);

    digest_to_words(&p, mid);
    EACH p.w[2][k] = _mm_set_epi32(0, 0, 0, INT32_MIN);
    EACH p.w[3][k] = _mm_set_epi32(256, 0, 0, 0);
    set_state(&p, sha256_iv);
    rounds4(&p, 0);
    rounds4(&p, 4);
    rounds4(&p, 8);
    rounds4(&p, 12);
    rounds16_to_60(&p);
    EACH rounds2(&p.abef[k], &p.cdgh[k], _mm_add_epi32(p.w[3][k], constant(60)));
    EACH top[k] = (uint32_t)_mm_cvtsi128_si32(p.abef[k]) + sha256_iv[7];
}

static uint32_t search(const struct sha256d_prepared *p, uint32_t nonce, uint32_t vectors,
                       unsigned *lanes)
{
    uint32_t top[PAIR], tried = 0;

    do {
        hash_pair(p->c + C_MID, p->tail, nonce, top);
        *lanes = (__builtin_bswap32(top[0]) <= p->limit) |
                 (unsigned)(__builtin_bswap32(top[1]) <= p->limit) << 1;
        nonce += PAIR;
    } while (++tried < vectors && !*lanes);
    return tried;
}

void sha256d_scan_shani(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, PAIR, scan);
}
