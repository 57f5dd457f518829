/* SPDX-License-Identifier: MIT */
/* The line that is typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/widgets/prompt.h"

static struct prompt p;

static void type(const char *text)
{
    for (; *text; text++)
        assert_int_equal(prompt_key(&p, *text), PROMPT_OPEN);
}

static int set_up(void **state)
{
    (void)state;
    memset(&p, 0, sizeof p);
    prompt_start(&p, "");
    return 0;
}

static void editing_keys_edit(void **state)
{
    (void)state;
    type("pool switch");
    (void)prompt_key(&p, KEY_CTRL('w'));
    assert_string_equal(p.text, "pool ");
    (void)prompt_key(&p, KEY_HOME);
    (void)prompt_key(&p, KEY_DELETE);
    type("P");
    assert_string_equal(p.text, "Pool ");
    (void)prompt_key(&p, KEY_END);
    (void)prompt_key(&p, 0xe4);
    assert_int_equal(p.len, 7);
    (void)prompt_key(&p, KEY_BACKSPACE);
    assert_string_equal(p.text, "Pool ");
    (void)prompt_key(&p, KEY_CTRL('u'));
    assert_string_equal(p.text, "");
    assert_int_equal(prompt_key(&p, KEY_BACKSPACE), PROMPT_CANCELLED);
}

static void line_never_overflows(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        (void)prompt_key(&p, i % 2 ? 0x20ac : 'x');
    assert_true(p.len < sizeof p.text);
    assert_int_equal(strlen(p.text), p.len);
}

static void history_goes_back_and_returns_to_the_draft(void **state)
{
    (void)state;
    type("one");
    prompt_remember(&p);
    prompt_start(&p, "");
    type("two");
    prompt_remember(&p);
    prompt_start(&p, "");
    type("thr");
    (void)prompt_key(&p, KEY_UP);
    (void)prompt_key(&p, KEY_UP);
    (void)prompt_key(&p, KEY_UP);
    assert_string_equal(p.text, "one");
    (void)prompt_key(&p, KEY_DOWN);
    (void)prompt_key(&p, KEY_DOWN);
    assert_string_equal(p.text, "thr");
    for (int i = 0; i < 100; i++) {
        char line[32];
        (void)snprintf(line, sizeof line, "line %d", i);
        prompt_start(&p, line);
        prompt_remember(&p);
    }
    assert_int_equal(p.history_count, PROMPT_HISTORY);
}

static void completion_goes_to_the_common_beginning(void **state)
{
    char a[] = "device pause cpu0", b[] = "device pause all", c[] = "device resume cpu0",
         d[] = "pool on";
    char *const lines[] = {a, b, c, d};
    char choices[64];

    (void)state;
    type("de");
    prompt_complete(&p, lines, 4, choices, sizeof choices);
    assert_string_equal(p.text, "device ");
    assert_string_equal(choices, " pause resume ");
    type("p");
    prompt_complete(&p, lines, 4, choices, sizeof choices);
    assert_string_equal(p.text, "device pause ");
    assert_string_equal(choices, " cpu0 all ");
    type("zzz");
    prompt_complete(&p, lines, 4, choices, sizeof choices);
    assert_string_equal(p.text, "device pause zzz");
    assert_string_equal(choices, "");
}

static void long_lines_scroll_with_the_cursor(void **state)
{
    struct grid grid;

    (void)state;
    grid_init(&grid, true, SYMBOLS_ASCII);
    grid_resize(&grid, 12, 1);
    type("abcdefghijklmnopqrstuvwxyz");
    assert_int_equal(prompt_draw(&p, canvas_all(&grid), 0, ":"), 11);
    grid_resize(&grid, 1, 1);
    (void)prompt_draw(&p, canvas_all(&grid), 0, ":");
    grid_fini(&grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(editing_keys_edit, set_up),
        cmocka_unit_test_setup(line_never_overflows, set_up),
        cmocka_unit_test_setup(history_goes_back_and_returns_to_the_draft, set_up),
        cmocka_unit_test_setup(completion_goes_to_the_common_beginning, set_up),
        cmocka_unit_test_setup(long_lines_scroll_with_the_cursor, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
