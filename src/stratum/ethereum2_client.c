/* SPDX-License-Identifier: MIT */
/* EthereumStratum/2.0.0, the miner's half: hello, sessions, epochs and targets by mining.set,
 * numbers as hexadecimal text without leading zeros. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "stratum/ethereum.h"
#include "stratum/ethereum2.h"
#include "stratum/seeds.h"

/* A number as the dialect writes it. False when it is none or past 2^53. */
static bool read_number(const char *text, uint64_t *ret)
{
    size_t len = text ? strlen(text) : 0;

    if (!len || len > 13 || strspn(text, "0123456789abcdefABCDEF") != len)
        return false;
    *ret = strtoull(text, NULL, 16);
    return true;
}

/* --- speaking -------------------------------------------------------------------------------- */

void ethereum2_hello(struct stratum_client *c)
{
    AUTO_STR struct str params = {0};

    str_add(&params, "{\"agent\":");
    json_put_text(&params, c->agent);
    str_add(&params, ",\"host\":");
    json_put_text(&params, c->to.host);
    str_addf(&params, ",\"port\":\"%x\",\"proto\":\"%s\"}", c->to.port, ETHEREUM2_PROTOCOL);
    client_say(c, ASK_CONFIGURE, 0, "mining.hello", params.s);
}

/* The session's name stands in place of the list of parameters. */
static void say_subscribe(struct stratum_client *c)
{
    AUTO_STR struct str session = {0};

    if (*c->resume.id)
        json_put_text(&session, c->resume.id);
    client_say(c, ASK_SUBSCRIBE, 0, "mining.subscribe", session.s);
}

int64_t ethereum2_submit(struct stratum_client *c, const struct share *share)
{
    AUTO_STR struct str params = {0};
    struct nonce64_text text;
    int64_t ticket = client_ticket(c);
    uint64_t span = share->job->nonce_max - share->job->nonce_min;
    unsigned prefix = span == UINT64_MAX ? 0 : (unsigned)__builtin_clzll(span) / 4; /* digits */

    if (ticket < 0)
        return ticket;
    client_nonce64_text(share, &text);
    str_add(&params, "[");
    json_put_text(&params, share->job->id);
    str_addf(&params, ",\"%s\",", text.nonce + prefix);
    json_put_text(&params, c->session);
    str_add(&params, "]");
    client_say(c, ASK_SUBMIT, (uint64_t)ticket, "mining.submit", params.s);
    return ticket;
}

void ethereum2_probe(struct stratum_client *c)
{
    if (c->request_count < CLIENT_REQUESTS)
        client_say(c, ASK_PROBE, 0, "mining.noop", NULL);
}

/* --- answers --------------------------------------------------------------------------------- */

static bool is_yes(const json_t *v)
{
    const char *text = json_string_value(v);

    return json_is_true(v) || (text && strcmp(text, "0") != 0) || json_integer_value(v);
}

static int on_hello(struct stratum_client *c, const struct message *m, const struct request *r)
{
    const char *proto = json_string_value(json_object_get(m->result, "proto"));
    const char *encoding = json_string_value(json_object_get(m->result, "encoding"));
    AUTO_STR struct str login = {0};

    (void)r;
    if (!proto || strcasecmp(proto, ETHEREUM2_PROTOCOL) != 0)
        return client_broken(c, "mining.hello: the pool does not speak " ETHEREUM2_PROTOCOL);
    if (encoding && strcmp(encoding, "plain") != 0)
        return client_broken(c, "mining.hello: the pool wants its messages compressed");
    c->can_resume = is_yes(json_object_get(m->result, "resume"));
    if (!c->can_resume)
        c->resume = (struct stratum_session){0};
    client_put_login(c, &login);
    say_subscribe(c);
    client_say(c, ASK_AUTHORIZE, 0, "mining.authorize", login.s);
    return 0;
}

/* The same name as was asked for: the session goes on with what it was told last. */
static void take_session(struct stratum_client *c, const char *id)
{
    c->resumed = *c->resume.id && !strcmp(id, c->resume.id);
    if (!c->can_resume || !text_copy(c->resumable, sizeof c->resumable, id))
        *c->resumable = 0;
    c->extranonce1_len = 0; /* until mining.set */
    if (!c->resumed)
        return;
    memcpy(c->extranonce1, c->resume.extranonce1, sizeof c->extranonce1);
    c->extranonce1_len = c->resume.extranonce1_len;
    (void)client_set_target(c, &c->resume.target);
}

static int on_subscribed(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];
    const char *id = json_string_value(m->result);
    int err = message_verdict(m, reason, sizeof reason);

    (void)r;
    if (err && *c->resume.id) { /* asked again without */
        c->resume = (struct stratum_session){0};
        say_subscribe(c);
        return 0;
    }
    if (err) {
        client_fail(c, ERR_REJECTED, "the pool refused mining.subscribe: %s", reason);
        return err;
    }
    take_session(c, id ? id : "");
    c->subscribed = true;
    client_progress(c);
    return 0;
}

/* The token first: shares that waited go out as soon as the client is READY. */
static int on_authorized(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];
    const char *token = json_string_value(m->result);

    if (!message_verdict(m, reason, sizeof reason) &&
        (!token || !text_copy(c->session, sizeof c->session, token)))
        return client_broken(c, "mining.authorize: the answer is no usable worker token");
    return client_authorized(c, m, r);
}

static client_answer_fn *const answers[ASKS] = {
    [ASK_CONFIGURE] = on_hello,
    [ASK_SUBSCRIBE] = on_subscribed,
    [ASK_AUTHORIZE] = on_authorized,
    [ASK_SUBMIT] = client_submitted,
};

int ethereum2_answer(struct stratum_client *c, const struct message *m)
{
    return client_answer(c, m, answers);
}

/* --- what the pool says ---------------------------------------------------------------------- */

/* Up to 64 digits, the most significant first. */
static bool read_target(const char *text, struct u256 *ret)
{
    char padded[65];
    uint8_t bytes[32];
    size_t len = text ? strlen(text) : 0;

    if (!len || len > 64)
        return false;
    memset(padded, '0', 64 - len);
    memcpy(padded + 64 - len, text, len + 1);
    if (!hex_decode(padded, bytes, sizeof bytes))
        return false;
    *ret = u256_from_be(bytes);
    return true;
}

/* What changes from the next job on: each member may be missing. */
static int on_set(struct stratum_client *c, const struct message *m)
{
    const char *target = message_named(m, "target"), *prefix = message_named(m, "extranonce");
    const char *algo = message_named(m, "algo");
    struct u256 value;

    if (target && (!read_target(target, &value) || !client_set_target(c, &value)))
        return client_broken(c, "mining.set: not a usable target");
    if (prefix && !client_take_prefix(c, prefix))
        return client_broken(c, "mining.set: extranonce is not 0 to 6 bytes");
    if (algo && algo_find(algo) && algo_find(algo) != c->algo) {
        client_fail(c, ERR_REJECTED, "the pool gives work for %.30s, not %s", algo, c->algo->name);
        return ERR_REJECTED;
    }
    return 0;
}

/* [job, height, header hash, clean] */
static int on_notify(struct stratum_client *c, const struct message *m)
{
    uint8_t seed[32], header[32];
    const char *id = message_text(m, 0), *clean = message_text(m, 3);
    uint64_t height;

    if (!id || strlen(id) >= JOB_ID_MAX)
        return client_broken(c, "mining.notify: no usable job id");
    if (!read_number(message_text(m, 1), &height) || !seed_of_height(c->algo, height, seed) ||
        !client_hex(message_text(m, 2), header, 32))
        return client_broken(c, "mining.notify: no usable height or header hash");
    struct job *job = client_job_new(c);
    (void)text_copy(job->id, sizeof job->id, id);
    job->height = job->key.height = height;
    job->clean = !clean || strcmp(clean, "0") != 0;
    client_fill_nonce64(c, job, header);
    client_job(c, job);
    return 0;
}

static int on_bye(struct stratum_client *c, const struct message *m)
{
    (void)m;
    client_fail(c, ERR_CLOSED, "the pool says goodbye");
    return ERR_CLOSED;
}

/* {host, port, resume}: as client.reconnect says it in a list. */
static int on_reconnect(struct stratum_client *c, const struct message *m)
{
    const char *host = message_named(m, "host"), *port_text = message_named(m, "port");
    const json_t *resume = json_object_get(m->named, "resume");
    uint64_t port = c->to.port;
    struct message as_list = *m;

    if (port_text && !read_number(port_text, &port))
        return client_broken(c, "mining.reconnect: not a port");
    if (resume && !is_yes(resume))
        *c->resumable = 0; /* the other server knows nothing of the session */
    as_list.params = json_pack("[s,I]", host ? host : "", (json_int_t)port);
    int err = client_on_reconnect(c, &as_list);
    json_decref(as_list.params);
    return err;
}

const struct client_verb ethereum2_as_client[] = {
    {"mining.notify", on_notify},
    {"mining.set", on_set},
    {"mining.bye", on_bye},
    {"mining.reconnect", on_reconnect},
    {"client.reconnect", client_on_reconnect},
    {0},
};
