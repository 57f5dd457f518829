/* SPDX-License-Identifier: MIT */
/* A chain: where block templates come from and solved blocks go. Hub thread, one uv loop; templates
 * are immutable and counted, so other threads may hold them. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "algo/algo.h"
#include "base/err.h"
#include "coin/coin.h"
#include "config/config.h"
#include "core/job.h"
#include "core/share.h"

struct template_tx {
    uint8_t *data; /* as it goes into the block */
    size_t len;
    uint8_t txid[32]; /* internal order */
};

struct chain_template;
struct coinbase_plan;

/* How a chain of another kind than Bitcoin's makes its jobs and blocks. */
struct template_ops {
    /* Fills in what the form makes inputs of: the coinbase around the extranonces, the branch, and
     * job->input where the form needs it. The rest of the job stands. As template_job. ERR_FIELD
     * when the plan's lengths are out of range. */
    int (*outline)(const struct chain_template *, const struct coinbase_plan *, struct job *);
    /* As block_assemble. */
    uint8_t *(*assemble)(const struct share *, size_t *len, uint8_t hash[32]);
    void (*free)(void *own); /* frees template->own */
};

struct chain_template {
    _Atomic uint32_t refs;
    const struct coin *coin;
    const struct algo *algo;
    const struct header_form *form; /* of its jobs; template_new: Bitcoin's */
    const struct template_ops *ops; /* NULL = as Bitcoin does */
    void *own;                      /* what ops need */
    struct algo_key key;            /* of its jobs; zero where the algorithm asks for none */
    struct algo_key next_key;       /* of jobs to come soon, to be prepared: as key or another */
    uint64_t height;
    uint8_t prevhash[32]; /* internal order */
    uint32_t version;     /* rolling bits (0x1fffe000) cleared */
    uint32_t bits, curtime, mintime;
    struct u256 target;      /* from bits */
    uint64_t coinbase_value; /* atoms: subsidy and all fees */
    uint64_t fees;           /* atoms; part of coinbase_value */
    struct template_tx *txs; /* order is the block's order */
    size_t tx_count;
    uint8_t branch[MERKLE_MAX][32]; /* Merkle branch of the coinbase */
    uint8_t branch_count;
    uint8_t commitment[64]; /* witness commitment script; empty = none */
    uint8_t commitment_len;
    bool witness;    /* segwit is active: the coinbase carries its witness in the block */
    uint8_t aux[64]; /* coinbaseaux flags to push */
    uint8_t aux_len;
    uint8_t *mweb; /* Litecoin: appended after 01; NULL = none */
    size_t mweb_len;
    int64_t received_us; /* monotonic */
};

struct chain_template *template_ref(struct chain_template *); /* any thread */
void template_unref(struct chain_template *);                 /* any thread; NULL is fine */

/* What the pool puts into its coinbase. */
struct coinbase_plan {
    const uint8_t *script; /* where the reward goes */
    size_t script_len;
    const char *text; /* up to 32 bytes; NULL = none */
    uint8_t extranonce1_len, extranonce2_len;
};

/* A job with coinb1/coinb2/branch made from a template; block_target from bits, share_target the
 * same until the caller lowers it; origin holds a reference on the template. ntime range and
 * version mask (0x1fffe000 where the form rolls versions) set. extranonce1 is zero: front and hub
 * put in their own; the id is empty: the caller names it. NULL when the plan's lengths are out of
 * range. Any thread. */
struct job *template_job(struct chain_template *, const struct coinbase_plan *);

/* The whole block of a share on a template's job, as the chain takes it (bytes, owned by the
 * caller), and its block hash (sha256d of the header unless ops say otherwise, internal order). The
 * share was checked (its header is filled in). NULL when its job was not made by template_job. Any
 * thread. */
uint8_t *block_assemble(const struct share *, size_t *len, uint8_t hash[32]);

enum submit_result {
    SUBMIT_ACCEPTED, /* at least one daemon took it, or knew it as valid */
    SUBMIT_REJECTED, /* every daemon that answered refused it */
    SUBMIT_UNKNOWN,  /* nobody answered: ask again later */
};

struct chain_node_view { /* one daemon, for people */
    char name[64];       /* host:port, never with a password */
    bool up, active;     /* active = its template is in use */
    uint64_t height;     /* of its tip; 0 unknown */
    int64_t tip_us;      /* monotonic: when we first saw this tip; 0 unknown */
    double rpc_ms;       /* last answer time; NAN unknown */
    char error[160];     /* last error and what to do; "" = none */
};

struct chain;

typedef void chain_template_fn(void *arg, struct chain_template *, bool new_tip); /* borrowed */
typedef void chain_submit_fn(void *arg, enum submit_result, const char *text);
/* confirmations >= 1: in the best chain; 0: known, not (yet) in the best chain; -1: unknown to
 * every daemon that answered; -2: nobody answered. */
typedef void chain_status_fn(void *arg, int64_t confirmations);

/* How a chain of daemons is watched, all in ms. */
struct chain_timing {
    int64_t poll_ms;                        /* between looks at a daemon's tip */
    int64_t refresh_ms;                     /* a template is fetched at least this often */
    int64_t stale_ms;                       /* an older template is not used */
    int64_t rpc_timeout_ms;                 /* of small calls */
    int64_t template_timeout_ms;            /* of getblocktemplate */
    int64_t wait_timeout_ms;                /* of a long poll */
    int64_t retry_first_ms, retry_limit_ms; /* pause after a failure: doubles from, up to */
    int64_t submit_timeout_ms, submit_pause_ms;
    unsigned submit_tries; /* per daemon */
};

struct chain_options {
    const struct config *config; /* pool.* */
    const struct coin *coin;
    enum network network;
    const struct algo *algo;
    struct datasets *datasets; /* for checks of the proof of work; may be NULL where the algorithm
                                  needs none */
    struct store *store;       /* devnet keeps its blocks there; may be NULL in tests */
    chain_template_fn *on_template;
    void *arg;
    const struct chain_timing *timing; /* NULL = the defaults */
};

/* A kind of chain: one file, one row in chains.c. */
struct chain_kind {
    const char *name; /* "bitcoind", "devnet" */
    const char *title;
    /* Can the algorithm be mined on it? NULL: those that hash Bitcoin's header. */
    bool (*suits)(const struct algo *);
    int (*open)(const struct chain_options *, uv_loop_t *, void **state, struct fault *why);
    /* Refreshes the template soon (it arrives by on_template). */
    void (*refresh)(void *state);
    /* To all daemons at once. `block` is copied. `done` comes exactly once. */
    void (*submit)(void *state, const uint8_t *block, size_t len, const uint8_t hash[32],
                   chain_submit_fn *done, void *arg);
    void (*status)(void *state, const uint8_t hash[32], chain_status_fn *done, void *arg);
    unsigned (*nodes)(void *state, struct chain_node_view *out, unsigned max);
    /* Stops all traffic; callbacks still due come before it returns, with SUBMIT_UNKNOWN / -2 where
     * there is no answer yet. Memory goes when the loop has closed the handles. Not from inside a
     * callback of this chain. */
    void (*close)(void *state);
};

extern const struct chain_kind *const chain_kinds[]; /* ends with NULL */

/* Opens the kind that options->coin names. The first template arrives later; a daemon that is down
 * is not an error here: it is retried for ever and shown in chain_nodes. */
int chain_open(const struct chain_options *, uv_loop_t *, struct chain **ret, struct fault *why);
void chain_refresh(struct chain *);
void chain_submit(struct chain *, const uint8_t *block, size_t len, const uint8_t hash[32],
                  chain_submit_fn *done, void *arg);
void chain_status(struct chain *, const uint8_t hash[32], chain_status_fn *done, void *arg);
unsigned chain_nodes(struct chain *, struct chain_node_view *out, unsigned max);
void chain_close(struct chain *); /* NULL is fine */
