/* SPDX-License-Identifier: MIT */
/* Order, filter, cursor and columns of tables; text filters. */
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
#include "ui/screen.h"
#include "ui/widgets/table.h"

static const struct {
    const char *name;
    double value;
} all[] = {{"delta", 3}, {"alpha", NAN}, {"charlie", 1}, {"bravo", 2}};

static unsigned order_of[4] = {0, 1, 2, 3}; /* which thing is in which row */
static struct screen *screen;

static void cell(const struct ui_ctx *ctx, unsigned row, unsigned column, struct table_cell *out)
{
    (void)ctx;
    if (column == 0)
        (void)snprintf(out->text, sizeof out->text, "%s", all[order_of[row]].name);
    else
        (void)snprintf(out->text, sizeof out->text, "%.0f", all[order_of[row]].value);
}

static double key(const struct ui_ctx *ctx, unsigned row, unsigned column)
{
    (void)ctx;
    return column == 0 ? NAN : all[order_of[row]].value;
}

static uint64_t id(const struct ui_ctx *ctx, unsigned row)
{
    (void)ctx;
    return order_of[row];
}

static const struct column columns[] = {
    {"NAME", 8, 10, 0, false}, {"VALUE", 5, 0, 1, true}, {"", 6, 0, 2, true}};
static const struct table_model model = {
    .columns = columns, .column_count = 2, .rows = 4, .cell = cell, .key = key, .id = id};

static void ignore_words(void *arg, const char *words)
{
    (void)arg;
    (void)words;
}

static void ignore_quit(void *arg)
{
    (void)arg;
}

static int set_up(void **state)
{
    static const struct command_info *none;
    struct screen_options o = {.commands = none, .send = ignore_words, .quit = ignore_quit};

    (void)state;
    screen = screen_new(&o);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    screen_free(screen);
    return 0;
}

static struct ui_ctx context(void)
{
    return (struct ui_ctx){.screen = screen};
}

/* The table as text; the caller frees. */
static char *drawn(struct table *t, int w, int h)
{
    struct grid grid;
    struct ui_ctx ctx = context();

    grid_init(&grid, true, SYMBOLS_ASCII);
    grid_resize(&grid, w, h);
    table_draw(t, &model, &ctx, canvas_all(&grid));
    char *text = grid_text(&grid);
    grid_fini(&grid);
    return text;
}

static void text_column_sorts_by_text(void **state)
{
    struct table t = {0};

    (void)state;
    AUTO_FREE char *text = drawn(&t, 20, 6);
    assert_string_equal(text, " NAME         VALUE\n>alpha          nan\n bravo            2\n"
                              " charlie          1\n delta            3\n\n");
}

static void unknown_numbers_come_last_in_both_directions(void **state)
{
    struct table t = {.sort = 1};
    struct ui_ctx ctx = context();

    (void)state;
    AUTO_FREE char *up = drawn(&t, 20, 5);
    assert_non_null(strstr(up, ">charlie"));
    assert_true(strstr(up, "delta") < strstr(up, "alpha"));
    (void)table_act(&t, &model, &ctx, "sort.invert");
    AUTO_FREE char *down = drawn(&t, 20, 5);
    assert_true(strstr(down, "delta") < strstr(down, "charlie"));
    assert_true(strstr(down, "charlie") < strstr(down, "alpha"));
}

static void cursor_stays_on_its_row_when_the_order_changes(void **state)
{
    struct table t = {0};
    struct ui_ctx ctx = context();

    (void)state;
    assert_true(table_act(&t, &model, &ctx, "move.down")); /* bravo */
    assert_string_equal(all[order_of[table_chosen(&t, &model, &ctx)]].name, "bravo");
    (void)table_act(&t, &model, &ctx, "sort.next");
    assert_string_equal(all[order_of[table_chosen(&t, &model, &ctx)]].name, "bravo");
    order_of[3] = 0;
    order_of[0] = 3;
    assert_string_equal(all[order_of[table_chosen(&t, &model, &ctx)]].name, "bravo");
    order_of[3] = 3;
    order_of[0] = 0;
}

static void moves_are_clamped_and_scroll(void **state)
{
    struct table t = {0};
    struct ui_ctx ctx = context();

    (void)state;
    AUTO_FREE char *first = drawn(&t, 20, 3);
    assert_null(strstr(first, "delta"));
    (void)table_act(&t, &model, &ctx, "move.last");
    (void)table_act(&t, &model, &ctx, "move.down");
    AUTO_FREE char *last = drawn(&t, 20, 3);
    assert_non_null(strstr(last, ">delta"));
    for (int i = 0; i < 9; i++)
        (void)table_act(&t, &model, &ctx, "move.page_up");
    assert_int_equal(t.cursor, 0);
}

static void filter_hides_rows_and_search_finds_them(void **state)
{
    struct table t = {0};
    struct ui_ctx ctx = context();

    (void)state;
    table_typed(&t, &model, &ctx, "search", "charl");
    assert_string_equal(all[order_of[table_chosen(&t, &model, &ctx)]].name, "charlie");
    table_typed(&t, &model, &ctx, "filter", "!charlie");
    AUTO_FREE char *text = drawn(&t, 20, 6);
    assert_null(strstr(text, "charlie"));
    table_typed(&t, &model, &ctx, "filter", "zulu");
    assert_int_equal(table_chosen(&t, &model, &ctx), -1);
    table_fini(&t);
}

static void columns_drop_by_rank(void **state)
{
    struct table t = {0};

    (void)state;
    AUTO_FREE char *narrow = drawn(&t, 13, 3);
    assert_null(strstr(narrow, "VALUE"));
    assert_non_null(strstr(narrow, "NAME"));
    for (int w = 0; w < 30; w++)
        for (int h = 0; h < 4; h++)
            free(drawn(&t, w, h));
}

static bool matches(const char *filter, const char *text)
{
    struct filter f = {0};

    filter_set(&f, filter);
    bool match = filter_match(&f, text);
    filter_fini(&f);
    return match;
}

static void filters_know_words_or_not_and_expressions(void **state)
{
    (void)state;
    assert_true(matches("", "anything"));
    assert_true(matches("gpu1 RUN", "gpu1 is run"));
    assert_false(matches("gpu1 run", "gpu2 run"));
    assert_true(matches("gpu1|gpu2", "gpu2 run"));
    assert_false(matches("!gpu2", "gpu2 run"));
    assert_true(matches("!gpu1|gpu3 run", "gpu2 run"));
    assert_true(matches("/gpu[0-9]+ r.n/", "GPU17 run"));
    assert_false(matches("/gpu(/", "gpu("));
    assert_true(matches("!", "x"));
    assert_true(matches("|", "x") == matches("||", "x"));
}

static void log_ring_keeps_the_newest(void **state)
{
    struct log_view log = {0};
    struct log_record r = {.text = "x"};

    (void)state;
    for (unsigned i = 1; i <= LOG_VIEW_MAX + 5; i++) {
        r.seq = i;
        log_view_add(&log, &r, 1);
    }
    assert_int_equal(log.count, LOG_VIEW_MAX);
    assert_int_equal(log_view_at(&log, 0)->seq, 6);
    assert_int_equal(log_view_at(&log, LOG_VIEW_MAX - 1)->seq, LOG_VIEW_MAX + 5);
    log_view_fini(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_column_sorts_by_text),
        cmocka_unit_test(unknown_numbers_come_last_in_both_directions),
        cmocka_unit_test(cursor_stays_on_its_row_when_the_order_changes),
        cmocka_unit_test(moves_are_clamped_and_scroll),
        cmocka_unit_test(filter_hides_rows_and_search_finds_them),
        cmocka_unit_test(columns_drop_by_rank),
        cmocka_unit_test(filters_know_words_or_not_and_expressions),
        cmocka_unit_test(log_ring_keeps_the_newest),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
