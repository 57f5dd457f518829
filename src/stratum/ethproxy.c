/* SPDX-License-Identifier: MIT */
/* ETHPROXY: the daemon's eth_getWork and eth_submitWork with a login before them. Nonces are not
 * shared out: each miner begins somewhere at random. */
#include <string.h>

#include "base/hex.h"
#include "base/rand.h"
#include "stratum/ethereum.h"

/* --- client ---------------------------------------------------------------------------------- */

/* The worker's name stands beside the parameters. */
static void hello(struct stratum_client *c)
{
    AUTO_STR struct str out = {0};
    const char *dot = strchr(c->user, '.');

    str_addf(&out, "{\"id\":%llu,\"jsonrpc\":\"2.0\",\"method\":\"eth_submitLogin\",\"worker\":",
             (unsigned long long)client_request(c, ASK_SUBSCRIBE, 0));
    json_put_text(&out, dot ? dot + 1 : "");
    str_add(&out, ",\"params\":");
    client_put_login(c, &out);
    str_add(&out, "}");
    client_send(c, &out);
}

/* Where this connection begins, so that rigs of one owner do not try the same. */
static void spread(struct job *job)
{
    job->nonce_min = (uint64_t)(rand_u32() & 0xffffff) << 40;
    job->nonce_max = job->nonce_min | UINT64_C(0xffffffffff);
}

/* [header hash, seed hash, boundary, 0x height] */
static int take_work(struct stratum_client *c, const json_t *work)
{
    uint8_t header[32], seed[32], boundary[32];
    const char *height = json_string_value(json_array_get(work, 3));
    char *end = NULL;
    uint64_t at = height ? strtoull(height, &end, 16) : 0;

    if (!client_hex(json_string_value(json_array_get(work, 0)), header, 32) ||
        !client_hex(json_string_value(json_array_get(work, 1)), seed, 32) ||
        !client_hex(json_string_value(json_array_get(work, 2)), boundary, 32) ||
        (end && (*end || end == height)))
        return client_broken(c, "eth_getWork: not header, seed and boundary");
    struct u256 target = u256_from_be(boundary);
    if (!client_set_target(c, &target))
        return client_broken(c, "eth_getWork: the boundary is zero");
    struct job *job = client_job_new(c), *newest = client_newest_job(c);
    int err = ethereum_fill_job(c, job, header, seed, at);
    if (err < 0) {
        job_unref(job);
        return err;
    }
    spread(job);
    hex_encode(header, JOB_ID_MAX / 2 - 1, job->id);
    if (newest && !memcmp(newest->input, job->input, 32) &&
        !u256_cmp(&newest->share_target, &job->share_target)) {
        job_unref(job); /* the same again, as an answer to a probe */
        return 0;
    }
    job->clean = true;
    client_job(c, job);
    return 0;
}

static int on_login(struct stratum_client *c, const struct message *m)
{
    char reason[128];

    if (message_verdict(m, reason, sizeof reason)) {
        client_fail(c, ERR_UNAUTHORIZED, "the pool refused eth_submitLogin of \"%.80s\": %s",
                    c->user, reason);
        return ERR_UNAUTHORIZED;
    }
    c->subscribed = c->authorised = true;
    client_say(c, ASK_WORK, 0, "eth_getWork", "[]");
    client_progress(c);
    return 0;
}

/* Work that nobody asked for comes as an answer with id 0, or with none. */
static int answer(struct stratum_client *c, const struct message *m)
{
    struct request r;
    bool work = json_is_array(m->result) && json_array_size(m->result) >= 3;

    if (!client_answered(c, m, &r)) {
        if (work && c->subscribed)
            return take_work(c, m->result);
        client_unasked(c, m);
        return 0;
    }
    switch (r.kind) {
    case ASK_SUBSCRIBE:
        return on_login(c, m);
    case ASK_WORK:
    case ASK_PROBE:
        return work ? take_work(c, m->result) : 0; /* "work not ready" is no fault */
    case ASK_SUBMIT:
        return client_submitted(c, m, &r);
    default:
        return 0;
    }
}

static int64_t submit(struct stratum_client *c, const struct share *share)
{
    AUTO_STR struct str params = {0};
    struct nonce64_text text;
    int64_t ticket = client_ticket(c);

    if (ticket < 0)
        return ticket;
    client_nonce64_text(share, &text);
    str_addf(&params, "[\"0x%s\",\"0x%s\",\"0x%s\"]", text.nonce, text.header, text.mix);
    client_say(c, ASK_SUBMIT, (uint64_t)ticket, "eth_submitWork", params.s);
    return ticket;
}

static void probe(struct stratum_client *c)
{
    if (c->request_count < CLIENT_REQUESTS)
        client_say(c, ASK_PROBE, 0, "eth_getWork", "[]");
}

static const struct client_verb as_client[] = {
    {"client.reconnect", client_on_reconnect},
    {"client.show_message", client_on_show_message},
    {"client.get_version", client_on_get_version},
    {0},
};

/* --- server ---------------------------------------------------------------------------------- */

static bool greets(const struct message *m)
{
    return m->method && (!strcmp(m->method, "eth_submitLogin") || !strcmp(m->method, "eth_login") ||
                         !strcmp(m->method, "eth_getWork"));
}

/* The seed is a long chain of hashes: worked out once for a job. */
static void job_body(struct str *out, const struct job *job)
{
    ethereum_put_seed(out, job);
}

static void put_work(struct str *out, const struct notice *n)
{
    str_add(out, "[\"0x");
    server_put_hex(out, n->input, 32);
    str_add(out, "\",\"0x");
    str_add_n(out, n->body->s, n->body->len);
    str_add(out, "\",\"0x");
    ethereum_put_target(out, &n->target);
    str_addf(out, "\",\"0x%llx\"]", (unsigned long long)n->job->key.height);
}

static int server_login(struct miner *miner, const struct message *m)
{
    const char *user = message_text(m, 0), *pass = message_text(m, 1);
    const char *worker = json_string_value(json_object_get(m->root, "worker"));
    AUTO_STR struct str name = {0};
    struct fault why = {0};

    if (!user)
        return server_bad_field(miner, m, "eth_submitLogin needs an address");
    str_add(&name, user);
    if (worker && *worker && !strchr(user, '.')) {
        str_add(&name, ".");
        str_add(&name, worker);
    }
    if (!server_subscribe(miner, m, NULL, NULL))
        return 0;
    int err = miner->hooks->authorize(miner, name.s, pass ? pass : "", &why);
    if (err < 0)
        return server_no(miner, m, "false", err, &why);
    (void)text_copy(miner->user, sizeof miner->user, name.s);
    return server_yes(miner, m, "true");
}

static int on_get_work(struct miner *miner, const struct message *m)
{
    struct notice n;
    struct fault why = {0};

    if (!*miner->user)
        return server_no(miner, m, "null", ERR_UNAUTHORIZED, NULL);
    if (!miner->hooks->current(miner, &n)) {
        (void)fault_set(&why, ERR_REJECTED, "Work not ready");
        return server_no(miner, m, "null", ERR_REJECTED, &why);
    }
    server_begin(miner, m);
    str_add(miner->out, ",\"result\":");
    put_work(miner->out, &n);
    str_add(miner->out, "}\n");
    return 0;
}

/* [0x nonce, 0x header hash, 0x mix hash]: the job is found by its header. */
static int on_submit(struct miner *miner, const struct message *m)
{
    struct submission s = {.user = *miner->user ? miner->user : NULL};

    if (!s.user)
        return server_refuse(miner, m, NULL, ERR_UNAUTHORIZED, NULL);
    const char *wrong = server_read_solution(m, 0, &s);
    return wrong ? server_refuse(miner, m, s.user, ERR_FIELD, wrong) : server_submit(miner, m, &s);
}

static const struct server_verb as_server[] = {
    {"eth_submitWork", on_submit},
    {"eth_getWork", on_get_work},
    {"eth_submitLogin", server_login},
    {"eth_login", server_login},
    {"eth_submitHashrate", ethereum_on_hashrate},
    {0},
};

static void notify(struct str *out, const struct notice *n)
{
    str_add(out, "{\"id\":0,\"jsonrpc\":\"2.0\",\"result\":");
    put_work(out, n);
    str_add(out, "}\n");
}

extern const struct dialect dialect_ethproxy;
const struct dialect dialect_ethproxy = {
    .name = "ethproxy",
    .title = "ETHPROXY (eth_submitLogin)",
    .schemes = "ethproxy stratum1 stratum",
    .algos = "ethash etchash",
    .jsonrpc = true,
    .as_client = as_client,
    .as_server = as_server,
    .hello = hello,
    .answer = answer,
    .submit = submit,
    .probe = probe,
    .greets = greets,
    .makes_input = true,
    .own_input = true, /* its miners choose their nonces freely */
    .target_in_job = true,
    .error_objects = true,
    .yes_word = "true",
    .no_word = "false",
    .job_body = job_body,
    .notify = notify,
};
