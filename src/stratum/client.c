/* SPDX-License-Identifier: MIT */
/* Stratum client: the connection, its requests and its jobs; the words are the dialect's. */
#include "stratum/client.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "core/target.h"
#include "stratum/client_session.h"

enum { DEFAULT_TIMEOUT_US = 10 * 1000 * 1000 };

/* --- telling the owner ---------------------------------------------------------------------- */

static void set_state(struct stratum_client *c, enum client_state state, int err,
                      const char *reason)
{
    c->state = state;
    if (!c->freed && c->events.state)
        c->events.state(c->events.arg, state, err, reason);
}

static void tell_answer(struct stratum_client *c, uint64_t ticket, int err, const char *reason,
                        double ms)
{
    if (c->events.answer)
        c->events.answer(c->events.arg, ticket, err, reason, ms);
}

/* --- the connection's end ------------------------------------------------------------------- */

/* Back to nothing known; open answers are told as lost. */
static void disconnect(struct stratum_client *c)
{
    net_connect_cancel(c->connector);
    c->connector = NULL;
    stream_close(c->stream);
    c->stream = NULL;
    lines_fini(&c->lines);
    if (!uv_is_closing((uv_handle_t *)&c->timer))
        (void)uv_timer_stop(&c->timer);
    while (c->request_count) {
        struct request r = c->requests[--c->request_count];
        if (r.ticket)
            tell_answer(c, r.ticket, ERR_CLOSED, "the connection ended before the answer", NAN);
    }
    for (unsigned i = 0; i < CLIENT_JOBS; i++) {
        job_unref(c->jobs[i]);
        c->jobs[i] = NULL;
    }
    json_decref(c->early);
    c->early = NULL;
    c->subscribed = c->authorised = c->rolling = c->announced = c->resumed = false;
    *c->resumable = 0;
    c->version_mask = 0;
    c->job_at = 0;
}

static void reconnect(struct stratum_client *, const struct endpoint *, unsigned wait_s,
                      const char *reason);

/* A pool that did not take our first words may know others: the scheme left open which. */
static bool try_next_dialect(struct stratum_client *c, int err)
{
    unsigned next = c->dialect_at + 1;

    if (err == ERR_UNAUTHORIZED || c->state != CLIENT_HANDSHAKE || c->subscribed ||
        next >= URL_DIALECTS_MAX || !c->url.dialects[next])
        return false;
    c->dialect_at = next;
    c->dialect = c->url.dialects[next];
    reconnect(c, &c->to, 0, "the pool is tried in another dialect");
    return true;
}

void client_fail(struct stratum_client *c, int err, const char *format, ...)
{
    char reason[256];
    va_list args;

    if (c->freed || c->state == CLIENT_CLOSED)
        return;
    if (try_next_dialect(c, err))
        return;
    va_start(args, format);
    (void)vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    c->state = CLIENT_CLOSED; /* submits from inside the callbacks below are refused */
    disconnect(c);
    set_state(c, CLIENT_CLOSED, err, reason);
}

/* --- requests and answers ------------------------------------------------------------------- */

void client_send(struct stratum_client *c, struct str *line)
{
    if (!c->stream)
        return;
    str_add(line, "\n");
    uv_buf_t buf = uv_buf_init(line->s, (unsigned)line->len);
    int err = stream_send(c->stream, &buf, 1);
    if (err < 0)
        client_fail(c, err, err == UV_ENOBUFS ? "the pool does not read what is sent" : "%s",
                    err_str(err));
}

uint64_t client_request(struct stratum_client *c, int kind, uint64_t ticket)
{
    if (c->request_count == CLIENT_REQUESTS)
        return 0;
    uint64_t id = ++c->next_id;
    c->requests[c->request_count++] =
        (struct request){.id = id, .kind = kind, .ticket = ticket, .sent_us = now_us()};
    return id;
}

bool client_answered(struct stratum_client *c, const struct message *m, struct request *ret)
{
    uint64_t id;

    if (!message_id_number(m, &id))
        return false;
    for (unsigned i = 0; i < c->request_count; i++) {
        if (c->requests[i].id != id)
            continue;
        *ret = c->requests[i];
        memmove(c->requests + i, c->requests + i + 1,
                (--c->request_count - i) * sizeof *c->requests);
        c->rtt_ms = (double)(now_us() - ret->sent_us) / 1e3;
        return true;
    }
    return false;
}

void client_progress(struct stratum_client *c)
{
    if (c->state != CLIENT_HANDSHAKE || !c->subscribed || !c->authorised)
        return;
    (void)uv_timer_stop(&c->timer);
    set_state(c, CLIENT_READY, 0, "subscribed and authorised");
    struct job *job = client_newest_job(c);
    if (c->state == CLIENT_READY && job) /* it waited for the authorisation */
        client_job(c, job_ref(job));
}

/* --- jobs ----------------------------------------------------------------------------------- */

struct job *client_newest_job(struct stratum_client *c)
{
    return c->job_at ? c->jobs[(c->job_at - 1) % CLIENT_JOBS] : NULL;
}

static void remember(struct stratum_client *c, struct job *take)
{
    struct job **slot = &c->jobs[c->job_at++ % CLIENT_JOBS];

    job_unref(*slot);
    *slot = take;
}

void client_job(struct stratum_client *c, struct job *take)
{
    if (take != client_newest_job(c))
        remember(c, take);
    else
        job_unref(take); /* the ring holds it already */
    if (c->state != CLIENT_READY)
        return;
    if (!c->announced)
        take->clean = true; /* what an earlier connection gave is void */
    c->announced = true;
    c->last_job_us = now_us();
    c->job_difficulty = target_difficulty(&c->algo->diff1, &take->share_target);
    if (!c->freed && c->events.job)
        c->events.job(c->events.arg, take);
}

/* Jobs may have been copied on their way to a device, so they are known by what they say. */
static bool same_job(const struct job *a, const struct job *b)
{
    const struct block_plan *p = &a->plan, *q = &b->plan;

    return a == b ||
           (a->source == b->source && !strcmp(a->id, b->id) &&
            p->extranonce1_len == q->extranonce1_len && p->extranonce2_len == q->extranonce2_len &&
            !memcmp(p->extranonce1, q->extranonce1, p->extranonce1_len) &&
            !memcmp(p->prevhash, q->prevhash, sizeof p->prevhash) && p->ntime == q->ntime);
}

/* Of an earlier connection, whose session this one goes on with? */
static bool of_session(const struct stratum_client *c, const struct job *job)
{
    const struct block_plan *p = &job->plan;

    return job->source == c->source && p->extranonce1_len == c->extranonce1_len &&
           p->extranonce2_len == c->extranonce2_len &&
           !memcmp(p->extranonce1, c->extranonce1, c->extranonce1_len);
}

static bool is_ours(const struct stratum_client *c, const struct job *job)
{
    if (c->resumed && of_session(c, job))
        return true;
    for (unsigned i = 0; i < CLIENT_JOBS; i++)
        if (c->jobs[i] && same_job(c->jobs[i], job))
            return true;
    return false;
}

int64_t stratum_client_submit(struct stratum_client *c, const struct share *share)
{
    if (c->state != CLIENT_READY)
        return ERR_CLOSED;
    if (!is_ours(c, share->job))
        return ERR_NO_JOB;
    int64_t ticket = c->dialect->submit(c, share);
    return c->state == CLIENT_READY ? ticket : ERR_CLOSED; /* sending it may have failed */
}

void stratum_client_probe(struct stratum_client *c)
{
    if (c->state == CLIENT_READY)
        c->dialect->probe(c);
}

/* --- reading -------------------------------------------------------------------------------- */

static int dispatch(struct stratum_client *c, const struct message *m)
{
    if (!m->method)
        return c->dialect->answer(c, m);
    for (const struct client_verb *v = c->dialect->as_client; v->method; v++)
        if (!strcmp(v->method, m->method))
            return v->on(c, m);
    if (message_has_id(m)) {
        AUTO_STR struct str out = {0};
        str_addf(&out, "{\"id\":%.*s,\"result\":null,\"error\":[-3,\"Method not found\",null]}",
                 m->id_len, m->id);
        client_send(c, &out);
    }
    return 0;
}

int client_line(void *arg, char *line, size_t len)
{
    struct stratum_client *c = arg;
    struct message m;
    struct fault why = {0};

    c->last_line_us = now_us();
    int err = message_parse(line, len, &m, &why);
    if (err < 0) {
        client_fail(c, err, "%s", why.text);
        return err;
    }
    struct stream *before = c->stream;
    err = dispatch(c, &m);
    message_fini(&m);
    return err < 0 || c->stream != before ? ERR_CLOSED : 0;
}

static void on_data(void *arg, char *bytes, size_t len)
{
    struct stratum_client *c = arg;

    if (lines_feed(&c->lines, bytes, len, client_line, c) == ERR_PROTOCOL)
        client_fail(c, ERR_PROTOCOL, "the pool sent a line longer than %d KiB",
                    CLIENT_LINE_MAX / 1024);
}

static void on_ended(void *arg, int err)
{
    struct stratum_client *c = arg;

    if (err == UV_EOF)
        client_fail(c, ERR_CLOSED, "the pool closed the connection%s",
                    c->state == CLIENT_HANDSHAKE ? " during the handshake" : "");
    else if (*stream_trouble(c->stream))
        client_fail(c, err, "%s", stream_trouble(c->stream));
    else
        client_fail(c, err, "connection lost: %s", err_str(err));
}

static const struct stream_events stream_events = {.data = on_data, .ended = on_ended};

/* --- connecting ----------------------------------------------------------------------------- */

static void on_handshake_timeout(uv_timer_t *timer)
{
    struct stratum_client *c = timer->data;

    client_fail(c, ERR_SILENT, "the pool did not answer %s within %.0f s",
                c->subscribed ? "mining.authorize" : "mining.subscribe",
                (double)c->handshake_timeout_us / 1e6);
}

static void on_connected(void *arg, int err, struct stream *take, const char *reason)
{
    struct stratum_client *c = arg;

    c->connector = NULL;
    if (!err) {
        c->stream = take;
        err = stream_start(take, c->read_buffer, sizeof c->read_buffer, CLIENT_QUEUE_MAX,
                           &stream_events, c);
        reason = "cannot read from the connection";
    }
    if (!err && c->tls && (err = stream_tls_connect(take, c->tls, c->to.host)) < 0)
        reason = "the TLS handshake cannot begin";
    if (err) {
        client_fail(c, err, "%s", reason);
        return;
    }
    stream_peer(take, c->peer);
    c->last_line_us = now_us();
    (void)uv_timer_start(&c->timer, on_handshake_timeout,
                         (uint64_t)(c->handshake_timeout_us / 1000), 0);
    set_state(c, CLIENT_HANDSHAKE, 0, c->peer);
    if (c->state == CLIENT_HANDSHAKE)
        c->dialect->hello(c);
}

static void connect_now(struct stratum_client *c)
{
    c->lines.limit = CLIENT_LINE_MAX;
    c->difficulty = 1; /* until mining.set_difficulty */
    c->target = target_from_difficulty(&c->algo->diff1, 1);
    c->connector = net_connect(c->loop, &c->to, &c->proxy, c->first_address, c->connect_timeout_us,
                               on_connected, c);
}

static void on_wait_over(uv_timer_t *timer)
{
    connect_now(timer->data);
}

static void reconnect(struct stratum_client *c, const struct endpoint *to, unsigned wait_s,
                      const char *reason)
{
    bool goes_on = !c->subscribed || stratum_client_session(c, &c->resume);

    if (!goes_on || !redirect_allowed(c->to.host, to->host))
        c->resume = (struct stratum_session){0};
    c->to = *to;
    c->state = CLIENT_CONNECTING;
    disconnect(c);
    if (c->freed)
        return;
    (void)uv_timer_start(&c->timer, on_wait_over, wait_s * UINT64_C(1000), 0);
    set_state(c, CLIENT_CONNECTING, 0, reason);
}

void client_move(struct stratum_client *c, const struct endpoint *to, unsigned wait_s)
{
    char where[PEER_MAX], reason[PEER_MAX + 40];

    endpoint_format(to, where);
    (void)snprintf(reason, sizeof reason, "the pool asks to reconnect to %s", where);
    reconnect(c, to, wait_s, reason);
}

/* --- life ----------------------------------------------------------------------------------- */

int client_new(uv_loop_t *loop, const struct stratum_client_options *o,
               const struct stratum_client_events *events, struct stratum_client **ret,
               struct fault *why)
{
    struct stratum_url url;
    struct tls_context *tls = NULL;
    int err = stratum_url_parse(o->url, o->algo, &url, why);

    if (!err && !url.tls && (o->tls.trust != TLS_VERIFY || o->tls.authorities))
        err = fault_set(why, ERR_CONFIG,
                        "tls settings are given, but the URL is not encrypted: "
                        "write stratum+ssl://");
    if (!err && url.tls)
        err = tls_client_context(&o->tls, &tls, why);
    if (err < 0)
        return err;
    struct stratum_client *c = xcalloc(1, sizeof *c);
    c->tls = tls;
    c->loop = loop;
    c->events = *events;
    c->user = xstrdup(o->user ? o->user : "");
    c->pass = xstrdup(o->pass ? o->pass : "");
    c->agent = xstrdup(o->agent ? o->agent : "otedama/" OTEDAMA_VERSION);
    c->coin = xstrdup(o->coin ? o->coin : "");
    c->algo = o->algo;
    c->source = o->source;
    c->reconnect = o->reconnect;
    c->first_address = o->first_address;
    if (o->resume)
        c->resume = *o->resume;
    c->connect_timeout_us = o->connect_timeout_us ? o->connect_timeout_us : DEFAULT_TIMEOUT_US;
    c->handshake_timeout_us =
        o->handshake_timeout_us ? o->handshake_timeout_us : DEFAULT_TIMEOUT_US;
    c->url = url;
    c->dialect = url.dialects[0];
    c->to = url.to;
    if (o->proxy)
        c->proxy = *o->proxy;
    c->requests = xcalloc(CLIENT_REQUESTS, sizeof *c->requests);
    c->job_difficulty = c->rtt_ms = NAN;
    c->state = CLIENT_CONNECTING;
    (void)uv_timer_init(loop, &c->timer);
    c->timer.data = c;
    *ret = c;
    return 0;
}

int stratum_client_open(uv_loop_t *loop, const struct stratum_client_options *o,
                        const struct stratum_client_events *events, struct stratum_client **ret,
                        struct fault *why)
{
    int err = client_new(loop, o, events, ret, why);

    if (err < 0)
        return err;
    net_block_sigpipe();
    connect_now(*ret);
    return 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct stratum_client *c = handle->data;

    tls_context_unref(c->tls);
    free(c->user);
    free(c->pass);
    free(c->agent);
    free(c->coin);
    free(c->requests);
    free(c);
}

void stratum_client_close(struct stratum_client *c)
{
    if (!c || c->freed)
        return;
    c->freed = true;
    c->state = CLIENT_CLOSED;
    disconnect(c);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}

bool stratum_client_session(const struct stratum_client *c, struct stratum_session *ret)
{
    if (!c->subscribed || !*c->resumable)
        return false;
    *ret = (struct stratum_session){.target = c->target,
                                    .extranonce1_len = c->extranonce1_len,
                                    .extranonce2_len = c->extranonce2_len};
    memcpy(ret->id, c->resumable, sizeof ret->id);
    memcpy(ret->extranonce1, c->extranonce1, sizeof ret->extranonce1);
    return true;
}

void stratum_client_view(const struct stratum_client *c, struct stratum_client_view *view)
{
    *view = (struct stratum_client_view){
        .state = c->state,
        .difficulty = c->job_difficulty,
        .last_line_us = c->last_line_us,
        .last_job_us = c->last_job_us,
        .rtt_ms = c->rtt_ms,
        .authorised = c->authorised,
        .resumed = c->resumed,
    };
    (void)text_copy(view->peer, sizeof view->peer, c->peer);
    view->dialect = c->dialect->title;
    if (c->stream)
        (void)text_copy(view->security, sizeof view->security, stream_security(c->stream));
    for (unsigned i = 0; i < c->request_count; i++)
        view->unanswered += c->requests[i].ticket != 0;
}
