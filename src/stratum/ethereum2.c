/* SPDX-License-Identifier: MIT */
/* EthereumStratum/2.0.0 (EIP-1571): hello, sessions, epochs and targets by mining.set, numbers as
 * hexadecimal text without leading zeros. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "base/hex.h"
#include "stratum/ethereum.h"
#include "stratum/seeds.h"

static const char protocol[] = "EthereumStratum/2.0.0";

/* A number as the dialect writes it. False when it is none or past 2^53. */
static bool read_number(const char *text, uint64_t *ret)
{
    size_t len = text ? strlen(text) : 0;

    if (!len || len > 13 || strspn(text, "0123456789abcdefABCDEF") != len)
        return false;
    *ret = strtoull(text, NULL, 16);
    return true;
}

/* --- client ---------------------------------------------------------------------------------- */

static void hello(struct stratum_client *c)
{
    AUTO_STR struct str params = {0};

    str_add(&params, "{\"agent\":");
    json_put_text(&params, c->agent);
    str_add(&params, ",\"host\":");
    json_put_text(&params, c->to.host);
    str_addf(&params, ",\"port\":\"%x\",\"proto\":\"%s\"}", c->to.port, protocol);
    client_say(c, ASK_CONFIGURE, 0, "mining.hello", params.s);
}

static int on_hello(struct stratum_client *c, const struct message *m)
{
    const char *proto = json_string_value(json_object_get(m->result, "proto"));
    AUTO_STR struct str login = {0};

    if (!proto || strcasecmp(proto, protocol) != 0)
        return client_broken(c, "mining.hello: the pool does not speak EthereumStratum/2.0.0");
    client_put_login(c, &login);
    client_say(c, ASK_SUBSCRIBE, 0, "mining.subscribe", "[]");
    client_say(c, ASK_AUTHORIZE, 0, "mining.authorize", login.s);
    return 0;
}

static int on_authorized(struct stratum_client *c, const struct message *m)
{
    const char *token = json_string_value(m->result);
    int err = client_authorized(c, m);

    if (err)
        return err;
    if (!token || !text_copy(c->session, sizeof c->session, token))
        return client_broken(c, "mining.authorize: the answer is no usable worker token");
    return 0;
}

static int answer(struct stratum_client *c, const struct message *m)
{
    struct request r;

    if (!client_answered(c, m, &r)) {
        client_unasked(c, m);
        return 0;
    }
    switch (r.kind) {
    case ASK_CONFIGURE:
        return on_hello(c, m);
    case ASK_SUBSCRIBE:
        c->subscribed = true;
        client_progress(c);
        return 0;
    case ASK_AUTHORIZE:
        return on_authorized(c, m);
    case ASK_SUBMIT:
        return client_submitted(c, m, &r);
    default:
        return 0;
    }
}

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
    uint64_t port = c->to.port;
    struct message as_list = *m;

    if (port_text && !read_number(port_text, &port))
        return client_broken(c, "mining.reconnect: not a port");
    as_list.params = json_pack("[s,I]", host ? host : "", (json_int_t)port);
    int err = client_on_reconnect(c, &as_list);
    json_decref(as_list.params);
    return err;
}

static int64_t submit(struct stratum_client *c, const struct share *share)
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

static void probe(struct stratum_client *c)
{
    if (c->request_count < CLIENT_REQUESTS)
        client_say(c, ASK_PROBE, 0, "mining.noop", "[]");
}

static const struct client_verb as_client[] = {
    {"mining.notify", on_notify},
    {"mining.set", on_set},
    {"mining.bye", on_bye},
    {"mining.reconnect", on_reconnect},
    {"client.reconnect", client_on_reconnect},
    {0},
};

/* --- server ---------------------------------------------------------------------------------- */

static bool greets(const struct message *m)
{
    return m->method && !strcmp(m->method, "mining.hello");
}

static int on_hello_of_miner(struct miner *miner, const struct message *m)
{
    const char *agent = message_named(m, "agent");

    if (agent)
        (void)text_clean(miner->agent, sizeof miner->agent, agent);
    server_begin(miner, m);
    str_addf(miner->out,
             ",\"result\":{\"proto\":\"%s\",\"encoding\":\"plain\",\"resume\":\"0\","
             "\"timeout\":\"258\",\"maxerrors\":\"5\",\"node\":",
             protocol);
    json_put_text(miner->out, miner->pool_agent);
    str_add(miner->out, "},\"error\":null}\n");
    return 0;
}

static int on_subscribe(struct miner *miner, const struct message *m)
{
    char session[2 * sizeof miner->extranonce1 + 3];

    if (!server_subscribe(miner, m, NULL, NULL))
        return 0;
    session[0] = '"';
    hex_encode(miner->extranonce1, miner->extranonce1_len, session + 1);
    memcpy(session + 1 + 2 * miner->extranonce1_len, "\"", 2);
    return server_yes(miner, m, session);
}

/* The token is the user's name: it is sent back with each submit. */
static int on_authorize(struct miner *miner, const struct message *m)
{
    const char *user = message_text(m, 0), *pass = message_text(m, 1);
    AUTO_STR struct str token = {0};
    struct fault why = {0};

    if (!user)
        return server_bad_field(miner, m, "mining.authorize needs a user name");
    int err = miner->hooks->authorize(miner, user, pass ? pass : "", &why);
    if (err < 0)
        return server_no(miner, m, "null", err, &why);
    json_put_text(&token, user);
    return server_yes(miner, m, token.s);
}

static int on_submit(struct miner *miner, const struct message *m)
{
    struct submission s = {.user = message_text(m, 2), .job = message_text(m, 0)};

    if (!miner->subscribed)
        return server_refuse(miner, m, s.user, ERR_NOT_SUBSCRIBED, NULL);
    if (!s.user || !s.job)
        return server_refuse(miner, m, s.user, ERR_FIELD, "mining.submit needs job and worker");
    if (!ethereum_read_nonce(miner, message_text(m, 1), &s.nonce))
        return server_refuse(miner, m, s.user, ERR_FIELD,
                             "the nonce has not the digits that the extranonce leaves");
    return server_submit(miner, m, &s);
}

static int on_goodbye(struct miner *miner, const struct message *m)
{
    (void)miner;
    (void)m;
    return ERR_CLOSED;
}

static const struct server_verb as_server[] = {
    {"mining.submit", on_submit},        {"mining.hello", on_hello_of_miner},
    {"mining.subscribe", on_subscribe},  {"mining.authorize", on_authorize},
    {"mining.hashrate", server_on_true}, {"mining.noop", server_on_true},
    {"mining.bye", on_goodbye},          {0},
};

static void notify(struct str *out, const struct notice *n)
{
    str_addf(out, "{\"method\":\"mining.notify\",\"params\":[\"%s\",\"%llx\",\"", n->id,
             (unsigned long long)n->job->key.height);
    server_put_hex(out, n->input, 32);
    str_addf(out, "\",\"%d\"]}\n", n->clean);
}

/* Algorithm and extranonce go with each target: they are told before the first job. The epoch
 * follows from the height that every job names. */
static void set_target(struct str *out, const struct miner *miner, double difficulty,
                       const struct u256 *target)
{
    (void)difficulty;
    str_add(out, "{\"method\":\"mining.set\",\"params\":{\"target\":\"");
    ethereum_put_target(out, target);
    str_addf(out, "\",\"algo\":\"%s\",\"extranonce\":\"", miner->algo->name);
    server_put_hex(out, miner->extranonce1, miner->extranonce1_len);
    str_add(out, "\"}}\n");
}

extern const struct dialect dialect_ethereum2;
const struct dialect dialect_ethereum2 = {
    .name = "ethereum2",
    .title = "EthereumStratum/2.0.0",
    .schemes = "stratum3 stratum",
    .algos = "ethash etchash",
    .as_client = as_client,
    .as_server = as_server,
    .hello = hello,
    .answer = answer,
    .submit = submit,
    .probe = probe,
    .greets = greets,
    .makes_input = true,
    .same_for_all = true,
    .error_objects = true,
    .yes_word = "true",
    .no_word = "null",
    .notify = notify,
    .set_difficulty = set_target,
};
