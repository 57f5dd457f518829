/* SPDX-License-Identifier: MIT */
/* 256-bit unsigned arithmetic, schoolbook: none of it is on a hashing path. */
#include "base/u256.h"

#include <math.h>

#include "base/endian.h"

__extension__ typedef unsigned __int128 u128;

struct u256 u256_from_u64(uint64_t v)
{
    return (struct u256){{v}};
}

struct u256 u256_from_le(const uint8_t bytes[32])
{
    return (struct u256){{le64(bytes), le64(bytes + 8), le64(bytes + 16), le64(bytes + 24)}};
}

struct u256 u256_from_be(const uint8_t bytes[32])
{
    return (struct u256){{be64(bytes + 24), be64(bytes + 16), be64(bytes + 8), be64(bytes)}};
}

void u256_to_le(const struct u256 *a, uint8_t bytes[32])
{
    for (unsigned i = 0; i < 4; i++)
        put_le64(bytes + 8 * i, a->w[i]);
}

void u256_to_be(const struct u256 *a, uint8_t bytes[32])
{
    for (unsigned i = 0; i < 4; i++)
        put_be64(bytes + 24 - 8 * i, a->w[i]);
}

struct u256 u256_max(void)
{
    return (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

int u256_cmp(const struct u256 *a, const struct u256 *b)
{
    for (int i = 3; i >= 0; i--)
        if (a->w[i] != b->w[i])
            return a->w[i] < b->w[i] ? -1 : 1;
    return 0;
}

bool u256_is_zero(const struct u256 *a)
{
    return !(a->w[0] | a->w[1] | a->w[2] | a->w[3]);
}

unsigned u256_bits(const struct u256 *a)
{
    for (unsigned i = 4; i-- > 0;)
        if (a->w[i])
            return 64 * i + 64 - (unsigned)__builtin_clzll(a->w[i]);
    return 0;
}

struct u256 u256_shl(struct u256 a, unsigned bits)
{
    struct u256 r = {{0}};
    unsigned limbs = bits / 64, rest = bits % 64;

    for (unsigned i = limbs; i < 4; i++) {
        r.w[i] = a.w[i - limbs] << rest;
        if (rest && i > limbs)
            r.w[i] |= a.w[i - limbs - 1] >> (64 - rest);
    }
    return r;
}

struct u256 u256_shr(struct u256 a, unsigned bits)
{
    struct u256 r = {{0}};
    unsigned limbs = bits / 64, rest = bits % 64;

    for (unsigned i = 0; i + limbs < 4; i++) {
        r.w[i] = a.w[i + limbs] >> rest;
        if (rest && i + limbs + 1 < 4)
            r.w[i] |= a.w[i + limbs + 1] << (64 - rest);
    }
    return r;
}

bool u256_add(struct u256 *a, const struct u256 *b)
{
    bool carry = false;

    for (unsigned i = 0; i < 4; i++) {
        u128 sum = (u128)a->w[i] + b->w[i] + carry;
        a->w[i] = (uint64_t)sum;
        carry = sum >> 64;
    }
    return carry;
}

bool u256_sub(struct u256 *a, const struct u256 *b)
{
    bool borrow = false;

    for (unsigned i = 0; i < 4; i++) {
        u128 rest = (u128)a->w[i] - b->w[i] - borrow;
        a->w[i] = (uint64_t)rest;
        borrow = rest >> 64 != 0;
    }
    return borrow;
}

bool u256_mul_u64(struct u256 *a, uint64_t b)
{
    uint64_t carry = 0;

    for (unsigned i = 0; i < 4; i++) {
        u128 product = (u128)a->w[i] * b + carry;
        a->w[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    return carry != 0;
}

struct u256 u256_div(const struct u256 *a, const struct u256 *b)
{
    struct u256 quotient = {{0}}, rest = {{0}};

    for (unsigned i = u256_bits(a); i-- > 0;) {
        bool out = rest.w[3] >> 63;
        rest = u256_shl(rest, 1);
        rest.w[0] |= a->w[i / 64] >> (i % 64) & 1;
        if (out || u256_cmp(&rest, b) >= 0) {
            (void)u256_sub(&rest, b);
            quotient.w[i / 64] |= UINT64_C(1) << (i % 64);
        }
    }
    return quotient;
}

struct u256 u256_div_u64(const struct u256 *a, uint64_t b)
{
    struct u256 quotient = {{0}};
    u128 rest = 0;

    for (int i = 3; i >= 0; i--) {
        rest = rest << 64 | a->w[i];
        quotient.w[i] = (uint64_t)(rest / b);
        rest %= b;
    }
    return quotient;
}

double u256_to_double(const struct u256 *a)
{
    double v = 0;

    for (int i = 3; i >= 0; i--)
        v = ldexp(v, 64) + (double)a->w[i];
    return v;
}

struct u256 u256_from_double(double v)
{
    int exponent;

    if (!(v >= 1))
        return (struct u256){{0}};
    if (v >= 0x1p256)
        return u256_max();
    uint64_t mantissa = (uint64_t)ldexp(frexp(v, &exponent), 64);
    struct u256 r = u256_from_u64(mantissa);
    return exponent >= 64 ? u256_shl(r, (unsigned)exponent - 64)
                          : u256_shr(r, 64 - (unsigned)exponent);
}
