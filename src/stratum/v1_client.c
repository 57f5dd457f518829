/* SPDX-License-Identifier: MIT */
/* Stratum v1, the miner's half: handshake, what the pool may say, submits. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hex.h"
#include "core/target.h"
#include "stratum/client_session.h"
#include "stratum/v1.h"

enum { RECONNECT_WAIT_MIN_S = 1, RECONNECT_WAIT_MAX_S = 60 };

enum request_kind {
    ASK_CONFIGURE,
    ASK_SUBSCRIBE,
    ASK_AUTHORIZE,
    ASK_EXTRANONCE,
    ASK_PROBE,
    ASK_SUBMIT
};

/* --- speaking ------------------------------------------------------------------------------- */

static void ask(struct stratum_client *c, enum request_kind kind, uint64_t ticket,
                const char *method, const char *params)
{
    AUTO_STR struct str out = {0};

    str_addf(&out, "{\"id\":%llu,\"method\":\"%s\",\"params\":%s}",
             (unsigned long long)client_request(c, kind, ticket), method, params);
    client_send(c, &out);
}

/* All at once, without waiting: one round trip to the first job. */
void v1_hello(struct stratum_client *c)
{
    AUTO_STR struct str agent = {0}, login = {0};

    str_add(&agent, "[");
    json_put_text(&agent, c->agent);
    str_add(&agent, "]");
    str_add(&login, "[");
    json_put_text(&login, c->user);
    str_add(&login, ",");
    json_put_text(&login, c->pass);
    str_add(&login, "]");
    ask(c, ASK_CONFIGURE, 0, "mining.configure",
        "[[\"version-rolling\"],{\"version-rolling.mask\":\"1fffe000\","
        "\"version-rolling.min-bit-count\":2}]");
    ask(c, ASK_SUBSCRIBE, 0, "mining.subscribe", agent.s);
    ask(c, ASK_AUTHORIZE, 0, "mining.authorize", login.s);
    ask(c, ASK_EXTRANONCE, 0, "mining.extranonce.subscribe", "[]");
}

/* Version bits are sent as they stand in the header. Pools either put them in place of the job's
 * masked bits or OR them in: the same header, as only bits that are 0 in the job are rolled. */
int64_t v1_submit(struct stratum_client *c, const struct share *share)
{
    AUTO_STR struct str params = {0};
    char extranonce2[2 * EXTRANONCE2_MAX + 1];

    if (c->request_count == CLIENT_REQUESTS)
        return ERR_SILENT;
    uint64_t ticket = ++c->next_ticket;
    hex_encode(share->extranonce2, share->extranonce2_len, extranonce2);
    str_add(&params, "[");
    json_put_text(&params, c->user);
    str_add(&params, ",");
    json_put_text(&params, share->job->id);
    str_addf(&params, ",\"%s\",\"%08x\",\"%08x\"", extranonce2, share->ntime,
             (uint32_t)share->nonce);
    if (c->rolling)
        str_addf(&params, ",\"%08x\"", share->version & c->version_mask);
    str_add(&params, "]");
    ask(c, ASK_SUBMIT, ticket, "mining.submit", params.s);
    return (int64_t)ticket;
}

void v1_probe(struct stratum_client *c)
{
    if (c->request_count < CLIENT_REQUESTS)
        ask(c, ASK_PROBE, 0, "mining.ping", "[]");
}

static void reply(struct stratum_client *c, const struct message *m, const char *result)
{
    AUTO_STR struct str out = {0};

    if (!message_has_id(m))
        return;
    str_addf(&out, "{\"id\":%.*s,\"result\":%s,\"error\":null}", m->id_len, m->id, result);
    client_send(c, &out);
}

/* --- answers -------------------------------------------------------------------------------- */

static int broken(struct stratum_client *c, const char *what)
{
    client_fail(c, ERR_PROTOCOL, "%s", what);
    return ERR_PROTOCOL;
}

static bool take_extranonce(struct stratum_client *c, const json_t *first, const json_t *size)
{
    uint8_t bytes[EXTRANONCE_MAX];
    const char *text = json_string_value(first);
    double len2;

    if (!text || !json_to_number(size, &len2) || len2 < 1 || len2 > EXTRANONCE2_MAX ||
        len2 != floor(len2))
        return false;
    long len = hex_decode_any(text, bytes, sizeof bytes);
    if (len < 0)
        return false;
    memcpy(c->extranonce1, bytes, (size_t)len);
    c->extranonce1_len = (uint8_t)len;
    c->extranonce2_len = (uint8_t)len2;
    return true;
}

static int on_notify(struct stratum_client *c, const struct message *m);

static int on_subscribed(struct stratum_client *c, const struct message *m)
{
    char reason[128];
    int err = message_verdict(m, reason, sizeof reason);

    if (err) {
        client_fail(c, ERR_REJECTED, "the pool refused mining.subscribe: %s", reason);
        return err;
    }
    if (!take_extranonce(c, json_array_get(m->result, 1), json_array_get(m->result, 2)))
        return broken(c, "mining.subscribe: the answer has no usable extranonce (1 to 16 bytes of "
                         "extranonce2 are needed)");
    c->subscribed = true;
    json_t *early = c->early;
    c->early = NULL;
    if (early) {
        struct message first = {.root = early, .params = json_object_get(early, "params")};
        err = on_notify(c, &first);
        json_decref(early);
        if (err < 0)
            return err;
    }
    client_progress(c);
    return 0;
}

static int on_authorized(struct stratum_client *c, const struct message *m)
{
    char reason[128];

    if (message_verdict(m, reason, sizeof reason)) {
        client_fail(c, ERR_UNAUTHORIZED, "the pool refused user \"%.80s\": %s", c->user, reason);
        return ERR_UNAUTHORIZED;
    }
    c->authorised = true;
    client_progress(c);
    return 0;
}

/* Version rolling takes effect at once: the newest job is handed out again with its new mask. */
static void change_mask(struct stratum_client *c, uint32_t mask)
{
    struct job *newest = client_newest_job(c);
    uint32_t before = c->version_mask;

    c->version_mask = mask;
    c->rolling = true;
    if (!newest || before == mask)
        return;
    struct job *job = job_copy(newest);
    job->plan.version_mask = mask & ~job->plan.version;
    job->clean = (before & ~mask) != 0; /* rolled bits that are forbidden now */
    client_job(c, job);
}

static int on_configured(struct stratum_client *c, const struct message *m)
{
    uint32_t mask;

    if (!json_is_true(json_object_get(m->result, "version-rolling")))
        return 0; /* not offered: mining goes on without */
    if (!hex_number(json_string_value(json_object_get(m->result, "version-rolling.mask")), &mask))
        return 0;
    change_mask(c, mask);
    return 0;
}

static int on_submitted(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];
    int err = message_verdict(m, reason, sizeof reason);

    if (c->events.answer)
        c->events.answer(c->events.arg, r->ticket, err, reason, c->rtt_ms);
    return 0;
}

int v1_answer(struct stratum_client *c, const struct message *m)
{
    struct request r;
    char reason[160];

    if (!client_answered(c, m, &r)) {
        if (m->error && !json_is_null(m->error) && c->events.message) { /* "pool is full", ... */
            (void)message_verdict(m, reason, sizeof reason);
            c->events.message(c->events.arg, reason);
        }
        return 0;
    }
    switch ((enum request_kind)r.kind) {
    case ASK_CONFIGURE:
        return on_configured(c, m);
    case ASK_SUBSCRIBE:
        return on_subscribed(c, m);
    case ASK_AUTHORIZE:
        return on_authorized(c, m);
    case ASK_PROBE:
    case ASK_EXTRANONCE:
        return 0; /* many pools know it not: nothing depends on it */
    case ASK_SUBMIT:
        return on_submitted(c, m, &r);
    }
    return 0;
}

/* --- what the pool says ---------------------------------------------------------------------- */

static int on_notify(struct stratum_client *c, const struct message *m)
{
    struct fault why = {0};

    if (!c->subscribed) { /* the extranonce is not known yet: kept for a moment */
        json_decref(c->early);
        c->early = json_incref(m->root);
        return 0;
    }
    struct job *newest = client_newest_job(c);
    struct job *job = job_new(c->algo);
    int err = v1_read_notify(m, job, &why);
    if (err < 0) {
        job_unref(job);
        client_fail(c, err, "%s", why.text);
        return err;
    }
    struct block_plan *plan = &job->plan;
    job->source = c->source;
    (void)text_copy(job->coin, sizeof job->coin, c->coin);
    job->share_target = c->target;
    job->born_us = now_us();
    memcpy(plan->extranonce1, c->extranonce1, sizeof plan->extranonce1);
    plan->extranonce1_len = c->extranonce1_len;
    plan->extranonce2_len = c->extranonce2_len;
    plan->version_mask = c->version_mask & ~plan->version;
    if (newest && memcmp(newest->plan.prevhash, plan->prevhash, sizeof plan->prevhash) != 0)
        job->clean = true;
    client_job(c, job);
    return 0;
}

static int on_set_difficulty(struct stratum_client *c, const struct message *m)
{
    double d;

    /* past 2^200 no 256-bit target is left that any hash meets */
    if (!message_number(m, 0, &d) || d <= 0 || d > 0x1p200 || d < 0x1p-200)
        return broken(c, "mining.set_difficulty: not a usable number");
    c->difficulty = d;
    c->target = target_from_difficulty(&c->algo->diff1, d);
    return 0;
}

static int on_set_target(struct stratum_client *c, const struct message *m)
{
    const char *text = message_text(m, 0);
    uint8_t bytes[32];

    if (!text || !hex_decode(text, bytes, sizeof bytes))
        return broken(c, "mining.set_target: not a target of 64 digits");
    struct u256 target = u256_from_be(bytes);
    if (u256_is_zero(&target))
        return broken(c, "mining.set_target: zero");
    c->target = target;
    c->difficulty = target_difficulty(&c->algo->diff1, &target);
    return 0;
}

static int on_set_extranonce(struct stratum_client *c, const struct message *m)
{
    if (!take_extranonce(c, message_param(m, 0), message_param(m, 1)))
        return broken(c, "mining.set_extranonce: not a usable extranonce");
    reply(c, m, "true");
    return 0;
}

static int on_set_version_mask(struct stratum_client *c, const struct message *m)
{
    uint32_t mask;

    if (!hex_number(message_text(m, 0), &mask))
        return broken(c, "mining.set_version_mask: not a mask");
    change_mask(c, mask);
    return 0;
}

static void tell(struct stratum_client *c, const char *text)
{
    char clean[256];

    (void)text_clean(clean, sizeof clean, text);
    if (c->events.message)
        c->events.message(c->events.arg, clean);
}

/* `[]`, `[host, port, wait]`; the port may be text. Never to strangers, whatever the pool says. */
static int on_reconnect(struct stratum_client *c, const struct message *m)
{
    const char *host = message_text(m, 0);
    struct endpoint to = c->to;
    double port = to.port, wait = 0;
    char text[HOST_MAX + 96];

    reply(c, m, "true");
    if (message_param(m, 1) && !message_number(m, 1, &port))
        port = 0;
    (void)message_number(m, 2, &wait);
    if (host && *host)
        (void)text_copy(to.host, sizeof to.host, host);
    bool moved = strcasecmp(to.host, c->to.host) != 0;
    if (port < 1 || port > UINT16_MAX || (moved && !c->allow_reconnect) ||
        !redirect_allowed(c->to.host, to.host)) {
        (void)snprintf(text, sizeof text,
                       "client.reconnect to \"%s\" port %.0f refused: only the same domain is "
                       "followed",
                       to.host, port);
        tell(c, text);
        return 0;
    }
    to.port = (uint16_t)port;
    client_move(c, &to, (unsigned)fmin(fmax(wait, RECONNECT_WAIT_MIN_S), RECONNECT_WAIT_MAX_S));
    return 0;
}

static int on_show_message(struct stratum_client *c, const struct message *m)
{
    if (message_text(m, 0))
        tell(c, message_text(m, 0));
    reply(c, m, "true");
    return 0;
}

static int on_get_version(struct stratum_client *c, const struct message *m)
{
    AUTO_STR struct str agent = {0};

    json_put_text(&agent, c->agent);
    reply(c, m, agent.s);
    return 0;
}

static int on_ping(struct stratum_client *c, const struct message *m)
{
    reply(c, m, "\"pong\"");
    return 0;
}

static int on_ignored(struct stratum_client *c, const struct message *m)
{
    reply(c, m, "true");
    return 0;
}

const struct client_verb v1_as_client[] = {
    {"mining.notify", on_notify},
    {"mining.set_difficulty", on_set_difficulty},
    {"mining.set_target", on_set_target},
    {"mining.set_extranonce", on_set_extranonce},
    {"mining.set_version_mask", on_set_version_mask},
    {"mining.ping", on_ping},
    {"mining.multi_version", on_ignored},
    {"client.reconnect", on_reconnect},
    {"client.show_message", on_show_message},
    {"client.get_version", on_get_version},
    {"client.ping", on_ping},
    {0},
};
