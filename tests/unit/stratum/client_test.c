/* SPDX-License-Identifier: MIT */
/* The Stratum client against scripted pools on loopback: good ones, dead ones and hostile ones. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "core/target.h"
#include "stratum/client.h"
#include "tests/fake/hash_algo.h"
#include "tests/fake/wire.h"

#define NOTIFY                                                                                     \
    "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"%s\","                                \
    "\"c6c5ce115bd3005e4e0e86083ff6c64729b12b520542b54d000000000000000%d\","                       \
    "\"01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff"         \
    "20037f4f06\",\"00000000\",[],\"%s\",\"18058436\",\"57478db3\",%s]}"

struct rig {
    uv_loop_t loop;
    struct stratum_client *client;
    int listener;
    uint16_t port;
    struct wire pool;
    /* what the events said */
    struct job *job;
    unsigned jobs, answers;
    enum client_state state;
    int err;
    char reason[256], message[256];
    uint64_t ticket;
    int answer;
    bool close_in_job;
    struct stratum_session resume; /* asked for by the next client */
    const char *move_refused;
};

static void on_job(void *arg, struct job *job)
{
    struct rig *r = arg;

    job_unref(r->job);
    r->job = job_ref(job);
    r->jobs++;
    if (r->close_in_job)
        stratum_client_close(r->client);
}

static void on_answer(void *arg, uint64_t ticket, int err, const char *reason, double ms)
{
    struct rig *r = arg;

    (void)ms;
    (void)text_copy(r->reason, sizeof r->reason, reason);
    r->ticket = ticket;
    r->answer = err;
    r->answers++;
}

static void on_state(void *arg, enum client_state state, int err, const char *reason)
{
    struct rig *r = arg;

    r->state = state;
    r->err = err;
    (void)text_copy(r->reason, sizeof r->reason, reason);
}

static void on_message(void *arg, const char *text)
{
    struct rig *r = arg;

    (void)text_copy(r->message, sizeof r->message, text);
}

static const char *may_move(void *arg, const struct endpoint *to)
{
    struct rig *r = arg;

    assert_true(to->port);
    return r->move_refused;
}

static int setup(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);

    (void)uv_loop_init(&r->loop);
    r->pool.fd = -1;
    r->answer = 1;
    r->listener = wire_listen(&r->port);
    *state = r;
    return r->listener < 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;

    stratum_client_close(r->client);
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    int err = uv_loop_close(&r->loop);
    wire_close(&r->pool);
    (void)close(r->listener);
    job_unref(r->job);
    free(r);
    return err;
}

static void open_client(struct rig *r, const char *host, enum reconnect_policy reconnect)
{
    char url[128];
    struct stratum_client_events events = {.job = on_job,
                                           .answer = on_answer,
                                           .state = on_state,
                                           .message = on_message,
                                           .may_move = may_move,
                                           .arg = r};

    (void)snprintf(url, sizeof url, "stratum+tcp://%s:%u", host, r->port);
    struct stratum_client_options options = {.url = url,
                                             .user = "ad\"dr.w1",
                                             .pass = "x",
                                             .agent = "test/1",
                                             .algo = &fake_sha256d,
                                             .source = 7,
                                             .reconnect = reconnect,
                                             .resume = *r->resume.id ? &r->resume : NULL,
                                             .connect_timeout_us = SECOND_US,
                                             .handshake_timeout_us = SECOND_US / 4};
    assert_int_equal(stratum_client_open(&r->loop, &options, &events, &r->client, NULL), 0);
}

/* Runs the client's loop for a short time. */
static void run(struct rig *r, int ms)
{
    int64_t until = now_us() + ms * INT64_C(1000);

    do {
        (void)uv_run(&r->loop, UV_RUN_NOWAIT);
        sleep_us(200);
    } while (now_us() < until);
}

#define run_until(r, condition)                                                                    \
    do {                                                                                           \
        bool met = false;                                                                          \
        for (int waited = 0; waited < 3000 && !(met = (condition)); waited++)                      \
            run(r, 1);                                                                             \
        assert_true(met);                                                                          \
    } while (0)

static const char *expect(struct rig *r, const char *word)
{
    const char *line = NULL;

    for (int waited = 0; waited < 1000 && !line; waited++) {
        run(r, 1);
        line = wire_expect(&r->pool, word, 0);
    }
    assert_non_null(line);
    return line;
}

static void connect_client(struct rig *r)
{
    open_client(r, "127.0.0.1", RECONNECT_SAME_DOMAIN);
    run_until(r, wire_accept(&r->pool, r->listener));
}

/* A pool that answers everything: the client becomes READY. Ids: 1 configure, 2 subscribe,
 * 3 authorize, 4 extranonce. */
static void greet(struct rig *r)
{
    (void)expect(r, "mining.extranonce.subscribe");
    wire_say(&r->pool, "{\"id\":1,\"result\":{\"version-rolling\":true,\"version-rolling.mask\":"
                       "\"1fffe000\"},\"error\":null}");
    wire_say(&r->pool, "{\"id\":2,\"result\":[[[\"mining.notify\",\"s\"]],\"0b6fadc8\",8],"
                       "\"error\":null}");
    wire_say(&r->pool, "{\"id\":3,\"result\":true,\"error\":null}");
    run_until(r, r->state == CLIENT_READY);
}

static void welcome(struct rig *r)
{
    connect_client(r);
    greet(r);
}

static void give_job(struct rig *r, const char *id)
{
    unsigned before = r->jobs;

    wire_say(&r->pool, NOTIFY, id, 0, "20000000", "false");
    run_until(r, r->jobs > before);
}

static int64_t submit(struct rig *r, struct job *job)
{
    struct share share = {.job = job,
                          .extranonce2_len = 8,
                          .extranonce2 = {0x53, 0x8e, 0xbf, 0x75, 4},
                          .ntime = 0x57478db3,
                          .version = 0x20e02000,
                          .nonce = 0x7e5fb903};

    return stratum_client_submit(r->client, &share);
}

/* --- what works ------------------------------------------------------------------------------ */

static void handshake_is_pipelined_and_quotes_the_user(void **state)
{
    struct rig *r = *state;

    connect_client(r);
    assert_non_null(strstr(expect(r, "mining.configure"), "\"id\":1"));
    assert_non_null(strstr(expect(r, "mining.subscribe"), "[\"test/1\"]"));
    assert_non_null(strstr(expect(r, "mining.authorize"), "[\"ad\\\"dr.w1\",\"x\"]"));
}

static void job_carries_what_the_pool_said(void **state)
{
    struct rig *r = *state;

    welcome(r);
    wire_say(&r->pool, "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[0.5]}");
    give_job(r, "j1");
    struct u256 target = target_from_difficulty(&fake_sha256d.diff1, 0.5);
    assert_int_equal(u256_cmp(&r->job->share_target, &target), 0);
    assert_int_equal(r->job->source, 7);
    assert_string_equal(r->job->id, "j1");
    assert_int_equal(r->job->plan.extranonce1_len, 4);
    assert_int_equal(r->job->plan.extranonce2_len, 8);
    assert_int_equal(r->job->plan.version_mask, 0x1fffe000);
    assert_int_equal(r->job->height, 413567);
    assert_true(r->job->clean); /* the first of a connection */
}

static void a_new_prevhash_means_clean(void **state)
{
    struct rig *r = *state;

    welcome(r);
    give_job(r, "j1");
    give_job(r, "j2");
    assert_false(r->job->clean);
    wire_say(&r->pool, NOTIFY, "j3", 1, "20000000", "false");
    run_until(r, r->jobs == 3);
    assert_true(r->job->clean);
}

static void rolled_bits_leave_out_those_the_job_has_set(void **state)
{
    struct rig *r = *state;

    welcome(r);
    wire_say(&r->pool, NOTIFY, "j1", 0, "20002000", "true");
    run_until(r, r->jobs == 1);
    assert_int_equal(r->job->plan.version_mask, 0x1fffc000);
}

static void difficulty_waits_for_the_next_job(void **state)
{
    struct rig *r = *state;
    struct stratum_client_view view;

    welcome(r);
    give_job(r, "j1");
    wire_say(&r->pool, "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[2048]}");
    run(r, 20);
    stratum_client_view(r->client, &view);
    assert_true(fabs(view.difficulty - 1) < 1e-9);
    give_job(r, "j2");
    stratum_client_view(r->client, &view);
    assert_true(fabs(view.difficulty - 2048) < 1e-6);
}

static void jobs_before_the_authorisation_wait_for_it(void **state)
{
    struct rig *r = *state;

    connect_client(r);
    (void)expect(r, "mining.extranonce");
    wire_say(&r->pool, NOTIFY, "early", 0, "20000000", "true");
    wire_say(&r->pool, "{\"id\":2,\"result\":[null,\"0b6fadc8\",4],\"error\":null}");
    run(r, 20);
    assert_int_equal(r->jobs, 0);
    wire_say(&r->pool, "{\"id\":3,\"result\":true}");
    run_until(r, r->jobs == 1);
    assert_string_equal(r->job->id, "early");
}

static void shares_are_written_as_the_dialect_says(void **state)
{
    struct rig *r = *state;

    welcome(r);
    give_job(r, "j1");
    assert_int_equal(submit(r, r->job), 1);
    assert_non_null(strstr(expect(r, "mining.submit"),
                           "[\"ad\\\"dr.w1\",\"j1\",\"538ebf7504000000\",\"57478db3\","
                           "\"7e5fb903\",\"00e02000\"]"));
    wire_say(&r->pool, "{\"id\":5,\"result\":true,\"error\":null}");
    run_until(r, r->answers == 1);
    assert_int_equal(r->answer, 0);
    assert_int_equal(r->ticket, 1);
}

static void answers_match_by_id_in_any_order_and_type(void **state)
{
    struct rig *r = *state;

    welcome(r);
    give_job(r, "j1");
    assert_int_equal(submit(r, r->job), 1);
    assert_int_equal(submit(r, r->job), 2);
    wire_say(&r->pool, "{\"id\":\"6\",\"result\":true,\"error\":null}");
    run_until(r, r->answers == 1);
    assert_int_equal(r->ticket, 2);
    wire_say(&r->pool, "{\"id\":5.0,\"result\":null,\"error\":[21,\"Job not found\",null]}");
    run_until(r, r->answers == 2);
    assert_int_equal(r->ticket, 1);
    assert_int_equal(r->answer, ERR_STALE);
}

static void refusals_are_sorted_by_words_and_codes(void **state)
{
    static const struct {
        const char *answer;
        int err;
    } rows[] = {
        {"\"result\":null,\"error\":[22,\"Duplicate share\",null]", ERR_DUPLICATE},
        {"\"result\":null,\"error\":[23,\"high-hash\"]", ERR_LOW_DIFF},
        {"\"result\":null,\"error\":[23,\"bad-version\"]", ERR_VERSION},
        {"\"result\":false,\"error\":{\"code\":24,\"message\":\"unauthorized worker\"}",
         ERR_UNAUTHORIZED},
        {"\"result\":false,\"error\":null,\"reject-reason\":\"Stale\"", ERR_STALE},
        {"\"result\":false,\"error\":\"Invalid JobID\"", ERR_STALE},
        {"\"result\":null,\"error\":[20,\"go away\",null]", ERR_REJECTED},
        {"\"result\":false,\"error\":null", ERR_REJECTED},
        {"\"result\":null,\"error\":[22,null,null]", ERR_DUPLICATE},
        {"\"result\":true,\"error\":[]", 0},
    };
    struct rig *r = *state;

    welcome(r);
    give_job(r, "j1");
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(submit(r, r->job), i + 1);
        wire_say(&r->pool, "{\"id\":%u,%s}", i + 5, rows[i].answer);
        run_until(r, r->answers == i + 1);
        assert_int_equal(r->answer, rows[i].err);
    }
}

static void new_extranonce_goes_into_the_next_job(void **state)
{
    struct rig *r = *state;

    welcome(r);
    give_job(r, "j1");
    struct job *old = job_ref(r->job);
    wire_say(&r->pool,
             "{\"id\":null,\"method\":\"mining.set_extranonce\",\"params\":[\"aabbccddee\",6]}");
    give_job(r, "j1"); /* the same id again */
    assert_int_equal(r->job->plan.extranonce1_len, 5);
    assert_int_equal(r->job->plan.extranonce2_len, 6);
    assert_int_equal(old->plan.extranonce1_len, 4);
    assert_true(submit(r, old) > 0); /* shares of the old one are still this pool's */
    job_unref(old);
}

static void a_new_version_mask_takes_effect_at_once(void **state)
{
    struct rig *r = *state;

    welcome(r);
    give_job(r, "j1");
    wire_say(&r->pool,
             "{\"id\":null,\"method\":\"mining.set_version_mask\",\"params\":[\"6000\"]}");
    run_until(r, r->jobs == 2);
    assert_string_equal(r->job->id, "j1");
    assert_int_equal(r->job->plan.version_mask, 0x6000);
    assert_true(r->job->clean);
}

static void pool_requests_are_answered(void **state)
{
    struct rig *r = *state;

    welcome(r);
    wire_say(&r->pool, "{\"id\":\"a b\",\"method\":\"client.get_version\",\"params\":[]}");
    assert_string_equal(expect(r, "test/1"),
                        "{\"id\":\"a b\",\"result\":\"test/1\",\"error\":null}");
    wire_say(&r->pool, "{\"id\":42,\"method\":\"mining.ping\"}");
    (void)expect(r, "\"pong\"");
    wire_say(&r->pool, "{\"id\":9,\"method\":\"mining.unheard\",\"params\":[]}");
    (void)expect(r, "-3");
    wire_say(&r->pool, "{\"id\":null,\"method\":\"client.show_message\",\"params\":"
                       "[\"hi \\u001b[2J there\"]}");
    run_until(r, r->message[0]);
    assert_null(strchr(r->message, 0x1b));
}

static void a_probe_is_answered_even_by_an_error(void **state)
{
    struct rig *r = *state;
    struct stratum_client_view before, after;

    welcome(r);
    stratum_client_probe(r->client);
    (void)expect(r, "\"id\":5,\"method\":\"mining.ping\"");
    stratum_client_view(r->client, &before);
    wire_say(&r->pool, "{\"id\":5,\"result\":null,\"error\":[-3,\"method not found\",null]}");
    run(r, 20);
    stratum_client_view(r->client, &after);
    assert_true(after.last_line_us > before.last_line_us);
    assert_int_equal(after.state, CLIENT_READY);
    assert_int_equal(r->message[0], 0);
}

static void a_pool_without_configure_is_fine(void **state)
{
    struct rig *r = *state;

    connect_client(r);
    (void)expect(r, "mining.extranonce");
    wire_say(&r->pool, "{\"id\":1,\"result\":null,\"error\":[-3,\"unknown method\",null]}");
    wire_say(&r->pool, "{\"id\":2,\"result\":[[],\"00\",4],\"error\":null}");
    wire_say(&r->pool, "{\"id\":3,\"result\":true,\"error\":null}");
    run_until(r, r->state == CLIENT_READY);
    give_job(r, "j1");
    assert_int_equal(r->job->plan.version_mask, 0);
    assert_true(submit(r, r->job) > 0);
    assert_non_null(strstr(expect(r, "mining.submit"), "\"7e5fb903\"]"));
}

static void closing_inside_an_event_is_safe(void **state)
{
    struct rig *r = *state;

    welcome(r);
    r->close_in_job = true;
    wire_say(&r->pool, NOTIFY "\n" NOTIFY, "j1", 0, "20000000", "true", "j2", 0, "20000000",
             "true");
    run_until(r, r->jobs == 1);
    run(r, 10);
    r->client = NULL;
    assert_int_equal(r->jobs, 1);
}

/* --- what does not --------------------------------------------------------------------------- */

static void expect_closed(struct rig *r, int err, const char *word)
{
    run_until(r, r->state == CLIENT_CLOSED && r->err);
    if (!strstr(r->reason, word))
        fail_msg("reason \"%s\" does not say \"%s\"", r->reason, word);
    assert_int_equal(r->err, err);
}

static void a_refused_connection_is_told(void **state)
{
    struct rig *r = *state;

    (void)close(r->listener);
    open_client(r, "127.0.0.1", RECONNECT_SAME_DOMAIN);
    r->listener = -1;
    expect_closed(r, UV_ECONNREFUSED, "cannot connect to 127.0.0.1");
}

static void an_unknown_host_is_told(void **state)
{
    struct rig *r = *state;

    open_client(r, "no-such-host.invalid", RECONNECT_SAME_DOMAIN);
    run_until(r, r->state == CLIENT_CLOSED && r->err);
    assert_non_null(strstr(r->reason, "cannot find the address of no-such-host.invalid"));
}

static void a_silent_pool_is_given_up(void **state)
{
    struct rig *r = *state;

    connect_client(r);
    expect_closed(r, ERR_SILENT, "mining.subscribe");
}

static void a_pool_that_only_subscribes_is_given_up(void **state)
{
    struct rig *r = *state;

    connect_client(r);
    wire_say(&r->pool, "{\"id\":2,\"result\":[[],\"00\",4],\"error\":null}");
    expect_closed(r, ERR_SILENT, "mining.authorize");
}

static void dripped_bytes_do_not_extend_the_handshake(void **state)
{
    struct rig *r = *state;

    connect_client(r);
    for (int i = 0; i < 100 && r->state != CLIENT_CLOSED; i++) {
        (void)wire_send(&r->pool, "{", 1);
        run(r, 10);
    }
    expect_closed(r, ERR_SILENT, "did not answer");
}

static void dripped_lines_are_put_together(void **state)
{
    static const char text[] =
        "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[8]}\r\n";
    struct rig *r = *state;

    welcome(r);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        (void)wire_send(&r->pool, text + i, 1);
        run(r, 1);
    }
    give_job(r, "j1");
    struct u256 target = target_from_difficulty(&fake_sha256d.diff1, 8);
    assert_int_equal(u256_cmp(&r->job->share_target, &target), 0);
}

static void a_refused_user_is_told_by_name(void **state)
{
    struct rig *r = *state;

    connect_client(r);
    wire_say(&r->pool, "{\"id\":2,\"result\":[[],\"00\",4],\"error\":null}");
    wire_say(&r->pool, "{\"id\":3,\"result\":false,\"error\":[24,\"bad address\",null]}");
    expect_closed(r, ERR_UNAUTHORIZED, "ad\"dr.w1");
}

static void an_endless_line_is_cut(void **state)
{
    struct rig *r = *state;
    AUTO_FREE char *junk = xmalloc(10 << 20);

    memset(junk, 'a', 10 << 20);
    welcome(r);
    for (size_t sent = 0; sent < 10 << 20 && r->state != CLIENT_CLOSED; sent += 65536) {
        if (!wire_send(&r->pool, junk + sent, 65536))
            break;
        run(r, 1);
    }
    expect_closed(r, ERR_PROTOCOL, "longer than 256 KiB");
}

static void unusable_difficulties_are_refused(void **state)
{
    static const char *const values[] = {"NaN",  "-1",       "0",     "1e300", "\"NaN\"",
                                         "null", "\"1e99\"", "1e999", "true",  "[]"};
    struct rig *r = *state;

    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        r->state = CLIENT_CONNECTING;
        r->err = 0;
        welcome(r);
        wire_say(&r->pool, "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[%s]}",
                 values[i]);
        run_until(r, r->state == CLIENT_CLOSED);
        assert_int_equal(r->err, ERR_PROTOCOL);
        stratum_client_close(r->client);
        r->client = NULL;
        wire_close(&r->pool);
    }
}

static void malformed_jobs_name_their_field(void **state)
{
    static const struct {
        const char *params, *word;
    } rows[] = {
        {"[]", "nine"},
        {"[1,2]", "nine"},
        {"[\"j\",\"00\",\"\",\"\",[],\"20000000\",\"18058436\",\"57478db3\",true]", "prevhash"},
        {"[\"j\",\"%064d\",\"0g\",\"\",[],\"20000000\",\"18058436\",\"57478db3\",true]", "coinb1"},
        {"[\"j\",\"%064d\",\"00\",\"0\",[],\"20000000\",\"18058436\",\"57478db3\",true]", "coinb2"},
        {"[\"j\",\"%064d\",\"00\",\"\",[\"00\"],\"20000000\",\"18058436\",\"57478db3\",true]",
         "Merkle"},
        {"[\"j\",\"%064d\",\"00\",\"\",[],\"0x20000000\",\"18058436\",\"57478db3\",true]",
         "version"},
        {"[\"j\",\"%064d\",\"00\",\"\",[],\"20000000\",\"ff8584ff\",\"57478db3\",true]", "nbits"},
        {"[\"j\",\"%064d\",\"00\",\"\",[],\"20000000\",\"18058436\",57478,true]", "ntime"},
    };
    struct rig *r = *state;

    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        char params[1024];
        r->err = 0;
        r->state = CLIENT_CONNECTING;
        welcome(r);
        const char *zeros = strstr(rows[i].params, "%064d");
        (void)snprintf(params, sizeof params, "%.*s%0*d%s",
                       zeros ? (int)(zeros - rows[i].params) : 0, rows[i].params, zeros ? 64 : 0, 0,
                       zeros ? zeros + 5 : "");
        wire_say(&r->pool, "{\"id\":null,\"method\":\"mining.notify\",\"params\":%s}",
                 zeros ? params : rows[i].params);
        run_until(r, r->state == CLIENT_CLOSED);
        assert_int_equal(r->err, ERR_PROTOCOL);
        if (!strstr(r->reason, rows[i].word))
            fail_msg("\"%s\" does not name %s", r->reason, rows[i].word);
        stratum_client_close(r->client);
        r->client = NULL;
        wire_close(&r->pool);
    }
}

static void open_shares_are_told_when_the_pool_goes(void **state)
{
    struct rig *r = *state;

    welcome(r);
    give_job(r, "j1");
    assert_int_equal(submit(r, r->job), 1);
    assert_int_equal(submit(r, r->job), 2);
    (void)expect(r, "mining.submit");
    (void)wire_send(&r->pool, "{\"id\":5,\"resu", 13); /* closes in the middle of a line */
    run(r, 5);
    wire_close(&r->pool);
    run_until(r, r->state == CLIENT_CLOSED);
    assert_int_equal(r->answers, 2);
    assert_int_equal(r->answer, ERR_CLOSED);
    assert_int_equal(submit(r, r->job), ERR_CLOSED);
}

static void a_share_that_cannot_be_written_gets_no_ticket(void **state)
{
    struct rig *r = *state;
    struct linger reset = {.l_onoff = 1};

    welcome(r);
    give_job(r, "j1");
    (void)setsockopt(r->pool.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    wire_close(&r->pool);
    sleep_us(20000); /* the client's loop has not run: it does not know yet */
    assert_int_equal(submit(r, r->job), ERR_CLOSED);
    assert_int_equal(r->state, CLIENT_CLOSED);
}

static void closing_tells_open_shares_first(void **state)
{
    struct rig *r = *state;

    welcome(r);
    give_job(r, "j1");
    assert_int_equal(submit(r, r->job), 1);
    stratum_client_close(r->client);
    r->client = NULL;
    assert_int_equal(r->answers, 1);
    assert_int_equal(r->answer, ERR_CLOSED);
}

static void foreign_jobs_are_refused(void **state)
{
    struct rig *r = *state;
    struct job *other;

    welcome(r);
    give_job(r, "j1");
    other = job_copy(r->job);
    assert_true(submit(r, other) > 0); /* a copy of ours says the same */
    other->plan.extranonce1[0] ^= 1;
    assert_int_equal(submit(r, other), ERR_NO_JOB);
    job_unref(other);
}

static void reconnect_to_strangers_is_refused(void **state)
{
    struct rig *r = *state;

    welcome(r);
    wire_say(&r->pool, "{\"id\":null,\"method\":\"client.reconnect\",\"params\":"
                       "[\"pool.evil.example\",3333,0]}");
    run_until(r, r->message[0]);
    assert_non_null(strstr(r->message, "refused"));
    assert_int_equal(r->state, CLIENT_READY);
    give_job(r, "j1");
}

static void reconnect_to_the_same_host_is_followed(void **state)
{
    struct rig *r = *state;
    struct wire old;

    welcome(r);
    give_job(r, "j1");
    assert_int_equal(submit(r, r->job), 1);
    wire_say(&r->pool, "{\"id\":null,\"method\":\"client.reconnect\",\"params\":[]}");
    run_until(r, r->state == CLIENT_CONNECTING);
    assert_int_equal(r->answer, ERR_CLOSED);
    old = r->pool;
    run_until(r, wire_accept(&r->pool, r->listener));
    wire_close(&old);
    (void)expect(r, "mining.subscribe");
}

static void ask_to_move(struct rig *r, const char *params)
{
    r->message[0] = 0;
    wire_say(&r->pool, "{\"id\":null,\"method\":\"client.reconnect\",\"params\":%s}", params);
}

static void expect_message(struct rig *r, const char *word)
{
    run_until(r, r->message[0]);
    if (!strstr(r->message, word))
        fail_msg("\"%s\" does not say \"%s\"", r->message, word);
    assert_int_equal(r->state, CLIENT_READY);
}

static void reconnect_is_refused_where_the_owner_says_so(void **state)
{
    struct rig *r = *state;

    r->move_refused = "it is another pool's address";
    welcome(r);
    ask_to_move(r, "[]");
    expect_message(r, "another pool's address");
}

static void reconnect_is_never_followed_by_that_setting(void **state)
{
    struct rig *r = *state;

    open_client(r, "127.0.0.1", RECONNECT_NEVER);
    run_until(r, wire_accept(&r->pool, r->listener));
    greet(r);
    ask_to_move(r, "[]");
    expect_message(r, "never");
}

static void reconnect_anywhere_is_followed_by_that_setting(void **state)
{
    struct rig *r = *state;
    char params[64];

    open_client(r, "localhost", RECONNECT_ANY);
    run_until(r, wire_accept(&r->pool, r->listener));
    greet(r);
    (void)snprintf(params, sizeof params, "[\"127.0.0.1\",%u]", r->port);
    ask_to_move(r, params);
    run_until(r, r->state == CLIENT_CONNECTING);
    assert_non_null(strstr(r->reason, "127.0.0.1"));
}

static void unusable_addresses_to_reconnect_to_are_refused(void **state)
{
    static const char *const params[] = {"[\"a b\",1]", "[\"127.0.0.1\",0]",
                                         "[\"127.0.0.1\",70000]", "[\"127.0.0.1\",1.5]",
                                         "[\"127.0.0.1\",\"x\"]"};
    struct rig *r = *state;

    welcome(r);
    for (unsigned i = 0; i < sizeof params / sizeof *params; i++) {
        ask_to_move(r, params[i]);
        expect_message(r, "usable address");
    }
}

static void the_fourth_reconnect_is_refused(void **state)
{
    struct rig *r = *state;

    welcome(r);
    for (unsigned i = 0; i < 3; i++) {
        struct wire old;
        ask_to_move(r, "[]");
        run_until(r, r->state == CLIENT_CONNECTING);
        old = r->pool;
        run_until(r, wire_accept(&r->pool, r->listener));
        wire_close(&old);
        (void)expect(r, "mining.extranonce.subscribe");
        wire_say(&r->pool, "{\"id\":%u,\"result\":[[],\"0b6fadc8\",8],\"error\":null}", 6 + 4 * i);
        wire_say(&r->pool, "{\"id\":%u,\"result\":true,\"error\":null}", 7 + 4 * i);
        run_until(r, r->state == CLIENT_READY);
    }
    ask_to_move(r, "[]");
    expect_message(r, "three times");
}

/* --- sessions -------------------------------------------------------------------------------- */

static void hang_up(struct rig *r)
{
    wire_close(&r->pool);
    run_until(r, r->state == CLIENT_CLOSED);
    stratum_client_close(r->client);
    r->client = NULL;
}

static void a_resumed_session_takes_shares_of_its_earlier_jobs(void **state)
{
    struct rig *r = *state;
    struct stratum_client_view view;

    welcome(r);
    give_job(r, "j1");
    assert_true(stratum_client_session(r->client, &r->resume));
    assert_string_equal(r->resume.id, "s");
    hang_up(r);

    connect_client(r);
    assert_non_null(strstr(expect(r, "mining.subscribe"), "\"params\":[\"test/1\",\"s\"]"));
    greet(r);
    stratum_client_view(r->client, &view);
    assert_true(view.resumed);
    assert_true(submit(r, r->job) > 0);
    (void)expect(r, "\"j1\"");
}

static void another_extranonce_is_another_session(void **state)
{
    struct rig *r = *state;
    struct stratum_client_view view;

    r->resume = (struct stratum_session){
        .id = "s", .extranonce1 = {1, 2, 3, 4}, .extranonce1_len = 4, .extranonce2_len = 8};
    welcome(r);
    give_job(r, "j1");
    stratum_client_view(r->client, &view);
    assert_false(view.resumed);
    struct job *earlier = job_copy(r->job);
    memcpy(earlier->plan.extranonce1, r->resume.extranonce1, 4);
    assert_int_equal(submit(r, earlier), ERR_NO_JOB);
    job_unref(earlier);
}

static void a_pool_that_refuses_to_resume_is_asked_for_a_new_session(void **state)
{
    struct rig *r = *state;

    r->resume = (struct stratum_session){.id = "s", .extranonce1_len = 4, .extranonce2_len = 8};
    connect_client(r);
    (void)expect(r, "mining.extranonce.subscribe");
    wire_say(&r->pool, "{\"id\":2,\"result\":null,\"error\":[20,\"no such session\",null]}");
    assert_non_null(strstr(expect(r, "mining.subscribe"), "\"params\":[\"test/1\"]"));
    wire_say(&r->pool, "{\"id\":3,\"result\":true,\"error\":null}");
    wire_say(&r->pool, "{\"id\":5,\"result\":[[],\"0b6fadc8\",8],\"error\":null}");
    run_until(r, r->state == CLIENT_READY);
}

static void odd_subscriptions_give_no_session(void **state)
{
    static const char *const rows[] = {"null",    "[]",    "[[\"mining.notify\",7]]",
                                       "[[1,2]]", "\"x\"", "[[\"mining.set_difficulty\",\"s\"]]"};
    struct rig *r = *state;
    struct stratum_session session;

    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        connect_client(r);
        (void)expect(r, "mining.extranonce.subscribe");
        wire_say(&r->pool, "{\"id\":2,\"result\":[%s,\"0b6fadc8\",8],\"error\":null}", rows[i]);
        wire_say(&r->pool, "{\"id\":3,\"result\":true,\"error\":null}");
        run_until(r, r->state == CLIENT_READY);
        assert_false(stratum_client_session(r->client, &session));
        hang_up(r);
    }
}

static void extranonce_sizes_that_cannot_be_are_refused(void **state)
{
    static const char *const rows[] = {"\"0b\",0",   "\"0b\",17",   "\"0b\",-1", "\"0b\",\"x\"",
                                       "\"0b\",1.5", "\"0b\",null", "\"0\",4",   "7,4"};
    struct rig *r = *state;

    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        r->err = 0;
        connect_client(r);
        (void)expect(r, "mining.extranonce.subscribe");
        wire_say(&r->pool, "{\"id\":2,\"result\":[[],%s],\"error\":null}", rows[i]);
        run_until(r, r->state == CLIENT_CLOSED && r->err);
        assert_int_equal(r->err, ERR_PROTOCOL);
        assert_non_null(strstr(r->reason, "extranonce"));
        hang_up(r);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(handshake_is_pipelined_and_quotes_the_user),
        T(job_carries_what_the_pool_said),
        T(a_new_prevhash_means_clean),
        T(rolled_bits_leave_out_those_the_job_has_set),
        T(difficulty_waits_for_the_next_job),
        T(jobs_before_the_authorisation_wait_for_it),
        T(shares_are_written_as_the_dialect_says),
        T(answers_match_by_id_in_any_order_and_type),
        T(refusals_are_sorted_by_words_and_codes),
        T(new_extranonce_goes_into_the_next_job),
        T(a_new_version_mask_takes_effect_at_once),
        T(pool_requests_are_answered),
        T(a_probe_is_answered_even_by_an_error),
        T(a_pool_without_configure_is_fine),
        T(closing_inside_an_event_is_safe),
        T(a_refused_connection_is_told),
        T(an_unknown_host_is_told),
        T(a_silent_pool_is_given_up),
        T(a_pool_that_only_subscribes_is_given_up),
        T(dripped_bytes_do_not_extend_the_handshake),
        T(dripped_lines_are_put_together),
        T(a_refused_user_is_told_by_name),
        T(an_endless_line_is_cut),
        T(unusable_difficulties_are_refused),
        T(malformed_jobs_name_their_field),
        T(open_shares_are_told_when_the_pool_goes),
        T(a_share_that_cannot_be_written_gets_no_ticket),
        T(closing_tells_open_shares_first),
        T(foreign_jobs_are_refused),
        T(reconnect_to_strangers_is_refused),
        T(reconnect_to_the_same_host_is_followed),
        T(reconnect_is_refused_where_the_owner_says_so),
        T(reconnect_is_never_followed_by_that_setting),
        T(reconnect_anywhere_is_followed_by_that_setting),
        T(unusable_addresses_to_reconnect_to_are_refused),
        T(the_fourth_reconnect_is_refused),
        T(a_resumed_session_takes_shares_of_its_earlier_jobs),
        T(another_extranonce_is_another_session),
        T(a_pool_that_refuses_to_resume_is_asked_for_a_new_session),
        T(odd_subscriptions_give_no_session),
        T(extranonce_sizes_that_cannot_be_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
