/* SPDX-License-Identifier: MIT */
/* The daemons of one coin and what is under way with all of them. Hub thread. */
#pragma once

#include "chain/daemon.h"

struct submission; /* a block on its way to every daemon */
struct query;      /* a question for a block's confirmations */

struct bitcoind {
    struct chain_options options;
    struct chain_timing timing;
    struct http *http;
    struct daemon *daemons;
    size_t count;
    struct daemon *active;        /* whose template is in use; NULL = none was yet */
    struct chain_template *given; /* the newest one handed out */
    struct submission *submissions;
    struct query *queries;
    uv_timer_t retry; /* runs while submissions wait for another try */
    unsigned handles;
};

void bitcoind_submit(void *state, const uint8_t *block, size_t len, const uint8_t hash[32],
                     chain_submit_fn *done, void *arg);
void bitcoind_retry(uv_timer_t *);
void bitcoind_submit_close(struct bitcoind *); /* tells what is still due */

void bitcoind_status(void *state, const uint8_t hash[32], chain_status_fn *done, void *arg);
void bitcoind_status_close(struct bitcoind *);
