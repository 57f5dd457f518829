/* SPDX-License-Identifier: MIT */
/* A devnet and its only miner, for tests. */
#pragma once

#include "algo/hasher.h"
#include "chain/chain.h"
#include "store/store.h"
#include "tests/fake/chain_heard.h"

struct devnet_rig {
    uv_loop_t loop;
    struct config config;
    struct datasets *datasets;
    struct hasher hasher; /* the miner's */
    struct chain *chain;
    struct chain_heard heard;
    uint32_t time; /* of the newest block of devnet_rig_next */
};

/* `store` is borrowed, and NULL for a chain in memory. Waits for the first template. */
void devnet_rig_open(struct devnet_rig *, const struct algo *, struct store *);
void devnet_rig_close(struct devnet_rig *);

/* Mines a template; `salt` makes siblings differ. The block is owned by the caller. */
uint8_t *devnet_rig_mine(struct devnet_rig *, struct chain_template *, uint32_t salt,
                         uint32_t ntime, size_t *len, uint8_t hash[32]);
/* The newest one. Blocks come in their interval, so that they stay easy. */
uint8_t *devnet_rig_next(struct devnet_rig *, size_t *len, uint8_t hash[32]);

void devnet_rig_wait(struct devnet_rig *); /* for an answer */
void devnet_rig_submit(struct devnet_rig *, const uint8_t *block, size_t len,
                       const uint8_t hash[32]);
/* Mines the newest template and submits it; it must be accepted. */
void devnet_rig_extend(struct devnet_rig *, uint8_t hash[32]);
