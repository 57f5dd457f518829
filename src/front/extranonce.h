/* SPDX-License-Identifier: MIT */
/* Who has which extranonce1: 24 random bits, but for values that are in use or rest after their
 * use. Nobody can know the next one: its work could be hashed before its difficulty is chosen.
 * Shared by all loops of a front. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

struct resting {
    uint32_t value;
    int64_t at_us;
};

struct extranonces {
    uv_mutex_t lock;
    uint8_t *used;           /* bit set of 2^24, in use and resting */
    struct resting *resting; /* queue: resting[head ... count) */
    size_t head, count, cap;
};

void extranonces_init(struct extranonces *);
void extranonces_fini(struct extranonces *);

uint32_t extranonce_take(struct extranonces *); /* 0 = all are in use */
/* This one, of a program before. False: somebody has it, or there is no such value. */
bool extranonce_claim(struct extranonces *, uint32_t value);
/* Nobody has it any more; it is not given out again while a share made with it could come. */
void extranonce_rest(struct extranonces *, uint32_t value, int64_t now_us);
/* Ends the rest of those that rested long enough. */
void extranonces_expire(struct extranonces *, int64_t now_us);
