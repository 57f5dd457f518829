/* SPDX-License-Identifier: MIT */
/* What makes a job new work. A job that the miner may have hashed already must not get another
 * difficulty: it could choose one that suits the hashes it has. So each job has a salt in its
 * coinbase that nobody could know before it is told, even if its template came before; and a
 * connection that gets the job at another difficulty gets it under a salt of its own. */
#pragma once

#include <stdint.h>

#include "front/front.h"

enum { SALT_SECRET_BYTES = 16 };

struct salts {
    uint8_t secret[SALT_SECRET_BYTES];
};

void salts_init(struct salts *); /* random */

/* The salt of a variant of a job for the connection with this extranonce; extranonce and variant 0:
 * of the job as everybody gets it. Any thread. */
void salt_of(const struct salts *, uint32_t extranonce, uint32_t serial, uint32_t variant,
             uint8_t out[FRONT_SALT]);
