/* SPDX-License-Identifier: MIT */
/* Every panel at every size, every theme, every binding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fake/canned.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/embed.h"
#include "hub/command.h"
#include "ui/panel.h"
#include "ui/screen.h"

static const int sizes[][2] = {{1, 1},     {3, 2},   {20, 5},   {20, 6},   {40, 8},
                               {60, 16},   {80, 24}, {119, 36}, {140, 45}, {300, 100},
                               {500, 200}, {500, 1}, {1, 200}};

static void ignore_words(void *arg, const char *words)
{
    (void)arg;
    (void)words;
}

static void ignore_quit(void *arg)
{
    (void)arg;
}

static struct screen *new_screen(bool ascii, enum symbols symbols)
{
    struct screen_options o = {.commands = command_table,
                               .ascii = ascii,
                               .symbols = symbols,
                               .send = ignore_words,
                               .quit = ignore_quit};

    assert_int_equal(theme_load(&o.theme, "dark", NULL), 0);
    return screen_new(&o);
}

/* The panel draws into a window inside a larger grid whose other cells must stay as they are. */
static void draw_in_window(struct screen *s, const struct panel *p, struct snapshot *now, int w,
                           int h)
{
    struct grid grid;
    struct log_view log = {0};
    enum { MARGIN = 3, MARK = '@' };
    AUTO_FREE void *state = xcalloc(1, p->state_bytes + 1);

    grid_init(&grid, false, SYMBOLS_BRAILLE);
    grid_resize(&grid, w + 2 * MARGIN, h + 2 * MARGIN);
    canvas_fill(canvas_all(&grid), 0, 0, grid.w, grid.h, STYLE_OFF, MARK);
    log_view_add(&log, canned_log, CANNED_LOG);
    struct ui_ctx ctx = {.screen = s,
                         .now = now,
                         .now_us = now->taken_us,
                         .log = &log,
                         .before = panels[0],
                         .state = state,
                         .wide = w >= 120 && h >= 36};
    p->draw(&ctx, canvas_sub(canvas_all(&grid), MARGIN, MARGIN, w, h));
    for (int y = 0; y < grid.h; y++)
        for (int x = 0; x < grid.w; x++) {
            bool inside = x >= MARGIN && x < MARGIN + w && y >= MARGIN && y < MARGIN + h;
            const struct cell *c = &grid.cells[(size_t)y * (size_t)grid.w + (size_t)x];
            if (!inside && (c->cp != MARK || c->style != STYLE_OFF))
                fail_msg("%s at %dx%d drew outside: %d,%d", p->name, w, h, x, y);
        }
    if (p->fini)
        p->fini(state);
    log_view_fini(&log);
    grid_fini(&grid);
}

static void panels_draw_inside_their_canvas_at_any_size(void **state)
{
    struct snapshot *now[] = {canned_rig(), canned_pool(), snapshot_new(0)};
    struct screen *s = new_screen(false, SYMBOLS_BRAILLE);

    (void)state;
    for (unsigned i = 0; panels[i]; i++)
        for (size_t n = 0; n < 3; n++)
            for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++)
                draw_in_window(s, panels[i], now[n], sizes[z][0], sizes[z][1]);
    for (size_t n = 0; n < 3; n++)
        snapshot_unref(now[n]);
    screen_free(s);
}

static void frames_have_their_size_in_every_symbol_set(void **state)
{
    int x, y;

    (void)state;
    for (int symbols = 0; symbols < 3; symbols++) {
        struct screen *s = new_screen(symbols == 0, (enum symbols)symbols);
        screen_snapshot(s, canned_pool());
        screen_log(s, canned_log, CANNED_LOG);
        for (unsigned i = 0; panels[i]; i++)
            for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++) {
                assert_true(screen_open(s, panels[i]->name));
                screen_resize(s, sizes[z][0], sizes[z][1]);
                const struct grid *g = screen_draw(s, SECOND_US, &x, &y);
                assert_int_equal(g->w, sizes[z][0]);
                assert_int_equal(g->h, sizes[z][1]);
            }
        screen_free(s);
    }
}

static void panels_name_themselves_once(void **state)
{
    (void)state;
    for (unsigned i = 0; panels[i]; i++) {
        assert_true(panels[i]->name && *panels[i]->name && panels[i]->title && panels[i]->draw);
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(panels[i]->name, panels[j]->name);
            assert_int_not_equal(panels[i]->key, panels[j]->key);
        }
    }
}

/* Adds the keys of a table to those seen; false when one is there already. */
static void add_keys(const char *where, const struct binding *table, int *seen, unsigned *count)
{
    for (; table && table->keys; table++) {
        const char *at = NULL;
        assert_true(table->help && strlen(table->help) > 3 && table->action);
        for (int key; (key = keys_next(table->keys, &at)) != 0;) {
            for (unsigned i = 0; i < *count; i++)
                if (seen[i] == key)
                    fail_msg("%s: a key of \"%s\" is bound twice", where, table->keys);
            seen[(*count)++] = key;
        }
    }
}

static void no_key_is_bound_twice_on_a_screen(void **state)
{
    (void)state;
    for (unsigned i = 0; panels[i]; i++) {
        int seen[256];
        unsigned count = 0;
        for (unsigned j = 0; panels[j]; j++)
            if (panels[j]->key < KEY_SPECIAL)
                seen[count++] = panels[j]->key;
        add_keys(panels[i]->name, panels[i]->bindings, seen, &count);
        add_keys(panels[i]->name, global_bindings, seen, &count);
    }
}

static void every_key_name_is_a_key(void **state)
{
    (void)state;
    for (unsigned i = 0; panels[i]; i++)
        for (const struct binding *b = panels[i]->bindings; b && b->keys; b++)
            for (const char *w = b->keys; *w; w += strcspn(w, " "), w += strspn(w, " "))
                assert_int_not_equal(key_parse(w, strcspn(w, " ")), 0);
    for (const struct binding *b = global_bindings; b->keys; b++)
        for (const char *w = b->keys; *w; w += strcspn(w, " "), w += strspn(w, " "))
            assert_int_not_equal(key_parse(w, strcspn(w, " ")), 0);
}

static void themes_define_every_key_without_complaint(void **state)
{
    unsigned themes = 0;

    (void)state;
    for (const struct embedded *f = embedded_files; f->name; f++) {
        if (strncmp(f->name, "themes/", 7) != 0)
            continue;
        struct theme t = {0};
        AUTO_STR struct str warnings = {0};
        unsigned n = theme_parse(&t, f->data, &warnings);
        if (n)
            fail_msg("%s: %s", f->name, str_text(&warnings));
        for (int i = 0; i < STYLES; i++)
            if (!t.defined[i])
                fail_msg("%s does not define \"%s\"", f->name, style_key((enum style)i));
        themes++;
    }
    assert_true(themes >= 3);
}

static void mono_uses_attributes_only(void **state)
{
    struct theme t;

    (void)state;
    assert_int_equal(theme_load(&t, "mono", NULL), 0);
    assert_int_equal(t.base, BASE_MONO);
    for (int i = 0; i < STYLES; i++) {
        assert_int_equal(t.style[i].fg, COLOUR_DEFAULT);
        assert_int_equal(t.style[i].bg, COLOUR_DEFAULT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panels_draw_inside_their_canvas_at_any_size),
        cmocka_unit_test(frames_have_their_size_in_every_symbol_set),
        cmocka_unit_test(panels_name_themselves_once),
        cmocka_unit_test(no_key_is_bound_twice_on_a_screen),
        cmocka_unit_test(every_key_name_is_a_key),
        cmocka_unit_test(themes_define_every_key_without_complaint),
        cmocka_unit_test(mono_uses_attributes_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
