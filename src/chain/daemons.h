/* SPDX-License-Identifier: MIT */
/* The daemons of one coin and what is under way with all of them. Hub thread. */
#pragma once

#include "chain/daemon.h"

struct submission; /* a block on its way to every daemon */
struct query;      /* a question for a block's confirmations */

struct daemons {
    const struct daemon_family *family;
    struct chain_options options; /* without the configuration, which may be replaced */
    char payout[132];
    void *own; /* family->prepare's; may be NULL */
    struct chain_timing timing;
    struct http *http;
    struct daemon *items;
    size_t count;
    struct daemon *active;        /* whose template is in use; NULL = none was yet */
    struct chain_template *given; /* the newest one handed out */
    struct submission *submissions;
    struct query *queries;
    uv_timer_t retry; /* runs while submissions wait for another try */
    unsigned handles;
};

/* For the kinds in kind.h, whose `open` names the family; the rest is theirs as it stands. */
int daemons_open(const struct daemon_family *, const struct chain_options *, uv_loop_t *,
                 void **state, struct fault *why);
void daemons_refresh(void *state);
unsigned daemons_nodes(void *state, struct chain_node_view *out, unsigned max);
void daemons_close(void *state);

void daemons_submit(void *state, const uint8_t *block, size_t len, const uint8_t hash[32],
                    chain_submit_fn *done, void *arg);
void daemons_retry(uv_timer_t *);
void daemons_submit_close(struct daemons *); /* tells what is still due */

void daemons_status(void *state, const uint8_t hash[32], chain_status_fn *done, void *arg);
void daemons_status_close(struct daemons *);
