/* SPDX-License-Identifier: MIT */
/* Workers: who hashes for which account, with counters and hash rates from credited work. Hub
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "core/rate.h"
#include "front/front.h"
#include "net/address.h"
#include "pool/accounts.h"
#include "pool/shares.h"

struct worker {
    char user[128];   /* key: as authorised, "ADDRESS.worker" */
    char name[64];    /* after the first dot */
    char address[96]; /* before it: the account's owner */
    uint32_t id;      /* row in the store; 0 = nothing credited yet */
    struct account *account;
    bool local;
    struct rate rate;
    double difficulty; /* NAN unknown */
    uint64_t accepted, rejected, stale;
    uint32_t connections;
    int64_t seen_us;     /* last share, monotonic; 0 = none */
    char peer[PEER_MAX]; /* from where it connected last; "" = never */
    int64_t active_us;   /* last sign of life */
    struct row_cache cache;
    UT_hash_handle hh;
};

struct workers {
    struct store *store;
    struct accounts *accounts;
    const char *hrp; /* bech32 addresses of this coin are the same in capitals; NULL = none */
    struct worker *by_user;
};

int workers_load(struct workers *, struct store *, struct accounts *, struct fault *why);
void workers_fini(struct workers *);

/* The worker of a user name, made on first sight. */
struct worker *workers_get(struct workers *, const char *user);

/* Makes sure that the worker has its account and its row. */
void workers_open(struct workers *, struct worker *);

/* Forgets those without connections that gave no sign of life for a day, an
 * hour where none ever had a share. */
void workers_tidy(struct workers *, int64_t now_us);
