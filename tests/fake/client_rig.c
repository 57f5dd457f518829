/* SPDX-License-Identifier: MIT */
/* The rig of the Stratum client's tests. */
#include "tests/fake/client_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "tests/fake/hash_algo.h"

static void on_job(void *arg, struct job *job)
{
    struct client_rig *r = arg;

    job_unref(r->job);
    r->job = job_ref(job);
    r->jobs++;
    if (r->close_in_job)
        stratum_client_close(r->client);
}

static void on_answer(void *arg, uint64_t ticket, int err, const char *reason, double ms)
{
    struct client_rig *r = arg;

    (void)ms;
    (void)text_copy(r->reason, sizeof r->reason, reason);
    r->ticket = ticket;
    r->answer = err;
    r->answers++;
}

static void on_state(void *arg, enum client_state state, int err, const char *reason)
{
    struct client_rig *r = arg;

    r->state = state;
    r->err = err;
    (void)text_copy(r->reason, sizeof r->reason, reason);
}

static void on_message(void *arg, const char *text)
{
    struct client_rig *r = arg;

    (void)text_copy(r->message, sizeof r->message, text);
}

static const char *may_move(void *arg, const struct endpoint *to)
{
    struct client_rig *r = arg;

    assert_true(to->port);
    return r->move_refused;
}

int client_rig_setup(void **state)
{
    struct client_rig *r = xcalloc(1, sizeof *r);

    (void)uv_loop_init(&r->loop);
    r->pool.fd = -1;
    r->answer = 1;
    r->scheme = "stratum+tcp";
    r->user = "ad\"dr.w1";
    r->algo = &fake_sha256d;
    r->handshake_us = SECOND_US / 4;
    r->listener = wire_listen(&r->port);
    *state = r;
    return r->listener < 0;
}

int client_rig_teardown(void **state)
{
    struct client_rig *r = *state;

    stratum_client_close(r->client);
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    int err = uv_loop_close(&r->loop);
    wire_close(&r->pool);
    (void)close(r->listener);
    job_unref(r->job);
    free(r);
    return err;
}

void client_rig_open(struct client_rig *r, const char *host, enum reconnect_policy reconnect)
{
    char url[128];
    struct stratum_client_events events = {.job = on_job,
                                           .answer = on_answer,
                                           .state = on_state,
                                           .message = on_message,
                                           .may_move = may_move,
                                           .arg = r};

    (void)snprintf(url, sizeof url, "%s://%s:%u", r->scheme, host, r->port);
    struct stratum_client_options options = {.url = url,
                                             .user = r->user,
                                             .pass = "x",
                                             .agent = "test/1",
                                             .algo = r->algo,
                                             .source = 7,
                                             .reconnect = reconnect,
                                             .resume = *r->resume.id ? &r->resume : NULL,
                                             .connect_timeout_us = SECOND_US,
                                             .handshake_timeout_us = r->handshake_us};
    assert_int_equal(stratum_client_open(&r->loop, &options, &events, &r->client, NULL), 0);
}

void client_rig_run(struct client_rig *r, int ms)
{
    int64_t until = now_us() + ms * INT64_C(1000);

    do {
        (void)uv_run(&r->loop, UV_RUN_NOWAIT);
        sleep_us(200);
    } while (now_us() < until);
}

const char *client_rig_expect(struct client_rig *r, const char *word)
{
    const char *line = NULL;

    for (int waited = 0; waited < 1000 && !line; waited++) {
        client_rig_run(r, 1);
        line = wire_expect(&r->pool, word, 0);
    }
    assert_non_null(line);
    return line;
}

void client_rig_connect(struct client_rig *r)
{
    client_rig_open(r, "127.0.0.1", RECONNECT_SAME_DOMAIN);
    run_until(r, wire_accept(&r->pool, r->listener));
}

void client_rig_greet(struct client_rig *r)
{
    (void)client_rig_expect(r, "mining.extranonce.subscribe");
    wire_say(&r->pool, "{\"id\":1,\"result\":{\"version-rolling\":true,\"version-rolling.mask\":"
                       "\"1fffe000\"},\"error\":null}");
    wire_say(&r->pool, "{\"id\":2,\"result\":[[[\"mining.notify\",\"s\"]],\"0b6fadc8\",8],"
                       "\"error\":null}");
    wire_say(&r->pool, "{\"id\":3,\"result\":true,\"error\":null}");
    run_until(r, r->state == CLIENT_READY);
}

void client_rig_welcome(struct client_rig *r)
{
    client_rig_connect(r);
    client_rig_greet(r);
}

void client_rig_give_job(struct client_rig *r, const char *id)
{
    unsigned before = r->jobs;

    wire_say(&r->pool, NOTIFY, id, 0, "20000000", "false");
    run_until(r, r->jobs > before);
}

int64_t client_rig_submit(struct client_rig *r, struct job *job)
{
    struct share share = {.job = job,
                          .extranonce2_len = 8,
                          .extranonce2 = {0x53, 0x8e, 0xbf, 0x75, 4},
                          .ntime = 0x57478db3,
                          .version = 0x20e02000,
                          .nonce = 0x7e5fb903};

    return stratum_client_submit(r->client, &share);
}

void client_rig_hang_up(struct client_rig *r)
{
    wire_close(&r->pool);
    run_until(r, r->state == CLIENT_CLOSED);
    stratum_client_close(r->client);
    r->client = NULL;
}
