/* SPDX-License-Identifier: MIT */
/* Bytes of a terminal become keys. Sequences: ECMA-48 control sequences as xterm, the Linux
 * console, rxvt, PuTTY, screen and tmux send them. */
#include "ui/input.h"

#include <string.h>

#include "ui/canvas.h"

struct sequence {
    const char *bytes; /* after ESC */
    int key;
};

static const struct sequence sequences[] = {
    {"[A", KEY_UP},        {"[B", KEY_DOWN},     {"[C", KEY_RIGHT},    {"[D", KEY_LEFT},
    {"OA", KEY_UP},        {"OB", KEY_DOWN},     {"OC", KEY_RIGHT},    {"OD", KEY_LEFT},
    {"[H", KEY_HOME},      {"[F", KEY_END},      {"OH", KEY_HOME},     {"OF", KEY_END},
    {"[1~", KEY_HOME},     {"[4~", KEY_END},     {"[7~", KEY_HOME},    {"[8~", KEY_END},
    {"[2~", KEY_INSERT},   {"[3~", KEY_DELETE},  {"[5~", KEY_PGUP},    {"[6~", KEY_PGDN},
    {"[Z", KEY_BACKTAB},   {"OM", KEY_ENTER},    {"OP", KEY_F1},       {"OQ", KEY_F1 + 1},
    {"OR", KEY_F1 + 2},    {"OS", KEY_F1 + 3},   {"[11~", KEY_F1},     {"[12~", KEY_F1 + 1},
    {"[13~", KEY_F1 + 2},  {"[14~", KEY_F1 + 3}, {"[15~", KEY_F1 + 4}, {"[17~", KEY_F1 + 5},
    {"[18~", KEY_F1 + 6},  {"[19~", KEY_F1 + 7}, {"[20~", KEY_F1 + 8}, {"[21~", KEY_F1 + 9},
    {"[23~", KEY_F1 + 10}, {"[24~", KEY_F12},    {"[[A", KEY_F1},      {"[[B", KEY_F1 + 1},
    {"[[C", KEY_F1 + 2},   {"[[D", KEY_F1 + 3},  {"[[E", KEY_F1 + 4},  {"[1;5A", KEY_UP},
    {"[1;5B", KEY_DOWN},   {"[1;5C", KEY_RIGHT}, {"[1;5D", KEY_LEFT},  {"[1;5H", KEY_HOME},
    {"[1;5F", KEY_END},
};

static const char paste_start[] = "[200~";
static const uint8_t paste_end[6] = {27, '[', '2', '0', '1', '~'};

static void emit_sequence(struct input *in, input_key_fn *emit, void *arg)
{
    const char *bytes = (const char *)in->sequence + 1;
    size_t n = in->n - 1;

    in->n = 0;
    if (n == sizeof paste_start - 1 && memcmp(bytes, paste_start, n) == 0) {
        in->paste = true;
        memset(in->tail, 0, sizeof in->tail);
        return;
    }
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        if (strlen(sequences[i].bytes) == n && memcmp(sequences[i].bytes, bytes, n) == 0) {
            emit(arg, sequences[i].key);
            return;
        }
}

static int plain_key(uint8_t byte)
{
    if (byte == '\n')
        return KEY_ENTER;
    if (byte == 8 || byte == 127)
        return KEY_BACKSPACE;
    return byte;
}

static void feed_ground(struct input *in, uint8_t byte, input_key_fn *emit, void *arg)
{
    if (byte == 27 || (byte >= 0xc2 && byte < 0xf5))
        in->sequence[in->n++] = byte;
    else if (byte < 0x80 && byte)
        emit(arg, plain_key(byte));
}

static void feed_utf8(struct input *in, uint8_t byte, input_key_fn *emit, void *arg)
{
    size_t need = in->sequence[0] < 0xe0 ? 2 : in->sequence[0] < 0xf0 ? 3 : 4;

    if ((byte & 0xc0) != 0x80) {
        in->n = 0;
        feed_ground(in, byte, emit, arg);
        return;
    }
    in->sequence[in->n++] = byte;
    if (in->n < need)
        return;
    in->sequence[in->n] = 0;
    in->n = 0;
    const char *at = (const char *)in->sequence;
    uint32_t cp = char_next(&at);
    if (cp != 0xfffd)
        emit(arg, (int)cp);
}

static void feed_escape(struct input *in, uint8_t byte, input_key_fn *emit, void *arg)
{
    if (byte == 27) { /* a new one starts; the old one was Esc itself, or is broken */
        if (in->n == 1)
            emit(arg, KEY_ESC);
        in->n = 1;
        in->skip = false;
        return;
    }
    bool intro = in->n == 1;
    if (in->n < sizeof in->sequence - 1)
        in->sequence[in->n++] = byte;
    else
        in->skip = true;
    if (intro) {
        if (byte == '[' || byte == 'O')
            return;
        in->n = 0;
        if (byte >= 0x20 && byte < 0x7f)
            emit(arg, KEY_ALT | byte);
        return;
    }
    /* the Linux console's F1...F5: a second '[' and one letter */
    bool linux_key = in->n == 3 && byte == '[' && in->sequence[1] == '[';
    if (byte < 0x40 || byte > 0x7e || linux_key) {
        if (byte < 0x20 || byte > 0x7e)
            in->n = 0; /* no part of any sequence */
        return;
    }
    if (in->skip)
        in->n = 0;
    else
        emit_sequence(in, emit, arg);
    in->skip = false;
}

static void feed_paste(struct input *in, uint8_t byte)
{
    memmove(in->tail, in->tail + 1, sizeof in->tail - 1);
    in->tail[sizeof in->tail - 1] = byte;
    if (memcmp(in->tail, paste_end, sizeof paste_end) == 0)
        in->paste = false;
}

void input_feed(struct input *in, const uint8_t *bytes, size_t n, int64_t now, input_key_fn *emit,
                void *arg)
{
    if (n)
        in->last_us = now;
    for (size_t i = 0; i < n; i++) {
        if (in->paste)
            feed_paste(in, bytes[i]);
        else if (in->n == 0)
            feed_ground(in, bytes[i], emit, arg);
        else if (in->sequence[0] == 27)
            feed_escape(in, bytes[i], emit, arg);
        else
            feed_utf8(in, bytes[i], emit, arg);
    }
}

bool input_idle(struct input *in, int64_t now, input_key_fn *emit, void *arg)
{
    if (in->paste && now - in->last_us >= PASTE_IDLE_US)
        in->paste = false;
    if (in->n && now - in->last_us >= ESC_DELAY_US) {
        size_t n = in->n;
        in->n = 0;
        in->skip = false;
        if (n == 1 && in->sequence[0] == 27)
            emit(arg, KEY_ESC);
        else if (n == 2 && in->sequence[0] == 27) /* Alt+[ and Alt+O */
            emit(arg, KEY_ALT | in->sequence[1]);
    }
    return in->n || in->paste;
}
