/* SPDX-License-Identifier: MIT */
/* One upstream pool: connecting, its shares' fates, and when it counts as dead. */
#include "hub/upstream_one.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    JOB_LIMIT_S = 600,   /* pools tell a new job every minute or so; this old it is dead */
};

struct upstream *upstream_new(struct upstreams *all, unsigned number,
                              const struct upstream_config *c)
{
    struct upstream *up = xcalloc(1, sizeof *up);

    *up = (struct upstream){
        .all = all,
        .number = number,
        .id = ++all->last_id,
        .owner = config_ref(all->config),
        .set = c,
        .enabled = true,
        .status = UPSTREAM_STANDBY,
        .since_us = now_us(),
    };
    return up;
}

bool upstream_serves(const struct upstream *up)
{
    return up->enabled && up->client && up->job;
}

void upstream_set_status(struct upstream *up, enum upstream_status status)
{
    if (up->status == status)
        return;
    up->status = status;
    up->since_us = now_us();
}

static void drop_job(struct upstream *up)
{
    job_unref(up->job);
    up->job = NULL;
    up->serving_us = 0;
}

void upstream_disconnect(struct upstream *up)
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
    log_warn(POOL, "pool %u %s: %s; next try in %d s", up->number, up->set->url, reason,
             (int)wait_s);
    up->failures++;
    up->pinned = false;
    up->rejects_in_a_row = 0;
    up->try_us = now_us() + wait_s * SECOND_US + rand_u32() % SECOND_US;
    upstream_set_status(up, UPSTREAM_DEAD);
    upstream_disconnect(up);
    up->all->hooks.changed(up->all->hooks.arg);
}

static void on_job(void *arg, struct job *job)
{
    struct upstream *up = arg;

    if (!up->serving_us) {
        up->serving_us = now_us();
        upstream_set_status(up, UPSTREAM_ALIVE);
        log_info(POOL, "pool %u %s serves jobs as user %s", up->number, up->set->url,
                 up->set->user);
    }
    (void)job_ref(job);
    job_unref(up->job);
    up->job = job;
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
        if (!err)
            up->rejects_in_a_row = up->failures = 0;
        else if (err != ERR_STALE && err != ERR_NO_JOB) /* a new block makes many of those */
            up->rejects_in_a_row++;
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
    up->all->hooks.answer(up->all->hooks.arg, ticket->device, ticket->algo, err,
                          ticket->difficulty);
    free(ticket);
}

static void on_state(void *arg, enum client_state state, int err, const char *reason)
{
    struct upstream *up = arg;
    char text[160];

    if (state == CLIENT_CONNECTING && up->job) { /* sent to another server: not served meanwhile */
        drop_job(up);
        upstream_set_status(up, UPSTREAM_CONNECTING);
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

const struct algo *upstream_algo(const struct upstream *up)
{
    const struct algo *algo = *up->set->algorithm ? algo_find(up->set->algorithm) : NULL;

    return algo ? algo : algo_find(up->all->algorithm);
}

bool upstream_meets(const struct upstream *up, const struct demand *demand)
{
    return !demand->algo || demand->algo == upstream_algo(up);
}

/* The configuration was checked: what it says can be read, but for a proxy's login. */
static int read_route(const struct upstream *up, struct stratum_client_options *options,
                      struct proxy *proxy, struct fault *why)
{
    const struct upstream_config *set = up->set;
    int err = proxy_parse(set->proxy, proxy, why);

    options->proxy = proxy;
    options->tls.trust = !strcmp(set->tls, "insecure") ? TLS_INSECURE : TLS_VERIFY;
    options->tls.authorities = *set->tls_authorities ? set->tls_authorities : NULL;
    if (*set->tls_fingerprint) {
        options->tls.trust = TLS_PIN;
        (void)tls_fingerprint_parse(set->tls_fingerprint, options->tls.fingerprint);
    }
    return err;
}

static void connect_now(struct upstream *up)
{
    const struct config *config = up->all->config;
    struct proxy proxy;
    struct stratum_client_options options = {
        .url = up->set->url,
        .user = up->set->user,
        .pass = up->set->pass,
        .agent = "otedama/" OTEDAMA_VERSION,
        .algo = upstream_algo(up),
        .coin = up->set->coin,
        .source = SOURCE_OF_UPSTREAM(up->id),
        .reconnect = config->upstreams.allow_reconnect ? RECONNECT_SAME_DOMAIN : RECONNECT_NEVER,
    };
    struct stratum_client_events events = {
        .job = on_job,
        .answer = on_answer,
        .state = on_state,
        .message = on_message,
        .arg = up,
    };
    struct fault why = {0};

    upstream_set_status(up, UPSTREAM_CONNECTING);
    if (read_route(up, &options, &proxy, &why) < 0 ||
        stratum_client_open(up->all->loop, &options, &events, &up->client, &why) < 0)
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
    if (up->serving_us && now - view.last_job_us > JOB_LIMIT_S * SECOND_US)
        return "it has sent no new job for 10 minutes";
    if (up->serving_us && now - up->serving_us > up->all->config->upstreams.return_after_us)
        up->failures = 0;
    if (now - last > silence_us / 2 && now - up->probe_us > silence_us / 4) {
        up->probe_us = now;
        stratum_client_probe(up->client);
    }
    return NULL;
}

void upstream_free(struct upstream *up)
{
    struct ticket *ticket, *next;

    upstream_disconnect(up);
    HASH_ITER(hh, up->tickets, ticket, next)
    {
        HASH_DEL(up->tickets, ticket);
        free(ticket);
    }
    config_unref(up->owner);
    free(up);
}

void upstream_care(struct upstream *up)
{
    const char *why;

    if (up->client && (why = sickness(up, up->all->config->upstreams.silence_us)))
        failed(up, why);
    if (up->enabled && !up->client && now_us() >= up->try_us)
        connect_now(up);
}

bool upstream_owes_answers(const struct upstream *up)
{
    int64_t now = now_us();

    return up->tickets && now - oldest_sent(up, now) <= ANSWER_LIMIT_S * SECOND_US;
}

int upstream_submit(struct upstream *up, const struct share *share)
{
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
        .algo = share->job->algo,
        .difficulty = target_difficulty(&share->job->algo->diff1, &share->job->share_target),
        .sent_us = now_us(),
    };
    HASH_ADD(hh, up->tickets, id, sizeof ticket->id, ticket);
    up->shares.unanswered++;
    return 0;
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

void upstream_fill_view(struct upstream *up, struct upstream_view *view)
{
    *view = (struct upstream_view){
        .number = up->number,
        .status = up->status,
        .active = upstreams_is_active(up->all, up->number),
        .shares = up->shares,
        .failures = up->failures,
        .since_us = up->since_us,
        .client = {.difficulty = NAN, .rtt_ms = NAN},
    };
    (void)text_copy(view->url, sizeof view->url, up->set->url);
    (void)text_copy(view->user, sizeof view->user, up->set->user);
    (void)text_copy(view->last_error, sizeof view->last_error, up->last_error);
    if (up->client)
        stratum_client_view(up->client, &view->client);
    ack_quantiles(up, &view->ack_ms_p50, &view->ack_ms_p95);
}
