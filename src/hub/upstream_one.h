/* SPDX-License-Identifier: MIT */
/* The inside of the upstream pools: one of them (upstream_one.c), its shares (upstream_shares.c),
 * which one is used (upstream_choose.c), the drill (upstream_drill.c), the list (upstream.c). */
#pragma once

#include "base/map.h"
#include "hub/pool_health.h"
#include "hub/upstream.h"

enum {
    ACK_SAMPLES = 64,
    PENDING_MAX = 256,     /* shares that wait for a session to be resumed */
    SESSION_S = 120,       /* as long as that may take */
    LINGER_S = 60,         /* devices without another pool go on with the last job of one */
    UNACKNOWLEDGED_S = 60, /* a share this long without an answer counts as never answered */
};

struct ticket { /* a share on its way */
    uint64_t id;
    struct share_note note;
    int64_t sent_us, job_age_ms;
    UT_hash_handle hh;
};

struct pending { /* a share that waits for the session */
    struct share *share;
    struct share_note note;
};

struct upstream {
    struct upstreams *all;
    unsigned number;      /* place in the list */
    uint32_t id;          /* for life: jobs carry it, so that their shares find the way back */
    struct config *owner; /* of what follows; a reference: it may be older than all->config */
    const struct upstream_config *set;
    bool enabled, pinned, drilled;
    bool moved; /* this connection was sent elsewhere by the pool */
    struct stratum_client *client;
    enum client_state phase; /* as it last told */
    enum upstream_status status;
    int64_t since_us, try_us; /* in this status since; next attempt not before */
    int64_t serving_us;       /* jobs come since; 0 = they do not */
    int64_t probe_us;         /* last probe */
    uint32_t failures;        /* in a row, until it has served well for a while */
    uint32_t attempts;        /* connections begun: each begins with another address */
    uint32_t distrust;        /* times it was left because of its shares, since one was accepted */
    struct job *job;
    int64_t lingers_us; /* the job is of a connection that ended, and may be worked on until then */

    struct stratum_session session; /* of the newest connection; id "" = it had none */
    struct pending pending[PENDING_MAX];
    unsigned pending_count;
    int64_t pending_us; /* since when the oldest waits */
    uint64_t resumed;   /* sessions */

    struct ticket *tickets;
    struct counters shares;
    struct effective effective;
    struct pool_health health;
    struct signal signals[SIGNALS];
    enum trouble trouble; /* why it was left last */
    int64_t trouble_us;
    uint64_t failovers[TROUBLES]; /* work went elsewhere because of it */
    char last_error[160];
    float ack_ms[ACK_SAMPLES];
    unsigned ack_count;

    uint32_t quota;
    double virtual_time; /* work given to it by slices, divided by its weight */
    int64_t worked_us;   /* a slice had its job then */
};

struct demand {
    const struct algo *algo; /* NULL = any */
    int active;              /* -1 = none */
    unsigned first;          /* where the order begins: 0 but for round-robin and rotate */
    int64_t turned_us;       /* rotate: since when it begins there */
};

struct upstreams {
    uv_loop_t *loop;
    struct upstream_hooks hooks;
    struct upstream **items;
    unsigned count;
    struct demand demands[DEMANDS_MAX];
    unsigned demand_count;
    const char *algorithm; /* mining.algorithm */
    uint32_t last_id;
    struct config *config;
    enum strategy strategy;
    int64_t rotate_us;
    struct drill_view drill;
};

/* upstream_one.c. Not connected yet. */
struct upstream *upstream_new(struct upstreams *, unsigned number, const struct upstream_config *);
void upstream_free(struct upstream *);
void upstream_set_status(struct upstream *, enum upstream_status);
void upstream_disconnect(struct upstream *);

/* Once a second for a pool that is wanted: gives it up when it is sick, connects when it is time.
 */
void upstream_care(struct upstream *);

bool upstream_serves(const struct upstream *);  /* jobs come from it */
bool upstream_lingers(const struct upstream *); /* its last job may still be worked on */
void upstream_stop_lingering(struct upstream *);
const struct algo *upstream_algo(const struct upstream *);
bool upstream_meets(const struct upstream *, const struct demand *); /* is it of that algorithm? */
void upstream_fill_view(struct upstream *, struct upstream_view *);

/* upstream_shares.c */
void upstream_submit(struct upstream *, const struct share *);
void upstream_answered(struct upstream *, uint64_t ticket, int err, const char *reason, double ms);
void upstream_ready(struct upstream *, bool resumed);           /* what waited is sent, or lost */
void upstream_shares_tick(struct upstream *);                   /* what waited too long */
void upstream_drop_pending(struct upstream *, const char *why); /* counts them as lost */
void upstream_ack_quantiles(const struct upstream *, double *p50, double *p95);

/* When the oldest share without an answer was sent; 0 = none waits. */
int64_t upstream_oldest_sent(const struct upstream *);

/* Is it still to say what it thinks of shares it was sent? */
bool upstream_owes_answers(const struct upstream *);

/* upstream_choose.c */
int choose_pool(const struct upstreams *, const struct demand *);
void choose_wanted(const struct upstreams *, const struct demand *, bool *wanted); /* by number */
void choose_turn(struct upstreams *, struct demand *); /* rotate: is it time for the next? */
void choose_joins(struct upstream *);                  /* it begins to serve */
bool choose_spreads(const struct upstreams *);
bool upstreams_is_active(const struct upstreams *, unsigned number); /* do devices work for it? */
struct upstream *upstreams_identified(struct upstreams *, uint32_t source);

/* upstream_drill.c */
void drill_tick(struct upstreams *);
void drill_drop(struct upstreams *);    /* one that is under way ends without a result */
void drill_accepted(struct upstream *); /* a share of it */
