/* SPDX-License-Identifier: MIT */
/* Monero's one-time keys where points and numbers are not what they should be; what is right is in
 * the vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "crypto/monero_keys.h"

/* order of the group; its base */
#define ORDER "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
#define BASE  "5866666666666666666666666666666666666666666666666666666666666666"

struct bytes {
    uint8_t b[32];
};

static struct bytes from(const char *hex)
{
    struct bytes ret;

    assert_true(hex_decode(hex, ret.b, 32));
    return ret;
}

static void points_of_small_order_are_refused(void **state)
{
    static const char *const rows[] = {
        "0100000000000000000000000000000000000000000000000000000000000000", /* 1 */
        "0100000000000000000000000000000000000000000000000000000000000080", /* x is -0 */
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* 2 */
        "0000000000000000000000000000000000000000000000000000000000000000", /* 4 */
        "0000000000000000000000000000000000000000000000000000000000000080", /* 4 */
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", /* 8 */
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", /* 8 */
    };
    const uint8_t one[32] = {1};
    uint8_t ret[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(monero_point_ok(from(rows[i]).b));
        assert_false(monero_derivation(from(rows[i]).b, one, ret));
        assert_false(monero_output_key(one, 0, from(rows[i]).b, ret));
    }
}

static void points_in_another_form_are_refused(void **state)
{
    static const char *const rows[] = {
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = 0 */
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = 3 */
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };

    (void)state;
    assert_true(monero_point_ok(
        from("0300000000000000000000000000000000000000000000000000000000000000").b));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(monero_point_ok(from(rows[i]).b));
}

/* About half of all numbers are the y of a point. */
static void what_lies_beside_the_curve_is_refused(void **state)
{
    uint8_t y[32] = {0};
    unsigned points = 0;

    (void)state;
    for (y[0] = 2; y[0] < 202; y[0]++)
        points += monero_point_ok(y);
    assert_in_range(points, 70, 130);
    y[0] = 2;
    assert_false(monero_point_ok(y));
}

static void numbers_outside_the_group_are_refused(void **state)
{
    static const char *const bad[] = {
        "0000000000000000000000000000000000000000000000000000000000000000", ORDER,
        "eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
    uint8_t ret[32];

    (void)state;
    assert_true(monero_scalar_ok(
        from("ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").b));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(monero_scalar_ok(from(bad[i]).b));
        assert_false(monero_public(from(bad[i]).b, ret));
        assert_false(monero_derivation(from(BASE).b, from(bad[i]).b, ret));
    }
}

static void one_times_the_base_is_the_base(void **state)
{
    const uint8_t one[32] = {1};
    uint8_t ret[32];

    (void)state;
    assert_true(monero_public(one, ret));
    assert_memory_equal(ret, from(BASE).b, 32);
}

static void sender_and_receiver_derive_the_same(void **state)
{
    const uint8_t a[32] = {5, 77, 1}, r[32] = {200, 3};
    uint8_t view[32], tx[32], sent[32], received[32];

    (void)state;
    assert_true(monero_public(a, view));
    assert_true(monero_public(r, tx));
    assert_true(monero_derivation(view, r, sent));
    assert_true(monero_derivation(tx, a, received));
    assert_memory_equal(sent, received, 32);
}

static void outputs_of_one_wallet_have_different_keys(void **state)
{
    const uint8_t b[32] = {9, 9}, derivation[32] = {1, 2, 3};
    uint8_t spend[32], first[32], second[32];

    (void)state;
    assert_true(monero_public(b, spend));
    assert_true(monero_output_key(derivation, 127, spend, first));
    assert_true(monero_point_ok(first));
    assert_true(monero_output_key(derivation, 128, spend, second));
    assert_memory_not_equal(first, second, 32);
}

static void a_wiped_secret_is_gone(void **state)
{
    const uint8_t zeros[32] = {0};
    uint8_t secret[32] = {1, 2, 3};

    (void)state;
    monero_wipe(secret, sizeof secret);
    assert_memory_equal(secret, zeros, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_of_small_order_are_refused),
        cmocka_unit_test(points_in_another_form_are_refused),
        cmocka_unit_test(what_lies_beside_the_curve_is_refused),
        cmocka_unit_test(numbers_outside_the_group_are_refused),
        cmocka_unit_test(one_times_the_base_is_the_base),
        cmocka_unit_test(sender_and_receiver_derive_the_same),
        cmocka_unit_test(outputs_of_one_wallet_have_different_keys),
        cmocka_unit_test(a_wiped_secret_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
