/* SPDX-License-Identifier: MIT */
/* The pool's parts and how they call one another. Everything runs on the hub thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/alloc.h"
#include "base/map.h"
#include "chain/chain.h"
#include "config/config.h"
#include "core/rate.h"
#include "front/front.h"
#include "net/peer.h"
#include "net/tls.h"
#include "pool/accounts.h"
#include "pool/bans.h"
#include "pool/difficulty.h"
#include "pool/ledger.h"
#include "pool/pool.h"
#include "pool/shares.h"
#include "pool/workers.h"
#include "reward/scheme.h"
#include "store/store.h"
#include "stratum/vardiff.h"

enum { LOCAL_JOBS = 16 };

/* What callbacks of the store hold on to: it outlives the pool when they come late. */
struct pool_life {
    unsigned refs;
    struct pool *pool; /* NULL once the pool is gone */
};

struct seen { /* share hashes of a tip, mixed down to 16 bytes */
    struct {
        uint64_t a, b;
    } * at;
    size_t count, capacity; /* a power of two */
};

struct local_job {
    struct job *job;
    double difficulty; /* of its share target */
};

struct block {
    uint8_t hash[32];     /* internal order */
    uint8_t prevhash[32]; /* of the parent; zero = found by an earlier run */
    uint64_t height, reward;
    enum block_state state;
    int64_t confirmations, found_ms;
    char finder[96], detail[96];
    uint32_t turn;
    bool settled; /* no longer asked for */
    bool durable; /* on disk: may be announced */
    uint8_t *raw; /* the block, until it is submitted the first time; owned */
    size_t raw_len;
    int64_t submit_by_us; /* with `raw`: submitted then at the latest, durable or not */
    bool asking, submitting;
    unsigned misses;  /* answers in a row that it is not in the best chain */
    int64_t retry_us; /* submit again then; 0 = not needed */
    UT_hash_handle hh;
};

struct pool_port { /* an address where the pool listens when it is open */
    char address[64];
    char preset[12], tls[8]; /* as configured */
    struct front_port front; /* its `address` is not set */
    char problem[200];       /* why it does not; "" = it does */
};

/* Where and how miners connect. */
struct pool_doors {
    struct pool_port ports[FRONT_PORTS_MAX]; /* pool.address first */
    unsigned count;
    struct prefix proxies[PROXIES_MAX];
    unsigned proxy_count;
    struct endpoint drain_to; /* host "" = where they are */
    char certificate[512], key[512];
    bool own; /* the certificate is the pool's own work */
    bool tls; /* a port speaks it */
};

struct pool_settings { /* copied: the configuration may be replaced */
    char text[33];
    uint32_t fee_bp, node_id, max_connections, loops, check_percent;
    int64_t window_us;
    double factor;
    struct difficulty_settings difficulty;
};

struct pool_parts;

struct pool {
    const struct pool_parts *parts;
    struct pool_settings set;
    struct datasets *datasets; /* may be NULL */
    struct store *store;
    struct bans_book *bans; /* may be NULL */
    uv_loop_t *loop;
    uv_async_t *bell;
    struct pool_callbacks callbacks;
    struct pool_life *life;
    uv_timer_t *timer; /* its own allocation: freed when it has closed */
    unsigned ticks;
    bool closing;

    const struct coin *coin;
    enum network network;
    const struct algo *algo;
    double units;                       /* difficulty_units */
    const struct reward_scheme *scheme; /* as configured: in force while serving */
    char chain_name[64];
    uint8_t script[SCRIPT_MAX];
    size_t script_len;

    struct chain *chain;
    struct chain_template *template; /* the newest */
    struct dataset *dataset, *next;  /* of its jobs, and of jobs to come, while open; references */
    char dataset_problem[160];       /* why there is none; "" = nothing is wrong */
    struct accounts accounts;
    struct workers workers;
    struct worker *local; /* this rig */
    struct shares shares;
    struct block *blocks; /* by hash, oldest first */
    uint64_t blocks_found, blocks_mature, blocks_orphaned;
    struct ledger_totals totals, totals_next;
    bool ledger_ok;

    struct local_job jobs[LOCAL_JOBS]; /* of the present tip, newest last */
    unsigned job_count;
    struct seen seen; /* of all local jobs of the tip: two of them may be the same work */
    uint32_t job_serial;
    uint8_t salt[FRONT_SALT]; /* of local jobs: none is the work of one before this pool's time */
    struct job *front_job;
    struct vardiff vardiff;

    bool open;           /* serving */
    struct front *front; /* NULL: closed, or no dialect is there for the algorithm */
    char listening[64];  /* where its first port does; "" = nowhere */
    struct pool_doors doors;
    char fingerprint[2 * TLS_FINGERPRINT + 1]; /* of the certificate in use; "" = none is */
    char tls_problem[200];                     /* why the one on the disk is not */
    unsigned doors_ticks;                      /* since closed ports were last tried */
    char serve_problem[160];                   /* why it is open without a front; "" = it is not */
    struct front *leaving;                     /* closing its connections */
    json_t *handed;  /* by a program before, until the server has begun; borrowed */
    json_t *handing; /* of the front that left, for the next program */
    bool taking;     /* what is credited now comes from a front, serving or leaving */
    uint32_t connections;

    struct rate rate;
    uint64_t accepted, rejected[REJECTS], causes[CAUSES];
};

/* pool.c */
typedef int chain_open_fn(const struct chain_options *, uv_loop_t *, struct chain **ret,
                          struct fault *why);

/* The chain and the front behind it: tests bring their own. */
struct pool_parts {
    chain_open_fn *chain_open;
    int (*front_start)(const struct front_options *, struct front **ret, struct fault *why);
    const char *(*front_address)(const struct front *);
    const char *(*front_listens)(const struct front *, const char *address);
    unsigned (*front_listen)(struct front *, const struct front_port *, unsigned count,
                             struct fault trouble[]);
    void (*front_secure)(struct front *, struct tls_context *);
    void (*front_trust)(struct front *, const struct prefix *, unsigned count);
    void (*front_publish)(struct front *, struct job *);
    void (*front_drain)(struct front *, const struct front_drain *);
    void (*front_stop)(struct front *);
    void (*front_hand_over)(struct front *);
    json_t *(*front_handed)(struct front *);
    bool (*front_take)(struct front *, struct event *);
    void (*front_free)(struct front *);
};
int pool_new_on(const struct pool_parts *, const struct pool_setup *, struct pool **ret,
                struct fault *why);
/* What is credited now was mined for the pool: it is open, or the last words of its front. */
bool pool_shared(const struct pool *);
bool pool_solo(const struct pool *); /* the scheme in force pays the finder */
struct share_window pool_window(const struct pool *, const struct u256 *network_target);
void pool_credit(struct pool *, struct worker *, double difficulty, uint64_t count, int64_t at_ms);
void pool_changed(struct pool *);
struct pool_life *life_ref(struct pool_life *);
void life_unref(struct pool_life *);

/* Difficulty as the ledger counts it: in units, rounded down, at least 1, at most WORK_MAX. */
uint64_t pool_work(const struct pool *, double difficulty);

/* datasets.c */
void datasets_follow(struct pool *, const struct chain_template *); /* before its jobs are made */
void datasets_look(struct pool *);                                  /* once a second */
void datasets_drop(struct pool *);

/* jobs.c */
void jobs_new_template(struct pool *, struct chain_template *, bool new_tip);
void jobs_retarget(struct pool *); /* once a second: the local difficulty */
void jobs_free(struct pool *);

/* doors.c: where miners connect */
int doors_choose(struct pool *, const struct config *, struct pool_doors *ret, struct fault *why);
/* The ports as the front wants them; they borrow their addresses. */
void doors_ports(const struct pool_doors *, struct front_port ports[FRONT_PORTS_MAX]);
/* The certificate, made first where it is the pool's own; NULL in `*ret`: no port speaks TLS. */
int doors_context(struct pool *, const struct pool_doors *, struct tls_context **ret,
                  struct fault *why);
void doors_tick(struct pool *); /* once a second: tries again what does not listen */
void doors_view(const struct pool *, struct pool_view *);

/* serve.c */
void serve_free(struct pool *);

/* blocks.c */
int blocks_load(struct pool *, struct fault *why);
void blocks_found(struct pool *, const struct share *, struct worker *finder);
void blocks_ask(struct pool *);  /* new tip: asks the chain about all that are not settled */
void blocks_tick(struct pool *); /* once a second: submits again what nobody has answered for */
void blocks_fini(struct pool *);
bool blocks_under_way(const struct pool *); /* one is not recorded or not answered for yet */
void block_submit_first(struct pool *, struct block *); /* once it is durable */
void block_free(struct block *);
void blocks_count(struct pool *, enum block_state, int by);

/* block_credit.c: the durable batch of a found block */
void block_record(struct pool *, struct block *, const struct share *, const uint8_t *raw,
                  size_t len, struct worker *finder);
void block_save(struct pool *, struct block *, enum block_state to); /* a state change */
void totals_refresh(struct pool *);
