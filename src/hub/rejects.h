/* SPDX-License-Identifier: MIT */
/* The newest rejected shares, for people. The list is copied when it changes while somebody holds
 * it, so that snapshots may keep it. Changed by one thread, held by any. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "hub/fates.h"

enum { REJECTS_KEPT = 1000 };

struct rejected {
    int64_t at_ms, at_us; /* Unix, monotonic */
    int64_t job_age_ms;   /* when the share was found */
    double difficulty;    /* that was asked for */
    int16_t pool;         /* upstream's number; -1 = the own pool */
    uint8_t refusal;      /* enum refusal */
    char device[32], algo[24];
    char reason[64]; /* in the pool's words */
};

struct rejects {
    _Atomic uint32_t refs;
    uint64_t total; /* ever */
    unsigned count, next;
    struct rejected items[REJECTS_KEPT]; /* ring, newest before `next` */
};

struct rejects *rejects_new(void);
struct rejects *rejects_ref(struct rejects *);
void rejects_unref(struct rejects *); /* NULL is fine */

/* Adds one. The list may be another one afterwards: it takes the place of `*rejects`. */
void rejects_add(struct rejects **, const struct rejected *);

/* `back` 0 is the newest; back < count. */
const struct rejected *rejects_at(const struct rejects *, unsigned back);
