/* SPDX-License-Identifier: MIT */
/* Metrics of upstream pools, and of the embedded pool: server, chain and money. */
#include <math.h>
#include <stdio.h>

#include "api/metrics_page.h"
#include "front/front.h"
#include "hub/snapshot.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

void metrics_upstream_shares(struct prom_page *page, const struct request *r,
                             const struct snapshot *s)
{
    char pool[12];

    (void)r;
    for (unsigned i = 0; i < s->upstream_count; i++) {
        const struct counters *c = &s->upstreams[i].shares;
        metrics_number_text(s->upstreams[i].number, pool);
        prom_put(page, METRIC_SHARES_TOTAL, (double)c->accepted, pool, "accepted");
        prom_put(page, METRIC_SHARES_TOTAL, (double)c->rejected, pool, "rejected");
        prom_put(page, METRIC_SHARES_TOTAL, (double)c->stale, pool, "stale");
    }
    for (unsigned i = 0; i < s->upstream_count; i++)
        prom_put(page, METRIC_SHARES_LOST_TOTAL, (double)s->upstreams[i].shares.lost,
                 metrics_number_text(s->upstreams[i].number, pool));
    for (unsigned i = 0; i < s->upstream_count; i++)
        prom_put(page, METRIC_SHARES_NEVER_ANSWERED_TOTAL,
                 (double)s->upstreams[i].shares.unacknowledged,
                 metrics_number_text(s->upstreams[i].number, pool));
    for (unsigned i = 0; i < s->upstream_count; i++)
        for (unsigned n = 0; n < REFUSALS; n++)
            prom_put(page, METRIC_SHARES_REJECTED_TOTAL, (double)s->upstreams[i].shares.refused[n],
                     metrics_number_text(s->upstreams[i].number, pool), refusal_name(n));
    for (unsigned i = 0; i < s->upstream_count; i++)
        for (unsigned n = TROUBLE_NONE + 1; n < TROUBLES; n++)
            prom_put(page, METRIC_POOL_FAILOVER_TOTAL, (double)s->upstreams[i].failovers[n],
                     metrics_number_text(s->upstreams[i].number, pool), trouble_name(n));
}

/* One number of an upstream pool; NAN = unknown. */
typedef double upstream_fn(const struct upstream_view *, int64_t now_us);

static double upstream_unanswered(const struct upstream_view *u, int64_t now_us)
{
    (void)now_us;
    return u->client.unanswered;
}

static double upstream_connected(const struct upstream_view *u, int64_t now_us)
{
    (void)now_us;
    return u->status == UPSTREAM_ALIVE;
}

static double upstream_active(const struct upstream_view *u, int64_t now_us)
{
    (void)now_us;
    return u->active;
}

static double upstream_difficulty(const struct upstream_view *u, int64_t now_us)
{
    (void)now_us;
    return u->client.difficulty > 0 ? u->client.difficulty : NAN;
}

static double upstream_job_age(const struct upstream_view *u, int64_t now_us)
{
    return metrics_age_s(now_us, u->client.last_job_us);
}

static double upstream_rtt(const struct upstream_view *u, int64_t now_us)
{
    (void)now_us;
    return u->client.state == CLIENT_READY ? u->client.rtt_ms / 1000 : NAN;
}

static double upstream_failures(const struct upstream_view *u, int64_t now_us)
{
    (void)now_us;
    return u->failures;
}

static double upstream_effective(const struct upstream_view *u, int64_t now_us)
{
    (void)now_us;
    return u->effective.rate;
}

void metrics_upstream_links(struct prom_page *page, const struct request *r,
                            const struct snapshot *s)
{
    static const struct {
        enum metric metric;
        upstream_fn *get;
    } rows[] = {
        {METRIC_SHARES_UNACKNOWLEDGED, upstream_unanswered},
        {METRIC_POOL_CONNECTED, upstream_connected},
        {METRIC_POOL_ACTIVE, upstream_active},
        {METRIC_POOL_DIFFICULTY, upstream_difficulty},
        {METRIC_POOL_JOB_AGE_SECONDS, upstream_job_age},
        {METRIC_POOL_RTT_SECONDS, upstream_rtt},
        {METRIC_POOL_CONNECT_FAILURES, upstream_failures},
        {METRIC_POOL_EFFECTIVE_HASHRATE_HASHES_PER_SECOND, upstream_effective},
    };
    char pool[12];

    for (size_t m = 0; m < COUNT_OF(rows); m++)
        for (unsigned i = 0; i < s->upstream_count; i++)
            prom_put(page, rows[m].metric, rows[m].get(&s->upstreams[i], r->now_us),
                     metrics_number_text(s->upstreams[i].number, pool));
}

void metrics_drill(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    const struct drill_view *drill = &s->strategy.drill;

    (void)r;
    if (drill->state == DRILL_NONE)
        return;
    if (drill->state != DRILL_RUNNING)
        prom_plain(page, METRIC_POOL_DRILL_SUCCESS, drill->state == DRILL_OK);
    prom_plain(page, METRIC_POOL_DRILL_TIMESTAMP_SECONDS, (double)drill->began_ms / 1000);
}

void metrics_server(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    const struct pool_view *p = &s->pool;
    const char *coin = p->coin ? p->coin->name : "";

    (void)r;
    if (!p->coin)
        return;
    prom_put(page, METRIC_SERVER_UP, p->serving, coin);
    if (p->serving) {
        prom_put(page, METRIC_SERVER_CONNECTIONS, p->connections, coin);
        prom_put(page, METRIC_SERVER_CONNECTIONS_LIMIT, p->max_connections, coin);
        prom_put(page, METRIC_SERVER_WORKERS, p->workers, coin);
        prom_put(page, METRIC_SERVER_HASHRATE_HASHES_PER_SECOND, p->rate_1m, coin, "1m");
    }
    prom_put(page, METRIC_SERVER_SHARES_TOTAL, (double)p->shares_accepted, coin, "accepted");
    prom_put(page, METRIC_SERVER_SHARES_TOTAL, (double)p->shares_rejected, coin, "rejected");
    prom_put(page, METRIC_SERVER_SHARES_TOTAL, (double)p->shares_stale, coin, "stale");
    for (unsigned i = 0; i < REJECTS; i++)
        prom_put(page, METRIC_SERVER_SHARES_REJECTED_TOTAL, (double)p->reject_reasons[i], coin,
                 reject_name(i));
    for (unsigned i = 0; i < CAUSES; i++)
        if (cause_kind(i) == CAUSE_REFUSED)
            prom_put(page, METRIC_SERVER_REFUSED_TOTAL, (double)p->causes[i], coin, cause_name(i));
    for (unsigned i = 0; i < CAUSES; i++)
        if (cause_kind(i) == CAUSE_CLOSED)
            prom_put(page, METRIC_SERVER_CLOSED_TOTAL, (double)p->causes[i], coin, cause_name(i));
    prom_put(page, METRIC_SERVER_BANS, p->bans, coin);
}

void metrics_chain(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    const struct pool_view *p = &s->pool;
    const char *coin = p->coin ? p->coin->name : "";

    if (!p->coin)
        return;
    for (unsigned i = 0; i < p->node_count; i++)
        prom_put(page, METRIC_NODE_UP, p->nodes[i].up, coin, p->nodes[i].name);
    for (unsigned i = 0; i < p->node_count; i++)
        prom_put(page, METRIC_NODE_ACTIVE, p->nodes[i].active, coin, p->nodes[i].name);
    for (unsigned i = 0; i < p->node_count; i++)
        prom_put(page, METRIC_NODE_TIP_HEIGHT, metrics_nonzero(p->nodes[i].height), coin,
                 p->nodes[i].name);
    for (unsigned i = 0; i < p->node_count; i++)
        prom_put(page, METRIC_NODE_TIP_AGE_SECONDS, metrics_age_s(r->now_us, p->nodes[i].tip_us),
                 coin, p->nodes[i].name);
    for (unsigned i = 0; i < p->node_count; i++)
        prom_put(page, METRIC_NODE_RPC_SECONDS, p->nodes[i].rpc_ms / 1000, coin, p->nodes[i].name);
    prom_put(page, METRIC_TEMPLATE_AGE_SECONDS, metrics_age_s(r->now_us, p->template_us), coin);
    prom_put(page, METRIC_TEMPLATE_HEIGHT, metrics_nonzero(p->height), coin);
}

void metrics_money(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    const struct pool_view *p = &s->pool;
    const char *coin = p->coin ? p->coin->name : "";

    (void)r;
    if (!p->coin)
        return;
    prom_put(page, METRIC_BLOCKS_TOTAL, (double)p->blocks_found, coin, "found");
    prom_put(page, METRIC_BLOCKS_TOTAL, (double)p->blocks_mature, coin, "matured");
    prom_put(page, METRIC_BLOCKS_TOTAL, (double)p->blocks_orphaned, coin, "orphaned");
    prom_put(page, METRIC_ROUND_EFFORT_RATIO, p->round_effort, coin);
    prom_put(page, METRIC_LEDGER_BALANCE_UNITS, (double)p->balance_immature, coin, "immature");
    prom_put(page, METRIC_LEDGER_BALANCE_UNITS, (double)p->balance_owed, coin, "owed");
    prom_put(page, METRIC_LEDGER_BALANCE_UNITS, (double)p->balance_fee, coin, "fee");
    prom_put(page, METRIC_LEDGER_CONSISTENT, p->ledger_ok, coin);
}
