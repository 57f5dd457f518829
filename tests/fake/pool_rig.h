/* SPDX-License-Identifier: MIT */
/* A pool with its store and loop, for tests: on the chain and the front of pool_parts.h. */
#pragma once

#include "algo/hasher.h"
#include "pool/ledger.h"
#include "tests/fake/folder.h"
#include "tests/fake/pool_parts.h"

/* Targets in compact form: of two hashes, and of difficulty 1. */
enum { EASY = 0x207fffff, DIFFICULTY_1 = 0x1d00ffff };
static const uint64_t REWARD = 1000003;

struct pool_rig {
    char dir[FOLDER_MAX], path[FOLDER_MAX + 16]; /* of the database */
    struct config config;
    const struct algo *algo;   /* NULL = the configuration's */
    struct datasets *datasets; /* those that pools get; NULL = none */
    uv_loop_t loop;
    uv_async_t bell;
    struct store *store;
    struct pool *pool;
    struct job *job; /* what the pool last gave out */
    unsigned jobs;
};

/* Settings of a devnet pool on loopback that takes 1 % and pays by PPLNS. */
void pool_rig_config(struct config *);

/* Folder, settings, loop and store; no pool yet. */
struct pool_rig *pool_rig_new(void);
void pool_rig_free(struct pool_rig *);
struct pool_setup pool_rig_options(struct pool_rig *, struct pool_callbacks);
/* The store, when it is closed, and the pool; fails the test where that cannot be. */
void pool_rig_open(struct pool_rig *);
void pool_rig_close(struct pool_rig *);

/* cmocka fixtures: `*state` is the rig with an open pool that does not serve yet. */
int pool_rig_setup(void **state);
int pool_rig_teardown(void **state);

void pool_rig_serve(struct pool_rig *);
/* Lets the store write all, and the pool hear of it. */
void pool_rig_settle(struct pool_rig *);
struct pool_view *pool_rig_view(struct pool_rig *); /* borrowed until the next call */
/* The first good share of the rig on the newest job, or the first bad one. */
struct share pool_rig_share(struct pool_rig *, bool good);
/* A share as a device makes it: checked, with its hash. Nonces from `first` on. */
struct share pool_rig_hash_share(struct hasher *, struct job *, uint64_t first);
int64_t pool_rig_balance(struct pool_rig *, const char *kind, const char *owner);
void pool_rig_assert_ledger(struct pool_rig *); /* fails unless it adds up */

/* Shares of a, b and c that fill two network difficulties, then a block of c. */
void pool_rig_found_block(struct pool_rig *);
const uint8_t *pool_rig_block_hash(unsigned submit);
/* A new tip at which the first block has so many confirmations. */
void pool_rig_new_tip(struct pool_rig *, uint64_t tip, int64_t confirmations);
