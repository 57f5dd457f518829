/* SPDX-License-Identifier: MIT */
/* Small helpers over jansson: unknown becomes null, money stays an integer, text is always valid
 * UTF-8. All return a new reference. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct coin;

json_t *json_known(double);                         /* null for NAN and infinities */
json_t *json_count(uint64_t);                       /* saturates at INT64_MAX */
json_t *json_nonzero(uint64_t);                     /* null for 0 */
json_t *json_text(const char *);                    /* bytes that are no UTF-8 become U+FFFD */
json_t *json_text_or_null(const char *);            /* null for "" and NULL */
json_t *json_wall(int64_t unix_ms);                 /* RFC 3339 UTC with milliseconds; null for 0 */
json_t *json_age_ms(int64_t now_us, int64_t at_us); /* null for at 0; never negative */
json_t *json_money(uint64_t atoms, const struct coin *); /* {"amount":"12","currency","decimals"} */
json_t *json_money_micro(uint64_t millionths,
                         const struct coin *); /* of an atom: 6 decimals more */

/* RFC 3339 UTC: "2026-01-31T12:00:00.123Z". */
enum { RFC3339_MAX = 32 };
void rfc3339(int64_t unix_ms, char out[RFC3339_MAX]);

/* The text of a value, compact. The caller frees it. */
char *json_print(const json_t *);

/* Reads one JSON object of at most `depth` levels from hostile bytes. NULL with a sentence in `why`
 * when it is not one: syntax, depth, duplicate key, broken UTF-8, no object. */
json_t *json_read_object(const char *bytes, size_t len, unsigned depth, char *why, size_t why_size);
