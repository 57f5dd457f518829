/* SPDX-License-Identifier: MIT */
/* Per-header constants of the double SHA-256 and the scan loop around every search. */
#include "kernels/sha256d/prepare.h"

#include <string.h>

#include "algo/scan.h"
#include "base/endian.h"
#include "kernels/sha256d/sha256.h"

enum { STRETCH = 512 }; /* vectors between two looks at the generation: less than 1 ms */

static const uint32_t pad = 0x80000000;
static const uint32_t header_bits = 640, digest_bits = 256; /* message lengths in the last word */

static uint32_t ror(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static uint32_t small0(uint32_t x)
{
    return ror(x, 7) ^ ror(x, 18) ^ x >> 3;
}

static uint32_t small1(uint32_t x)
{
    return ror(x, 17) ^ ror(x, 19) ^ x >> 10;
}

static void prepare_states(uint32_t *c, const uint8_t *header, uint32_t tail[4])
{
    uint32_t block[16], state[8];

    for (unsigned i = 0; i < 16; i++)
        block[i] = be32(header + 4 * i);
    memcpy(state, sha256_iv, sizeof state);
    sha256_compress(state, block);
    memcpy(c + C_MID, state, sizeof state);
    for (unsigned i = 0; i < 3; i++)
        tail[i] = be32(header + 64 + 4 * i);
    tail[3] = 0;
    sha256_rounds(state, tail, 0, 4);
    memcpy(c + C_R3, state, sizeof state);
}

static void prepare_first(uint32_t *c, const uint32_t tail[4])
{
    uint32_t w16 = small0(tail[1]) + tail[0];
    uint32_t w17 = small1(header_bits) + small0(tail[2]) + tail[1];

    c[C_W16] = w16;
    c[C_W17] = w17;
    c[C_W18] = small1(w16) + tail[2];
    c[C_W19] = small1(w17) + small0(pad);
    c[C_W31] = small0(w16) + header_bits;
    c[C_W32] = small0(w17) + w16;
    memcpy(c + C_K1, sha256_k, sizeof sha256_k);
    c[C_K1 + 4] += pad + c[C_R3 + 7];
    c[C_K1 + 5] += c[C_R3 + 6];
    c[C_K1 + 6] += c[C_R3 + 5];
    c[C_K1 + 15] += header_bits;
    c[C_K1 + 16] += w16;
    c[C_K1 + 17] += w17;
}

static void prepare_second(uint32_t *c)
{
    memcpy(c + C_K2, sha256_k, sizeof sha256_k);
    for (unsigned i = 1; i <= 3; i++)
        c[C_K2 + i] += sha256_iv[7 - i];
    c[C_K2 + 8] += pad;
    c[C_K2 + 15] += digest_bits;
}

void sha256d_prepare(struct sha256d_prepared *p, const struct scan *scan)
{
    prepare_states(p->c, scan->in.bytes, p->tail);
    prepare_first(p->c, p->tail);
    prepare_second(p->c);
    p->limit = (uint32_t)(scan->target.w[3] >> 32);
}

/* The whole 256-bit comparison for one candidate. */
static bool meets_target(const struct sha256d_prepared *p, const struct scan *scan, uint32_t nonce)
{
    uint32_t block[16] = {[4] = pad, [15] = header_bits};
    uint32_t second[16] = {[8] = pad, [15] = digest_bits}, state[8];
    uint8_t hash[32];

    memcpy(block, p->tail, sizeof p->tail);
    block[3] = __builtin_bswap32(nonce);
    memcpy(second, p->c + C_MID, 32);
    sha256_compress(second, block);
    memcpy(state, sha256_iv, sizeof state);
    sha256_compress(state, second);
    for (unsigned i = 0; i < 8; i++)
        put_be32(hash + 4 * i, state[i]);
    struct u256 value = u256_from_le(hash);
    return u256_cmp(&value, &scan->target) <= 0;
}

/* Goes through the candidates of one vector. True when the scan is full. */
static bool take_lanes(const struct sha256d_prepared *p, struct scan *scan, unsigned mask,
                       uint64_t base, uint64_t left)
{
    for (; mask; mask &= mask - 1) {
        unsigned lane = (unsigned)__builtin_ctz(mask);
        if (lane >= left) /* the last vector reaches past the range */
            return false;
        if (meets_target(p, scan, (uint32_t)(base + lane)) && scan_found(scan, base + lane)) {
            scan->done = base + lane + 1 - scan->first;
            return true;
        }
    }
    return false;
}

void sha256d_scan_by(sha256d_search_fn *search, unsigned lanes, struct scan *scan)
{
    struct sha256d_prepared p;

    sha256d_prepare(&p, scan);
    scan->done = 0;
    scan->found = 0;
    while (scan->done < scan->count && !scan_is_stale(scan)) {
        uint64_t at = scan->first + scan->done, left = scan->count - scan->done;
        uint64_t vectors = (left + lanes - 1) / lanes;
        unsigned mask = 0;
        uint64_t tried =
            search(&p, (uint32_t)at, vectors < STRETCH ? (uint32_t)vectors : STRETCH, &mask);
        uint64_t last = (tried - 1) * lanes; /* offset of the vector that `mask` speaks of */
        if (mask && take_lanes(&p, scan, mask, at + last, left - last))
            return;
        scan->done += tried * lanes < left ? tried * lanes : left;
    }
}
