/* SPDX-License-Identifier: MIT */
/* Per-header constants of the double SHA-256 and the scan loop around every search. */
#include "kernels/sha256d/prepare.h"

#include <string.h>

#include "algo/scan.h"
#include "base/endian.h"
#include "kernels/sha256d/sha256.h"

enum {
    STRETCH = 512
}; /* steps times versions between two looks at the generation: less than 1 ms */

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

/* The states of a version, put in place of the header's own where the scan rolls versions. */
static void prepare_version(struct sha256d_version *v, const uint8_t *header,
                            const uint32_t *rolled, const uint32_t tail[4])
{
    uint32_t block[16];

    for (unsigned i = 0; i < 16; i++)
        block[i] = be32(header + 4 * i);
    if (rolled)
        block[0] = __builtin_bswap32(*rolled);
    v->value = rolled ? *rolled : 0;
    memcpy(v->mid, sha256_iv, sizeof v->mid);
    sha256_compress(v->mid, block);
    memcpy(v->start, v->mid, sizeof v->start);
    sha256_rounds(v->start, tail, 0, 4);
    v->sum[0] = v->start[7] + sha256_k[4] + pad;
    v->sum[1] = v->start[6] + sha256_k[5];
    v->sum[2] = v->start[5] + sha256_k[6];
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
    c[C_K1 + 4] += pad;
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
    const uint8_t *header = scan->in.bytes;

    for (unsigned i = 0; i < 3; i++)
        p->tail[i] = be32(header + 64 + 4 * i);
    p->tail[3] = 0;
    p->versions = scan_versions(scan);
    for (unsigned i = 0; i < p->versions; i++)
        prepare_version(p->version + i, header, scan->version_count ? scan->version + i : NULL,
                        p->tail);
    prepare_first(p->c, p->tail);
    prepare_second(p->c);
    p->limit = (uint32_t)(scan->target.w[3] >> 32);
}

/* The whole 256-bit comparison for one candidate. */
static bool meets_target(const struct sha256d_prepared *p, const struct scan *scan,
                         const struct sha256d_version *version, uint32_t nonce)
{
    uint32_t block[16] = {[4] = pad, [15] = header_bits};
    uint32_t second[16] = {[8] = pad, [15] = digest_bits}, state[8];
    uint8_t hash[32];

    memcpy(block, p->tail, sizeof p->tail);
    block[3] = __builtin_bswap32(nonce);
    memcpy(second, version->mid, sizeof version->mid);
    sha256_compress(second, block);
    memcpy(state, sha256_iv, sizeof state);
    sha256_compress(state, second);
    for (unsigned i = 0; i < 8; i++)
        put_be32(hash + 4 * i, state[i]);
    struct u256 value = u256_from_le(hash);
    return u256_cmp(&value, &scan->target) <= 0;
}

/* Goes through the versions of one nonce. True when the scan is full. */
static bool take_versions(const struct sha256d_prepared *p, struct scan *scan, uint64_t nonce,
                          const uint32_t *candidates, uint32_t bit)
{
    for (unsigned i = 0; i < p->versions; i++) {
        const struct sha256d_version *version = p->version + i;
        if (candidates[i] & bit && meets_target(p, scan, version, (uint32_t)nonce) &&
            scan_found_with(scan, nonce, version->value))
            return true;
    }
    return false;
}

/* Goes through the candidates of one step, of which `left` nonces are in the range. True when the
 * scan is full. */
static bool take_step(const struct sha256d_prepared *p, struct scan *scan,
                      const uint32_t *candidates, uint64_t base, uint64_t left)
{
    uint32_t any = 0;

    for (unsigned i = 0; i < p->versions; i++)
        any |= candidates[i];
    for (; any; any &= any - 1) {
        unsigned at = (unsigned)__builtin_ctz(any);
        if (at >= left)
            return false;
        if (take_versions(p, scan, base + at, candidates, any & -any)) {
            scan->done = base + at + 1 - scan->first;
            return true;
        }
    }
    return false;
}

void sha256d_scan_by(sha256d_search_fn *search, unsigned step, struct scan *scan)
{
    struct sha256d_prepared p;
    uint32_t candidates[SCAN_VERSIONS_MAX];

    sha256d_prepare(&p, scan);
    scan->done = 0;
    scan->found = 0;
    while (scan->done < scan->count && !scan_is_stale(scan)) {
        uint64_t at = scan->first + scan->done, left = scan->count - scan->done;
        uint64_t steps = (left + step - 1) / step, most = STRETCH / p.versions;
        uint64_t tried =
            search(&p, (uint32_t)at, (uint32_t)(steps < most ? steps : most), candidates);
        uint64_t last = (tried - 1) * step; /* offset of the step that `candidates` speaks of */
        if (take_step(&p, scan, candidates, at + last, left - last))
            return;
        scan->done += tried * step < left ? tried * step : left;
    }
}
