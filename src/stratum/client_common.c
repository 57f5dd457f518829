/* SPDX-License-Identifier: MIT */
/* The words that mean the same in every dialect, said and heard by the miner's end. */
#include "stratum/client_common.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hex.h"
#include "core/target.h"

enum {
    RECONNECT_WAIT_MIN_S = 1,
    RECONNECT_WAIT_MAX_S = 60,
    MOVES_MAX = 3, /* within MOVES_S */
    MOVES_S = 600,
};

/* --- speaking -------------------------------------------------------------------------------- */

void client_say(struct stratum_client *c, enum request_kind kind, uint64_t ticket,
                const char *method, const char *params)
{
    AUTO_STR struct str out = {0};

    str_addf(&out, "{\"id\":%llu,%s\"method\":\"%s\"",
             (unsigned long long)client_request(c, kind, ticket),
             c->dialect->jsonrpc ? "\"jsonrpc\":\"2.0\"," : "", method);
    if (params)
        str_addf(&out, ",\"params\":%s", params);
    str_add(&out, "}");
    client_send(c, &out);
}

void client_put_login(const struct stratum_client *c, struct str *out)
{
    str_add(out, "[");
    json_put_text(out, c->user);
    str_add(out, ",");
    json_put_text(out, c->pass);
    str_add(out, "]");
}

void client_reply(struct stratum_client *c, const struct message *m, const char *result)
{
    AUTO_STR struct str out = {0};

    if (!message_has_id(m))
        return;
    str_addf(&out, "{\"id\":%.*s,\"result\":%s,\"error\":null}", m->id_len, m->id, result);
    client_send(c, &out);
}

int client_broken(struct stratum_client *c, const char *what)
{
    client_fail(c, ERR_PROTOCOL, "%s", what);
    return ERR_PROTOCOL;
}

void client_tell(struct stratum_client *c, const char *text)
{
    char clean[256];

    (void)text_clean(clean, sizeof clean, text);
    if (c->events.message)
        c->events.message(c->events.arg, clean);
}

void client_unasked(struct stratum_client *c, const struct message *m)
{
    char reason[160];

    if (!m->error || json_is_null(m->error) || !c->events.message)
        return;
    (void)message_verdict(m, reason, sizeof reason);
    c->events.message(c->events.arg, reason);
}

int64_t client_ticket(struct stratum_client *c)
{
    return c->request_count == CLIENT_REQUESTS ? ERR_SILENT : (int64_t)++c->next_ticket;
}

/* --- answers --------------------------------------------------------------------------------- */

int client_answer(struct stratum_client *c, const struct message *m,
                  client_answer_fn *const by_kind[ASKS])
{
    struct request r;

    if (!client_answered(c, m, &r)) {
        client_unasked(c, m);
        return 0;
    }
    return by_kind[r.kind] ? by_kind[r.kind](c, m, &r) : 0;
}

int client_authorized(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];

    (void)r;
    if (message_verdict(m, reason, sizeof reason)) {
        client_fail(c, ERR_UNAUTHORIZED, "the pool refused user \"%.80s\": %s", c->user, reason);
        return ERR_UNAUTHORIZED;
    }
    c->authorised = true;
    client_progress(c);
    return 0;
}

int client_submitted(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];
    int err = message_verdict(m, reason, sizeof reason);

    if (c->events.answer)
        c->events.answer(c->events.arg, r->ticket, err, reason, c->rtt_ms);
    return 0;
}

/* --- jobs ------------------------------------------------------------------------------------ */

struct job *client_job_new(struct stratum_client *c)
{
    struct job *job = job_new(c->algo);

    job->source = c->source;
    (void)text_copy(job->coin, sizeof job->coin, c->coin);
    job->share_target = c->target;
    job->born_us = now_us();
    return job;
}

bool client_set_target(struct stratum_client *c, const struct u256 *target)
{
    if (u256_is_zero(target))
        return false;
    c->target = *target;
    c->difficulty = target_difficulty(&c->algo->diff1, target);
    return true;
}

bool client_hex(const char *text, uint8_t *out, size_t len)
{
    if (text && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    return text && hex_decode(text, out, len);
}

/* --- what the pool says ---------------------------------------------------------------------- */

int client_on_set_difficulty(struct stratum_client *c, const struct message *m)
{
    double d;

    /* past 2^200 no 256-bit target is left that any hash meets */
    if (!message_number(m, 0, &d) || d <= 0 || d > 0x1p200 || d < 0x1p-200)
        return client_broken(c, "mining.set_difficulty: not a usable number");
    c->difficulty = d;
    c->target = target_from_difficulty(&c->algo->diff1, d);
    return 0;
}

int client_on_set_target(struct stratum_client *c, const struct message *m)
{
    const char *text = message_text(m, 0);
    uint8_t bytes[32];

    if (!client_hex(text, bytes, sizeof bytes))
        return client_broken(c, "mining.set_target: not a target of 64 digits");
    struct u256 target = u256_from_be(bytes);
    if (!client_set_target(c, &target))
        return client_broken(c, "mining.set_target: zero");
    return 0;
}

static bool is_host(const char *text)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_-";
    size_t len = strlen(text);

    return len && len < HOST_MAX && strspn(text, allowed) == len;
}

static bool too_often(struct stratum_client *c)
{
    int64_t now = now_us();

    if (!c->moves || now - c->move_us > MOVES_S * SECOND_US) {
        c->moves = 0;
        c->move_us = now;
    }
    return ++c->moves > MOVES_MAX;
}

/* Why a pool may not send us there; NULL = it may. Under TLS the other host proves itself too. */
static const char *move_refused(struct stratum_client *c, const struct endpoint *to)
{
    const char *why = NULL;

    if (c->reconnect == RECONNECT_NEVER)
        return "failover.allow_reconnect is never";
    if (c->reconnect != RECONNECT_ANY && !redirect_allowed(c->to.host, to->host))
        return "only the same domain is followed";
    if (c->events.may_move)
        why = c->events.may_move(c->events.arg, to);
    if (!why && too_often(c))
        why = "it has asked three times within ten minutes";
    return why;
}

/* `[]`, `[host, port, wait]`; the port may be text. */
static bool read_move(const struct message *m, struct endpoint *to)
{
    const char *host = message_text(m, 0);
    double port = to->port;

    if (message_param(m, 1) && !message_number(m, 1, &port))
        return false;
    if (host && *host && !is_host(host))
        return false;
    if (host && *host)
        (void)text_copy(to->host, sizeof to->host, host);
    if (port < 1 || port > UINT16_MAX || port != floor(port))
        return false;
    to->port = (uint16_t)port;
    return true;
}

int client_on_reconnect(struct stratum_client *c, const struct message *m)
{
    struct endpoint to = c->to;
    double wait = 0;
    char text[HOST_MAX + 96], peer[PEER_MAX];

    client_reply(c, m, "true");
    if (c->state == CLIENT_CLOSED)
        return ERR_CLOSED;
    (void)message_number(m, 2, &wait);
    const char *why = read_move(m, &to) ? move_refused(c, &to) : "it is not a usable address";
    if (why) {
        endpoint_format(&to, peer);
        (void)snprintf(text, sizeof text, "client.reconnect to %s refused: %s", peer, why);
        client_tell(c, text);
        return 0;
    }
    client_move(c, &to, (unsigned)fmin(fmax(wait, RECONNECT_WAIT_MIN_S), RECONNECT_WAIT_MAX_S));
    return 0;
}

int client_on_show_message(struct stratum_client *c, const struct message *m)
{
    if (message_text(m, 0))
        client_tell(c, message_text(m, 0));
    client_reply(c, m, "true");
    return 0;
}

int client_on_get_version(struct stratum_client *c, const struct message *m)
{
    AUTO_STR struct str agent = {0};

    json_put_text(&agent, c->agent);
    client_reply(c, m, agent.s);
    return 0;
}

int client_on_ping(struct stratum_client *c, const struct message *m)
{
    client_reply(c, m, "\"pong\"");
    return 0;
}

int client_on_ignored(struct stratum_client *c, const struct message *m)
{
    client_reply(c, m, "true");
    return 0;
}
