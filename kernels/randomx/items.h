/* SPDX-License-Identifier: MIT */
/* Dataset items made by code of our own, several at once: one for each key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rx_items;

/* The maker of a key's items, after it made some that agree with the definition. `cache`, 256 MiB,
 * stays borrowed. NULL where this CPU has no such code, or the system lets no memory become
 * executable. Any thread; milliseconds. */
struct rx_items *rx_items_new(const uint8_t *key, size_t len, const uint8_t *cache);
void rx_items_free(struct rx_items *); /* NULL is fine */

/* Items [first, first + count) to `out`, 64 bytes each; `out` is aligned to them. Many threads at
 * once. */
void rx_items_make(const struct rx_items *, uint64_t first, uint64_t count, uint8_t *out);
