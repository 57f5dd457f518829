/* SPDX-License-Identifier: MIT */
/* 256-bit unsigned numbers. Limbs are little-endian: w[0] is the least significant. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct u256 {
    uint64_t w[4];
};

struct u256 u256_from_u64(uint64_t v);
struct u256 u256_from_le(const uint8_t bytes[32]);
struct u256 u256_from_be(const uint8_t bytes[32]);
void u256_to_le(const struct u256 *, uint8_t bytes[32]);
void u256_to_be(const struct u256 *, uint8_t bytes[32]);
struct u256 u256_max(void);

int u256_cmp(const struct u256 *a, const struct u256 *b); /* <0, 0, >0 */
bool u256_is_zero(const struct u256 *);
unsigned u256_bits(const struct u256 *); /* position of the highest 1 bit plus one; 0 for zero */

struct u256 u256_shl(struct u256, unsigned bits); /* bits pushed out are lost */
struct u256 u256_shr(struct u256, unsigned bits);
bool u256_add(struct u256 *a, const struct u256 *b);              /* a += b; true on overflow */
bool u256_sub(struct u256 *a, const struct u256 *b);              /* a -= b; true on borrow */
bool u256_mul_u64(struct u256 *a, uint64_t b);                    /* a *= b; true on overflow */
struct u256 u256_div(const struct u256 *a, const struct u256 *b); /* floor; b != 0 */
struct u256 u256_div_u64(const struct u256 *a, uint64_t b);       /* floor; b != 0 */

/* Nearest double; for people's eyes and for difficulty, never for a comparison that decides. */
double u256_to_double(const struct u256 *);
/* Floor of a non-negative finite double below 2^256; saturates at the ends; NaN gives 0. */
struct u256 u256_from_double(double);
