/* SPDX-License-Identifier: MIT */
/* What stands for names, addresses and ids in a redacted transcript: of the same form, the same for
 * the same, and nothing that tells who it was. One owner thread. */
#pragma once

#include <stddef.h>

#include "base/str.h"

enum placeholder_kind { FOR_USER, FOR_WORKER, FOR_SESSION, FOR_HOST, PLACEHOLDER_KINDS };

/* Originals past this number all get the next number: they can no longer be told from one another
 * by what they were, and memory stays bounded. */
enum { PLACEHOLDERS_MAX = 4096, PLACEHOLDER_TEXT_MAX = 256 };

struct placeholder {
    enum placeholder_kind kind;
    char *original, *text;
};

struct placeholders {
    struct placeholder *list;
    size_t count, room;
    unsigned given[PLACEHOLDER_KINDS];
};

/* Appends what stands for `original`. An empty one stays empty. */
void placeholder_put(struct placeholders *, enum placeholder_kind, const char *original,
                     struct str *out);

/* "ADDRESS.worker+5000": the address (a test address that nobody has the key of, valid for the same
 * coin and network), or a plain user's name; the worker's name; a difficulty behind "+" stays. */
void placeholder_put_user(struct placeholders *, const char *original, struct str *out);

/* A text of a person or a pool: names that were seen before and IP addresses are replaced. */
void placeholder_put_text(struct placeholders *, const char *text, struct str *out);

void placeholders_free(struct placeholders *);

/* The address number `n` that stands for `address`; NULL when it is no address of a known coin. The
 * result is the caller's. */
char *test_address(const char *address, unsigned n);
