/* SPDX-License-Identifier: MIT */
/* Graphs and gauges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "ui/widgets/graph.h"

static char *graph(const float *points, unsigned n, int w, int h, enum symbols symbols)
{
    struct grid grid;

    grid_init(&grid, symbols == SYMBOLS_ASCII, symbols);
    grid_resize(&grid, w, h);
    graph_draw(canvas_all(&grid), points, n);
    char *text = grid_text(&grid);
    grid_fini(&grid);
    return text;
}

static void newest_value_is_at_the_right(void **state)
{
    const float points[] = {0, 0, 100};

    (void)state;
    AUTO_FREE char *text = graph(points, 3, 5, 2, SYMBOLS_ASCII);
    assert_string_equal(text, "    |\n    #\n");
}

static void gaps_stay_empty(void **state)
{
    const float points[] = {100, NAN, 100};

    (void)state;
    AUTO_FREE char *text = graph(points, 3, 3, 1, SYMBOLS_BLOCK);
    assert_int_equal(text[3], ' ');
}

static void anything_above_zero_is_seen(void **state)
{
    const float points[] = {1, 1000};

    (void)state;
    AUTO_FREE char *text = graph(points, 2, 2, 1, SYMBOLS_ASCII);
    assert_string_equal(text, ".#\n");
}

static void more_points_than_columns_fill_the_width(void **state)
{
    float points[360];

    (void)state;
    for (int i = 0; i < 360; i++)
        points[i] = i < 300 ? 10 : 100;
    AUTO_FREE char *text = graph(points, 360, 7, 1, SYMBOLS_ASCII);
    assert_int_equal(strlen(text), 8);
    assert_int_equal(text[0], '.');
    assert_int_equal(text[6], '#');
}

static void range_holds_all_values_and_ignores_noise(void **state)
{
    const float steady[] = {100, 101, 100, 99}, wild[] = {1, 100}, none[] = {NAN};
    double low, high;

    (void)state;
    graph_range(steady, 4, &low, &high);
    assert_true(low <= 90 && low > 0 && high >= 101);
    graph_range(wild, 2, &low, &high);
    assert_true(low == 0 && high >= 100);
    graph_range(none, 1, &low, &high);
    assert_true(low < high);
}

static void any_size_and_symbols_draw(void **state)
{
    float points[40];

    (void)state;
    for (int i = 0; i < 40; i++)
        points[i] = i % 7 ? (float)(i * i) : NAN;
    for (int s = 0; s < 3; s++)
        for (int w = 0; w < 60; w += 7)
            for (int h = 0; h < 9; h++)
                for (unsigned n = 0; n <= 40; n += 20)
                    free(graph(points, n, w, h, (enum symbols)s));
}

static void gauges_fill_by_ratio(void **state)
{
    struct grid grid;

    (void)state;
    grid_init(&grid, true, SYMBOLS_ASCII);
    grid_resize(&grid, 8, 4);
    struct canvas c = canvas_all(&grid);
    gauge_draw(c, 0, 0, 8, 0.5, STYLE_OK);
    gauge_draw(c, 0, 1, 8, 7, STYLE_OK);
    gauge_draw(c, 0, 2, 8, NAN, STYLE_OK);
    gauge_draw(c, 4, 3, 8, 1, STYLE_OK);
    AUTO_FREE char *text = grid_text(&grid);
    assert_string_equal(text, "####....\n########\n........\n    ####\n");
    grid_fini(&grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_value_is_at_the_right),
        cmocka_unit_test(gaps_stay_empty),
        cmocka_unit_test(anything_above_zero_is_seen),
        cmocka_unit_test(more_points_than_columns_fill_the_width),
        cmocka_unit_test(range_holds_all_values_and_ignores_noise),
        cmocka_unit_test(any_size_and_symbols_draw),
        cmocka_unit_test(gauges_fill_by_ratio),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
