/* SPDX-License-Identifier: MIT */
/* A chain behind one or two daemons that answer as the test tells them. */
#pragma once

#include "base/clock.h"
#include "chain/chain.h"
#include "tests/fake/chain_heard.h"
#include "tests/fake/daemon.h"

enum { DAEMONS = 2 };

/* What Monero's daemons are told to pay. */
#define MONERO_PAYOUT                                                                              \
    "49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSe" \
    "xS6"

/* A family of daemons: its coin's regtest, and how long is waited for what. */
struct daemon_family {
    const char *coin, *genesis, *payout;
    const struct algo *algo;
    fake_method_fn *answer;
    struct chain_timing timing;
};
extern const struct daemon_family bitcoin_family, monero_family;

struct daemon_rig {
    const struct daemon_family *family;
    uv_loop_t loop;
    struct chain_timing timing;
    struct fake_daemon fake[DAEMONS];
    struct daemon_config configs[DAEMONS];
    struct config config;
    char payout[128], view_key[80];
    struct chain *chain;
    struct chain_heard heard;
};

/* The daemons alone, so that a test can set their faults before the chain is opened. */
void daemon_rig_init(struct daemon_rig *, const struct daemon_family *, size_t daemons);
int daemon_rig_open(struct daemon_rig *, struct fault *why);
/* Both, and waits for a template. */
void daemon_rig_start(struct daemon_rig *, const struct daemon_family *, size_t daemons);
void daemon_rig_fini(struct daemon_rig *);

void daemon_rig_turn(struct daemon_rig *); /* runs the loop once */
void daemon_rig_run(struct daemon_rig *, int64_t ms);
struct chain_node_view daemon_rig_node(struct daemon_rig *, unsigned i);
bool daemon_rig_says(struct daemon_rig *, unsigned i, const char *words); /* in its error */

/* Runs the loop until `condition`; fails after ten seconds. */
#define UNTIL(rig, condition)                                                                      \
    do {                                                                                           \
        int64_t until_end = now_us() + 10 * SECOND_US;                                             \
        while (!(condition)) {                                                                     \
            if (now_us() > until_end)                                                              \
                fail_msg("never: %s", #condition);                                                 \
            daemon_rig_turn(rig);                                                                  \
        }                                                                                          \
    } while (0)
