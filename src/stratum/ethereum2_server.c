/* SPDX-License-Identifier: MIT */
/* EthereumStratum/2.0.0, the pool's half: hello, sessions, what miners may say, jobs as text. */
#include <string.h>

#include "base/hex.h"
#include "stratum/ethereum.h"
#include "stratum/ethereum2.h"
#include "stratum/seeds.h"

/* --- session --------------------------------------------------------------------------------- */

bool ethereum2_greets(const struct message *m)
{
    return m->method && !strcmp(m->method, "mining.hello");
}

static int on_hello(struct miner *miner, const struct message *m)
{
    const char *agent = message_named(m, "agent");

    if (agent)
        (void)text_clean(miner->agent, sizeof miner->agent, agent);
    server_begin(miner, m);
    str_addf(miner->out,
             ",\"result\":{\"proto\":\"%s\",\"encoding\":\"plain\",\"resume\":\"1\","
             "\"timeout\":\"%x\",\"maxerrors\":\"%x\",\"node\":",
             ETHEREUM2_PROTOCOL, miner->idle_s, miner->errors_max);
    json_put_text(miner->out, miner->pool_agent);
    str_add(miner->out, "}}\n");
    return 0;
}

/* The session to go on with stands in place of the parameters; some put it into a list. */
static int on_subscribe(struct miner *miner, const struct message *m)
{
    const char *wanted = json_string_value(json_object_get(m->root, "params"));
    char session[2 * sizeof miner->session + 3] = "\"";

    if (!server_subscribe(miner, m, NULL, wanted ? wanted : message_text(m, 0)))
        return 0;
    hex_encode(miner->session, sizeof miner->session, session + 1);
    memcpy(session + sizeof session - 2, "\"", 2);
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

/* Nobody comes back to a session after that. */
static int on_goodbye(struct miner *miner, const struct message *m)
{
    (void)m;
    miner->abandons = true;
    return ERR_CLOSED;
}

static int on_small_talk(struct miner *miner, const struct message *m)
{
    return server_yes(miner, m, NULL);
}

const struct server_verb ethereum2_as_server[] = {
    {"mining.submit", on_submit},       {"mining.hello", on_hello},
    {"mining.subscribe", on_subscribe}, {"mining.authorize", on_authorize},
    {"mining.hashrate", on_small_talk}, {"mining.noop", on_small_talk},
    {"mining.bye", on_goodbye},         {0},
};

/* 2xx: taken, with a remark; 3xx: not allowed; 4xx: the miner's fault; 5xx: ours. */
int ethereum2_error_code(int err)
{
    static const struct {
        int err, code;
    } codes[] = {
        {ERR_STALE, 202},  {ERR_UNAUTHORIZED, 301}, {ERR_NOT_SUBSCRIBED, 302}, {ERR_FIELD, 400},
        {ERR_NO_JOB, 404}, {ERR_NO_METHOD, 405},    {ERR_LOW_DIFF, 406},       {ERR_DUPLICATE, 409},
    };

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].err == err)
            return codes[i].code;
    return 500;
}

/* --- what miners are told ---------------------------------------------------------------------
 */

/* The epoch goes before each job, as all connections are told the same: few look for it in the
 * height, and it changes between two jobs. */
void ethereum2_notify(struct str *out, const struct notice *n)
{
    uint64_t height = n->job->key.height;

    str_addf(out, "{\"method\":\"mining.set\",\"params\":{\"epoch\":\"%llx\"}}\n",
             (unsigned long long)epoch_of_height(n->job->algo, height));
    str_addf(out, "{\"method\":\"mining.notify\",\"params\":[\"%s\",\"%llx\",\"", n->id,
             (unsigned long long)height);
    server_put_hex(out, n->input, 32);
    str_addf(out, "\",\"%d\"]}\n", n->clean);
}

/* Algorithm and extranonce go with each target: they are told before the first job. */
void ethereum2_set_target(struct str *out, const struct miner *miner, double difficulty,
                          const struct u256 *target)
{
    (void)difficulty;
    str_add(out, "{\"method\":\"mining.set\",\"params\":{\"target\":\"");
    ethereum_put_target(out, target);
    str_addf(out, "\",\"algo\":\"%s\",\"extranonce\":\"", miner->algo->name);
    server_put_hex(out, miner->extranonce1, miner->extranonce1_len);
    str_add(out, "\"}}\n");
}

/* Where to is another program, which knows none of our sessions. */
void ethereum2_reconnect(struct str *out, const char *host, uint16_t port)
{
    str_add(out, "{\"method\":\"mining.reconnect\",\"params\":{");
    if (*host) {
        str_add(out, "\"host\":");
        json_put_text(out, host);
        str_addf(out, ",\"port\":\"%x\",", port);
    }
    str_add(out, "\"resume\":\"0\"}}\n");
}
