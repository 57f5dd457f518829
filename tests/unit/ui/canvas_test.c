/* SPDX-License-Identifier: MIT */
/* Cells, clipping, widths, differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "ui/canvas.h"

static struct grid grid;

static int set_up(void **state)
{
    (void)state;
    grid_init(&grid, false, SYMBOLS_BRAILLE);
    grid_resize(&grid, 10, 3);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    grid_fini(&grid);
    return 0;
}

static void assert_text(const char *expected)
{
    AUTO_FREE char *text = grid_text(&grid);

    assert_string_equal(text, expected);
}

static void text_is_clipped_at_every_edge(void **state)
{
    (void)state;
    struct canvas c = canvas_sub(canvas_all(&grid), 2, 1, 4, 1);
    (void)canvas_text(c, -2, 0, STYLE_TEXT, "abcdefghij");
    (void)canvas_text(c, 0, 1, STYLE_TEXT, "below");
    (void)canvas_text(c, 0, -1, STYLE_TEXT, "above");
    assert_text("\n  cdef\n\n");
}

static void sub_canvas_stays_in_its_parent(void **state)
{
    (void)state;
    struct canvas c = canvas_sub(canvas_sub(canvas_all(&grid), 8, 2, 50, 50), 1, 0, 9, 9);
    assert_int_equal(c.x, 9);
    assert_int_equal(c.w, 1);
    assert_int_equal(c.h, 1);
    c = canvas_sub(canvas_all(&grid), -5, -5, -1, -1);
    assert_int_equal(c.w, 0);
}

static void cut_text_ends_with_an_ellipsis(void **state)
{
    (void)state;
    (void)canvas_text_cut(canvas_all(&grid), 0, 0, 5, STYLE_TEXT, "abcdefgh");
    (void)canvas_text_cut(canvas_all(&grid), 0, 1, 5, STYLE_TEXT, "abcde");
    assert_text("abcd\xe2\x80\xa6\nabcde\n\n");
}

static void wide_characters_take_two_cells_and_never_half(void **state)
{
    (void)state;
    struct canvas c = canvas_sub(canvas_all(&grid), 0, 0, 4, 1);
    assert_int_equal(canvas_text(c, 0, 0, STYLE_TEXT, "a\xe6\x97\xa5\xe6\x9c\xac"), 5);
    assert_text("a\xe6\x97\xa5\n\n\n");   /* the second one does not fit */
    canvas_put(c, 2, 0, STYLE_TEXT, 'x'); /* over the right half */
    assert_text("a x\n\n\n");
}

static void hostile_text_cannot_move_anything(void **state)
{
    (void)state;
    int x = canvas_text(canvas_all(&grid), 0, 0, STYLE_TEXT,
                        "a\033[2J\x07\xe2\x80\xae"
                        "b\xff"
                        "c");
    assert_text("a[2Jb\xef\xbf\xbd"
                "c\n\n\n");
    assert_int_equal(x, 7);
}

static void ascii_grid_takes_only_ascii(void **state)
{
    (void)state;
    grid.ascii = true;
    (void)canvas_box(canvas_all(&grid), "\xe6\x97\xa5 \xe2\x80\x93", NULL);
    AUTO_FREE char *text = grid_text(&grid);
    for (const char *c = text; *c; c++)
        assert_in_range((unsigned char)*c, '\n', 0x7e);
    assert_memory_equal(text, "+-", 2);
}

static void count_call(void *arg, int x, int y, const struct cell *cell)
{
    int *last = arg;

    (void)cell;
    last[0] = x;
    last[1] = y;
}

static void diff_names_changed_cells_only(void **state)
{
    struct grid was = {0};
    int last[2] = {-1, -1};

    (void)state;
    assert_int_equal(grid_diff(&was, &grid, count_call, last), 30);
    assert_int_equal(grid_diff(&was, &grid, count_call, last), 0);
    canvas_put(canvas_all(&grid), 4, 2, STYLE_TEXT, 'x');
    assert_int_equal(grid_diff(&was, &grid, count_call, last), 1);
    assert_int_equal(last[0], 4);
    assert_int_equal(last[1], 2);
    grid_fini(&was);
}

static void box_of_any_size_returns_its_inside(void **state)
{
    (void)state;
    for (int w = 0; w < 10; w++)
        for (int h = 0; h < 3; h++) {
            struct canvas in =
                canvas_box(canvas_sub(canvas_all(&grid), 0, 0, w, h), "title", "note");
            assert_int_equal(in.w, w < 2 || h < 2 ? 0 : w - 2);
        }
}

static void grids_are_clamped(void **state)
{
    (void)state;
    grid_resize(&grid, -4, 100000);
    assert_int_equal(grid.w, 0);
    assert_int_equal(grid.h, GRID_MAX);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(text_is_clipped_at_every_edge),
        T(sub_canvas_stays_in_its_parent),
        T(cut_text_ends_with_an_ellipsis),
        T(wide_characters_take_two_cells_and_never_half),
        T(hostile_text_cannot_move_anything),
        T(ascii_grid_takes_only_ascii),
        T(diff_names_changed_cells_only),
        T(box_of_any_size_returns_its_inside),
        T(grids_are_clamped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
