/* SPDX-License-Identifier: MIT */
/* Stratum v1, the pool's half: what a miner may say, and jobs as text. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "stratum/server_common.h"
#include "stratum/v1.h"

/* --- session --------------------------------------------------------------------------------- */

static int on_subscribe(struct miner *miner, const struct message *m)
{
    char extranonce1[2 * sizeof miner->extranonce1 + 1], session[2 * sizeof miner->session + 1];

    if (!server_subscribe(miner, m, message_text(m, 0), message_text(m, 1)))
        return 0;
    hex_encode(miner->session, sizeof miner->session, session);
    hex_encode(miner->extranonce1, miner->extranonce1_len, extranonce1);
    server_begin(miner, m);
    str_addf(miner->out,
             ",\"result\":[[[\"mining.set_difficulty\",\"%s\"],[\"mining.notify\",\"%s\"]],\"%s\","
             "%u],\"error\":null}\n",
             session, session, extranonce1, miner->extranonce2_len);
    return 0;
}

static void configure_rolling(struct miner *miner, const json_t *params)
{
    const char *text = json_string_value(json_object_get(params, "version-rolling.mask"));
    uint32_t mask = 0xffffffff;
    double least = 0;

    (void)json_to_number(json_object_get(params, "version-rolling.min-bit-count"), &least);
    if (text && !hex_number(text, &mask)) {
        str_add(miner->out, "\"version-rolling\":\"the mask is not hexadecimal\"");
        return;
    }
    uint32_t granted = miner->hooks->roll(miner, mask);
    if (!granted || __builtin_popcount(granted) < least) {
        str_add(miner->out, "\"version-rolling\":false");
        return;
    }
    miner->rolling = true;
    miner->asked_mask = mask;
    miner->version_mask = granted;
    str_addf(miner->out, "\"version-rolling\":true,\"version-rolling.mask\":\"%08x\"", granted);
}

static void configure_minimum(struct miner *miner, const json_t *params)
{
    double least = 0;
    bool ok =
        json_to_number(json_object_get(params, "minimum-difficulty.value"), &least) && least >= 0;

    if (ok && least > 0)
        miner->hooks->suggest(miner, least, true);
    str_addf(miner->out, "\"minimum-difficulty\":%s", ok ? "true" : "false");
}

static void configure_yes(struct miner *miner, const char *code)
{
    json_put_text(miner->out, code);
    str_add(miner->out, ":true");
}

static void configure_one(struct miner *miner, const char *code, const json_t *params)
{
    if (!strcmp(code, "version-rolling")) {
        configure_rolling(miner, params);
    } else if (!strcmp(code, "minimum-difficulty")) {
        configure_minimum(miner, params);
    } else if (!strcmp(code, "subscribe-extranonce") || !strcmp(code, "info")) {
        configure_yes(miner, code);
    } else {
        json_put_text(miner->out, code);
        str_add(miner->out, ":false");
    }
}

/* BIP310: the result has one entry for each code that was asked for. */
static int on_configure(struct miner *miner, const struct message *m)
{
    const json_t *codes = message_param(m, 0), *params = message_param(m, 1), *item;
    bool any = false;
    size_t i;

    if (!json_is_array(codes) || json_array_size(codes) > 16)
        return server_bad_field(miner, m, "mining.configure needs a list of extensions");
    server_begin(miner, m);
    str_add(miner->out, ",\"result\":{");
    json_array_foreach(codes, i, item)
    {
        const char *code = json_string_value(item);
        if (!code || strlen(code) > 64)
            continue;
        str_add(miner->out, any ? "," : "");
        configure_one(miner, code, params);
        any = true;
    }
    str_add(miner->out, "},\"error\":null}\n");
    return 0;
}

/* --- shares ---------------------------------------------------------------------------------- */

static int read_submission(const struct miner *miner, const struct message *m, struct submission *s,
                           struct fault *why)
{
    const char *extranonce2 = message_text(m, 2), *ntime = message_text(m, 3);
    const char *nonce = message_text(m, 4), *bits = message_text(m, 5);
    uint32_t nonce32 = 0;

    if (!miner->subscribed)
        return ERR_NOT_SUBSCRIBED;
    if (!s->user || !s->job)
        return fault_set(why, ERR_FIELD, "mining.submit needs user name and job id as text");
    s->extranonce2_len = miner->extranonce2_len;
    if (!extranonce2 || !hex_decode(extranonce2, s->extranonce2, s->extranonce2_len))
        return fault_set(why, ERR_FIELD, "extranonce2 is not %u hexadecimal digits",
                         2 * s->extranonce2_len);
    if (!ntime || !hex_u32(ntime, &s->ntime))
        return fault_set(why, ERR_FIELD, "ntime is not 8 hexadecimal digits");
    if (!nonce || !hex_u32(nonce, &nonce32))
        return fault_set(why, ERR_FIELD, "nonce is not 8 hexadecimal digits");
    if (message_given(m, 5) && !hex_number(bits, &s->version_bits))
        return fault_set(why, ERR_FIELD, "version bits are not hexadecimal");
    s->nonce = nonce32;
    return 0;
}

static int on_submit(struct miner *miner, const struct message *m)
{
    struct submission s = {.user = message_text(m, 0), .job = message_text(m, 1)};
    struct fault why;

    why.text[0] = 0;
    int err = read_submission(miner, m, &s, &why);
    return err < 0 ? server_refuse(miner, m, s.user, err, why.text) : server_submit(miner, m, &s);
}

/* --- small talk ------------------------------------------------------------------------------ */

/* Megabytes for whoever asks are not sent: an empty list is what the old pools answer. */
static int on_get_transactions(struct miner *miner, const struct message *m)
{
    return server_yes(miner, m, "[]");
}

const struct server_verb v1_as_server[] = {
    {"mining.submit", on_submit},
    {"mining.subscribe", on_subscribe},
    {"mining.authorize", server_on_authorize},
    {"mining.configure", on_configure},
    {"mining.extranonce.subscribe", server_on_true},
    {"mining.suggest_difficulty", server_on_suggest_difficulty},
    {"mining.suggest_target", server_on_suggest_target},
    {"mining.get_transactions", on_get_transactions},
    {"mining.ping", server_on_ping},
    {"client.get_version", server_on_get_version},
    {0},
};

/* --- jobs as text ---------------------------------------------------------------------------- */

/* Where coinb1 ends in what v1_job_body wrote. */
static size_t coinb1_end(const struct job *job)
{
    return strlen("\",\"") + 64 + strlen("\",\"") + 2 * (size_t)job->plan.coinb1_len;
}

/* From the job id's closing quote to ntime's opening one, without the salt. */
void v1_job_body(struct str *out, const struct job *job)
{
    const struct block_plan *plan = &job->plan;
    uint8_t prevhash[32];

    v1_swap_words(plan->prevhash, prevhash);
    str_add(out, "\",\"");
    server_put_hex(out, prevhash, sizeof prevhash);
    str_add(out, "\",\"");
    server_put_hex(out, plan->coinb1, plan->coinb1_len);
    str_add(out, "\",\"");
    server_put_hex(out, plan->coinb2, plan->coinb2_len);
    str_add(out, "\",[");
    for (unsigned i = 0; i < plan->branch_count; i++) {
        str_add(out, i ? ",\"" : "\"");
        server_put_hex(out, plan->branch[i], 32);
        str_add(out, "\"");
    }
    str_addf(out, "],\"%08x\",\"%08x\",\"", plan->version, plan->bits);
}

void v1_notify(struct str *out, const struct notice *n)
{
    size_t salt_at = coinb1_end(n->job);

    str_addf(out, "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"%s", n->id);
    str_add_n(out, n->body->s, salt_at);
    server_put_hex(out, n->salt, n->salt_len);
    str_add_n(out, n->body->s + salt_at, n->body->len - salt_at);
    str_addf(out, "%08x\",%s]}\n", n->ntime, n->clean ? "true" : "false");
}

void v1_set_mask(struct str *out, uint32_t mask)
{
    str_addf(out, "{\"id\":null,\"method\":\"mining.set_version_mask\",\"params\":[\"%08x\"]}\n",
             mask);
}

/* The port as text: old clients read no other. */
void v1_reconnect(struct str *out, const char *host, uint16_t port)
{
    str_add(out, "{\"id\":null,\"method\":\"client.reconnect\",\"params\":[");
    if (*host) {
        json_put_text(out, host);
        str_addf(out, ",\"%u\",0", port);
    }
    str_add(out, "]}\n");
}
