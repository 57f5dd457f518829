/* SPDX-License-Identifier: MIT */
/* Targets and what they cost, in exact arithmetic. */
#include "core/target.h"

#include <math.h>

bool target_from_bits(uint32_t bits, struct u256 *ret)
{
    unsigned exponent = bits >> 24;
    uint64_t mantissa = bits & 0x7fffff;

    if (bits & 0x800000 || !mantissa)
        return false;
    if (exponent <= 3) {
        *ret = u256_from_u64(mantissa >> 8 * (3 - exponent));
        return !u256_is_zero(ret);
    }
    struct u256 m = u256_from_u64(mantissa);
    unsigned shift = 8 * (exponent - 3);
    if (u256_bits(&m) + shift > 256)
        return false;
    *ret = u256_shl(m, shift);
    return true;
}

uint32_t target_to_bits(const struct u256 *target)
{
    unsigned size = (u256_bits(target) + 7) / 8;
    struct u256 top =
        size > 3 ? u256_shr(*target, 8 * (size - 3)) : u256_shl(*target, 8 * (3 - size));
    uint32_t mantissa = (uint32_t)top.w[0];

    if (mantissa & 0x800000) {
        mantissa >>= 8;
        size++;
    }
    return size << 24 | mantissa;
}

struct u256 target_from_difficulty(const struct u256 *diff1, double difficulty)
{
    /* difficulty = mantissa * 2^(exponent-53) exactly, so diff1 / difficulty is
     * (diff1 << (53-exponent)) / mantissa; the shift is split so that no bit is lost. */
    int exponent;
    uint64_t mantissa = (uint64_t)ldexp(frexp(difficulty, &exponent), 53);
    int shift = 53 - exponent;
    struct u256 q = *diff1;

    if (shift < 0) {
        /* floor(floor(x / 2^k) / m) = floor(x / (m * 2^k)) */
        q = -shift < 256 ? u256_shr(q, (unsigned)-shift) : u256_from_u64(0);
        q = u256_div_u64(&q, mantissa);
    } else {
        /* long division: bring down one bit of the shift at a time */
        struct u256 m = u256_from_u64(mantissa);
        struct u256 whole = u256_div_u64(&q, mantissa), used = whole;
        (void)u256_mul_u64(&used, mantissa);
        (void)u256_sub(&q, &used); /* the rest, < mantissa */
        for (int i = 0; i < shift; i++) {
            if (whole.w[3] >> 63)
                return u256_max();
            whole = u256_shl(whole, 1);
            q = u256_shl(q, 1);
            if (u256_cmp(&q, &m) >= 0) {
                (void)u256_sub(&q, &m);
                whole.w[0] |= 1;
            }
        }
        q = whole;
    }
    return u256_is_zero(&q) ? u256_from_u64(1) : q;
}

double target_difficulty(const struct u256 *diff1, const struct u256 *target)
{
    return u256_to_double(diff1) / u256_to_double(target);
}

uint64_t target_work(const struct u256 *target)
{
    struct u256 more = *target, one = u256_from_u64(1);

    if (u256_add(&more, &one))
        return 1; /* target 2^256-1: every hash meets it */
    /* 2^256 / m = (2^256 - m) / m + 1, and 2^256 - m fits: it is ~m + 1 */
    struct u256 rest = {{~more.w[0], ~more.w[1], ~more.w[2], ~more.w[3]}};
    (void)u256_add(&rest, &one);
    struct u256 work = u256_div(&rest, &more);
    if (u256_add(&work, &one) || work.w[1] | work.w[2] | work.w[3])
        return UINT64_MAX;
    return work.w[0];
}

double target_hashes(const struct u256 *target)
{
    return 0x1p256 / (u256_to_double(target) + 1);
}
