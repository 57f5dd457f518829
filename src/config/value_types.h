/* SPDX-License-Identifier: MIT */
/* Inside config/: the readers and printers behind the table of types in value.c. */
#pragma once

#include <stdint.h>

#include "config/value.h"

struct unit {
    const char *name;
    uint64_t scale;
};

/* value_read.c: `at` is the field itself; as value_set. */
typedef bool value_set_fn(const struct opt *, void *at, const char *text, struct str *why);
value_set_fn set_bool, set_int, set_uint, set_real, set_text, set_choice, set_address, set_url,
    set_texts, set_time, set_size, set_percent;

/* Finds `text` in "a|b|c" or "a=1|b=2" (letters in either case): the entry and its length without
 * "=n", or NULL. */
const char *choice_find(const char *choices, const char *text, size_t *len);

/* value_print.c */
typedef void value_print_fn(const void *at, struct str *);
value_print_fn print_bool, print_int, print_uint, print_double, print_text, print_texts, print_time,
    print_size, print_percent;
void real_print(struct str *, double v); /* the shortest that reads back as the same */
