/* SPDX-License-Identifier: MIT */
/* KawPow Stratum, the pool's half: the header hash is the same for all, each has a nonce prefix. */
#include <string.h>

#include "base/hex.h"
#include "stratum/kawpow.h"
#include "stratum/seeds.h"
#include "stratum/server_common.h"

static int on_subscribe(struct miner *miner, const struct message *m)
{
    char prefix[2 * sizeof miner->extranonce1 + 1];

    if (!server_subscribe(miner, m, message_text(m, 0), NULL))
        return 0;
    hex_encode(miner->extranonce1, miner->extranonce1_len, prefix);
    server_begin(miner, m);
    str_addf(miner->out, ",\"result\":[null,\"%s\"],\"error\":null}\n", prefix);
    return 0;
}

/* [user, job, 0x nonce, 0x header hash, 0x mix hash] */
static int on_submit(struct miner *miner, const struct message *m)
{
    struct submission s = {.user = message_text(m, 0), .job = message_text(m, 1)};

    if (!miner->subscribed)
        return server_refuse(miner, m, s.user, ERR_NOT_SUBSCRIBED, NULL);
    if (!s.user || !s.job)
        return server_refuse(miner, m, s.user, ERR_FIELD,
                             "mining.submit needs user name and job id as text");
    const char *wrong = server_read_solution(m, 2, &s);
    return wrong ? server_refuse(miner, m, s.user, ERR_FIELD, wrong) : server_submit(miner, m, &s);
}

const struct server_verb kawpow_as_server[] = {
    {"mining.submit", on_submit},
    {"mining.subscribe", on_subscribe},
    {"mining.authorize", server_on_authorize},
    {"mining.extranonce.subscribe", server_on_true},
    {"mining.suggest_difficulty", server_on_suggest_difficulty},
    {"mining.suggest_target", server_on_suggest_target},
    {"mining.ping", server_on_ping},
    {"eth_submitHashrate", server_on_true}, /* said by miners of every kind */
    {"client.get_version", server_on_get_version},
    {0},
};

/* --- jobs as text ---------------------------------------------------------------------------- */

/* From the header hash's closing quote to the target's opening one: the seed. */
void kawpow_job_body(struct str *out, const struct job *job)
{
    uint8_t seed[32];

    (void)seed_of_height(job->algo, job->key.height, seed);
    str_add(out, "\",\"");
    server_put_hex(out, seed, sizeof seed);
    str_add(out, "\",\"");
}

static void put_target(struct str *out, const struct u256 *target)
{
    uint8_t bytes[32];

    u256_to_be(target, bytes);
    server_put_hex(out, bytes, sizeof bytes);
}

void kawpow_notify(struct str *out, const struct notice *n)
{
    str_addf(out, "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"%s\",\"", n->id);
    server_put_hex(out, n->input, 32);
    str_add_n(out, n->body->s, n->body->len);
    put_target(out, &n->target);
    str_addf(out, "\",%s,%llu,\"%08x\"]}\n", n->clean ? "true" : "false",
             (unsigned long long)n->job->key.height, n->job->plan.bits);
}

void kawpow_set_difficulty(struct str *out, const struct miner *miner, double difficulty,
                           const struct u256 *target)
{
    (void)miner;
    (void)difficulty;
    str_add(out, "{\"id\":null,\"method\":\"mining.set_target\",\"params\":[\"");
    put_target(out, target);
    str_add(out, "\"]}\n");
}
