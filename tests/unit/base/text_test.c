/* SPDX-License-Identifier: MIT */
/* Hexadecimal, growing text, cleaning of hostile text, nearest names, error texts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/str.h"

static void hex_round_trips_in_either_case(void **state)
{
    uint8_t bytes[4];
    char text[9];
    uint32_t v;

    (void)state;
    assert_true(hex_decode("00fFAb1c", bytes, 4));
    hex_encode(bytes, 4, text);
    assert_string_equal(text, "00ffab1c");
    assert_true(hex_u32("1D00ffff", &v));
    assert_int_equal(v, 0x1d00ffff);
}

static void hex_of_a_wrong_length_or_letter_is_refused(void **state)
{
    /* exact allocations: a sanitizer sees a read past the NUL */
    static const char *const bad[] = {"", "0", "00", "000000", "0g", "g0", " 0", "0x00", "0:0/"};
    uint8_t out[8];
    uint32_t v;

    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        AUTO_FREE char *text = xstrdup(bad[i]);
        assert_false(hex_decode(text, out, strcmp(text, "00") ? 1 : 2));
        assert_false(hex_u32(text, &v));
    }
    assert_true(hex_decode("", out, 0));
    assert_int_equal(hex_decode_any("", out, 8), 0);
    assert_int_equal(hex_decode_any("abc", out, 8), -1);
    assert_int_equal(hex_decode_any("0011223344556677", out, 8), 8);
    assert_int_equal(hex_decode_any("001122334455667788", out, 8), -1);
}

static void text_grows_and_keeps_its_end(void **state)
{
    struct str t = {0};

    (void)state;
    assert_string_equal(str_text(&t), "");
    for (unsigned i = 0; i < 1000; i++)
        str_addf(&t, "%u,", i);
    assert_int_equal(strlen(t.s), t.len);
    assert_int_equal(t.len, 10 * 2 + 90 * 3 + 900 * 4);
    str_clear(&t);
    assert_string_equal(str_text(&t), "");
    str_add_n(&t, "a\0b", 3);
    assert_int_equal(t.len, 3);
    assert_memory_equal(t.s, "a\0b", 4);
    str_free(&t);
    str_add_n(&t, NULL, 0);
    assert_string_equal(str_text(&t), "");
    str_free(&t);
}

static void copies_are_bounded_and_tell_when_cut(void **state)
{
    char to[4];

    (void)state;
    assert_true(text_copy(to, sizeof to, "abc"));
    assert_string_equal(to, "abc");
    assert_false(text_copy(to, sizeof to, "abcd"));
    assert_string_equal(to, "abc");
    assert_false(text_copy(to, 0, "x"));
    assert_string_equal(to, "abc");
}

static void distance_counts_single_changes(void **state)
{
    (void)state;
    assert_int_equal(text_distance("", ""), 0);
    assert_int_equal(text_distance("", "abc"), 3);
    assert_int_equal(text_distance("kitten", "sitting"), 3);
    assert_int_equal(text_distance("pool.adress", "pool.address"), 1);
    assert_int_equal(text_distance("flaw", "lawn"), 2);
    char a[200], b[200];
    memset(a, 'a', sizeof a);
    memset(b, 'b', sizeof b);
    a[199] = b[199] = 0;
    assert_int_equal(text_distance(a, b), 64);
}

static void hostile_text_becomes_harmless(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"plain text", "plain text"},
        {"a\tb\r\nc", "a b  c"},
        {"\x1b[2J\x07\x7f", "?[2J??"},
        {"gr\xc3\xbc\xc3\x9f \xe2\x82\xbf \xf0\x9f\x8d\x99",
         "gr\xc3\xbc\xc3\x9f \xe2\x82\xbf \xf0\x9f\x8d\x99"},
        {"\xc2\x9b"
         "31m",
         "?31m"}, /* C1 control sequence introducer */
        {"\xe2\x80\xae"
         "evil\xe2\x81\xa6",
         "?evil?"}, /* direction overrides */
        {"\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80",
         "?????????"}, /* overlong, surrogate, past the end */
        {"\xe2\x82", "??"},
        {"\xff\xfe", "??"},
    };
    char out[64];

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO_FREE char *exact = xstrdup(rows[i].from);
        assert_true(text_clean(out, sizeof out, exact));
        assert_string_equal(out, rows[i].to);
    }
}

static void a_cut_text_ends_in_dots_between_characters(void **state)
{
    char out[8];

    (void)state;
    assert_true(text_clean(out, sizeof out, "1234567"));
    assert_string_equal(out, "1234567");
    assert_false(text_clean(out, sizeof out, "12345678"));
    assert_string_equal(out, "1234…");
    assert_false(text_clean(out, sizeof out, "123\xc3\xbc\xc3\xbc\xc3\xbc"));
    assert_string_equal(out, "123…");
    assert_false(text_clean(out, 3, "abc"));
    assert_string_equal(out, "ab");
    assert_false(text_clean(out, 1, "abc"));
    assert_string_equal(out, "");
    assert_false(text_clean(out, 0, ""));
}

static void every_error_code_has_a_sentence(void **state)
{
    struct fault why = {.line = 3};

    (void)state;
    assert_string_equal(err_str(ERR_STALE), "work is stale");
    assert_string_equal(err_str(-ENOENT), uv_strerror(UV_ENOENT));
    assert_string_equal(err_str(UV_EOF), uv_strerror(UV_EOF));
    assert_string_equal(err_str(-99999), "unknown error");
    assert_string_equal(err_str(0), "no error");
    assert_int_equal(fault_set(&why, ERR_FIELD, "%s %d", "number", 5), ERR_FIELD);
    assert_string_equal(why.text, "number 5");
    assert_int_equal(why.line, 3);
    assert_int_equal(fault_set(NULL, -1, "nobody asks"), -1);
}

static void numbers_in_bytes_have_their_order(void **state)
{
    uint8_t b[9] = {0xff, 1, 2, 3, 4, 5, 6, 7, 8}, r[3] = {1, 2, 3};

    (void)state;
    assert_int_equal(le16(b + 1), 0x0201);
    assert_int_equal(be16(b + 1), 0x0102);
    assert_int_equal(le32(b + 1), 0x04030201);
    assert_int_equal(be32(b + 1), 0x01020304);
    assert_true(le64(b + 1) == UINT64_C(0x0807060504030201));
    assert_true(be64(b + 1) == UINT64_C(0x0102030405060708));
    put_be32(b + 1, 0x0a0b0c0d);
    assert_int_equal(b[1], 0x0a);
    bytes_reverse(b, r, 3);
    assert_int_equal(b[0], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_round_trips_in_either_case),
        cmocka_unit_test(hex_of_a_wrong_length_or_letter_is_refused),
        cmocka_unit_test(text_grows_and_keeps_its_end),
        cmocka_unit_test(copies_are_bounded_and_tell_when_cut),
        cmocka_unit_test(distance_counts_single_changes),
        cmocka_unit_test(hostile_text_becomes_harmless),
        cmocka_unit_test(a_cut_text_ends_in_dots_between_characters),
        cmocka_unit_test(every_error_code_has_a_sentence),
        cmocka_unit_test(numbers_in_bytes_have_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
