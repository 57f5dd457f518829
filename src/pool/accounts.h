/* SPDX-License-Identifier: MIT */
/* Accounts of one chain: whose money it is. Hub thread. */
#pragma once

#include <stdint.h>

#include "base/map.h"
#include "store/store.h"

struct account {
    uint32_t id;       /* kind "miner": what the pool owes */
    uint32_t immature; /* what will mature into it */
    char owner[96];    /* an address, or "local" */
    UT_hash_handle hh;
};

/* The pool's own accounts. */
struct own_accounts {
    uint32_t wallet, coinbase; /* coins on the chain; coinbase matures into wallet */
    uint32_t fee, fee_immature;
    uint32_t remainder, remainder_immature; /* what no credit claims */
};

struct accounts {
    struct store *store;
    char chain[64];
    struct own_accounts own;
    struct account *by_owner;
};

/* Reads the accounts of `chain` and makes the pool's own where they are missing. Waits. */
int accounts_load(struct accounts *, struct store *, const char *chain, struct fault *why);
void accounts_fini(struct accounts *);

/* The account of an owner, made on first sight (its rows are queued before anything that the caller
 * queues next). */
struct account *accounts_get(struct accounts *, const char *owner);
