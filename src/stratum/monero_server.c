/* SPDX-License-Identifier: MIT */
/* Monero Stratum, the pool's half: each connection has a blob of its own. */
#include <string.h>

#include "base/endian.h"
#include "base/hex.h"
#include "stratum/monero.h"
#include "stratum/server_common.h"

/* {"job_id":...} */
static void put_job(struct str *out, const struct notice *n)
{
    struct u256 target = n->target;
    char digits[17];

    monero_target_write(&target, digits);
    str_add(out, "{\"blob\":\"");
    server_put_hex(out, n->input, n->input_len);
    str_addf(out, "\",\"job_id\":\"%s\",\"target\":\"%s\",\"algo\":\"rx/0\",\"height\":%llu", n->id,
             digits, (unsigned long long)n->job->height);
    str_add(out, ",\"seed_hash\":\"");
    server_put_hex(out, n->job->key.seed, n->job->key.seed_len);
    if (algo_key_has_seed(&n->job->next_key)) {
        str_add(out, "\",\"next_seed_hash\":\"");
        server_put_hex(out, n->job->next_key.seed, n->job->next_key.seed_len);
    }
    str_add(out, "\"}");
}

void monero_notify(struct str *out, const struct notice *n)
{
    str_add(out, "{\"jsonrpc\":\"2.0\",\"method\":\"job\",\"params\":");
    put_job(out, n);
    str_add(out, "}\n");
}

/* The session's name: miners send it back, and nothing is known by it but this connection. */
static void put_session(struct miner *miner)
{
    server_put_hex(miner->out, miner->extranonce1, miner->extranonce1_len);
}

static int reply_job(struct miner *miner, const struct message *m, bool login)
{
    struct fault why = {0};
    struct notice n;

    if (!miner->hooks->current(miner, &n)) {
        (void)fault_set(&why, ERR_REJECTED, "the pool has no work yet: try again in a moment");
        return server_no(miner, m, "null", ERR_REJECTED, &why);
    }
    server_begin(miner, m);
    str_add(miner->out, ",\"error\":null,\"result\":");
    if (login) {
        str_add(miner->out, "{\"id\":\"");
        put_session(miner);
        str_add(miner->out, "\",\"job\":");
        put_job(miner->out, &n);
        str_add(miner->out, ",\"extensions\":[\"algo\",\"connect\",\"keepalive\"],"
                            "\"status\":\"OK\"}}\n");
    } else {
        put_job(miner->out, &n);
        str_add(miner->out, "}\n");
    }
    return 0;
}

/* "ADDRESS+5000": the difficulty behind the plus is asked for as "d=" would. */
static void split_login(const char *login, char *user, size_t size, char *option,
                        size_t option_size)
{
    const char *plus = strchr(login, '+');

    (void)text_copy(user, size, login);
    *option = 0;
    if (!plus || (size_t)(plus - login) >= size)
        return;
    user[plus - login] = 0;
    if (plus[1] && strspn(plus + 1, "0123456789") == strlen(plus + 1))
        (void)snprintf(option, option_size, "d=%.20s,", plus + 1);
}

static int on_login(struct miner *miner, const struct message *m)
{
    const char *login = message_named(m, "login"), *pass = message_named(m, "pass");
    const char *rig = message_named(m, "rigid");
    char user[256], option[32];
    AUTO_STR struct str name = {0}, words = {0};
    struct fault why = {0};

    if (!login || strlen(login) >= sizeof user)
        return server_bad_field(miner, m, "login needs an address of at most 255 characters");
    split_login(login, user, sizeof user, option, sizeof option);
    str_add(&name, user);
    if (rig && *rig && !strchr(user, '.')) {
        str_add(&name, ".");
        str_add(&name, rig);
    }
    str_add(&words, option);
    str_add(&words, pass ? pass : "");
    if (!server_subscribe(miner, m, message_named(m, "agent"), NULL))
        return 0;
    int err = miner->hooks->authorize(miner, str_text(&name), str_text(&words), &why);
    if (err < 0)
        return server_no(miner, m, "null", err, &why);
    (void)text_copy(miner->user, sizeof miner->user, str_text(&name));
    return reply_job(miner, m, true);
}

static int on_getjob(struct miner *miner, const struct message *m)
{
    if (!miner->subscribed)
        return server_no(miner, m, "null", ERR_UNAUTHORIZED, NULL);
    return reply_job(miner, m, false);
}

static int on_submit(struct miner *miner, const struct message *m)
{
    const char *user = *miner->user ? miner->user : NULL;
    struct submission s = {.user = user, .job = message_named(m, "job_id")};
    uint8_t nonce[4];

    if (!user)
        return server_refuse(miner, m, NULL, ERR_UNAUTHORIZED, "Unauthenticated");
    if (!s.job)
        return server_refuse(miner, m, user, ERR_FIELD, "job_id is missing");
    if (!server_hex(message_named(m, "nonce"), nonce, sizeof nonce))
        return server_refuse(miner, m, user, ERR_FIELD, "nonce is not 8 hexadecimal digits");
    if (!server_hex(message_named(m, "result"), s.hash, sizeof s.hash))
        return server_refuse(miner, m, user, ERR_FIELD, "result is not 64 hexadecimal digits");
    s.nonce = le32(nonce);
    s.has_hash = true;
    return server_submit(miner, m, &s);
}

static int on_keepalived(struct miner *miner, const struct message *m)
{
    return server_yes(miner, m, "{\"status\":\"KEEPALIVED\"}");
}

bool monero_greets(const struct message *m)
{
    return m->method && !strcmp(m->method, "login");
}

const struct server_verb monero_as_server[] = {
    {"submit", on_submit},
    {"login", on_login},
    {"getjob", on_getjob},
    {"keepalived", on_keepalived},
    {0},
};
