/* SPDX-License-Identifier: MIT */
/* Opening and closing the Stratum server, and taking what its front reports. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "core/target.h"
#include "front/handover.h"
#include "pool/internal.h"

static const int64_t IDLE_US = 600 * SECOND_US;
/* A front that does not end by then is joined without its last words. */
static const int64_t LEAVE_US = 5 * SECOND_US;

/* --- what a front reports ----------------------------------------------------------------------
 */

static void take_shares(struct pool *p, const struct front_shares *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct front_share *s = &batch->items[i];
        if (s->count && isfinite(s->difficulty) && s->difficulty > 0)
            pool_credit(p, workers_get(&p->workers, s->user), s->difficulty, s->count, s->at_ms);
    }
    shares_flush(&p->shares);
}

static void take_worker(struct pool *p, const struct front_worker *f)
{
    struct worker *w = workers_get(&p->workers, f->user);

    w->stale += f->stale;
    w->rejected += f->rejected;
    w->connections += (uint32_t)f->connections;
    if (!w->local && f->difficulty > 0)
        w->difficulty = f->difficulty;
    if (*f->peer)
        memcpy(w->peer, f->peer, sizeof w->peer);
    w->active_us = now_us();
}

static void no_connections(struct pool *p)
{
    struct worker *w, *tmp;

    p->connections = 0;
    HASH_ITER(hh, p->workers.by_user, w, tmp)
    w->connections = 0;
}

static void take_stats(struct pool *p, const struct front_stats *stats)
{
    p->connections += (uint32_t)stats->connections;
    for (unsigned i = 0; i < REJECTS; i++)
        p->rejected[i] += stats->rejected[i];
    for (unsigned i = 0; i < CAUSES; i++)
        p->causes[i] += stats->causes[i];
    for (uint32_t i = 0; i < stats->count; i++)
        take_worker(p, &stats->items[i]);
    pool_changed(p);
}

/* Returns true when the front has stopped. */
static bool take(struct pool *p, struct event *ev)
{
    struct front_block *block;

    switch (ev->type) {
    case EV_FRONT_SHARES:
        take_shares(p, ev->p);
        free(ev->p);
        return false;
    case EV_FRONT_BLOCK:
        block = ev->p;
        if (block->share->job->origin)
            blocks_found(p, block->share, workers_get(&p->workers, block->user));
        share_free(block->share);
        free(block);
        return false;
    case EV_FRONT_BAN:
        if (p->bans)
            bans_book_keep(p->bans, ev->p);
        free(ev->p);
        pool_changed(p);
        return false;
    case EV_FRONT_STATS:
        take_stats(p, ev->p);
        free(ev->p);
        return false;
    default:
        return ev->type == EV_FRONT_STOPPED;
    }
}

static bool drain(struct pool *p, struct front *front)
{
    struct event ev;
    bool stopped = false;

    p->taking = true;
    while (p->parts->front_take(front, &ev))
        stopped |= take(p, &ev);
    p->taking = false;
    return stopped;
}

static void left(struct pool *p)
{
    if (!p->handing)
        p->handing = p->parts->front_handed(p->leaving);
    p->parts->front_free(p->leaving);
    p->leaving = NULL;
    no_connections(p);
    pool_changed(p);
}

void pool_drain(struct pool *p)
{
    if (p->front)
        (void)drain(p, p->front);
    if (p->leaving && drain(p, p->leaving))
        left(p);
}

/* --- opening and closing -----------------------------------------------------------------------
 */

/* Waits for the end of a closing front: for its shares, and for its port. */
static void wait_for_leaving(struct pool *p)
{
    int64_t end = now_us() + LEAVE_US;

    if (p->leaving)
        p->parts->front_stop(p->leaving); /* it may be in no hurry yet */
    while (p->leaving) {
        if (drain(p, p->leaving) || now_us() > end)
            left(p);
        else
            sleep_us(1000);
    }
}

static void check_exposure(const struct pool *p)
{
    if (p->coin->algo)
        return;
    log_info(POOL, "miners may use any user name here: %s coins have no value", p->coin->name);
}

static void say_listening(struct pool *p)
{
    for (unsigned i = 0; i < p->doors.count; i++) {
        const struct pool_port *port = &p->doors.ports[i];
        const char *at = p->parts->front_listens(p->front, port->address);
        log_info(POOL, "the pool listens on %s%s%s%s%s", at ? at : p->listening,
                 port->front.tls != FRONT_PLAIN ? ", TLS " : "",
                 port->front.tls != FRONT_PLAIN ? port->tls : "",
                 strcmp(port->preset, "standard") != 0 ? ", for miners of kind " : "",
                 strcmp(port->preset, "standard") != 0 ? port->preset : "");
    }
}

static int start_front(struct pool *p, struct fault *why)
{
    struct front_options options = {
        .port_count = p->doors.count,
        .proxy_from = p->doors.proxies,
        .proxy_count = p->doors.proxy_count,
        .handed = p->handed,
        .loops = p->set.loops,
        .check_percent = p->set.check_percent,
        .max_connections = p->set.max_connections,
        .coin = p->coin,
        .network = p->network,
        .algo = p->algo,
        .node_id = p->set.node_id,
        .datasets = p->datasets,
        .idle_us = IDLE_US,
        .guard = p->bans ? bans_book_guard(p->bans) : NULL,
        .bell = p->bell,
    };
    int err;

    wait_for_leaving(p);
    doors_ports(&p->doors, options.ports);
    if ((err = doors_context(p, &p->doors, &options.tls, why)) < 0)
        return err;
    err = p->parts->front_start(&options, &p->front, why);
    tls_context_unref(options.tls);
    p->handed = NULL;
    if (err < 0)
        return err;
    if (p->front_job)
        p->parts->front_publish(p->front, p->front_job);
    (void)text_copy(p->listening, sizeof p->listening, p->parts->front_address(p->front));
    check_exposure(p);
    say_listening(p);
    return 0;
}

static int serve_on(struct pool *p, struct fault *why)
{
    int err = front_speaks(p->algo) ? start_front(p, why) : 0;

    if (err < 0)
        return err;
    p->open = true;
    if (p->template)
        datasets_follow(p, p->template);
    if (p->front)
        return 0;
    (void)snprintf(p->serve_problem, sizeof p->serve_problem,
                   "no Stratum dialect for %s in this version: the pool serves this rig only",
                   p->algo->name);
    log_warn(POOL, "%s", p->serve_problem);
    return 0;
}

static const struct haste {
    int64_t spread_us, grace_us, each_us; /* each: a crowd of a few needs no seconds */
} hastes[] = {
    [CLOSE_GENTLY] = {3 * SECOND_US, 2 * SECOND_US, SECOND_US / 100},
    [CLOSE_SOON] = {SECOND_US * 4 / 5, SECOND_US * 2 / 5, SECOND_US / 1000},
};

static void send_miners_away(struct pool *p, const struct haste *haste)
{
    struct front_drain drain = {.port = p->doors.drain_to.port, .grace_us = haste->grace_us};
    int64_t wanted = (int64_t)p->connections * haste->each_us;

    memcpy(drain.host, p->doors.drain_to.host, sizeof drain.host);
    drain.spread_us = wanted < haste->spread_us ? wanted : haste->spread_us;
    p->parts->front_drain(p->front, &drain);
}

static void stop_front(struct pool *p, enum pool_hurry hurry)
{
    (void)drain(p, p->front);
    if (hurry == CLOSE_NOW)
        p->parts->front_stop(p->front);
    else
        send_miners_away(p, &hastes[hurry]);
    p->leaving = p->front;
    p->front = NULL;
    log_info(POOL, "the pool no longer listens on %s", p->listening);
    p->listening[0] = '\0';
    for (unsigned i = 0; i < p->doors.count; i++)
        p->doors.ports[i].problem[0] = 0;
}

void pool_close(struct pool *p, enum pool_hurry hurry)
{
    if (p->leaving && hurry == CLOSE_NOW)
        p->parts->front_stop(p->leaving);
    if (!p->open)
        return;
    if (p->front)
        stop_front(p, hurry);
    else if (!p->leaving && !p->handing)
        log_info(POOL, "pool mode is off");
    p->serve_problem[0] = '\0';
    p->open = false;
    datasets_drop(p);
    pool_changed(p);
}

void pool_forget_handed(struct pool *p)
{
    p->handed = NULL;
}

void pool_hand_over(struct pool *p)
{
    if (!p->front)
        return;
    (void)drain(p, p->front);
    p->parts->front_hand_over(p->front);
    p->leaving = p->front;
    p->front = NULL;
}

json_t *pool_handed(struct pool *p)
{
    json_t *ret;

    wait_for_leaving(p);
    ret = p->handing;
    p->handing = NULL;
    return ret;
}

void pool_leave(struct pool *p)
{
    if (p->front)
        stop_front(p, CLOSE_SOON);
}

bool pool_leaving(const struct pool *p)
{
    return p->leaving != NULL;
}

int pool_serve(struct pool *p, bool on, struct fault *why)
{
    int err = 0;

    if (on == pool_serving(p))
        return 0;
    if (on)
        err = serve_on(p, why);
    else
        pool_close(p, CLOSE_GENTLY);
    if (on && !err)
        pool_changed(p);
    return err;
}

bool pool_serving(const struct pool *p)
{
    return p->open;
}

void serve_free(struct pool *p)
{
    pool_close(p, CLOSE_NOW);
    wait_for_leaving(p);
    handover_free(p->handing);
    p->handing = NULL;
}
