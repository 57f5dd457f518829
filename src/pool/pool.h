/* SPDX-License-Identifier: MIT */
/* The embedded pool: chain templates become jobs, shares become credits, blocks become money. Lives
 * on the hub thread; its Stratum server runs on front threads of its own (front.h).
 *
 * The pool object always exists. Closed (pool mode off) it serves nobody, and its jobs are solo
 * work for this rig alone; open, it listens, and credits by the configured reward scheme. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <uv.h>

#include "base/err.h"
#include "chain/chain.h"
#include "config/config.h"
#include "core/job.h"
#include "core/share.h"
#include "front/cause.h"
#include "store/store.h"

struct pool;

enum block_state { BLOCK_FOUND, BLOCK_IMMATURE, BLOCK_MATURE, BLOCK_ORPHANED, BLOCK_REJECTED };
const char *block_state_name(enum block_state);

struct pool_callbacks {
    void (*job)(void *arg, struct job *); /* borrowed: newest local job (extranonce1 set, share
                                             target for this rig); clean = new tip */
    void (*changed)(void *arg);           /* something worth a new snapshot */
    void *arg;
};

struct pool_setup {
    const struct config *config;
    const struct algo *algo;   /* of a coin that leaves it open (devnet); NULL = mining.algorithm */
    struct datasets *datasets; /* what hashing needs is got there; may be NULL for algorithms
                                  without */
    struct store *store;
    struct bans_book *bans; /* outlives the pool; NULL = its server knows no limits and bans */
    uv_loop_t *loop;
    uv_async_t *bell;
    struct pool_callbacks callbacks;
    json_t *handed; /* by a program before, for its server (front/handover.h); NULL = nothing */
};

/* Opens chain and accounts; loads open blocks and re-submits those the daemon may not have. The
 * listener stays closed until pool_serve. Owns none of what the setup points to; the setup itself
 * is not kept. Pools of different algorithms share a store: each has a chain of its own. */
int pool_new(const struct pool_setup *, struct pool **ret, struct fault *why);
void pool_free(struct pool *); /* drains fronts, writes what is due; NULL is fine */

/* Opens or closes the pool and its Stratum server. Where no dialect carries the algorithm it opens
 * without a server, for this rig alone, and the view's `problem` says so. Opening fails with the
 * reason (busy port, ...) and changes nothing. Closing takes no connections, sends the miners away
 * over some seconds (pool_close says how) and credits what they found until then. */
int pool_serve(struct pool *, bool on, struct fault *why);

enum pool_hurry {
    CLOSE_GENTLY, /* miners are sent away over up to 3 s and have 2 s more to go */
    CLOSE_SOON,   /* 0.8 and 0.4 s */
    CLOSE_NOW, /* they are disconnected after their shares so far are credited; of those that wait
                  to be verified, what two seconds are enough for */
};
void pool_close(struct pool *, enum pool_hurry);
/* The program is about to end: the Stratum server closes soon, and the pool credits what its miners
 * and this rig still find. */
void pool_leave(struct pool *);
/* As pool_leave, but plain connections stay open for the next program. pool_handed waits for that,
 * at most five seconds, and gives its document, or NULL; the caller's. */
void pool_hand_over(struct pool *);
json_t *pool_handed(struct pool *);
void pool_forget_handed(struct pool *); /* what the setup said was handed to it is no more */
bool pool_leaving(
    const struct pool *); /* its Stratum server is closed, but miners are there still */
bool pool_serving(const struct pool *);

/* A found block is not yet on the disk, or not yet answered for by the chain: worth a moment before
 * pool_free. */
bool pool_settling(const struct pool *);

/* The configuration was read again: its addresses and certificate are those from now on, without
 * closing a connection. What cannot be had is named in `why` and in the view, and tried again: 0,
 * or the first error. */
int pool_relisten(struct pool *, const struct config *, struct fault *why);

/* The newest local job, borrowed; NULL before the first template. */
struct job *pool_job(struct pool *);

/* Asks the chain for a fresh template: the devices have used up the job. */
void pool_refresh(struct pool *);

/* A share of this rig's own devices on a job of this pool, checked by the device (share_check): it
 * is not hashed again. 0 = credited (and submitted if it is a block), or ERR_STALE, ERR_LOW_DIFF,
 * ERR_DUPLICATE. */
int pool_local_share(struct pool *, const struct share *);

/* When the bell rang: takes what the fronts report. */
void pool_drain(struct pool *);

struct pool_worker_view {
    char name[64];            /* "ADDRESS.worker" cut at the dot: the worker part; "" = none */
    char address[96];         /* account owner */
    char peer[64];            /* from where it connected last; "" = never */
    double rate_1m, rate_15m; /* hashes per second, from credited shares; NAN unknown */
    double difficulty;
    bool valued;
    uint64_t share_value; /* where valued: of a share on average; 1/10^6 atoms, the fee taken off */
    uint64_t accepted, rejected, stale;
    int64_t seen_us; /* monotonic: last share; 0 = none */
    uint32_t connections;
    bool local;
};

struct pool_block_view {
    uint64_t height;
    char hash[65]; /* display order */
    enum block_state state;
    int64_t confirmations;
    uint64_t reward;  /* atoms */
    int64_t found_ms; /* Unix time */
    char finder[96];
    char detail[96]; /* the daemon's word on a rejected one */
};

struct pool_listener_view {
    char address[64];        /* where it listens; as configured while it does not */
    char preset[12], tls[8]; /* "standard", "off" */
    bool open;
    char problem[200]; /* why it is not, though the pool is open; "" = no reason */
    double start_difficulty, min_difficulty;
};

struct pool_ban_view { /* of the Stratum server */
    char network[64];  /* "203.0.113.7", "2001:db8:1:1::/64" */
    enum cause cause;
    uint32_t count;             /* bans in a row, this one included */
    int64_t since_ms, until_ms; /* Unix time; until 0 = for ever */
};

enum {
    POOL_WORKERS_SHOWN = 200,
    POOL_BLOCKS_SHOWN = 50,
    POOL_NODES_SHOWN = 8,
    POOL_LISTENERS_SHOWN = 16,
    POOL_BANS_SHOWN = 200
};

struct pool_view {
    bool serving, has_job;
    char address[64];  /* of the first listener; "" = open without one */
    char problem[160]; /* what keeps the pool from doing all it should; "" = nothing */
    const struct coin *coin;
    enum network network;
    const char *scheme; /* reward scheme in force ("solo" while closed) */
    uint32_t fee_bp;
    uint64_t height;           /* being mined; 0 = no template yet */
    double network_difficulty; /* NAN unknown */
    int64_t template_us;       /* monotonic: when it came */
    uint64_t coinbase_value;
    double rate_1m;      /* hashes per second of all workers; NAN unknown */
    double round_effort; /* work since the last block / expected; NAN unknown */
    uint32_t connections, workers, max_connections;
    uint64_t shares_accepted, shares_rejected, shares_stale;
    uint64_t reject_reasons[8]; /* by front.h's enum reject */
    uint64_t blocks_found, blocks_mature, blocks_orphaned;
    uint64_t balance_immature, balance_owed, balance_fee; /* atoms */
    bool ledger_ok;                                       /* sums reconcile */
    char tls_fingerprint[65]; /* SHA-256 of the certificate, hexadecimal; "" = none is in use */
    bool tls_own;             /* it vouches for itself: miners pin the fingerprint */
    char tls_problem[200];    /* the one on the disk cannot be used; "" = it can */
    unsigned node_count, worker_count, block_count, listener_count; /* rows used below */
    struct pool_listener_view listener[POOL_LISTENERS_SHOWN];
    struct chain_node_view nodes[POOL_NODES_SHOWN];
    struct pool_worker_view worker[POOL_WORKERS_SHOWN];
    struct pool_block_view block[POOL_BLOCKS_SHOWN]; /* newest first */
    uint64_t causes[CAUSES];                         /* connections refused and closed */
    unsigned bans, ban_count;                        /* in force; rows used below */
    struct pool_ban_view ban[POOL_BANS_SHOWN];       /* newest first */
};
void pool_view(struct pool *, struct pool_view *);
