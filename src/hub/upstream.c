/* SPDX-License-Identifier: MIT */
/* Upstream pools: which one is in use, and when to leave it (see upstream.h for the rules). */
#include "hub/upstream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/str.h"
#include "core/target.h"

enum {
    BACKOFF_MAX_S = 60,
    REJECTS_IN_A_ROW = 10,
    ANSWER_LIMIT_S = 15, /* a submit unanswered this long, and no line since: dead */
    ACK_SAMPLES = 64,
    PATIENCE_S = 5, /* a better pool may take this long to serve before the next is connected */
};

struct ticket { /* a share on its way */
    uint64_t id;
    unsigned device;
    double difficulty;
    int64_t sent_us;
    UT_hash_handle hh;
};

struct upstream {
    struct upstreams *all;
    unsigned number;
    char *url, *user, *pass, *algorithm, *coin;
    bool enabled, pinned;
    struct stratum_client *client;
    enum upstream_status status;
    int64_t since_us, try_us; /* in this status since; next attempt not before */
    int64_t serving_us;       /* jobs come since; 0 = they do not */
    int64_t probe_us;         /* last probe */
    uint32_t failures, rejects_in_a_row;
    struct job *job;
    struct ticket *tickets;
    struct counters shares;
    char last_error[160];
    float ack_ms[ACK_SAMPLES];
    unsigned ack_count;
};

struct upstreams {
    uv_loop_t *loop;
    struct upstream_hooks hooks;
    struct upstream **items;
    unsigned count;
    int active;
    bool needed, closing;
    const char *algorithm; /* mining.algorithm */
    struct config *config;
};

static void set_status(struct upstream *up, enum upstream_status status)
{
    if (up->status == status)
        return;
    up->status = status;
    up->since_us = now_us();
}

/* --- one pool ------------------------------------------------------------------------------------
 */

static void drop_job(struct upstream *up)
{
    job_unref(up->job);
    up->job = NULL;
    up->serving_us = 0;
}

static void disconnect(struct upstream *up)
{
    struct stratum_client *client = steal(&up->client);

    if (client)
        stratum_client_close(client); /* answers what is open as ERR_CLOSED */
    drop_job(up);
}

/* The connection is of no use any more: say why, wait, try again. */
static void failed(struct upstream *up, const char *reason)
{
    int64_t wait_s = up->failures >= 6 ? BACKOFF_MAX_S : INT64_C(1) << up->failures;

    (void)text_copy(up->last_error, sizeof up->last_error, reason);
    log_warn(POOL, "pool %u %s: %s; next try in %d s", up->number, up->url, reason, (int)wait_s);
    up->failures++;
    up->pinned = false;
    up->rejects_in_a_row = 0;
    up->try_us = now_us() + wait_s * SECOND_US + rand_u32() % SECOND_US;
    set_status(up, UPSTREAM_DEAD);
    disconnect(up);
    up->all->hooks.changed(up->all->hooks.arg);
}

static void on_job(void *arg, struct job *job)
{
    struct upstream *up = arg;

    if (!up->serving_us) {
        up->serving_us = now_us();
        up->failures = 0;
        set_status(up, UPSTREAM_ALIVE);
        log_info(POOL, "pool %u %s serves jobs as user %s", up->number, up->url, up->user);
    }
    (void)job_ref(job);
    job_unref(up->job);
    up->job = job;
    if (up->all->active == (int)up->number || up->all->active < 0)
        up->all->hooks.changed(up->all->hooks.arg);
}

static void count_answer(struct upstream *up, int err, double difficulty, double ms)
{
    struct counters *c = &up->shares;

    c->unanswered--;
    if (!err) {
        c->accepted++;
        c->difficulty_accepted += difficulty;
    } else if (err == ERR_CLOSED) {
        c->lost++;
    } else if (err == ERR_STALE || err == ERR_NO_JOB) {
        c->stale++;
    } else {
        c->rejected++;
    }
    if (err != ERR_CLOSED) {
        up->ack_ms[up->ack_count++ % ACK_SAMPLES] = (float)ms;
        up->rejects_in_a_row = err ? up->rejects_in_a_row + 1 : 0;
    }
}

static void on_answer(void *arg, uint64_t id, int err, const char *reason, double ms)
{
    struct upstream *up = arg;
    struct ticket *ticket;

    HASH_FIND(hh, up->tickets, &id, sizeof id, ticket);
    if (!ticket)
        return;
    HASH_DEL(up->tickets, ticket);
    count_answer(up, err, ticket->difficulty, ms);
    if (!err)
        log_info(SHARE, "accepted by pool %u, difficulty %.4g, %.0f ms", up->number,
                 ticket->difficulty, ms);
    else
        log_warn(SHARE, "%s by pool %u: %s", err == ERR_CLOSED ? "lost" : "REJECTED", up->number,
                 reason && *reason ? reason : err_str(err));
    up->all->hooks.answer(up->all->hooks.arg, ticket->device, err, ticket->difficulty);
    free(ticket);
}

static void on_state(void *arg, enum client_state state, int err, const char *reason)
{
    struct upstream *up = arg;
    char text[160];

    if (state == CLIENT_CONNECTING && up->job) { /* sent to another server: not served meanwhile */
        drop_job(up);
        set_status(up, UPSTREAM_CONNECTING);
        up->all->hooks.changed(up->all->hooks.arg);
    }
    if (state != CLIENT_CLOSED)
        return;
    (void)snprintf(text, sizeof text, "%s", reason && *reason ? reason : err_str(err));
    failed(up, text);
}

static void on_message(void *arg, const char *text)
{
    struct upstream *up = arg;

    log_info(POOL, "pool %u says: %s", up->number, text);
}

static const struct algo *algo_of(const struct upstream *up)
{
    const struct algo *algo = *up->algorithm ? algo_find(up->algorithm) : NULL;

    return algo ? algo : algo_find(up->all->algorithm);
}

static void connect_now(struct upstream *up)
{
    const struct config *config = up->all->config;
    struct stratum_client_options options = {
        .url = up->url,
        .user = up->user,
        .pass = up->pass,
        .agent = "otedama/" OTEDAMA_VERSION,
        .algo = algo_of(up),
        .coin = up->coin,
        .source = SOURCE_OF_UPSTREAM(up->number),
        .allow_reconnect = config->upstreams.allow_reconnect,
    };
    struct stratum_client_events events = {
        .job = on_job,
        .answer = on_answer,
        .state = on_state,
        .message = on_message,
        .arg = up,
    };
    struct fault why = {0};

    set_status(up, UPSTREAM_CONNECTING);
    if (stratum_client_open(up->all->loop, &options, &events, &up->client, &why) < 0)
        failed(up, why.text);
}

/* When the oldest share that is not answered was sent; now when all are. */
static int64_t oldest_sent(const struct upstream *up, int64_t now)
{
    int64_t oldest = now;

    for (const struct ticket *t = up->tickets; t; t = t->hh.next)
        if (t->sent_us < oldest)
            oldest = t->sent_us;
    return oldest;
}

/* Why a connected pool should be given up, or NULL. */
static const char *sickness(struct upstream *up, int64_t silence_us)
{
    struct stratum_client_view view;
    int64_t now = now_us();

    if (up->rejects_in_a_row >= REJECTS_IN_A_ROW)
        return "it rejected 10 shares in a row";
    stratum_client_view(up->client, &view);
    if (view.state != CLIENT_READY)
        return NULL; /* the client has its own time limits until then */
    int64_t last = view.last_line_us > up->since_us ? view.last_line_us : up->since_us;
    if (now - oldest_sent(up, now) > ANSWER_LIMIT_S * SECOND_US &&
        now - last > ANSWER_LIMIT_S * SECOND_US)
        return "a share was not answered for 15 s";
    if (now - last > silence_us)
        return "it has been silent for too long";
    if (now - last > silence_us / 2 && now - up->probe_us > silence_us / 4) {
        up->probe_us = now;
        stratum_client_probe(up->client);
    }
    return NULL;
}

static void free_one(struct upstream *up)
{
    struct ticket *ticket, *next;

    disconnect(up);
    HASH_ITER(hh, up->tickets, ticket, next)
    {
        HASH_DEL(up->tickets, ticket);
        free(ticket);
    }
    free(up->url);
    free(up->user);
    free(up->pass);
    free(up->algorithm);
    free(up->coin);
    free(up);
}

/* --- the list ------------------------------------------------------------------------------------
 */

static bool serves(const struct upstream *up)
{
    return up->enabled && up->client && up->job;
}

/* May `up` take over from a pool of lower priority that serves well? */
static bool proven(const struct upstreams *all, const struct upstream *up)
{
    return up->pinned || now_us() - up->serving_us >= all->config->upstreams.return_after_us;
}

static int choose(const struct upstreams *all)
{
    bool keep = all->active >= 0 && serves(all->items[all->active]);

    for (unsigned i = 0; i < all->count; i++)
        if (serves(all->items[i]) && all->items[i]->pinned)
            return (int)i;
    for (unsigned i = 0; i < all->count; i++) {
        if (!serves(all->items[i]))
            continue;
        if (!keep || (int)i == all->active || proven(all, all->items[i]))
            return (int)i;
    }
    return -1;
}

static void set_active(struct upstreams *all, int active)
{
    if (active == all->active)
        return;
    if (active >= 0 && all->active >= 0)
        log_info(POOL, "work now comes from pool %d %s (was pool %d)", active,
                 all->items[active]->url, all->active);
    all->active = active;
    all->hooks.changed(all->hooks.arg);
}

static void care_for(struct upstream *up)
{
    const char *why;

    if (up->client && (why = sickness(up, up->all->config->upstreams.silence_us)))
        failed(up, why);
    if (up->enabled && !up->client && now_us() >= up->try_us)
        connect_now(up);
}

static bool pinned_serves(const struct upstreams *all)
{
    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i]->pinned && serves(all->items[i]))
            return true;
    return false;
}

/* Just begun and not failed yet: the pools below need not be asked. */
static bool promising(const struct upstream *up)
{
    return up->enabled && !up->failures && !serves(up) &&
           now_us() - up->since_us < PATIENCE_S * SECOND_US;
}

/* Is the pool still to say what it thinks of shares it was sent? */
static bool owes_answers(const struct upstream *up)
{
    int64_t now = now_us();

    return up->tickets && now - oldest_sent(up, now) <= ANSWER_LIMIT_S * SECOND_US;
}

void upstreams_tick(struct upstreams *all, bool needed)
{
    bool covered = pinned_serves(all); /* a better one serves well: this one may rest */

    all->needed = needed;
    for (unsigned i = 0; i < all->count; i++) {
        struct upstream *up = all->items[i];
        bool wanted = needed && up->enabled && (!covered || up->pinned || (int)i == all->active);
        if (wanted) {
            care_for(up);
        } else if (up->client && !owes_answers(up)) {
            disconnect(up);
            set_status(up, up->enabled ? UPSTREAM_STANDBY : UPSTREAM_DISABLED);
        }
        covered = covered || (serves(up) && ((int)i == all->active || all->active < 0)) ||
                  (all->active < 0 && promising(up));
    }
    set_active(all, needed ? choose(all) : -1);
}

static struct upstream *make(struct upstreams *all, unsigned number,
                             const struct upstream_config *c)
{
    struct upstream *up = xcalloc(1, sizeof *up);

    *up = (struct upstream){
        .all = all,
        .number = number,
        .url = xstrdup(c->url),
        .user = xstrdup(c->user),
        .pass = xstrdup(c->pass),
        .algorithm = xstrdup(c->algorithm),
        .coin = xstrdup(c->coin),
        .enabled = true,
        .status = UPSTREAM_STANDBY,
        .since_us = now_us(),
    };
    return up;
}

static bool same(const struct upstream *up, const struct upstream_config *c)
{
    return !strcmp(up->url, c->url) && !strcmp(up->user, c->user) && !strcmp(up->pass, c->pass) &&
           !strcmp(up->algorithm, c->algorithm) && !strcmp(up->coin, c->coin);
}

/* The old entry for `c` at the same place, taken out of the old list; NULL when it changed. */
static struct upstream *reuse(struct upstreams *all, unsigned number,
                              const struct upstream_config *c)
{
    if (number >= all->count || !same(all->items[number], c))
        return NULL;
    return steal(&all->items[number]);
}

void upstreams_configure(struct upstreams *all, struct config *config)
{
    size_t count = config->upstreams.count < UPSTREAM_MAX ? config->upstreams.count : UPSTREAM_MAX;
    struct upstream **items = xcalloc(count, sizeof *items);
    struct config *old = all->config;

    all->config = config_ref(config);
    all->algorithm = config->mining.algorithm;
    for (unsigned i = 0; i < count; i++) {
        items[i] = reuse(all, i, &config->upstreams.items[i]);
        if (!items[i])
            items[i] = make(all, i, &config->upstreams.items[i]);
    }
    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i])
            free_one(all->items[i]);
    free(all->items);
    all->items = items;
    all->count = (unsigned)count;
    if (old) {
        config_unref(old);
        all->active = -1;
        set_active(all, choose(all));
    }
}

struct upstreams *upstreams_new(struct config *config, uv_loop_t *loop,
                                const struct upstream_hooks *hooks)
{
    struct upstreams *all = xcalloc(1, sizeof *all);

    all->loop = loop;
    all->hooks = *hooks;
    all->active = -1;
    upstreams_configure(all, config);
    return all;
}

void upstreams_free(struct upstreams *all)
{
    if (!all)
        return;
    for (unsigned i = 0; i < all->count; i++)
        free_one(all->items[i]);
    free(all->items);
    config_unref(all->config);
    free(all);
}

unsigned upstreams_enabled(const struct upstreams *all)
{
    unsigned n = 0;

    for (unsigned i = 0; i < all->count; i++)
        n += all->items[i]->enabled;
    return n;
}

struct job *upstreams_job(struct upstreams *all)
{
    all->active = choose(all);
    return all->active < 0 ? NULL : all->items[all->active]->job;
}

int upstreams_active(const struct upstreams *all)
{
    return all->active;
}

int upstreams_submit(struct upstreams *all, unsigned number, const struct share *share)
{
    struct upstream *up = number < all->count ? all->items[number] : NULL;

    if (!up)
        return ERR_CLOSED;
    up->shares.found++;
    if (share->difficulty > up->shares.best_difficulty)
        up->shares.best_difficulty = share->difficulty;
    int64_t id = up->client ? stratum_client_submit(up->client, share) : ERR_CLOSED;
    if (id < 0) {
        up->shares.lost++;
        return (int)id;
    }
    struct ticket *ticket = xmalloc(sizeof *ticket);
    *ticket = (struct ticket){
        .id = (uint64_t)id,
        .device = share->device,
        .difficulty = target_difficulty(&share->job->algo->diff1, &share->job->share_target),
        .sent_us = now_us(),
    };
    HASH_ADD(hh, up->tickets, id, sizeof ticket->id, ticket);
    up->shares.unanswered++;
    return 0;
}

bool upstreams_switch(struct upstreams *all, unsigned number)
{
    if (number >= all->count)
        return false;
    for (unsigned i = 0; i < all->count; i++)
        all->items[i]->pinned = i == number;
    all->items[number]->enabled = true;
    all->items[number]->try_us = 0;
    upstreams_tick(all, all->needed);
    return true;
}

bool upstreams_enable(struct upstreams *all, unsigned number, bool on)
{
    if (number >= all->count)
        return false;
    struct upstream *up = all->items[number];
    if (up->enabled != on || !up->client)
        set_status(up, !on ? UPSTREAM_DISABLED : up->job ? UPSTREAM_ALIVE : UPSTREAM_STANDBY);
    up->enabled = on;
    up->pinned = false;
    up->try_us = 0;
    upstreams_tick(all, all->needed);
    return true;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static void ack_quantiles(const struct upstream *up, double *p50, double *p95)
{
    float sorted[ACK_SAMPLES];
    unsigned n = up->ack_count < ACK_SAMPLES ? up->ack_count : ACK_SAMPLES;

    *p50 = *p95 = NAN;
    if (!n)
        return;
    memcpy(sorted, up->ack_ms, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_value);
    *p50 = sorted[n / 2];
    *p95 = sorted[n * 95 / 100];
}

unsigned upstreams_view(struct upstreams *all, struct upstream_view *out, unsigned max)
{
    unsigned n = all->count < max ? all->count : max;

    for (unsigned i = 0; i < n; i++) {
        const struct upstream *up = all->items[i];
        struct upstream_view *view = &out[i];
        *view = (struct upstream_view){
            .number = i,
            .status = up->status,
            .active = (int)i == all->active,
            .shares = up->shares,
            .failures = up->failures,
            .since_us = up->since_us,
            .client = {.difficulty = NAN, .rtt_ms = NAN},
        };
        (void)text_copy(view->url, sizeof view->url, up->url);
        (void)text_copy(view->user, sizeof view->user, up->user);
        (void)text_copy(view->last_error, sizeof view->last_error, up->last_error);
        if (up->client)
            stratum_client_view(up->client, &view->client);
        ack_quantiles(up, &view->ack_ms_p50, &view->ack_ms_p95);
    }
    return n;
}
