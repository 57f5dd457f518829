/* SPDX-License-Identifier: MIT */
/* Bindings: which key does what. Key help, function bar and tests read the same tables. Any
 * thread. */
#pragma once

#include <stdbool.h>

#include "ui/input.h"

struct binding {
    const char *keys;   /* "q Q F10": names with blanks between */
    const char *action; /* "quit" */
    const char *help;   /* one line */
    const char *bar;    /* word in the bar at the bottom; NULL = not shown there */
};

/* Everywhere; ends with {0}. A screen's own table is asked first, and no key is in both. */
extern const struct binding global_bindings[];

/* Key named by the word at `name` of n bytes ("F10", "C-l", "A-1", "Space", "q"); 0 = none. */
int key_parse(const char *name, size_t n);
/* The name of a key; "" for one without. */
const char *key_name(int key, char out[16]);

/* Iterates over the names in `keys`: *at starts NULL. Returns the key, 0 at the end. */
int keys_next(const char *keys, const char **at);

/* The binding of `key` in a table that ends with {0}; NULL = not there (or no table). */
const struct binding *binding_find(const struct binding *table, int key);
