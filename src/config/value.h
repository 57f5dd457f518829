/* SPDX-License-Identifier: MIT */
/* Values of options: from text, to text, by type. */
#pragma once

#include "config/schema.h"

/* Sets the field at base + o->at from text. On failure the old value stays and `why` gets a phrase
 * for people ("must be between 0 and 19, not 42"). Not for OPT_LIST. */
bool value_set(const struct opt *o, void *base, const char *text, struct str *why);

/* OPT_TEXTS: puts one more at the end. */
void value_append(const struct opt *o, void *base, const char *text);

/* Appends the value as YAML would write it, secrets included. */
void value_print(const struct opt *o, const void *base, struct str *);

/* The empty text for texts of every kind; others keep their zero. */
void value_blank(const struct opt *o, void *base);

/* Frees what the field owns and zeroes it. Not for OPT_LIST. */
void value_clear(const struct opt *o, void *base);

/* Appends a text as a YAML scalar: plain when that reads back as the same text, else quoted. */
void yaml_scalar(struct str *, const char *text);
