/* SPDX-License-Identifier: MIT */
/* A screen as text, without a terminal. */
#include "base/alloc.h"
#include "base/log.h"
#include "hub/command.h"
#include "ui/screen.h"
#include "ui/ui.h"

enum { RENDER_LOG = 512 };

static void ignore_words(void *arg, const char *words)
{
    (void)arg;
    (void)words;
}

static void ignore_quit(void *arg)
{
    (void)arg;
}

char *ui_render(const char *name, int width, int height, bool ascii, const struct snapshot *now)
{
    struct screen_options o = {.commands = command_table,
                               .ascii = ascii,
                               .symbols = ascii ? SYMBOLS_ASCII : SYMBOLS_BRAILLE,
                               .send = ignore_words,
                               .quit = ignore_quit};
    char *text = NULL;
    int x, y;

    (void)theme_load(&o.theme, "dark", NULL);
    struct screen *s = screen_new(&o);
    if (screen_open(s, name)) {
        AUTO_FREE struct log_record *records = xcalloc(RENDER_LOG, sizeof *records);
        screen_log(s, records, log_recent(0, records, RENDER_LOG));
        /* the screen takes a reference and changes nothing else in it */
        screen_snapshot(s, snapshot_ref((struct snapshot *)(uintptr_t)now));
        screen_resize(s, width, height);
        text = grid_text(screen_draw(s, now->taken_us, &x, &y));
    }
    screen_free(s);
    return text;
}
