/* SPDX-License-Identifier: MIT */
/* KawPow Stratum as Ravencoin pools and miners speak it, the miner's half. */
#include <string.h>

#include "core/target.h"
#include "stratum/client_common.h"
#include "stratum/kawpow.h"
#include "stratum/seeds.h"

void kawpow_hello(struct stratum_client *c)
{
    AUTO_STR struct str agent = {0}, login = {0};

    str_add(&agent, "[");
    json_put_text(&agent, c->agent);
    str_add(&agent, "]");
    client_put_login(c, &login);
    client_say(c, ASK_SUBSCRIBE, 0, "mining.subscribe", agent.s);
    client_say(c, ASK_AUTHORIZE, 0, "mining.authorize", login.s);
}

static int on_subscribed(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];
    int err = message_verdict(m, reason, sizeof reason);

    (void)r;
    if (err) {
        client_fail(c, ERR_REJECTED, "the pool refused mining.subscribe: %s", reason);
        return err;
    }
    if (!json_is_array(m->result) ||
        !client_take_prefix(c, json_string_value(json_array_get(m->result, 1))))
        return client_broken(c, "mining.subscribe: the answer has no usable extranonce");
    c->subscribed = true;
    client_progress(c);
    return 0;
}

static client_answer_fn *const answers[ASKS] = {
    [ASK_SUBSCRIBE] = on_subscribed,
    [ASK_AUTHORIZE] = client_authorized,
    [ASK_SUBMIT] = client_submitted,
};

int kawpow_answer(struct stratum_client *c, const struct message *m)
{
    return client_answer(c, m, answers);
}

/* The seed that pools send must be the one of the height's epoch: else the pool is of another coin,
 * and its every share would be refused. */
static bool seed_fits(const struct algo *algo, double height, const uint8_t seed[32])
{
    uint8_t want[32];

    return height >= 0 && height < 0x1p53 && seed_of_height(algo, (uint64_t)height, want) &&
           !memcmp(want, seed, sizeof want);
}

/* [job, header hash, seed hash, target, clean, height, bits] */
static int on_notify(struct stratum_client *c, const struct message *m)
{
    uint8_t header[32], seed[32], bytes[32], bits[4];
    const char *id = message_text(m, 0);
    double height;

    if (!id || strlen(id) >= JOB_ID_MAX)
        return client_broken(c, "mining.notify: no usable job id");
    if (!client_hex(message_text(m, 1), header, 32) || !client_hex(message_text(m, 2), seed, 32) ||
        !client_hex(message_text(m, 3), bytes, 32))
        return client_broken(c, "mining.notify: header, seed or target is not 64 digits");
    if (!message_number(m, 5, &height) || !seed_fits(c->algo, height, seed))
        return client_broken(c, "mining.notify: height and seed hash disagree: is this a Ravencoin "
                                "pool?");
    struct u256 target = u256_from_be(bytes);
    if (!client_set_target(c, &target))
        return client_broken(c, "mining.notify: the target is zero");
    struct job *job = client_job_new(c), *newest = client_newest_job(c);
    (void)text_copy(job->id, sizeof job->id, id);
    client_fill_nonce64(c, job, header);
    job->height = job->key.height = (uint64_t)height;
    job->clean = !json_is_false(message_param(m, 4)) || (newest && newest->height != job->height);
    if (client_hex(message_text(m, 6), bits, sizeof bits))
        (void)target_from_bits((uint32_t)bits[0] << 24 | (uint32_t)bits[1] << 16 |
                                   (uint32_t)bits[2] << 8 | bits[3],
                               &job->block_target);
    client_job(c, job);
    return 0;
}

int64_t kawpow_submit(struct stratum_client *c, const struct share *share)
{
    AUTO_STR struct str params = {0};
    struct nonce64_text text;
    int64_t ticket = client_ticket(c);

    if (ticket < 0)
        return ticket;
    client_nonce64_text(share, &text);
    str_add(&params, "[");
    json_put_text(&params, c->user);
    str_add(&params, ",");
    json_put_text(&params, share->job->id);
    str_addf(&params, ",\"0x%s\",\"0x%s\",\"0x%s\"]", text.nonce, text.header, text.mix);
    client_say(c, ASK_SUBMIT, (uint64_t)ticket, "mining.submit", params.s);
    return ticket;
}

void kawpow_probe(struct stratum_client *c)
{
    if (c->request_count < CLIENT_REQUESTS)
        client_say(c, ASK_PROBE, 0, "mining.ping", "[]");
}

const struct client_verb kawpow_as_client[] = {
    {"mining.notify", on_notify},
    {"mining.set_target", client_on_set_target},
    {"mining.set_difficulty", client_on_set_difficulty},
    {"mining.set_extranonce", client_on_set_prefix},
    {"mining.ping", client_on_ping},
    {"client.reconnect", client_on_reconnect},
    {"client.show_message", client_on_show_message},
    {"client.get_version", client_on_get_version},
    {0},
};
