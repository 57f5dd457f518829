/* SPDX-License-Identifier: MIT */
/* The shares seen on one tip by all loops of a front, whatever the job: two jobs of a tip may be
 * the same work, and a miner may come back to another loop. Any thread. */
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "base/str.h"
#include "front/share_set.h"

enum { SEEN_PARTS = 16 };

struct seen {
    struct seen_part {
        uv_mutex_t lock;
        struct share_set set;
    } parts[SEEN_PARTS]; /* by the key, so that loops seldom wait for one another */
};

enum seen_result { SEEN_NEW, SEEN_BEFORE, SEEN_FULL };

void seen_init(struct seen *);
void seen_fini(struct seen *);
bool seen_has(struct seen *, const uint8_t key[SHARE_KEY_BYTES]);
/* Adds a key that is not there. SEEN_FULL: the share must be refused. */
enum seen_result seen_add(struct seen *, const uint8_t key[SHARE_KEY_BYTES]);
/* Appends all keys, as hexadecimal digits. */
void seen_list(struct seen *, struct str *);
