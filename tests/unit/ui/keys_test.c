/* SPDX-License-Identifier: MIT */
/* Bytes to keys, names of keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/input.h"
#include "ui/keys.h"

struct got {
    int keys[64];
    int count;
};

static void take(void *arg, int key)
{
    struct got *g = arg;

    if (g->count < 64)
        g->keys[g->count++] = key;
}

static struct got feed(struct input *in, const char *bytes)
{
    struct got g = {0};

    input_feed(in, (const uint8_t *)bytes, strlen(bytes), 1000, take, &g);
    return g;
}

static void sequences_of_all_terminals_become_keys(void **state)
{
    static const struct {
        const char *bytes;
        int key;
    } rows[] = {{"\033[A", KEY_UP},      {"\033OB", KEY_DOWN},     {"\033[1~", KEY_HOME},
                {"\033[7~", KEY_HOME},   {"\033[[A", KEY_F1},      {"\033OP", KEY_F1},
                {"\033[11~", KEY_F1},    {"\033[21~", KEY_F1 + 9}, {"\033[Z", KEY_BACKTAB},
                {"\033[5~", KEY_PGUP},   {"\r", KEY_ENTER},        {"\n", KEY_ENTER},
                {"\177", KEY_BACKSPACE}, {"\b", KEY_BACKSPACE},    {"\033x", KEY_ALT | 'x'},
                {"\xc3\xa4", 0xe4},      {"\xe2\x82\xac", 0x20ac}, {"\x03", 3}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct input in = {0};
        struct got g = feed(&in, rows[i].bytes);
        assert_int_equal(g.count, 1);
        assert_int_equal(g.keys[0], rows[i].key);
        assert_int_equal(in.n, 0);
    }
}

static void sequence_in_pieces_is_one_key(void **state)
{
    struct input in = {0};

    (void)state;
    assert_int_equal(feed(&in, "\033").count, 0);
    assert_int_equal(feed(&in, "[").count, 0);
    assert_int_equal(feed(&in, "6").count, 0);
    struct got g = feed(&in, "~j");
    assert_int_equal(g.count, 2);
    assert_int_equal(g.keys[0], KEY_PGDN);
    assert_int_equal(g.keys[1], 'j');
}

static void lone_escape_is_a_key_after_its_delay(void **state)
{
    struct input in = {0};
    struct got g = feed(&in, "\033");

    (void)state;
    assert_true(input_idle(&in, 1000 + ESC_DELAY_US - 1, take, &g));
    assert_int_equal(g.count, 0);
    assert_false(input_idle(&in, 1000 + ESC_DELAY_US, take, &g));
    assert_int_equal(g.count, 1);
    assert_int_equal(g.keys[0], KEY_ESC);
}

static void unknown_sequences_do_nothing(void **state)
{
    struct input in = {0};

    (void)state;
    assert_int_equal(feed(&in, "\033[>0;276;0c\033[?1;2c\033[99;99;99~\033[I").count, 0);
    assert_int_equal(feed(&in, "\033[1111111111111111111111111111111111111111111111~").count, 0);
    assert_int_equal(feed(&in, "q").keys[0], 'q');
}

static void pasted_text_is_swallowed(void **state)
{
    struct input in = {0};
    struct got g = feed(&in, "a\033[200~qy\rOy\033[A more \033[201~b");

    (void)state;
    assert_int_equal(g.count, 2);
    assert_int_equal(g.keys[0], 'a');
    assert_int_equal(g.keys[1], 'b');
}

static void paste_without_end_is_over_when_idle(void **state)
{
    struct input in = {0};
    struct got g = feed(&in, "\033[200~qqq");

    (void)state;
    assert_true(input_idle(&in, 2000, take, &g));
    assert_false(input_idle(&in, 1000 + PASTE_IDLE_US, take, &g));
    assert_int_equal(feed(&in, "z").count, 1);
}

static void names_round_trip(void **state)
{
    static const char *const names[] = {"F1",   "F10",   "F12", "Enter", "Esc", "Space",
                                        "PgUp", "S-Tab", "Tab", "C-l",   "C-c", "A-1",
                                        "q",    "?",     "\\",  "[",     "Up",  "BS"};
    char out[16];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(key_name(key_parse(names[i], strlen(names[i])), out), names[i]);
    assert_int_equal(key_parse("F13", 3), 0);
    assert_int_equal(key_parse("Foo", 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_of_all_terminals_become_keys),
        cmocka_unit_test(sequence_in_pieces_is_one_key),
        cmocka_unit_test(lone_escape_is_a_key_after_its_delay),
        cmocka_unit_test(unknown_sequences_do_nothing),
        cmocka_unit_test(pasted_text_is_swallowed),
        cmocka_unit_test(paste_without_end_is_over_when_idle),
        cmocka_unit_test(names_round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
