/* SPDX-License-Identifier: MIT */
/* Stratum v1, the miner's half: handshake, what the pool may say, submits. */
#include <math.h>
#include <string.h>

#include "base/hex.h"
#include "stratum/client_common.h"
#include "stratum/v1.h"

/* --- speaking ------------------------------------------------------------------------------- */

/* With the name of the session to go on with, where there is one. */
static void say_subscribe(struct stratum_client *c)
{
    AUTO_STR struct str params = {0};

    str_add(&params, "[");
    json_put_text(&params, c->agent);
    if (*c->resume.id) {
        str_add(&params, ",");
        json_put_text(&params, c->resume.id);
    }
    str_add(&params, "]");
    client_say(c, ASK_SUBSCRIBE, 0, "mining.subscribe", params.s);
}

/* All at once, without waiting: one round trip to the first job. */
void v1_hello(struct stratum_client *c)
{
    AUTO_STR struct str login = {0};

    client_put_login(c, &login);
    client_say(c, ASK_CONFIGURE, 0, "mining.configure",
               "[[\"version-rolling\"],{\"version-rolling.mask\":\"1fffe000\","
               "\"version-rolling.min-bit-count\":2}]");
    say_subscribe(c);
    client_say(c, ASK_AUTHORIZE, 0, "mining.authorize", login.s);
    client_say(c, ASK_EXTRANONCE, 0, "mining.extranonce.subscribe", "[]");
}

/* Version bits are sent as they stand in the header. Pools either put them in place of the job's
 * masked bits or OR them in: the same header, as only bits that are 0 in the job are rolled. */
int64_t v1_submit(struct stratum_client *c, const struct share *share)
{
    AUTO_STR struct str params = {0};
    char extranonce2[2 * EXTRANONCE2_MAX + 1];

    int64_t ticket = client_ticket(c);
    if (ticket < 0)
        return ticket;
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
    client_say(c, ASK_SUBMIT, (uint64_t)ticket, "mining.submit", params.s);
    return ticket;
}

void v1_probe(struct stratum_client *c)
{
    if (c->request_count < CLIENT_REQUESTS)
        client_say(c, ASK_PROBE, 0, "mining.ping", "[]");
}

/* --- answers -------------------------------------------------------------------------------- */

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

static bool names_notify(const json_t *pair)
{
    const char *name = json_string_value(json_array_get(pair, 0));

    return name && !strcmp(name, "mining.notify");
}

/* The pool's name for the session: what stands behind "mining.notify", in a list of pairs or in a
 * bare pair. */
static void take_session(struct stratum_client *c, const json_t *subscriptions)
{
    const json_t *pair = names_notify(subscriptions) ? subscriptions : NULL;

    for (size_t i = 0; !pair && i < json_array_size(subscriptions); i++)
        if (names_notify(json_array_get(subscriptions, i)))
            pair = json_array_get(subscriptions, i);
    const char *id = json_string_value(json_array_get(pair, 1));
    if (!id || !text_copy(c->resumable, sizeof c->resumable, id))
        *c->resumable = 0;
}

/* Is it the session that was asked for? Its extranonce decides, whatever the pool calls it. */
static bool goes_on(const struct stratum_client *c)
{
    const struct stratum_session *s = &c->resume;

    return *s->id && s->extranonce1_len == c->extranonce1_len &&
           s->extranonce2_len == c->extranonce2_len &&
           !memcmp(s->extranonce1, c->extranonce1, c->extranonce1_len);
}

static int on_subscribed(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];
    int err = message_verdict(m, reason, sizeof reason);

    (void)r;
    if (err && *c->resume.id) { /* it may know no sessions: asked again without */
        c->resume = (struct stratum_session){0};
        say_subscribe(c);
        return 0;
    }
    if (err) {
        client_fail(c, ERR_REJECTED, "the pool refused mining.subscribe: %s", reason);
        return err;
    }
    if (!take_extranonce(c, json_array_get(m->result, 1), json_array_get(m->result, 2)))
        return client_broken(c, "mining.subscribe: the answer has no usable extranonce (1 to 16 "
                                "bytes of extranonce2 are needed)");
    take_session(c, json_array_get(m->result, 0));
    c->resumed = goes_on(c);
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

static int on_configured(struct stratum_client *c, const struct message *m, const struct request *r)
{
    uint32_t mask;

    (void)r;
    if (!json_is_true(json_object_get(m->result, "version-rolling")))
        return 0; /* not offered: mining goes on without */
    if (!hex_number(json_string_value(json_object_get(m->result, "version-rolling.mask")), &mask))
        return 0;
    change_mask(c, mask);
    return 0;
}

/* Many pools know the others not: nothing depends on them. */
static client_answer_fn *const answers[ASKS] = {
    [ASK_CONFIGURE] = on_configured,
    [ASK_SUBSCRIBE] = on_subscribed,
    [ASK_AUTHORIZE] = client_authorized,
    [ASK_SUBMIT] = client_submitted,
};

int v1_answer(struct stratum_client *c, const struct message *m)
{
    return client_answer(c, m, answers);
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
    struct job *job = client_job_new(c);
    int err = v1_read_notify(m, job, &why);
    if (err < 0) {
        job_unref(job);
        client_fail(c, err, "%s", why.text);
        return err;
    }
    struct block_plan *plan = &job->plan;
    memcpy(plan->extranonce1, c->extranonce1, sizeof plan->extranonce1);
    plan->extranonce1_len = c->extranonce1_len;
    plan->extranonce2_len = c->extranonce2_len;
    plan->version_mask = c->version_mask & ~plan->version;
    if (newest && memcmp(newest->plan.prevhash, plan->prevhash, sizeof plan->prevhash) != 0)
        job->clean = true;
    client_job(c, job);
    return 0;
}

static int on_set_extranonce(struct stratum_client *c, const struct message *m)
{
    if (!take_extranonce(c, message_param(m, 0), message_param(m, 1)))
        return client_broken(c, "mining.set_extranonce: not a usable extranonce");
    c->resumed = false; /* shares of earlier jobs are checked against the jobs themselves */
    client_reply(c, m, "true");
    return 0;
}

static int on_set_version_mask(struct stratum_client *c, const struct message *m)
{
    uint32_t mask;

    if (!hex_number(message_text(m, 0), &mask))
        return client_broken(c, "mining.set_version_mask: not a mask");
    change_mask(c, mask);
    return 0;
}

const struct client_verb v1_as_client[] = {
    {"mining.notify", on_notify},
    {"mining.set_difficulty", client_on_set_difficulty},
    {"mining.set_target", client_on_set_target},
    {"mining.set_extranonce", on_set_extranonce},
    {"mining.set_version_mask", on_set_version_mask},
    {"mining.ping", client_on_ping},
    {"mining.multi_version", client_on_ignored},
    {"client.reconnect", client_on_reconnect},
    {"client.show_message", client_on_show_message},
    {"client.get_version", client_on_get_version},
    {"client.ping", client_on_ping},
    {0},
};
