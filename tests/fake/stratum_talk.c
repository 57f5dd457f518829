/* SPDX-License-Identifier: MIT */
/* A client and a server of ours that talk. */
#include "tests/fake/stratum_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "core/target.h"

static struct talk *talk_of(struct miner *m)
{
    return (struct talk *)((char *)m - offsetof(struct talk, miner));
}

static int on_subscribe(struct miner *m, const char *session, struct fault *why)
{
    (void)session;
    static const uint8_t prefix[PREFIX] = {0xa1, 0x02, 0xb3};

    (void)why;
    memcpy(m->extranonce1, prefix, PREFIX);
    m->extranonce1_len = PREFIX;
    return 0;
}

static int on_authorize(struct miner *m, const char *user, const char *pass, struct fault *why)
{
    struct talk *t = talk_of(m);

    if (!strcmp(user, "stranger"))
        return fault_set(why, ERR_UNAUTHORIZED, "not known here");
    (void)text_copy(t->user, sizeof t->user, user);
    (void)text_copy(t->pass, sizeof t->pass, pass);
    return 0;
}

static int on_submit(struct miner *m, const struct submission *s, struct fault *why)
{
    struct talk *t = talk_of(m);

    (void)why;
    t->got = *s;
    (void)text_copy(t->got_user, sizeof t->got_user, s->user);
    (void)text_copy(t->got_job, sizeof t->got_job, s->job ? s->job : "");
    t->submits++;
    return t->verdict;
}

static void on_refused(struct miner *m, const char *user, int err)
{
    (void)user;
    (void)err;
    talk_of(m)->refused++;
}

static struct notice notice_of(const struct talk *t, const struct str *body)
{
    return (struct notice){
        .job = t->served,
        .body = body,
        .id = "1f3a",
        .clean = true,
        .difficulty = 0.25,
        .target = t->target,
        .input = t->input,
        .input_len = t->algo->input_len,
    };
}

static bool on_current(struct miner *m, struct notice *n)
{
    struct talk *t = talk_of(m);

    str_clear(&t->body);
    if (m->dialect->job_body)
        m->dialect->job_body(&t->body, t->served);
    *n = notice_of(t, &t->body);
    return *t->user != 0;
}

static const struct miner_hooks hooks = {
    .subscribe = on_subscribe,
    .authorize = on_authorize,
    .submit = on_submit,
    .refused = on_refused,
    .current = on_current,
};

/* Answers what the client said. */
static void serve(struct talk *t)
{
    const char *line;

    while ((line = wire_line(&t->wire, 0))) {
        struct fault why = {0};
        str_clear(&t->out);
        assert_int_equal(miner_line(&t->miner, line, strlen(line), &why), 0);
        if (t->out.len)
            assert_true(wire_send(&t->wire, t->out.s, t->out.len));
    }
}

/* Tells difficulty and job, each in the dialect's way. */
static void announce(struct talk *t)
{
    const struct dialect *d = t->miner.dialect;
    AUTO_STR struct str body = {0}, out = {0};

    if (d->job_body)
        d->job_body(&body, t->served);
    if (d->set_difficulty)
        d->set_difficulty(&out, &t->miner, 0.25, &t->target);
    const struct notice n = notice_of(t, &body);
    d->notify(&out, &n);
    assert_true(wire_send(&t->wire, out.s, out.len));
}

static void on_job(void *arg, struct job *job)
{
    struct talk *t = arg;

    job_unref(t->job);
    t->job = job_ref(job);
}

static void on_answer(void *arg, uint64_t ticket, int err, const char *reason, double ms)
{
    struct talk *t = arg;

    (void)ticket;
    (void)ms;
    (void)text_copy(t->reason, sizeof t->reason, reason);
    t->answer = err;
    t->answers++;
}

static void on_state(void *arg, enum client_state state, int err, const char *reason)
{
    struct talk *t = arg;

    (void)err;
    t->state = state;
    (void)text_copy(t->reason, sizeof t->reason, reason);
}

void talk_connect(struct talk *t, const char *scheme, const char *user)
{
    const struct stratum_client_events events = {
        .job = on_job, .answer = on_answer, .state = on_state, .arg = t};
    char url[96];
    struct fault why = {0};

    (void)snprintf(url, sizeof url, "%s://127.0.0.1:%u", scheme, t->port);
    const struct stratum_client_options options = {.url = url,
                                                   .user = user,
                                                   .pass = "x",
                                                   .agent = "test/1",
                                                   .algo = t->algo,
                                                   .source = 3,
                                                   .handshake_timeout_us = 2 * SECOND_US};
    if (stratum_client_open(&t->loop, &options, &events, &t->client, &why) < 0)
        fail_msg("%s: %s", url, why.text);
}

void talk_turn(struct talk *t)
{
    (void)uv_run(&t->loop, UV_RUN_NOWAIT);
    if (t->wire.fd < 0)
        (void)wire_accept(&t->wire, t->listener);
    else
        serve(t);
    sleep_us(300);
}

static const struct dialect *dialect_named(const char *name)
{
    for (const struct dialect *const *at = dialects; *at; at++)
        if (!strcmp((*at)->name, name))
            return *at;
    fail_msg("there is no dialect %s", name);
    return NULL;
}

static void fill_input(struct talk *t)
{
    for (unsigned i = 0; i < sizeof t->input; i++)
        t->input[i] = (uint8_t)(17 * i + 3);
    if (t->algo->any_len) { /* a blob: versions, a time of five bytes, hash, nonce, root, count */
        static const uint8_t start[7] = {16, 16, 0xf4, 0xba, 0xe0, 0xb4, 0x06};
        memcpy(t->input, start, sizeof start);
        put_le32(t->input + 39, 0);
        t->input[75] = 1;
    } else {
        memset(t->input + 32, 0, 8);
    }
}

struct talk *talk_open(const struct talk_row *row)
{
    struct talk *t = xcalloc(1, sizeof *t);

    (void)uv_loop_init(&t->loop);
    t->wire.fd = -1;
    t->listener = wire_listen(&t->port);
    assert_true(t->listener >= 0);
    t->algo = algo_find(row->algo);
    assert_non_null(t->algo);
    t->miner = (struct miner){.dialect = dialect_named(row->dialect),
                              .hooks = &hooks,
                              .algo = t->algo,
                              .pool_agent = "pool/1",
                              .out = &t->out};
    t->served = job_new(t->algo);
    t->served->height = t->served->key.height = row->height;
    t->served->plan.bits = 0x1b05adf2;
    if (t->algo->any_len) {
        memset(t->served->key.seed, 0x5e, 32);
        t->served->key.seed_len = 32;
        memset(t->served->next_key.seed, 0x6e, 32);
        t->served->next_key.seed_len = 32;
    }
    fill_input(t);
    t->target = target_from_difficulty(&t->algo->diff1, t->algo->any_len ? 120000 : 0.25);
    if (t->miner.dialect->round_target)
        t->miner.dialect->round_target(&t->target);
    return t;
}

void talk_close(struct talk *t)
{
    stratum_client_close(t->client);
    (void)uv_run(&t->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&t->loop), 0);
    wire_close(&t->wire);
    (void)close(t->listener);
    job_unref(t->job);
    job_unref(t->served);
    str_free(&t->out);
    str_free(&t->body);
    free(t);
}

void talk_begin(struct talk *t, const struct talk_row *row)
{
    talk_connect(t, row->scheme, "addr.rig");
    turn_until(t, t->state == CLIENT_READY);
    announce(t);
    turn_until(t, t->job != NULL);
}
