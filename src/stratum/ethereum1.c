/* SPDX-License-Identifier: MIT */
/* EthereumStratum/1.0.0, which NiceHash brought up: a nonce prefix for each connection, difficulty
 * by a message of its own, no mix hash in submits. */
#include <string.h>

#include "base/hex.h"
#include "stratum/ethereum.h"

static const char protocol[] = "EthereumStratum/1.0.0";

/* --- client ---------------------------------------------------------------------------------- */

static void hello(struct stratum_client *c)
{
    AUTO_STR struct str agent = {0}, login = {0};

    str_add(&agent, "[");
    json_put_text(&agent, c->agent);
    str_addf(&agent, ",\"%s\"]", protocol);
    client_put_login(c, &login);
    client_say(c, ASK_SUBSCRIBE, 0, "mining.subscribe", agent.s);
    client_say(c, ASK_AUTHORIZE, 0, "mining.authorize", login.s);
    client_say(c, ASK_EXTRANONCE, 0, "mining.extranonce.subscribe", "[]");
}

static int on_subscribed(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];
    int err = message_verdict(m, reason, sizeof reason);
    const char *prefix = json_string_value(json_array_get(m->result, 1));

    (void)r;
    if (err) {
        client_fail(c, ERR_REJECTED, "the pool refused mining.subscribe: %s", reason);
        return err;
    }
    if (!prefix || !client_take_prefix(c, prefix))
        return client_broken(c,
                             "mining.subscribe: the answer is not that of EthereumStratum/1.0.0");
    c->subscribed = true;
    client_progress(c);
    return 0;
}

static client_answer_fn *const answers[ASKS] = {
    [ASK_SUBSCRIBE] = on_subscribed,
    [ASK_AUTHORIZE] = client_authorized,
    [ASK_SUBMIT] = client_submitted,
};

static int answer(struct stratum_client *c, const struct message *m)
{
    return client_answer(c, m, answers);
}

/* [job, seed hash, header hash, clean] */
static int on_notify(struct stratum_client *c, const struct message *m)
{
    uint8_t seed[32], header[32];
    const char *id = message_text(m, 0);

    if (!id || strlen(id) >= JOB_ID_MAX)
        return client_broken(c, "mining.notify: no usable job id");
    if (!client_hex(message_text(m, 1), seed, 32) || !client_hex(message_text(m, 2), header, 32))
        return client_broken(c, "mining.notify: seed or header hash is not 64 digits");
    struct job *job = client_job_new(c);
    int err = ethereum_fill_job(c, job, header, seed, 0);
    if (err < 0) {
        job_unref(job);
        return err;
    }
    (void)text_copy(job->id, sizeof job->id, id);
    job->clean = !json_is_false(message_param(m, 3));
    client_job(c, job);
    return 0;
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
    json_put_text(&params, c->user);
    str_add(&params, ",");
    json_put_text(&params, share->job->id);
    str_addf(&params, ",\"%s\"]", text.nonce + prefix);
    client_say(c, ASK_SUBMIT, (uint64_t)ticket, "mining.submit", params.s);
    return ticket;
}

static void probe(struct stratum_client *c)
{
    if (c->request_count < CLIENT_REQUESTS)
        client_say(c, ASK_PROBE, 0, "mining.ping", "[]");
}

static const struct client_verb as_client[] = {
    {"mining.notify", on_notify},
    {"mining.set_difficulty", client_on_set_difficulty},
    {"mining.set_extranonce", client_on_set_prefix},
    {"mining.ping", client_on_ping},
    {"client.reconnect", client_on_reconnect},
    {"client.show_message", client_on_show_message},
    {"client.get_version", client_on_get_version},
    {0},
};

/* --- server ---------------------------------------------------------------------------------- */

static bool greets(const struct message *m)
{
    return m->method && !strcmp(m->method, "mining.subscribe");
}

static int on_subscribe(struct miner *miner, const struct message *m)
{
    char prefix[2 * sizeof miner->extranonce1 + 1];

    if (!server_subscribe(miner, m, message_text(m, 0), NULL))
        return 0;
    hex_encode(miner->extranonce1, miner->extranonce1_len, prefix);
    server_begin(miner, m);
    str_addf(miner->out, ",\"result\":[[\"mining.notify\",\"%s\",\"%s\"],\"%s\"],\"error\":null}\n",
             prefix, protocol, prefix);
    return 0;
}

/* [user, job, the nonce without our prefix]; some send header and mix hash as well. */
static int on_submit(struct miner *miner, const struct message *m)
{
    struct submission s = {.user = message_text(m, 0), .job = message_text(m, 1)};

    if (!miner->subscribed)
        return server_refuse(miner, m, s.user, ERR_NOT_SUBSCRIBED, NULL);
    if (!s.user || !s.job)
        return server_refuse(miner, m, s.user, ERR_FIELD,
                             "mining.submit needs user name and job id as text");
    if (!ethereum_read_nonce(miner, message_text(m, 2), &s.nonce))
        return server_refuse(miner, m, s.user, ERR_FIELD,
                             "the nonce has not the digits that the extranonce leaves");
    s.has_header = server_hex(message_text(m, 3), s.header, 32);
    s.has_mix = server_hex(message_text(m, 4), s.mix, 32);
    return server_submit(miner, m, &s);
}

static const struct server_verb as_server[] = {
    {"mining.submit", on_submit},
    {"mining.subscribe", on_subscribe},
    {"mining.authorize", server_on_authorize},
    {"mining.extranonce.subscribe", server_on_true},
    {"mining.suggest_difficulty", server_on_suggest_difficulty},
    {"mining.suggest_target", server_on_suggest_target},
    {"mining.ping", server_on_ping},
    {"eth_submitHashrate", ethereum_on_hashrate},
    {"client.get_version", server_on_get_version},
    {0},
};

/* From the job id's closing quote to the header hash's opening one. */
static void job_body(struct str *out, const struct job *job)
{
    str_add(out, "\",\"");
    ethereum_put_seed(out, job);
    str_add(out, "\",\"");
}

static void notify(struct str *out, const struct notice *n)
{
    str_addf(out, "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"%s", n->id);
    str_add_n(out, n->body->s, n->body->len);
    server_put_hex(out, n->input, 32);
    str_addf(out, "\",%s]}\n", n->clean ? "true" : "false");
}

extern const struct dialect dialect_ethereum1;
const struct dialect dialect_ethereum1 = {
    .name = "ethereum1",
    .title = "EthereumStratum/1.0.0 (NiceHash)",
    .schemes = "stratum stratum2",
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
    .yes_word = "true",
    .no_word = "false",
    .job_body = job_body,
    .notify = notify,
    .set_difficulty = server_put_difficulty,
};
