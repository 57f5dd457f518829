/* SPDX-License-Identifier: MIT */
/* Hexadecimal digits: which are any, and what they stand for. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hex.h"

static void exactly_the_22_digits_are_read(void **state)
{
    (void)state;
    for (int high = 0; high < 256; high++)
        for (int low = 0; low < 256; low++) {
            const char text[3] = {(char)high, (char)low, 0};
            uint8_t byte = 0;
            bool good = isxdigit(high) && isxdigit(low);
            assert_int_equal(hex_decode(text, &byte, 1), good);
            if (good)
                assert_int_equal(byte, strtoul(text, NULL, 16));
        }
}

static void the_length_is_exact(void **state)
{
    uint8_t bytes[4];

    (void)state;
    assert_true(hex_decode("", bytes, 0));
    assert_true(hex_decode("00ff", bytes, 2));
    assert_false(hex_decode("00f", bytes, 2));
    assert_false(hex_decode("00ff0", bytes, 2));
    assert_int_equal(hex_decode_any("00ff00", bytes, 4), 3);
    assert_int_equal(hex_decode_any("00ff0", bytes, 4), -1);
    assert_int_equal(hex_decode_any("00ff00ff00", bytes, 4), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_the_22_digits_are_read),
        cmocka_unit_test(the_length_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
