/* SPDX-License-Identifier: MIT */
/* Numbers for people. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ui/canvas.h"
#include "ui/format.h"

#define DASH "\xe2\x80\x93"

static void si_has_at_most_six_cells(void **state)
{
    static const struct {
        double v;
        const char *text;
    } rows[] = {{0, "0"},           {702.1, "702.1"},     {12410, "12.41k"}, {999.96, "1.00k"},
                {1.21e12, "1.21T"}, {99.996e6, "100.0M"}, {NAN, DASH},       {INFINITY, DASH}};
    char out[FORMAT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(format_si(out, rows[i].v), rows[i].text);
    for (double v = 1e-3; v < 1e25; v *= 1.37)
        assert_in_range(text_width(format_si(out, v)), 1, 6);
}

static void short_has_at_most_five_cells(void **state)
{
    char out[FORMAT_MAX];

    (void)state;
    assert_string_equal(format_short(out, 480000), "480k");
    assert_string_equal(format_short(out, 1048576), "1.05M");
    assert_string_equal(format_short(out, 0.25), "0.25");
    assert_string_equal(format_short(out, 0.00123), "0.001");
    assert_string_equal(format_short(out, 0.0000041), "4e-06");
    for (double v = 1e-3; v < 1e25; v *= 1.37)
        assert_in_range(text_width(format_short(out, v)), 1, 5);
}

static void ages_grow_coarser(void **state)
{
    static const struct {
        int64_t s;
        const char *text;
    } rows[] = {{0, "0.0s"},     {12, "12s"},        {99, "99s"},      {245, "4m05s"},
                {7620, "2h07m"}, {273600, "76h00m"}, {374400, "4d08h"}};
    char out[FORMAT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(format_age(out, rows[i].s * SECOND_US), rows[i].text);
    assert_string_equal(format_age(out, -1), DASH);
    assert_string_equal(format_since(out, 5, 0), DASH);
    assert_string_equal(format_since(out, 5, 9), "0.0s");
}

static void counts_and_parts(void **state)
{
    char out[FORMAT_MAX];

    (void)state;
    assert_string_equal(format_count(out, 3312904), "3 312 904");
    assert_string_equal(format_count(out, UINT64_MAX), "18 446 744 073 709 551 615");
    assert_string_equal(format_percent(out, 6, 1851), "0.3%");
    assert_string_equal(format_percent(out, 0, 0), DASH);
    assert_string_equal(format_fixed(out, NAN, 2), DASH);
    assert_string_equal(format_bytes(out, 1310720), "1.2 MiB");
    assert_string_equal(format_uptime(out, INT64_C(274329) * SECOND_US), "3d04:12:09");
    assert_string_equal(format_clock(out, INT64_C(1767625407000)), "15:03:27");
    assert_string_equal(format_clock(out, 0), DASH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(si_has_at_most_six_cells),
        cmocka_unit_test(short_has_at_most_five_cells),
        cmocka_unit_test(ages_grow_coarser),
        cmocka_unit_test(counts_and_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
