/* SPDX-License-Identifier: MIT */
/* Playing one end of a transcript against the real other end. Runs its own loop on the calling
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"
#include "transcript/report.h"
#include "transcript/transcript.h"

struct replay_options {
    const char *listen;   /* as the pool: "127.0.0.1:0" */
    struct endpoint to;   /* as the miner */
    const char *user;     /* as the miner: instead of the recorded user; NULL = as recorded */
    const char *password; /* likewise */
    double speed;         /* 1 = as recorded, 10 = ten times as fast; 0 = without waiting */
    double wait_s;        /* patience for each thing that the other end is to do, s */
    bool no_shares;       /* as the pool: the recorded shares are not waited for */
    void (*listening)(void *arg, const char *address); /* as the pool */
    void *arg;
};

/* Both play every connection that the transcript has. 0 with the findings in the report, or a
 * negative error and `why` when there was nothing to compare with. */
int replay_as_pool(const struct transcript *, const struct replay_options *, struct report *,
                   struct fault *why);
int replay_as_miner(const struct transcript *, const struct replay_options *, struct report *,
                    struct fault *why);

/* Microseconds until a step is due, when the connection began `begin_us` ago in real time and at
 * `first_ms` in the transcript. */
int64_t replay_delay_us(const struct replay_options *, int64_t begin_us, int64_t first_ms,
                        int64_t at_ms);
