/* SPDX-License-Identifier: MIT */
/* What makes a job new to one connection. A job that the miner may have hashed already must not get
 * another difficulty: it could choose one that suits the hashes it has. Under a salt that nobody
 * could know before it is told, the same job is other work, and its shares are worth what they are
 * told to be. */
#pragma once

#include <stdint.h>

#include "front/front.h"

enum { SALT_SECRET_BYTES = 16 };

struct salts {
    uint8_t secret[SALT_SECRET_BYTES];
    uint8_t common[FRONT_SALT]; /* of what everybody gets: no work of a program before is that of
                                   this one */
};

void salts_init(struct salts *); /* random */

/* The salt of a variant of a job for the connection with this extranonce; variant 0: the common
 * one. Any thread. */
void salt_of(const struct salts *, uint32_t extranonce, uint32_t serial, uint32_t variant,
             uint8_t out[FRONT_SALT]);
