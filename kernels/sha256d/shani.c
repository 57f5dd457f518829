/* SPDX-License-Identifier: MIT */
/* x86 SHA instructions, four nonces interleaved: sha256rnds2 answers after four cycles, and
 * processors start one in each. The state is kept as the instructions want it: lanes from high to
 * low A,B,E,F and C,D,G,H. */
#include <immintrin.h>
#include <stdint.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define ADD           _mm_add_epi32
#define LOAD(p)       _mm_loadu_si128((const __m128i_u *)(p))

enum { STREAMS = 4 };

typedef __m128i quad;

struct state {
    quad abef, cdgh;
};

static ALWAYS_INLINE struct state state_of(const uint32_t s[8])
{
    return (struct state){_mm_set_epi32((int)s[0], (int)s[1], (int)s[4], (int)s[5]),
                          _mm_set_epi32((int)s[2], (int)s[3], (int)s[6], (int)s[7])};
}

static ALWAYS_INLINE void add_nonce(struct state *s, uint32_t n)
{
    s->abef = ADD(s->abef, _mm_set_epi32((int)n, 0, (int)n, 0));
}

/* Two rounds with the low half of wk: the old ABEF becomes the new CDGH. */
static ALWAYS_INLINE void rounds2(struct state *s, quad wk)
{
    quad abef = _mm_sha256rnds2_epu32(s->cdgh, s->abef, wk);

    s->cdgh = s->abef;
    s->abef = abef;
}

static ALWAYS_INLINE void rounds4(struct state *s, quad wk)
{
    rounds2(s, wk);
    rounds2(s, _mm_shuffle_epi32(wk, 0x0e));
}

static ALWAYS_INLINE void next_words(quad w[4], unsigned i)
{
    quad *w0 = w + i / 4 % 4, w4 = w[(i / 4 + 1) % 4];
    quad w8 = w[(i / 4 + 2) % 4], w12 = w[(i / 4 + 3) % 4];

    *w0 = ADD(_mm_sha256msg1_epu32(*w0, w4), _mm_alignr_epi8(w12, w8, 4));
    *w0 = _mm_sha256msg2_epu32(*w0, w12);
}

static ALWAYS_INLINE void digest_words(const struct state *s, const struct state *t, quad w[2])
{
    quad abef = _mm_shuffle_epi32(ADD(s->abef, t->abef), 0x1b);
    quad cdgh = _mm_shuffle_epi32(ADD(s->cdgh, t->cdgh), 0x1b);

    w[0] = _mm_unpacklo_epi64(abef, cdgh);
    w[1] = _mm_unpackhi_epi64(abef, cdgh);
}

/* After four more rounds h is what f is after two. */
static ALWAYS_INLINE uint32_t h_of(struct state *s, quad wk)
{
    rounds2(s, wk);
    return (uint32_t)_mm_cvtsi128_si32(s->abef);
}

#include "kernels/sha256d/streams.h"

void sha256d_scan_shani(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, STREAMS, scan);
}
