/* SPDX-License-Identifier: MIT */
/* What people see of the pool: reads memory only, so it costs the hub nothing to wait for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/str.h"
#include "core/target.h"
#include "pool/internal.h"
#include "reward/pps.h"

/* What a share of the worker is worth, whatever the scheme: its part of the work of a block. */
static bool share_value(const struct pool *p, const struct worker *w, uint64_t *ret)
{
    const struct chain_template *t = p->template;
    uint32_t fee_ppm = pool_shared(p) ? p->set.fee_bp * (FEE_PPM_MAX / 10000) : 0;

    if (!t || !(w->difficulty > 0))
        return false;
    double network = target_difficulty(&p->algo->diff1, &t->target);
    return reward_share_value(t->coinbase_value, pool_work(p, w->difficulty), pool_work(p, network),
                              fee_ppm, ret) == 0;
}

static void view_worker(const struct pool *p, const struct worker *w, int64_t now,
                        struct pool_worker_view *v)
{
    (void)text_copy(v->name, sizeof v->name, w->name);
    (void)text_copy(v->address, sizeof v->address, w->address);
    (void)text_copy(v->peer, sizeof v->peer, w->peer);
    v->rate_1m = rate_window(&w->rate, RATE_1M, now);
    v->rate_15m = rate_window(&w->rate, RATE_15M, now);
    v->difficulty = w->difficulty;
    v->valued = share_value(p, w, &v->share_value);
    v->accepted = w->accepted;
    v->rejected = w->rejected;
    v->stale = w->stale;
    v->seen_us = w->seen_us;
    v->connections = w->connections;
    v->local = w->local;
}

static bool worth_showing(const struct worker *w)
{
    return w->local || w->connections || w->seen_us || w->rejected || w->stale;
}

/* The rig itself, then who is connected, then who was seen last. */
static int by_interest(const void *a, const void *b)
{
    const struct worker *x = *(const struct worker *const *)a;
    const struct worker *y = *(const struct worker *const *)b;

    if (x->local != y->local)
        return x->local ? -1 : 1;
    if (!x->connections != !y->connections)
        return x->connections ? -1 : 1;
    if (x->seen_us != y->seen_us)
        return x->seen_us > y->seen_us ? -1 : 1;
    return strcmp(x->user, y->user);
}

static void view_workers(struct pool *p, int64_t now, struct pool_view *v)
{
    unsigned all = HASH_COUNT(p->workers.by_user), n = 0;
    AUTO_FREE const struct worker **list = xcalloc(all + 1, sizeof *list);
    struct worker *w, *tmp;

    HASH_ITER(hh, p->workers.by_user, w, tmp)
    {
        if (worth_showing(w))
            list[n++] = w;
        v->workers += w->connections > 0 || w->local;
    }
    qsort(list, n, sizeof *list, by_interest);
    v->worker_count = n < POOL_WORKERS_SHOWN ? n : POOL_WORKERS_SHOWN;
    for (unsigned i = 0; i < v->worker_count; i++)
        view_worker(p, list[i], now, &v->worker[i]);
}

static void view_blocks(struct pool *p, struct pool_view *v)
{
    unsigned all = HASH_COUNT(p->blocks), n = 0;
    AUTO_FREE const struct block **list = xcalloc(all + 1, sizeof *list);
    struct block *b, *tmp;

    HASH_ITER(hh, p->blocks, b, tmp)
    {
        if (b->durable)
            list[n++] = b;
    }
    v->block_count = n < POOL_BLOCKS_SHOWN ? n : POOL_BLOCKS_SHOWN;
    for (unsigned i = 0; i < v->block_count; i++) {
        struct pool_block_view *to = &v->block[i];
        uint8_t shown[32];
        const struct block *from = list[n - 1 - i];
        bytes_reverse(shown, from->hash, 32);
        hex_encode(shown, 32, to->hash);
        to->height = from->height;
        to->state = from->state;
        to->confirmations = from->confirmations;
        to->reward = from->reward;
        to->found_ms = from->found_ms;
        (void)text_copy(to->finder, sizeof to->finder, from->finder);
        (void)text_copy(to->detail, sizeof to->detail, from->detail);
    }
}

static void view_bans(struct pool *p, struct pool_view *v)
{
    AUTO_FREE struct guard_ban *rows = NULL;

    if (!p->bans)
        return;
    rows = xcalloc(POOL_BANS_SHOWN, sizeof *rows);
    v->bans = guard_bans(bans_book_guard(p->bans), wall_ms(), rows, POOL_BANS_SHOWN);
    v->ban_count = v->bans < POOL_BANS_SHOWN ? v->bans : POOL_BANS_SHOWN;
    for (unsigned i = 0; i < v->ban_count; i++) {
        v->ban[i] = (struct pool_ban_view){.cause = rows[i].cause,
                                           .count = rows[i].count,
                                           .since_ms = rows[i].since_ms,
                                           .until_ms = rows[i].until_ms};
        prefix_format(&rows[i].network, v->ban[i].network);
    }
}

static void view_chain(struct pool *p, struct pool_view *v)
{
    const struct chain_template *t = p->template;

    v->node_count = p->chain ? chain_nodes(p->chain, v->nodes, POOL_NODES_SHOWN) : 0;
    v->has_job = t != NULL;
    v->network_difficulty = v->round_effort = NAN;
    if (!t)
        return;
    v->height = t->height;
    v->network_difficulty = target_difficulty(&p->algo->diff1, &t->target);
    v->template_us = t->received_us;
    v->coinbase_value = t->coinbase_value;
    v->round_effort = p->shares.round_work / p->units / v->network_difficulty;
}

void pool_view(struct pool *p, struct pool_view *v)
{
    int64_t now = now_us();

    *v = (struct pool_view){
        .serving = pool_serving(p),
        .coin = p->coin,
        .network = p->network,
        .scheme = pool_serving(p) ? p->scheme->name : "solo",
        .fee_bp = p->set.fee_bp,
        .rate_1m = rate_window(&p->rate, RATE_1M, now),
        .connections = p->connections,
        .max_connections = p->set.max_connections,
        .shares_accepted = p->accepted,
        .shares_stale = p->rejected[REJECT_STALE],
        .blocks_found = p->blocks_found,
        .blocks_mature = p->blocks_mature,
        .blocks_orphaned = p->blocks_orphaned,
        .balance_immature = p->totals.immature,
        .balance_owed = p->totals.owed,
        .balance_fee = p->totals.fee,
        .ledger_ok = p->ledger_ok,
    };
    (void)text_copy(v->address, sizeof v->address,
                    p->open || *p->listening ? p->listening : p->doors.ports[0].address);
    (void)text_copy(v->problem, sizeof v->problem,
                    *p->dataset_problem ? p->dataset_problem : p->serve_problem);
    for (unsigned i = 0; i < REJECTS; i++) {
        v->reject_reasons[i] = p->rejected[i];
        v->shares_rejected += i == REJECT_STALE ? 0 : p->rejected[i];
    }
    doors_view(p, v);
    memcpy(v->causes, p->causes, sizeof v->causes);
    view_chain(p, v);
    view_workers(p, now, v);
    view_blocks(p, v);
    view_bans(p, v);
}
