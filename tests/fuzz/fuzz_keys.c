/* SPDX-License-Identifier: MIT */
/* Bytes of a terminal into the console: decoder, keys, prompts, dialogs, drawing. */
#include <stdint.h>
#include <stdlib.h>

#include "hub/command.h"
#include "ui/input.h"
#include "ui/screen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct command_info commands[] = {
    {"mining stop", "", "stop hashing", CLASS_B, 0},
    {"pool on", "", "open the pool", CLASS_C, "The port opens."},
    {"device pause", "ID|all", "pause a device", CLASS_B, 0},
    {"payout run", "", "pay now", CLASS_D, "Money moves."},
    {0, 0, 0, CLASS_A, 0},
};

static void ignore_words(void *arg, const char *words)
{
    (void)arg;
    (void)words;
}

static void ignore_quit(void *arg)
{
    (void)arg;
}

static int64_t now;

static void press(void *arg, int key)
{
    screen_key(arg, key, now += 10000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct screen_options o = {.commands = commands, .send = ignore_words, .quit = ignore_quit};
    struct input in = {0};
    int x, y;

    if (size > 4096)
        return 0;
    (void)theme_load(&o.theme, "mono", NULL);
    struct screen *s = screen_new(&o);
    struct snapshot *empty = snapshot_new(2);
    screen_snapshot(s, empty);
    if (size >= 2)
        screen_resize(s, data[0], data[1]);
    input_feed(&in, data, size, now, press, s);
    (void)screen_draw(s, now, &x, &y);
    (void)input_idle(&in, now + ESC_DELAY_US, press, s);
    (void)screen_draw(s, now + SCREEN_STALE_US, &x, &y);
    screen_free(s);
    return 0;
}
