/* SPDX-License-Identifier: MIT */
/* The set of shares seen on one tip: keys are digests of what was hashed, never text. One owner
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SHARE_KEY_BYTES = 16 }; /* of the SHA-256 of what was hashed, nonce included */

struct share_set {
    uint8_t (*keys)[SHARE_KEY_BYTES]; /* open addressing */
    uint8_t *used;                    /* one byte a slot */
    uint32_t count, cap;              /* cap is a power of two, or 0 */
    uint64_t seed;                    /* peers cannot choose collisions */
};

enum { SHARE_SET_MAX = 1 << 23 }; /* shares of one tip */

bool share_set_has(const struct share_set *, const uint8_t key[SHARE_KEY_BYTES]);
/* False when the set is full: the share must then be refused. */
bool share_set_add(struct share_set *, const uint8_t key[SHARE_KEY_BYTES]);
void share_set_free(struct share_set *);
