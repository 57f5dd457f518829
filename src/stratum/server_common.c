/* SPDX-License-Identifier: MIT */
/* Replies to miners, and the verbs that mean the same in every dialect. */
#include "stratum/server_common.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "base/hex.h"
#include "core/target.h"

/* --- replies --------------------------------------------------------------------------------- */

void server_begin(struct miner *miner, const struct message *m)
{
    str_add(miner->out, "{\"id\":");
    str_add_n(miner->out, m->id, m->id_len);
    if (miner->dialect->jsonrpc)
        str_add(miner->out, ",\"jsonrpc\":\"2.0\"");
}

int server_yes(struct miner *miner, const struct message *m, const char *result)
{
    server_begin(miner, m);
    if (result) {
        str_add(miner->out, ",\"result\":");
        str_add(miner->out, result);
    }
    str_add(miner->out, miner->dialect->bare_answers ? "}\n" : ",\"error\":null}\n");
    return 0;
}

/* `result` is "null", or "false" where old clients look for it. */
int server_no(struct miner *miner, const struct message *m, const char *result, int err,
              const struct fault *why)
{
    const char *text;
    int code;

    error_say(err, &code, &text);
    if (why && why->text[0])
        text = why->text;
    if (miner->dialect->error_code)
        code = miner->dialect->error_code(err);
    server_begin(miner, m);
    if (!miner->dialect->bare_answers)
        str_addf(miner->out, ",\"result\":%s", result);
    if (miner->dialect->error_objects) {
        str_addf(miner->out,
                 ",\"error\":{\"code\":%d,\"message\":", miner->dialect->jsonrpc ? -1 : code);
        json_put_text(miner->out, text);
        str_add(miner->out, "}}\n");
    } else {
        str_addf(miner->out, ",\"error\":[%d,", code);
        json_put_text(miner->out, text);
        str_add(miner->out, ",null]}\n");
    }
    return 0;
}

int server_bad_field(struct miner *miner, const struct message *m, const char *what)
{
    struct fault why = {0};

    (void)fault_set(&why, ERR_FIELD, "%s", what);
    return server_no(miner, m, "null", ERR_FIELD, &why);
}

/* --- session --------------------------------------------------------------------------------- */

bool server_subscribe(struct miner *miner, const struct message *m, const char *agent,
                      const char *session)
{
    struct fault why = {0};

    if (agent)
        (void)text_clean(miner->agent, sizeof miner->agent, agent);
    int err = miner->hooks->subscribe(miner, session, &why);
    if (err < 0)
        (void)server_no(miner, m, "null", err, &why);
    miner->subscribed |= !err; /* and not when it is put off */
    return !err;
}

int server_on_authorize(struct miner *miner, const struct message *m)
{
    struct fault why = {0};
    const char *user = message_text(m, 0), *pass = message_text(m, 1);

    if (!user)
        return server_bad_field(miner, m, "mining.authorize needs a user name");
    int err = miner->hooks->authorize(miner, user, pass ? pass : "", &why);
    return err < 0 ? server_no(miner, m, "false", err, &why) : server_yes(miner, m, "true");
}

/* --- shares ---------------------------------------------------------------------------------- */

static int say_verdict(struct miner *miner, const struct message *m, int err,
                       const struct fault *why)
{
    return err < 0 ? server_no(miner, m, miner->dialect->no_word, err, why)
                   : server_yes(miner, m, miner->dialect->yes_word);
}

int server_submit(struct miner *miner, const struct message *m, const struct submission *from)
{
    struct submission s = *from;
    struct fault why;

    why.text[0] = 0;
    s.id = m->id;
    s.id_len = m->id_len;
    int err = miner->hooks->submit(miner, &s, &why);
    return err == SUBMIT_LATER ? 0 : say_verdict(miner, m, err, &why);
}

void miner_verdict(struct miner *miner, const char *id, uint16_t id_len, int err,
                   const struct fault *why)
{
    const struct message m = {.id = id, .id_len = id_len};

    (void)say_verdict(miner, &m, err, why);
}

int server_refuse(struct miner *miner, const struct message *m, const char *user, int err,
                  const char *what)
{
    struct fault why = {0};

    (void)text_copy(why.text, sizeof why.text, what ? what : "");
    miner->hooks->refused(miner, user, err);
    return server_no(miner, m, miner->dialect->no_word, err, &why);
}

int server_on_suggest_difficulty(struct miner *miner, const struct message *m)
{
    const char *inside = strchr(m->method, '(');
    double d = inside ? strtod(inside + 1, NULL) : 0;

    /* comparisons so that a NaN fails them */
    if (!(inside || message_number(m, 0, &d)) || !(d > 0 && d < 0x1p200))
        return server_bad_field(miner, m, "difficulty is not a positive number");
    miner->hooks->suggest(miner, d, false);
    return server_yes(miner, m, "true");
}

int server_on_suggest_target(struct miner *miner, const struct message *m)
{
    uint8_t bytes[32];

    if (!server_hex(message_text(m, 0), bytes, sizeof bytes))
        return server_bad_field(miner, m, "target is not 64 hexadecimal digits");
    struct u256 target = u256_from_be(bytes);
    if (u256_is_zero(&target))
        return server_bad_field(miner, m, "target is zero");
    miner->hooks->suggest(miner, target_difficulty(&miner->algo->diff1, &target), false);
    return server_yes(miner, m, "true");
}

/* --- small talk ------------------------------------------------------------------------------ */

int server_on_true(struct miner *miner, const struct message *m)
{
    return server_yes(miner, m, "true");
}

int server_on_ping(struct miner *miner, const struct message *m)
{
    return server_yes(miner, m, "\"pong\"");
}

int server_on_get_version(struct miner *miner, const struct message *m)
{
    AUTO_STR struct str agent = {0};

    json_put_text(&agent, miner->pool_agent);
    return server_yes(miner, m, agent.s);
}

/* --- digits ---------------------------------------------------------------------------------- */

bool server_hex(const char *text, void *out, size_t len)
{
    if (text && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    return text && hex_decode(text, out, len);
}

void server_put_hex(struct str *out, const void *from, size_t len)
{
    const uint8_t *bytes = from;
    char digits[2 * 64 + 1];

    for (size_t n; len; bytes += n, len -= n) {
        n = len < 64 ? len : 64;
        hex_encode(bytes, n, digits);
        str_add_n(out, digits, 2 * n);
    }
}

void server_put_difficulty(struct str *out, const struct miner *miner, double difficulty,
                           const struct u256 *target)
{
    (void)miner;
    (void)target;
    str_add(out, "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[");
    json_put_number(out, difficulty);
    str_add(out, "]}\n");
}

const char *server_read_solution(const struct message *m, unsigned at, struct submission *s)
{
    uint8_t nonce[8];

    if (!server_hex(message_text(m, at), nonce, sizeof nonce))
        return "nonce is not 16 hexadecimal digits";
    if (!server_hex(message_text(m, at + 1), s->header, 32) ||
        !server_hex(message_text(m, at + 2), s->mix, 32))
        return "header hash or mix hash is not 64 hexadecimal digits";
    s->nonce = be64(nonce);
    s->has_header = s->has_mix = true;
    return NULL;
}
