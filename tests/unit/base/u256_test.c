/* SPDX-License-Identifier: MIT */
/* 256-bit arithmetic: identities on random numbers and the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/u256.h"

static uint64_t seed = 42;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Of any length, with runs of ones and zeros. */
static struct u256 random_number(void)
{
    struct u256 v = {{next(), next(), next(), next()}};

    if (next() % 4 == 0)
        v.w[next() % 4] = next() % 2 ? UINT64_MAX : 0;
    return u256_shr(v, (unsigned)(next() % 256));
}

static void assert_same(const struct u256 *a, const struct u256 *b)
{
    assert_memory_equal(a->w, b->w, sizeof a->w);
}

static void bytes_round_trip_in_both_orders(void **state)
{
    uint8_t le[32], be[32];

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        struct u256 a = random_number(), b;
        u256_to_le(&a, le);
        u256_to_be(&a, be);
        for (unsigned k = 0; k < 32; k++)
            assert_int_equal(le[k], be[31 - k]);
        b = u256_from_le(le);
        assert_same(&a, &b);
        b = u256_from_be(be);
        assert_same(&a, &b);
    }
}

static void subtraction_undoes_addition(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        struct u256 a = random_number(), b = random_number(), sum = a;
        bool carry = u256_add(&sum, &b);
        assert_int_equal(carry, u256_cmp(&sum, &a) < 0);
        struct u256 back = sum;
        assert_int_equal(u256_sub(&back, &b), carry);
        assert_same(&back, &a);
    }
}

static void carries_run_through_all_limbs(void **state)
{
    struct u256 a = u256_max(), one = u256_from_u64(1), zero = u256_from_u64(0), max = u256_max();

    (void)state;
    assert_true(u256_add(&a, &one));
    assert_same(&a, &zero);
    assert_true(u256_sub(&a, &one));
    assert_same(&a, &max);
    assert_true(u256_add(&a, &max));
    assert_int_equal(u256_cmp(&a, &max), -1);
    a = zero;
    assert_true(u256_sub(&a, &max));
    assert_same(&a, &one);
}

static void division_gives_quotient_and_rest(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        struct u256 a = random_number();
        uint64_t b = next() >> next() % 64;
        if (!b)
            continue;
        struct u256 q = u256_div_u64(&a, b), wide = u256_from_u64(b), q2 = u256_div(&a, &wide);
        assert_same(&q, &q2);
        struct u256 back = q;
        assert_false(u256_mul_u64(&back, b));
        struct u256 rest = a;
        assert_false(u256_sub(&rest, &back));
        assert_true(u256_cmp(&rest, &wide) < 0);
    }
}

static void wide_division_brackets_the_dividend(void **state)
{
    struct u256 one = u256_from_u64(1), max = u256_max();

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        struct u256 a = random_number(), b = random_number();
        if (u256_is_zero(&b))
            continue;
        struct u256 q = u256_div(&a, &b);
        if (q.w[1] | q.w[2] | q.w[3])
            continue; /* the check multiplies by 64 bits */
        struct u256 low = b;
        assert_false(u256_mul_u64(&low, q.w[0]));
        assert_true(u256_cmp(&low, &a) <= 0);
        struct u256 rest = a;
        (void)u256_sub(&rest, &low);
        assert_true(u256_cmp(&rest, &b) < 0);
    }
    struct u256 q = u256_div(&max, &max);
    assert_same(&q, &one);
    q = u256_div(&max, &one);
    assert_same(&q, &max);
    struct u256 top = {{0, 0, 0, UINT64_C(1) << 63}};
    q = u256_div(&max, &top); /* the remainder's top bit is shifted out on the way */
    assert_same(&q, &one);
}

static void multiplication_tells_overflow(void **state)
{
    struct u256 a = {{0, 0, 0, UINT64_C(1) << 63}}, max = u256_max();

    (void)state;
    assert_true(u256_mul_u64(&a, 2));
    assert_true(u256_is_zero(&a));
    assert_false(u256_mul_u64(&max, 1));
    assert_true(u256_mul_u64(&max, UINT64_MAX));
}

static void shifts_move_bits_and_drop_the_rest(void **state)
{
    struct u256 one = u256_from_u64(1);

    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        struct u256 a = u256_shl(one, i);
        assert_int_equal(u256_bits(&a), i + 1);
        assert_int_equal(a.w[i / 64], UINT64_C(1) << i % 64);
        a = u256_shr(a, i);
        assert_same(&a, &one);
    }
    struct u256 gone = u256_shl(one, 256), down = u256_shr(u256_max(), 300);
    assert_true(u256_is_zero(&gone));
    assert_true(u256_is_zero(&down));
    assert_int_equal(u256_bits(&gone), 0);
}

static void doubles_convert_exactly_where_they_can(void **state)
{
    struct u256 v, max = u256_max();

    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        double d = ldexp(1, (int)i);
        v = u256_from_double(d);
        assert_int_equal(u256_bits(&v), i + 1);
        assert_true(u256_to_double(&v) == d);
    }
    v = u256_from_double(2251799813685249.5);
    assert_int_equal(v.w[0], 2251799813685249);
    v = u256_from_double(0.999);
    assert_true(u256_is_zero(&v));
    v = u256_from_double(-5);
    assert_true(u256_is_zero(&v));
    v = u256_from_double(NAN);
    assert_true(u256_is_zero(&v));
    v = u256_from_double(INFINITY);
    assert_same(&v, &max);
    v = u256_from_double(0x1p256);
    assert_same(&v, &max);
}

static void comparison_is_by_the_highest_limb(void **state)
{
    struct u256 a = {{UINT64_MAX, 0, 0, 1}}, b = {{0, 0, 0, 2}};

    (void)state;
    assert_true(u256_cmp(&a, &b) < 0);
    assert_true(u256_cmp(&b, &a) > 0);
    assert_int_equal(u256_cmp(&a, &a), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_round_trip_in_both_orders),
        cmocka_unit_test(subtraction_undoes_addition),
        cmocka_unit_test(carries_run_through_all_limbs),
        cmocka_unit_test(division_gives_quotient_and_rest),
        cmocka_unit_test(wide_division_brackets_the_dividend),
        cmocka_unit_test(multiplication_tells_overflow),
        cmocka_unit_test(shifts_move_bits_and_drop_the_rest),
        cmocka_unit_test(doubles_convert_exactly_where_they_can),
        cmocka_unit_test(comparison_is_by_the_highest_limb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
