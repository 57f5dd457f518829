/* SPDX-License-Identifier: MIT */
/* A chain and a front that do what the test says: for the pool's tests. One of each at a time. */
#pragma once

#include "pool/internal.h"

extern const struct pool_parts fake_parts;

/* --- chain --- */
struct fake_submit {
    uint8_t hash[32], *block;
    size_t len;
    chain_submit_fn *done; /* NULL once answered */
    void *arg;
};

struct fake_chain {
    struct chain_options options;
    bool open;
    bool answer_at_once; /* submit is answered SUBMIT_ACCEPTED from inside the call */
    unsigned submit_count;
    struct fake_submit submits[64];
    struct {
        uint8_t hash[32];
        int64_t confirmations;
    } status[64];
    unsigned status_count, asked;
};
extern struct fake_chain fake_chain;

/* A new tip below `height`: its template goes to the pool. */
void fake_chain_template(uint64_t height, uint32_t bits, uint64_t value, bool new_tip);
void fake_chain_answer(unsigned submit, enum submit_result result, const char *text);
void fake_chain_status(const uint8_t hash[32], int64_t confirmations);

/* --- front --- */
struct fake_front {
    bool running, stopping;
    int refuse; /* error that front_start gives */
    struct job *job;
    struct event events[64];
    unsigned count, next;
};
extern struct fake_front fake_front;

void fake_front_share(const char *user, double difficulty, uint32_t count);
void fake_front_share_at(const char *user, double difficulty, uint32_t count, int64_t at_ms);
void fake_front_block(const char *user, uint64_t nonce); /* on the published job */
void fake_front_stats(const char *user, int32_t connections, uint32_t stale);
