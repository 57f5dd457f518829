/* SPDX-License-Identifier: MIT */
/* A growing text. Zero is a valid empty one; `s` is NULL until something was added. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct str {
    char *s; /* NUL-terminated once not NULL */
    size_t len, cap;
};

void str_add(struct str *, const char *text);
void str_add_n(struct str *, const void *bytes, size_t len);
void str_addf(struct str *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void str_clear(struct str *); /* keeps the memory */
void str_free(struct str *);
const char *str_text(const struct str *); /* never NULL */

#define AUTO_STR __attribute__((cleanup(str_free)))

/* Copies at most size-1 bytes of `from` and always ends `to`. Returns false if it was cut. */
_Bool text_copy(char *to, size_t size, const char *from);

/* Is the word in a list of words that are separated by spaces? ASCII letters in either case. */
_Bool text_has_word(const char *list, const char *word);

/* As text_copy, with hostile text made harmless for terminals and logs: control bytes, C1 controls,
 * direction overrides and bytes that are not UTF-8 become '?', line ends and tabs a space; a cut
 * text ends in "…". What it writes is valid UTF-8. Returns false if it was cut. */
_Bool text_clean(char *to, size_t size, const char *from);

/* Bytes of the UTF-8 character at `s` (1..4), or 0 when there is none: overlong, surrogate, past
 * U+10FFFF, cut by the NUL. `*ret` takes the code point. */
unsigned utf8_next(const char *s, unsigned *ret);

/* Levenshtein distance of two words, capped at 64 bytes each: for "did you mean". */
unsigned text_distance(const char *a, const char *b);
