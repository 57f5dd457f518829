/* SPDX-License-Identifier: MIT */
/* Cuts a byte stream into lines with a limit. Whole lines are handed out where they lie; only an
 * unfinished one is kept, so an idle connection holds no buffer. One owner thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct lines {
    char *part; /* the unfinished line; NULL when there is none */
    uint32_t len, cap;
    uint32_t limit; /* bytes of a line without its end */
};

/* One line without CR and LF, NUL-terminated, borrowed until return. Blank lines are skipped. A
 * value other than 0 stops and is passed on. */
typedef int lines_fn(void *arg, char *line, size_t len);

/* Takes the next bytes (it writes NULs into `data`). 0, what `on_line` returned, or ERR_PROTOCOL
 * past the limit: the caller then closes the connection. */
int lines_feed(struct lines *, char *data, size_t len, lines_fn *on_line, void *arg);

void lines_fini(struct lines *);
