/* SPDX-License-Identifier: MIT */
/* Theme files, colours, the choice between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "ui/colour.h"
#include "ui/theme.h"

static void keys_take_colours_and_attributes(void **state)
{
    struct theme t = {0};

    (void)state;
    assert_int_equal(theme_parse(&t,
                                 "# a comment\n\nname = \"Night\"\nfg=#d0d4dc\n"
                                 "tab.active = black on cyan bold\nborder = 240 # grey\n"
                                 "bad = bright-red reverse underline\nbg = default",
                                 NULL),
                     0);
    assert_string_equal(t.title, "Night");
    assert_int_equal(t.style[STYLE_TEXT].fg, COLOUR_RGB | 0xd0d4dc);
    assert_int_equal(t.style[STYLE_TAB_ACTIVE].fg, 0);
    assert_int_equal(t.style[STYLE_TAB_ACTIVE].bg, 6);
    assert_int_equal(t.style[STYLE_TAB_ACTIVE].attributes, ATTR_BOLD);
    assert_int_equal(t.style[STYLE_BORDER].fg, 240);
    assert_int_equal(t.style[STYLE_BAD].fg, 9);
    assert_int_equal(t.style[STYLE_BAD].attributes, ATTR_REVERSE | ATTR_UNDERLINE);
    assert_true(t.defined[STYLE_BAD]);
    assert_false(t.defined[STYLE_OK]);
}

static void complaints_name_line_and_key(void **state)
{
    struct theme t = {0};
    AUTO_STR struct str w = {0};

    (void)state;
    assert_int_equal(theme_parse(&t,
                                 "nonsense\ncolour = red\nok = reddish\nwarn = 256\n"
                                 "base = grey\nbad = black on #101010\n",
                                 &w),
                     6);
    assert_non_null(strstr(str_text(&w), "line 2: \"colour\" is no key"));
    assert_non_null(strstr(str_text(&w), "line 3: \"ok\""));
    assert_non_null(strstr(str_text(&w), "line 6: \"bad\" has a contrast below 3:1"));
}

static void unknown_theme_falls_back_to_dark_and_names_the_others(void **state)
{
    struct theme t;
    struct fault why = {0};

    (void)state;
    assert_int_equal(theme_load(&t, "../../etc/passwd", &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, "mono"));
    assert_string_equal(t.name, "dark");
}

static void own_file_wins_and_its_base_fills_gaps(void **state)
{
    char folder[] = "/tmp/otedama-theme-XXXXXX";
    struct theme t;

    (void)state;
    assert_non_null(mkdtemp(folder));
    AUTO_FREE char *a = xasprintf("%s/otedama", folder), *b = xasprintf("%s/themes", a);
    AUTO_FREE char *path = xasprintf("%s/mine.theme", b);
    assert_int_equal(mkdir(a, 0700) | mkdir(b, 0700), 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("name = \"Mine\"\nbase = mono\nok = 77\n", file);
    (void)fclose(file);
    assert_int_equal(setenv("XDG_CONFIG_HOME", folder, 1), 0);
    assert_int_equal(theme_load(&t, "mine", NULL), 0);
    (void)unsetenv("XDG_CONFIG_HOME");
    assert_string_equal(t.title, "Mine");
    assert_int_equal(t.base, BASE_MONO);
    assert_int_equal(t.style[STYLE_OK].fg, 77);
    assert_int_equal(t.style[STYLE_VALUE].attributes, ATTR_BOLD);
    (void)unlink(path);
    (void)rmdir(b);
    (void)rmdir(a);
    (void)rmdir(folder);
}

static void colours_can_be_refused(void **state)
{
    (void)state;
    (void)unsetenv("NO_COLOR");
    (void)setenv("TERM", "xterm", 1);
    assert_string_equal(theme_pick(NULL, false), "dark");
    assert_string_equal(theme_pick("light", false), "light");
    assert_string_equal(theme_pick("light", true), "mono");
    (void)setenv("NO_COLOR", "1", 1);
    assert_string_equal(theme_pick("light", false), "mono");
    (void)setenv("NO_COLOR", "", 1);
    assert_string_equal(theme_pick("light", false), "light");
    (void)setenv("TERM", "dumb", 1);
    assert_string_equal(theme_pick("light", false), "mono");
    (void)unsetenv("NO_COLOR");
}

static void poorer_terminals_get_the_nearest_colour(void **state)
{
    bool bold = false;

    (void)state;
    assert_int_equal(colour_map(COLOUR_DEFAULT, 8, &bold), -1);
    assert_int_equal(colour_map(240, 256, &bold), 240);
    assert_int_equal(colour_map(COLOUR_RGB | 0xff0000, 256, &bold), 196);
    assert_int_equal(colour_map(COLOUR_RGB | 0x00ff00, 16, &bold), 10);
    assert_false(bold);
    assert_int_equal(colour_map(9, 8, &bold), 1);
    assert_true(bold);
}

static void themes_go_round(void **state)
{
    char first[32], at[32];
    int n = 0;

    (void)state;
    theme_after(NULL, first);
    (void)text_copy(at, sizeof at, first);
    do {
        theme_after(at, at);
        assert_true(++n < 20);
    } while (strcmp(at, first) != 0);
    assert_true(n >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_take_colours_and_attributes),
        cmocka_unit_test(complaints_name_line_and_key),
        cmocka_unit_test(unknown_theme_falls_back_to_dark_and_names_the_others),
        cmocka_unit_test(own_file_wins_and_its_base_fills_gaps),
        cmocka_unit_test(colours_can_be_refused),
        cmocka_unit_test(poorer_terminals_get_the_nearest_colour),
        cmocka_unit_test(themes_go_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
