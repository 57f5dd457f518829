/* SPDX-License-Identifier: MIT */
/* One upstream pool: its connection, health and share counters. The list of them is upstream.c. */
#pragma once

#include "base/map.h"
#include "hub/upstream.h"

enum { ACK_SAMPLES = 64 };

struct ticket { /* a share on its way */
    uint64_t id;
    unsigned device;
    const struct algo *algo;
    double difficulty;
    int64_t sent_us;
    UT_hash_handle hh;
};

struct upstream {
    struct upstreams *all;
    unsigned number;      /* place in the list */
    uint32_t id;          /* for life: jobs carry it, so that their shares find the way back */
    struct config *owner; /* of what follows; a reference: it may be older than all->config */
    const struct upstream_config *set;
    bool enabled, pinned;
    struct stratum_client *client;
    enum upstream_status status;
    int64_t since_us, try_us; /* in this status since; next attempt not before */
    int64_t serving_us;       /* jobs come since; 0 = they do not */
    int64_t probe_us;         /* last probe */
    uint32_t failures;        /* in a row, until it has served well for a while */
    uint32_t rejects_in_a_row;
    struct job *job;
    struct ticket *tickets;
    struct counters shares;
    char last_error[160];
    float ack_ms[ACK_SAMPLES];
    unsigned ack_count;
};

struct demand {
    const struct algo *algo; /* NULL = any */
    int active;              /* -1 = none */
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
};

/* Not connected yet. */
struct upstream *upstream_new(struct upstreams *, unsigned number, const struct upstream_config *);
void upstream_free(struct upstream *); /* open shares are answered as ERR_CLOSED */

void upstream_set_status(struct upstream *, enum upstream_status);
void upstream_disconnect(struct upstream *);

/* Once a second for a pool that is wanted: gives it up when it is sick, connects when it is time.
 */
void upstream_care(struct upstream *);

bool upstream_serves(const struct upstream *); /* jobs come from it */
const struct algo *upstream_algo(const struct upstream *);
bool upstream_meets(const struct upstream *, const struct demand *); /* is it of that algorithm? */
bool upstreams_is_active(const struct upstreams *, unsigned number); /* for any demand */

/* Is it still to say what it thinks of shares it was sent? */
bool upstream_owes_answers(const struct upstream *);

/* As upstreams_submit. */
int upstream_submit(struct upstream *, const struct share *);
void upstream_fill_view(struct upstream *, struct upstream_view *);
