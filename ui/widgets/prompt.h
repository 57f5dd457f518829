/* SPDX-License-Identifier: MIT */
/* A line that is typed: editing, history, completion. One thread. */
#pragma once

#include "ui/canvas.h"
#include "ui/input.h"

enum { PROMPT_HISTORY = 32 };

struct prompt {
    char text[200];
    size_t len, at; /* bytes; `at` = cursor */
    char history[PROMPT_HISTORY][200];
    unsigned history_count, history_at; /* history_at = history_count: the new line */
    char draft[200];                    /* the new line while history is looked at */
};

enum prompt_result { PROMPT_OPEN, PROMPT_DONE, PROMPT_CANCELLED };

void prompt_start(struct prompt *, const char *text);
enum prompt_result prompt_key(struct prompt *, int key);
void prompt_remember(struct prompt *); /* puts the line into the history */

/* Completes the line from `candidates` (whole lines; count of them): to the longest common
 * beginning. Writes the words that may come next into `choices` ("" = none). */
void prompt_complete(struct prompt *, char *const *candidates, size_t count, char *choices,
                     size_t size);

/* Draws mark and line; returns the column of the cursor. */
int prompt_draw(const struct prompt *, struct canvas, int y, const char *mark);
