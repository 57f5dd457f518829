/* SPDX-License-Identifier: MIT */
/* Screens of canned snapshots against tests/golden/. OTEDAMA_GOLDEN_WRITE=1 rewrites those files
 * for review. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fake/canned.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "hub/command.h"
#include "ui/screen.h"

struct golden {
    const char *name, *screen;
    struct snapshot *(*snapshot)(void);
    int w, h;
    bool ascii;
    const char *keys;
};

static const struct golden goldens[] = {
    {"overview-80x24", "overview", canned_rig, 80, 24, true, ""},
    {"overview-140x45", "overview", canned_rig, 140, 45, false, ""},
    {"overview-40x8", "overview", canned_rig, 40, 8, true, ""},
    {"overview-20x5", "overview", canned_rig, 20, 5, true, ""},
    {"overview-18x3", "overview", canned_rig, 18, 3, true, ""},
    {"overview-pool-80x24", "overview", canned_pool, 80, 24, true, ""},
    {"overview-pool-140x45", "overview", canned_pool, 140, 45, false, ""},
    {"devices-80x24", "devices", canned_rig, 80, 24, true, "jj"},
    {"devices-140x45", "devices", canned_rig, 140, 45, false, ""},
    {"devices-40x8", "devices", canned_rig, 40, 8, true, ""},
    {"pools-80x24", "pools", canned_rig, 80, 24, true, ""},
    {"pools-140x45", "pools", canned_rig, 140, 45, false, "jj"},
    {"pools-40x8", "pools", canned_rig, 40, 8, true, ""},
    {"pools-rejects-80x24", "pools", canned_rig, 80, 24, true, "R"},
    {"pools-none-80x24", "pools", canned_pool, 80, 24, true, ""},
    {"algorithms-80x24", "algorithms", canned_lines, 80, 24, true, "j"},
    {"algorithms-140x45", "algorithms", canned_lines, 140, 45, false, "t"},
    {"algorithms-40x8", "algorithms", canned_lines, 40, 8, true, ""},
    {"devices-dataset-80x24", "devices", canned_lines, 80, 24, true, "j"},
    {"algorithms-confirm-80x24", "algorithms", canned_lines, 80, 24, true, "jjs"},
    {"pool-off-80x24", "pool", canned_rig, 80, 24, true, ""},
    {"pool-on-80x24", "pool", canned_pool, 80, 24, true, ""},
    {"pool-on-140x45", "pool", canned_pool, 140, 45, false, ""},
    {"pool-bans-80x24", "pool", canned_pool, 80, 24, true, "b"},
    {"pool-bans-140x45", "pool", canned_pool, 140, 45, false, "bj"},
    {"pool-on-40x8", "pool", canned_pool, 40, 8, true, ""},
    {"log-80x24", "log", canned_rig, 80, 24, true, ""},
    {"log-140x45", "log", canned_rig, 140, 45, false, "l"},
    {"log-40x8", "log", canned_rig, 40, 8, true, ""},
    {"help-80x24", "help", canned_rig, 80, 24, true, ""},
    {"help-140x45", "help", canned_rig, 140, 45, false, ""},
    {"help-40x8", "help", canned_rig, 40, 8, true, ""},
    {"confirm-80x24", "overview", canned_rig, 80, 24, true, "O"},
    {"quit-80x24", "overview", canned_rig, 80, 24, true, "q"},
    {"menu-80x24", "overview", canned_rig, 80, 24, true, "P"},
    {"command-80x24", "overview", canned_rig, 80, 24, true, ":dev\t"},
};

static const struct command_info commands[] = {
    {"mining start", "", "start hashing", CLASS_B, NULL},
    {"mining stop", "", "stop hashing", CLASS_B, NULL},
    {"pool on", "", "open the embedded pool to miners", CLASS_C,
     "The Stratum port opens; the devices of this rig move to the own pool and go on hashing. "
     "Upstream pools are left, and used again when pool mode is turned off."},
    {"pool off", "", "close the embedded pool", CLASS_C, "Connected miners are disconnected."},
    {"algorithm", "NAME|auto [DEVICE|all]", "let the devices do another algorithm", CLASS_C,
     "The devices go on until the other algorithm's work and dataset are there, then change over. "
     "With nothing accepted for a while they return by themselves."},
    {"device pause", "ID|all", "pause a device", CLASS_B, NULL},
    {"device resume", "ID|all", "let a device hash again", CLASS_B, NULL},
    {0},
};

static void no_words(void *arg, const char *words)
{
    (void)arg;
    (void)words;
}

static void no_quit(void *arg)
{
    (void)arg;
}

static char *render(const struct golden *g)
{
    struct screen_options o = {
        .commands = commands,
        .ascii = g->ascii,
        .symbols = g->ascii ? SYMBOLS_ASCII : SYMBOLS_BRAILLE,
        .send = no_words,
        .quit = no_quit,
    };
    struct snapshot *now = g->snapshot();
    int64_t at = now->taken_us;
    int x, y;

    assert_int_equal(theme_load(&o.theme, "dark", NULL), 0);
    struct screen *s = screen_new(&o);
    screen_log(s, canned_log, CANNED_LOG);
    screen_snapshot(s, now);
    screen_resize(s, g->w, g->h);
    (void)screen_draw(s, at - SECOND_US, &x, &y);
    assert_true(screen_open(s, g->screen));
    (void)screen_draw(s, at, &x, &y);
    for (const char *k = g->keys; *k; k++)
        screen_key(s, *k, at);
    char *text = grid_text(screen_draw(s, at, &x, &y));
    screen_free(s);
    return text;
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = xcalloc(1, 65536);

    if (file) {
        (void)!fread(text, 1, 65535, file);
        (void)fclose(file);
    }
    return text;
}

static void screens_look_as_reviewed(void **state)
{
    const char *rewrite = getenv("OTEDAMA_GOLDEN_WRITE");
    unsigned different = 0;

    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        AUTO_FREE char *path = xasprintf("tests/golden/%s.txt", goldens[i].name);
        AUTO_FREE char *now = render(&goldens[i]);
        if (rewrite && *rewrite) {
            FILE *file = fopen(path, "w");
            assert_non_null(file);
            (void)fputs(now, file);
            (void)fclose(file);
        }
        AUTO_FREE char *then = read_file(path);
        if (strcmp(then, now) != 0) {
            print_message("%s differs; it is now:\n%s", path, now);
            different++;
        }
    }
    assert_int_equal(different, 0);
}

static void ascii_screens_have_only_ascii_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        AUTO_FREE char *text = goldens[i].ascii ? render(&goldens[i]) : xstrdup("");
        for (const char *c = text; *c; c++)
            assert_in_range((unsigned char)*c, '\n', 0x7e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screens_look_as_reviewed),
        cmocka_unit_test(ascii_screens_have_only_ascii_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
