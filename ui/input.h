/* SPDX-License-Identifier: MIT */
/* Bytes of a terminal become keys. Every byte is hostile: whatever comes, nothing is kept beyond
 * one sequence, and pasted text is swallowed. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key: a code point (control characters are themselves, "C-l" is 12), or one of these. */
enum key {
    KEY_TAB = 9,
    KEY_ENTER = 13,
    KEY_ESC = 27,
    KEY_SPACE = 32,
    KEY_SPECIAL = 0x110000,
    KEY_UP = KEY_SPECIAL,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_PGUP,
    KEY_PGDN,
    KEY_INSERT,
    KEY_DELETE,
    KEY_BACKSPACE,
    KEY_BACKTAB,
    KEY_F1,
    KEY_F12 = KEY_F1 + 11,
    KEY_ALT = 0x1000000, /* added to the key that Alt or a quick Esc stood before */
};

#define KEY_CTRL(letter) ((letter)&0x1f)

enum { ESC_DELAY_US = 25000, PASTE_IDLE_US = 1000000 };

struct input {
    uint8_t sequence[32]; /* begun: an escape sequence or a character of several bytes */
    size_t n;
    bool paste, skip; /* skip: an overlong sequence, until its end */
    uint8_t tail[6];  /* newest bytes inside a paste */
    int64_t last_us;
};

typedef void input_key_fn(void *arg, int key);

/* Takes what the terminal sent; `emit` gets each whole key. */
void input_feed(struct input *, const uint8_t *bytes, size_t n, int64_t now_us, input_key_fn *emit,
                void *arg);

/* When no byte came for ESC_DELAY_US: a lone Esc is the key Esc, a broken sequence is dropped; a
 * paste that never ends is over after PASTE_IDLE_US. Returns true while something is pending, so
 * that the caller asks again. */
bool input_idle(struct input *, int64_t now_us, input_key_fn *emit, void *arg);
