/* SPDX-License-Identifier: MIT */
/* RandomX machines of our own on a full dataset: one, or two that take turns on one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;

/* `count`: 1 or 2 hashes at once. `secure`: no page is ever writable and executable at once.
 * `dataset` stays borrowed. NULL when memory is short, the CPU lacks the instructions, or the
 * system lets no memory become executable. On the thread that will use it. */
struct machine *machine_new(unsigned count, const uint8_t *dataset, bool huge_pages, bool secure);
void machine_free(struct machine *); /* NULL is fine */

/* Begins hashes of `count` inputs of a length; forgets what was begun before. Any rounding mode. */
void machine_begin(struct machine *, const uint8_t *const *inputs, size_t len);

/* Ends the hashes that were begun and begins the next; `next` NULL = none. Leaves the rounding mode
 * changed. False when the system refused to make code executable: hashes are not written then. */
bool machine_step(struct machine *, const uint8_t *const *next, size_t len, uint8_t hash[][32]);

/* Some random inputs give what librandomx gives with the same dataset. */
struct rx_lib;
struct rx_vm;
bool machine_agrees(struct machine *, const struct rx_lib *, struct rx_vm *);

unsigned machine_count(const struct machine *);
bool machine_is_huge(const struct machine *); /* all scratchpads in huge pages */
