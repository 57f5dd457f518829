/* SPDX-License-Identifier: MIT */
/* ARMv8 SHA-256 instructions, two nonces interleaved. The state is kept as the instructions want
 * it: lanes from low to high a,b,c,d and e,f,g,h. */
#include <arm_neon.h>
#include <stdint.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define ADD           vaddq_u32
#define LOAD          vld1q_u32

enum { STREAMS = 2 };

typedef uint32x4_t quad;

struct state {
    quad abcd, efgh;
};

static ALWAYS_INLINE struct state state_of(const uint32_t s[8])
{
    return (struct state){LOAD(s), LOAD(s + 4)};
}

static ALWAYS_INLINE void add_nonce(struct state *s, uint32_t n)
{
    quad first = vsetq_lane_u32(n, vdupq_n_u32(0), 0);

    s->abcd = ADD(s->abcd, first);
    s->efgh = ADD(s->efgh, first);
}

static ALWAYS_INLINE void rounds4(struct state *s, quad wk)
{
    quad abcd = vsha256hq_u32(s->abcd, s->efgh, wk);

    s->efgh = vsha256h2q_u32(s->efgh, s->abcd, wk);
    s->abcd = abcd;
}

static ALWAYS_INLINE void next_words(quad w[4], unsigned i)
{
    quad *w0 = w + i / 4 % 4, w4 = w[(i / 4 + 1) % 4];
    quad w8 = w[(i / 4 + 2) % 4], w12 = w[(i / 4 + 3) % 4];

    *w0 = vsha256su1q_u32(vsha256su0q_u32(*w0, w4), w8, w12);
}

static ALWAYS_INLINE void digest_words(const struct state *s, const struct state *t, quad w[2])
{
    w[0] = ADD(s->abcd, t->abcd);
    w[1] = ADD(s->efgh, t->efgh);
}

static ALWAYS_INLINE uint32_t h_of(struct state *s, quad wk)
{
    rounds4(s, wk);
    return vgetq_lane_u32(s->efgh, 3);
}

#include "kernels/sha256d/streams.h"

void sha256d_scan_armsha(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, STREAMS, scan);
}
