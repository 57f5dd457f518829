/* SPDX-License-Identifier: MIT */
/* Targets, compact bits, difficulty: their edges and identities. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/target.h"

static void assert_same(const struct u256 *got, const struct u256 *want, const char *id)
{
    if (u256_cmp(got, want) != 0)
        fail_msg("%s: %016llx... is not %016llx...", id, (unsigned long long)got->w[3],
                 (unsigned long long)want->w[3]);
}

static void compact_bits_that_stand_for_no_target_are_refused(void **state)
{
    static const uint32_t bad[] = {
        0x00000000, 0x1d000000, 0x01003456, /* nothing left */
        0x01fedcba, 0x04923456, 0x1d800001, /* negative */
        0x21010000, 0x22000100, 0x23000001, /* more than 256 bits */
        0xff123456,
    };
    static const uint32_t good[] = {0x2100ffff, 0x220000ff, 0x207fffff};
    struct u256 target;

    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (target_from_bits(bad[i], &target))
            fail_msg("%08x", bad[i]);
    for (unsigned i = 0; i < sizeof good / sizeof *good; i++)
        if (!target_from_bits(good[i], &target))
            fail_msg("%08x", good[i]);
}

static void small_compact_bits_lose_their_low_bytes(void **state)
{
    struct u256 target;

    (void)state;
    assert_true(target_from_bits(0x01120000, &target));
    assert_int_equal(target.w[0], 0x12);
    assert_true(target_from_bits(0x02123400, &target));
    assert_int_equal(target.w[0], 0x1234);
    assert_true(target_from_bits(0x03123456, &target));
    assert_int_equal(target.w[0], 0x123456);
    assert_true(target_from_bits(0x05009234, &target));
    assert_int_equal(target.w[0], 0x92340000);
    assert_int_equal(target_to_bits(&target), 0x05009234);
}

static void extreme_difficulties_saturate(void **state)
{
    struct u256 diff1 = {{0, 0, 0, 0xffff0000}}, one = u256_from_u64(1), max = u256_max();
    struct u256 t;

    (void)state;
    t = target_from_difficulty(&diff1, 1e300);
    assert_same(&t, &one, "1e300");
    t = target_from_difficulty(&diff1, 1e-300);
    assert_same(&t, &max, "1e-300");
    t = target_from_difficulty(&diff1, 4.9e-324);
    assert_same(&t, &max, "denormal");
    t = target_from_difficulty(&diff1, 0x1p224);
    assert_int_equal(u256_bits(&t), 1);
    t = target_from_difficulty(&diff1, 1.0 / 65536);
    assert_int_equal(t.w[3], 0xffff00000000u);
}

static void difficulty_falls_as_the_target_rises(void **state)
{
    struct u256 diff1 = {{0, 0, 0, 0xffff0000}}, before = u256_max(), zero = u256_from_u64(0);

    (void)state;
    for (double d = 1e-7; d < 1e20; d *= 1.37) {
        struct u256 t = target_from_difficulty(&diff1, d);
        assert_true(u256_cmp(&t, &before) < 0);
        assert_true(fabs(target_difficulty(&diff1, &t) / d - 1) < 1e-9);
        before = t;
    }
    assert_true(isinf(target_difficulty(&diff1, &zero)));
}

static void work_is_two_to_256_over_target_plus_one(void **state)
{
    struct u256 t;

    (void)state;
    assert_true(target_from_bits(0x1d00ffff, &t));
    assert_int_equal(target_work(&t), 0x100010001u); /* the chain work of a block of difficulty 1 */
    t = u256_max();
    assert_int_equal(target_work(&t), 1);
    t = u256_from_u64(0);
    assert_true(target_work(&t) == UINT64_MAX);
    t = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX >> 1}};
    assert_int_equal(target_work(&t), 2);
    assert_true(target_hashes(&t) == 2);
    t = u256_from_u64(1);
    assert_true(target_hashes(&t) == 0x1p255);
}

/* Monero's difficulty: every hash has at least 1, targets are floor((2^256 - 1) / difficulty). */
static void difficulty_of_a_full_diff1_divides_all_hashes(void **state)
{
    const struct u256 all = u256_max();
    struct u256 want;

    (void)state;
    for (uint64_t d = 1; d < 5000000000; d = d * 7 + 3) {
        struct u256 got = target_from_difficulty(&all, (double)d);
        want = u256_div_u64(&all, d);
        assert_int_equal(u256_cmp(&got, &want), 0);
    }
    want = target_from_difficulty(&all, 0.5);
    assert_int_equal(u256_cmp(&want, &all), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact_bits_that_stand_for_no_target_are_refused),
        cmocka_unit_test(small_compact_bits_lose_their_low_bytes),
        cmocka_unit_test(extreme_difficulties_saturate),
        cmocka_unit_test(difficulty_falls_as_the_target_rises),
        cmocka_unit_test(work_is_two_to_256_over_target_plus_one),
        cmocka_unit_test(difficulty_of_a_full_diff1_divides_all_hashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
