/* SPDX-License-Identifier: MIT */
/* One upstream pool: connecting, and when it counts as dead. */
#include "hub/upstream_one.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/str.h"
#include "core/target.h"
#include "stratum/url.h"

enum { BACKOFF_MAX_S = 60 };

struct upstream *upstream_new(struct upstreams *all, unsigned number,
                              const struct upstream_config *c)
{
    struct upstream *up = xcalloc(1, sizeof *up);
    int64_t now = now_us();

    *up = (struct upstream){
        .all = all,
        .number = number,
        .id = ++all->last_id,
        .owner = config_ref(all->config),
        .set = c,
        .quota = c->quota,
        .enabled = true,
        .status = UPSTREAM_STANDBY,
        .since_us = now,
    };
    effective_reset(&up->effective, now);
    return up;
}

bool upstream_serves(const struct upstream *up)
{
    return up->enabled && up->client && up->job && !up->lingers_us;
}

bool upstream_lingers(const struct upstream *up)
{
    return up->enabled && up->job && now_us() < up->lingers_us;
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
    up->serving_us = up->lingers_us = 0;
}

/* The connection went, but its session may be resumed: the job may be worked on for a while. */
static void let_linger(struct upstream *up)
{
    if (!up->job || !*up->session.id) {
        drop_job(up);
        return;
    }
    up->serving_us = 0;
    if (!up->lingers_us)
        up->lingers_us = now_us() + LINGER_S * SECOND_US;
}

void upstream_stop_lingering(struct upstream *up)
{
    if (!up->lingers_us)
        return;
    drop_job(up);
    up->all->hooks.changed(up->all->hooks.arg);
}

void upstream_disconnect(struct upstream *up)
{
    struct stratum_client *client = steal(&up->client);

    up->phase = CLIENT_CLOSED;
    if (client)
        stratum_client_close(client); /* answers what is open as ERR_CLOSED */
    drop_job(up);
}

/* --- leaving --------------------------------------------------------------------------------- */

static bool is_link(enum trouble trouble)
{
    return trouble == TROUBLE_CONNECT || trouble == TROUBLE_CLOSED || trouble == TROUBLE_HANDSHAKE;
}

/* Its shares or jobs are no good, though it can be reached: jobs alone do not make it well again.
 */
static bool is_distrust(enum trouble trouble)
{
    return !is_link(trouble) && trouble != TROUBLE_SILENT;
}

static void end_connection(struct upstream *up, enum trouble trouble)
{
    struct job *job = is_link(trouble) ? job_ref(up->job) : NULL;
    int64_t lingers = up->lingers_us;

    if (trouble == TROUBLE_HANDSHAKE || trouble == TROUBLE_PROTOCOL || trouble == TROUBLE_LOGIN)
        up->session = (struct stratum_session){0}; /* perhaps it stumbled over that */
    upstream_disconnect(up);
    up->job = job;
    up->lingers_us = lingers;
    let_linger(up);
    if (!*up->session.id)
        upstream_drop_pending(up, "its session cannot be resumed");
}

/* The connection is of no use any more: say why, wait, try again. */
static void failed(struct upstream *up, enum trouble trouble, const char *reason)
{
    int64_t wait_s = up->failures >= 6 ? BACKOFF_MAX_S : INT64_C(1) << up->failures;
    bool active = upstreams_is_active(up->all, up->number);

    (void)text_copy(up->last_error, sizeof up->last_error, reason);
    log_warn(POOL, "pool %u %s: %s (%s); next try in %d s", up->number, up->set->url, reason,
             trouble_name(trouble), (int)wait_s);
    up->trouble = trouble;
    up->trouble_us = now_us();
    up->failovers[trouble] += active && upstream_serves(up);
    up->failures++;
    up->distrust += is_distrust(trouble);
    up->pinned = false;
    up->try_us = now_us() + wait_s * SECOND_US + rand_u32() % SECOND_US;
    upstream_set_status(up, UPSTREAM_DEAD);
    end_connection(up, trouble);
    up->all->hooks.changed(up->all->hooks.arg);
}

static enum trouble trouble_of(enum client_state phase, int err)
{
    if (err == ERR_UNAUTHORIZED)
        return TROUBLE_LOGIN;
    if (err == ERR_PROTOCOL)
        return TROUBLE_PROTOCOL;
    if (phase == CLIENT_READY)
        return TROUBLE_CLOSED;
    return phase == CLIENT_HANDSHAKE ? TROUBLE_HANDSHAKE : TROUBLE_CONNECT;
}

/* --- what the connection says ---------------------------------------------------------------- */

static void keep_session(struct upstream *up)
{
    if (!stratum_client_session(up->client, &up->session))
        up->session = (struct stratum_session){0};
}

static void on_job(void *arg, struct job *job)
{
    struct upstream *up = arg;

    pool_health_job(&up->health, now_us());
    keep_session(up); /* what it was told by now */
    if (!up->serving_us) {
        up->serving_us = now_us();
        upstream_set_status(up, UPSTREAM_ALIVE);
        log_info(POOL, "pool %u %s serves jobs as user %s", up->number, up->set->url,
                 up->set->user);
        choose_joins(up);
    }
    (void)job_ref(job);
    job_unref(up->job);
    up->job = job;
    up->lingers_us = 0;
    up->all->hooks.changed(up->all->hooks.arg);
}

static void on_answer(void *arg, uint64_t id, int err, const char *reason, double ms)
{
    upstream_answered(arg, id, err, reason, ms);
}

static void become_ready(struct upstream *up)
{
    struct stratum_client_view view;

    stratum_client_view(up->client, &view);
    keep_session(up);
    up->health = (struct pool_health){0};
    if (up->lingers_us && !view.resumed)
        drop_job(up);
    upstream_ready(up, view.resumed);
}

/* Is it the pool's address? With `port` NULL any of its ports counts. */
static bool is_at(const struct upstream *up, const char *host, const uint16_t *port)
{
    struct stratum_url url;

    return stratum_url_parse(up->set->url, NULL, &url, NULL) == 0 &&
           !strcasecmp(url.to.host, host) && (!port || url.to.port == *port);
}

static bool same_user(const struct upstream *a, const struct upstream *b)
{
    return !strcmp(a->set->user, b->set->user) && !strcmp(a->set->pass, b->set->pass);
}

/* Our user and password never go to the address of a pool that has others. */
static const char *may_move(void *arg, const struct endpoint *to)
{
    struct upstream *up = arg;
    bool own_host = is_at(up, to->host, NULL);

    for (unsigned i = 0; i < up->all->count; i++) {
        const struct upstream *other = up->all->items[i];
        if (other != up && !same_user(other, up) &&
            is_at(other, to->host, own_host ? &to->port : NULL))
            return "it is the address of another pool, which has another user";
    }
    up->moved = true;
    return NULL;
}

/* Sent there under another name: told by the address, before a word is said. */
static bool at_another_pool(const struct upstream *up, const char *peer)
{
    struct stratum_client_view view;

    for (unsigned i = 0; i < up->all->count && up->moved; i++) {
        const struct upstream *other = up->all->items[i];
        if (other == up || !other->client || same_user(other, up))
            continue;
        stratum_client_view(other->client, &view);
        if (!strcmp(view.peer, peer))
            return true;
    }
    return false;
}

static void on_state(void *arg, enum client_state state, int err, const char *reason)
{
    struct upstream *up = arg;
    enum client_state before = up->phase;
    char text[160];

    up->phase = state;
    if (state == CLIENT_HANDSHAKE && at_another_pool(up, reason)) {
        failed(up, TROUBLE_HANDSHAKE, "it sends us to another pool, which has another user");
        return;
    }
    if (state == CLIENT_READY)
        become_ready(up);
    if (state == CLIENT_CONNECTING && up->job) { /* sent to another server: not served meanwhile */
        let_linger(up);
        upstream_set_status(up, UPSTREAM_CONNECTING);
        up->all->hooks.changed(up->all->hooks.arg);
    }
    if (state != CLIENT_CLOSED)
        return;
    (void)text_copy(text, sizeof text, reason && *reason ? reason : err_str(err));
    failed(up, trouble_of(before, err), text);
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

/* --- connecting ------------------------------------------------------------------------------ */

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

static enum reconnect_policy reconnect_policy(const struct config *config)
{
    static const char *const words[] = {[RECONNECT_NEVER] = "never",
                                        [RECONNECT_SAME_DOMAIN] = "same-domain",
                                        [RECONNECT_ANY] = "any"};

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], config->upstreams.allow_reconnect))
            return (enum reconnect_policy)i;
    return RECONNECT_NEVER;
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
        .reconnect = reconnect_policy(config),
        .resume = *up->session.id ? &up->session : NULL,
        .first_address = up->attempts++,
        .connect_timeout_us = config->upstreams.connect_us,
        .handshake_timeout_us = config->upstreams.connect_us,
    };
    struct stratum_client_events events = {
        .job = on_job,
        .answer = on_answer,
        .state = on_state,
        .message = on_message,
        .may_move = may_move,
        .arg = up,
    };
    struct fault why = {0};

    upstream_set_status(up, UPSTREAM_CONNECTING);
    up->phase = CLIENT_CONNECTING;
    up->moved = false;
    if (read_route(up, &options, &proxy, &why) < 0 ||
        stratum_client_open(up->all->loop, &options, &events, &up->client, &why) < 0)
        failed(up, TROUBLE_CONNECT, why.text);
}

/* --- watching -------------------------------------------------------------------------------- */

static double share_seconds(const struct upstream *up)
{
    double rate = up->all->hooks.rate(up->all->hooks.arg, upstream_algo(up));

    return up->job && rate > 0 ? target_hashes(&up->job->share_target) / rate : NAN;
}

static enum trouble judge(struct upstream *up, struct health_facts *facts, char *why, size_t size)
{
    const struct config *config = up->all->config;
    struct stratum_client_view view;
    const struct health_limits limits = {
        .silence_us = config->upstreams.silence_us,
        .answer_us = config->upstreams.answer_us,
        .job_us = config->upstreams.job_us,
        .rejects = config->upstreams.rejects,
        .reject_percent = config->upstreams.reject_percent,
        .share_us = config->upstreams.share_us,
    };

    stratum_client_view(up->client, &view);
    *facts = (struct health_facts){
        .now_us = now_us(),
        .ready = view.state == CLIENT_READY, /* the client has its own time limits until then */
        .last_line_us = view.last_line_us > up->since_us ? view.last_line_us : up->since_us,
        .oldest_share_us = upstream_oldest_sent(up),
        .share_s = share_seconds(up),
    };
    return pool_health_judge(&up->health, &limits, facts, up->signals, why, size);
}

/* Asks a pool that has become quiet: any answer is a line. */
static void probe(struct upstream *up, const struct health_facts *facts)
{
    int64_t silence_us = up->all->config->upstreams.silence_us;
    int64_t quiet = facts->now_us - facts->last_line_us, since = facts->now_us - up->probe_us;
    bool owes = facts->oldest_share_us &&
                facts->now_us - facts->oldest_share_us > up->all->config->upstreams.answer_us;

    if (since < silence_us / 4 || !(owes || quiet > silence_us / 2))
        return;
    up->probe_us = facts->now_us;
    stratum_client_probe(up->client);
}

/* A pool that never says a job is not waited for. */
static bool jobless(const struct upstream *up, const struct health_facts *facts)
{
    return facts->ready && !up->serving_us &&
           facts->now_us - up->since_us > up->all->config->upstreams.silence_us;
}

static void watch(struct upstream *up)
{
    struct health_facts facts;
    char why[160] = "";
    enum trouble trouble = judge(up, &facts, why, sizeof why);

    if (!trouble && jobless(up, &facts)) {
        trouble = TROUBLE_OLD_JOB;
        (void)text_copy(why, sizeof why, "it lets us in, but gives no job");
    }
    if (trouble) {
        failed(up, trouble, why);
        return;
    }
    if (up->serving_us &&
        facts.now_us - up->serving_us > up->all->config->upstreams.return_after_us)
        up->failures = 0;
    if (facts.ready)
        probe(up, &facts);
}

void upstream_care(struct upstream *up)
{
    if (up->client)
        watch(up);
    if (up->lingers_us && !upstream_lingers(up))
        upstream_stop_lingering(up);
    if (up->enabled && !up->client && now_us() >= up->try_us)
        connect_now(up);
}

void upstream_free(struct upstream *up)
{
    struct ticket *ticket, *next;

    upstream_disconnect(up);
    upstream_drop_pending(up, "its pool was taken out of the configuration");
    HASH_ITER(hh, up->tickets, ticket, next)
    {
        HASH_DEL(up->tickets, ticket);
        free(ticket);
    }
    config_unref(up->owner);
    free(up);
}

void upstream_fill_view(struct upstream *up, struct upstream_view *view)
{
    *view = (struct upstream_view){
        .number = up->number,
        .status = up->status,
        .active = upstreams_is_active(up->all, up->number),
        .drilled = up->drilled,
        .shares = up->shares,
        .effective = effective_rate(&up->effective, now_us()),
        .quota = up->quota,
        .pending = up->pending_count,
        .resumed = up->resumed,
        .failures = up->failures,
        .trouble = up->trouble,
        .trouble_us = up->trouble_us,
        .job_interval_s = pool_health_interval(&up->health),
        .since_us = up->since_us,
        .client = {.difficulty = NAN, .rtt_ms = NAN},
    };
    memcpy(view->signals, up->signals, sizeof view->signals);
    memcpy(view->failovers, up->failovers, sizeof view->failovers);
    (void)text_copy(view->algo, sizeof view->algo, upstream_algo(up)->name);
    (void)text_copy(view->url, sizeof view->url, up->set->url);
    (void)text_copy(view->user, sizeof view->user, up->set->user);
    (void)text_copy(view->last_error, sizeof view->last_error, up->last_error);
    if (up->client)
        stratum_client_view(up->client, &view->client);
    upstream_ack_quantiles(up, &view->ack_ms_p50, &view->ack_ms_p95);
}
