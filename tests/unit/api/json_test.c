/* SPDX-License-Identifier: MIT */
/* Unknown is null, money is exact, text is UTF-8, and hostile bodies are refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "coin/coin.h"

static void expect(json_t *take, const char *text)
{
    char *got = json_print(take);

    assert_string_equal(got, text);
    free(got);
    json_decref(take);
}

static void unknown_is_null_and_zero_is_zero(void **state)
{
    (void)state;
    expect(json_known(NAN), "null");
    expect(json_known(INFINITY), "null");
    expect(json_known(0), "0.0");
    expect(json_nonzero(0), "null");
    expect(json_count(0), "0");
    expect(json_wall(0), "null");
    expect(json_age_ms(5, 0), "null");
    expect(json_text_or_null(""), "null");
}

static void counts_saturate(void **state)
{
    (void)state;
    expect(json_count(UINT64_MAX), "9223372036854775807");
}

static void ages_are_never_negative(void **state)
{
    (void)state;
    expect(json_age_ms(1000, 2000), "0");
    expect(json_age_ms(5000, 2000), "3");
}

static void broken_text_becomes_valid(void **state)
{
    (void)state;
    expect(json_text("a\xff"
                     "b"),
           "\"a\xef\xbf\xbd"
           "b\"");
    expect(json_text("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    expect(json_text("gr\xc3\xbc\xc3\x9f"), "\"gr\xc3\xbc\xc3\x9f\"");
    expect(json_text("cut \xe2\x82"), "\"cut \xef\xbf\xbd\xef\xbf\xbd\"");
}

static void money_keeps_every_unit(void **state)
{
    static const struct coin coin = {.symbol = "DEV", .decimals = 8};

    (void)state;
    expect(json_money(9007199254740993, &coin),
           "{\"amount\":\"9007199254740993\",\"currency\":\"DEV\",\"decimals\":8}");
    expect(json_money(UINT64_MAX, NULL),
           "{\"amount\":\"18446744073709551615\",\"currency\":null,\"decimals\":null}");
}

static void times_are_rfc3339(void **state)
{
    (void)state;
    expect(json_wall(1767700000123), "\"2026-01-06T11:46:40.123Z\"");
}

static void good_objects_are_read(void **state)
{
    static const char text[] = "{\"a\":[{\"b\":\"}}}]]]\\\"{{{{{{{{{{{{{{{{{{\"}]}";
    char why[256];
    json_t *got = json_read_object(text, strlen(text), 3, why, sizeof why);

    (void)state;
    assert_non_null(got);
    json_decref(got);
}

static void bad_bodies_are_refused_with_a_reason(void **state)
{
    static const char *const bodies[] = {
        "",
        "[]",
        "1",
        "{",
        "{\"a\":1,\"a\":2}",
        "{\"\xff\":1}",
        "{}x",
        "{\"a\":nul}",
        "{\"a\":\"\\ud800\"}",
        "\"",
        "{\"a\":01}",
        "{'a':1}",
        "[[[[[[[[[[[[[[[[[[[[[[[[",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char why[256] = "";
        json_t *got = json_read_object(bodies[i], strlen(bodies[i]), 16, why, sizeof why);
        if (got)
            fail_msg("read: %s", bodies[i]);
        assert_true(strlen(why) > 10);
    }
}

static void depth_is_limited_exactly(void **state)
{
    char why[256];
    static const char two[] = "{\"a\":[]}", three[] = "{\"a\":[[]]}";
    json_t *got = json_read_object(two, strlen(two), 2, why, sizeof why);

    (void)state;
    assert_non_null(got);
    json_decref(got);
    assert_null(json_read_object(three, strlen(three), 2, why, sizeof why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_is_null_and_zero_is_zero),
        cmocka_unit_test(counts_saturate),
        cmocka_unit_test(ages_are_never_negative),
        cmocka_unit_test(broken_text_becomes_valid),
        cmocka_unit_test(money_keeps_every_unit),
        cmocka_unit_test(times_are_rfc3339),
        cmocka_unit_test(good_objects_are_read),
        cmocka_unit_test(bad_bodies_are_refused_with_a_reason),
        cmocka_unit_test(depth_is_limited_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
