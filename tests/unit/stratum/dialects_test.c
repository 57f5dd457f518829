/* SPDX-License-Identifier: MIT */
/* Every dialect with a nonce of the miner's alone: our client talks with our server over loopback,
 * and each says of jobs and shares what the other understands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/str.h"
#include "core/target.h"
#include "stratum/client.h"
#include "stratum/monero.h"
#include "stratum/seeds.h"
#include "stratum/server.h"
#include "stratum/url.h"
#include "tests/fake/wire.h"

enum { BLOB = 76, PREFIX = 3 };

struct talk { /* one client, and the pool's end of its connection */
    uv_loop_t loop;
    struct stratum_client *client;
    const struct algo *algo;
    int listener;
    uint16_t port;
    struct wire wire;
    struct miner miner;
    struct str out;
    struct job *served;  /* what the pool serves */
    uint8_t input[BLOB]; /* what is hashed of it */
    struct str body;     /* what all connections share of it */
    struct u256 target;
    /* what the pool heard */
    char user[128], pass[64];
    struct submission got;
    char got_user[128], got_job[64];
    unsigned submits, refused;
    int verdict;
    /* what the client heard */
    struct job *job;
    enum client_state state;
    char reason[256];
    unsigned answers;
    int answer;
};

/* --- the pool -------------------------------------------------------------------------------- */

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

/* --- the client ------------------------------------------------------------------------------ */

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

static void open_client(struct talk *t, const char *scheme, const char *user)
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

static void turn(struct talk *t)
{
    (void)uv_run(&t->loop, UV_RUN_NOWAIT);
    if (t->wire.fd < 0)
        (void)wire_accept(&t->wire, t->listener);
    else
        serve(t);
    sleep_us(300);
}

#define turn_until(t, condition)                                                                   \
    do {                                                                                           \
        int64_t limit = now_us() + 5 * SECOND_US;                                                  \
        while (!(condition) && now_us() < limit)                                                   \
            turn(t);                                                                               \
        assert_true(condition);                                                                    \
    } while (0)

/* --- rows ------------------------------------------------------------------------------------ */

static const struct row {
    const char *dialect, *algo, *scheme;
    uint64_t height;
    bool tells_height, mix, hash, binds_nonces;
} rows[] = {
    {"kawpow", "kawpow", "stratum+tcp", 4487775, true, true, false, true},
    {"ethereum1", "ethash", "stratum2+tcp", 15000000, false, false, false, true},
    {"ethereum1", "etchash", "stratum+tcp", 11700000 + 60000 * 7, false, false, false, true},
    {"ethproxy", "etchash", "ethproxy", 17000000, true, true, false, false},
    {"ethproxy", "ethash", "stratum1+tcp", 3000000, true, true, false, false},
    {"ethereum2", "ethash", "stratum3+tcp", 15000000, true, false, false, true},
    {"monero", "randomx", "stratum+tcp", 3195018, true, false, true, false},
};

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

static struct talk *open_talk(const struct row *row)
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

static void close_talk(struct talk *t)
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

static void begin(struct talk *t, const struct row *row)
{
    open_client(t, row->scheme, "addr.rig");
    turn_until(t, t->state == CLIENT_READY);
    announce(t);
    turn_until(t, t->job != NULL);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void check_job(const struct talk *t, const struct row *row)
{
    const struct job *job = t->job;
    uint8_t seed[32], want[32];

    assert_true(job->form->given);
    assert_int_equal(job->input_len, t->algo->input_len);
    assert_int_equal(job->nonce_at, t->algo->nonce_at);
    assert_memory_equal(job->input, t->input, job->input_len);
    assert_int_equal(u256_cmp(&job->share_target, &t->target), 0);
    assert_int_equal(job->height, row->tells_height ? row->height : 0);
    assert_int_equal(job->source, 3);
    if (t->algo->any_len) {
        assert_memory_equal(&job->key.seed, t->served->key.seed, 32);
        assert_memory_equal(&job->next_key.seed, t->served->next_key.seed, 32);
        return;
    }
    assert_true(seed_of_height(t->algo, row->height, want));
    assert_true(seed_of_height(t->algo, job->key.height, seed));
    assert_memory_equal(seed, want, sizeof seed);
    if (row->binds_nonces) {
        assert_int_equal(job->nonce_min, UINT64_C(0xa102b30000000000));
        assert_int_equal(job->nonce_max, UINT64_C(0xa102b3ffffffffff));
    }
}

static void jobs_and_shares_mean_the_same_at_both_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct talk *t = open_talk(row);
        begin(t, row);
        assert_string_equal(t->user, "addr.rig");
        assert_string_equal(t->pass, "x");
        check_job(t, row);
        struct share share = {.job = t->job, .nonce = t->job->nonce_max - 7};
        memset(share.mix, 0x4d, sizeof share.mix);
        memset(share.hash, 0x3c, sizeof share.hash);
        assert_true(stratum_client_submit(t->client, &share) > 0);
        turn_until(t, t->answers == 1);
        if (t->submits != 1 || t->refused || t->answer)
            fail_msg("%s: %u submits, %u refused, answer %d %s", row->dialect, t->submits,
                     t->refused, t->answer, t->reason);
        assert_int_equal(t->got.nonce, share.nonce);
        assert_string_equal(t->got_user, "addr.rig");
        assert_true(t->got.has_mix == row->mix && t->got.has_hash == row->hash);
        if (row->mix)
            assert_memory_equal(t->got.mix, share.mix, 32);
        if (row->hash)
            assert_memory_equal(t->got.hash, share.hash, 32);
        if (t->got.has_header)
            assert_memory_equal(t->got.header, t->input, 32);
        else
            assert_string_equal(t->got_job, "1f3a");
        close_talk(t);
    }
}

static void refusals_are_told_with_their_reason(void **state)
{
    static const int verdicts[] = {ERR_STALE, ERR_DUPLICATE, ERR_LOW_DIFF};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct talk *t = open_talk(&rows[i]);
        begin(t, &rows[i]);
        for (unsigned v = 0; v < 3; v++) {
            struct share share = {.job = t->job, .nonce = t->job->nonce_min + v};
            t->verdict = verdicts[v];
            assert_true(stratum_client_submit(t->client, &share) > 0);
            turn_until(t, t->answers == v + 1);
            if (t->answer != verdicts[v])
                fail_msg("%s: %d was told as %d (%s)", rows[i].dialect, verdicts[v], t->answer,
                         t->reason);
        }
        close_talk(t);
    }
}

static void a_stranger_is_not_let_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct talk *t = open_talk(&rows[i]);
        open_client(t, rows[i].scheme, "stranger");
        turn_until(t, t->state == CLIENT_CLOSED && *t->reason);
        if (!strstr(t->reason, "not known here"))
            fail_msg("%s: %s", rows[i].dialect, t->reason);
        close_talk(t);
    }
}

/* Each line is sent to a connection that has not logged in: a reply, nothing credited, no crash. */
static void hostile_lines_are_answered_and_credit_nothing(void **state)
{
    static const char *const lines[] = {
        "{\"id\":1,\"method\":\"mining.submit\",\"params\":[\"a\",\"1f3a\",\"0x00\"]}",
        "{\"id\":1,\"method\":\"mining.submit\",\"params\":{}}",
        "{\"id\":1,\"method\":\"eth_submitWork\",\"params\":[\"0x1\",\"0x2\",\"0x3\"]}",
        "{\"id\":1,\"method\":\"eth_getWork\"}",
        "{\"id\":1,\"method\":\"submit\",\"params\":{\"id\":\"x\",\"job_id\":7,\"nonce\":[]}}",
        "{\"id\":1,\"method\":\"submit\",\"params\":[1,2]}",
        "{\"id\":1,\"method\":\"login\",\"params\":{\"login\":7}}",
        "{\"id\":1,\"method\":\"login\",\"params\":[]}",
        "{\"id\":1,\"method\":\"getjob\"}",
        "{\"id\":1,\"method\":\"mining.hello\",\"params\":[]}",
        "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[{}]}",
        "{\"id\":1,\"method\":\"eth_submitLogin\",\"params\":[null]}",
        "{\"id\":1,\"method\":\"no.such\",\"params\":[]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct talk *t = open_talk(&rows[i]);
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
            struct fault why = {0};
            str_clear(&t->out);
            assert_int_equal(miner_line(&t->miner, lines[k], strlen(lines[k]), &why), 0);
            assert_true(t->out.len > 0);
        }
        assert_int_equal(t->submits, 0);
        close_talk(t);
    }
}

/* What a pool may say wrong ends the connection with a reason; the rig does not work on it. */
static void broken_jobs_end_the_connection(void **state)
{
    static const struct {
        const char *dialect, *line, *reason;
    } bad[] = {
        {"kawpow", "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"1\",\"00\"]}", "64"},
        {"kawpow",
         "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"1\","
         "\"00000000000000000000000000000000000000000000000000000000000000aa\","
         "\"00000000000000000000000000000000000000000000000000000000000000bb\","
         "\"00000000ff000000000000000000000000000000000000000000000000000000\",true,1,\"1b05adf2\"]"
         "}",
         "disagree"},
        {"kawpow",
         "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"1\","
         "\"00000000000000000000000000000000000000000000000000000000000000aa\","
         "\"0000000000000000000000000000000000000000000000000000000000000000\","
         "\"0000000000000000000000000000000000000000000000000000000000000000\",true,1,\"1b05adf2\"]"
         "}",
         "zero"},
        {"ethereum1",
         "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"1\","
         "\"00000000000000000000000000000000000000000000000000000000000000bb\","
         "\"00000000000000000000000000000000000000000000000000000000000000aa\",true]}",
         "first 4096"},
        {"ethereum2",
         "{\"method\":\"mining.notify\",\"params\":[\"1\",\"fffffffffff\",\"00\",\"1\"]}",
         "height"},
        {"ethereum2", "{\"method\":\"mining.set\",\"params\":{\"target\":\"0\"}}", "target"},
        {"ethereum2", "{\"method\":\"mining.set\",\"params\":{\"extranonce\":\"00112233445566\"}}",
         "extranonce"},
        {"ethproxy", "{\"id\":0,\"result\":[\"0x1\",\"0x2\",\"0x3\"]}", "boundary"},
        {"monero", "{\"method\":\"job\",\"params\":{\"job_id\":\"1\",\"target\":\"00000000\"}}",
         "target"},
        {"monero",
         "{\"method\":\"job\",\"params\":{\"job_id\":\"1\",\"target\":\"c6100000\",\"blob\":\"10\"}"
         "}",
         "blob"},
        {"monero",
         "{\"method\":\"job\",\"params\":{\"job_id\":\"1\",\"target\":\"c6100000\","
         "\"algo\":\"cn/r\"}}",
         "cn/r"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct row *row = rows;
        while (strcmp(row->dialect, bad[i].dialect) != 0)
            row++;
        struct talk *t = open_talk(row);
        begin(t, row);
        assert_true(wire_say(&t->wire, "%s", bad[i].line));
        turn_until(t, t->state == CLIENT_CLOSED);
        if (!strstr(t->reason, bad[i].reason))
            fail_msg("%s: \"%s\" is not in \"%s\"", bad[i].dialect, bad[i].reason, t->reason);
        close_talk(t);
    }
}

/* In NiceHash mode the pool keeps the last byte of the nonce. */
static void a_nonce_that_is_not_zero_keeps_its_last_byte(void **state)
{
    const struct row *row = &rows[sizeof rows / sizeof *rows - 1];
    struct talk *t = open_talk(row);

    (void)state;
    put_le32(t->input + 39, 0x7f000000);
    open_client(t, row->scheme, "addr.rig");
    turn_until(t, t->job != NULL);
    assert_int_equal(t->job->nonce_min, 0x7f000000);
    assert_int_equal(t->job->nonce_max, 0x7fffffff);
    assert_int_equal(le32(t->job->input + 39), 0);
    close_talk(t);
}

/* With a scheme that leaves the dialect open, the next is tried when the pool does not take one. */
static void an_ethash_pool_that_knows_one_dialect_is_found(void **state)
{
    static const struct row row = {"ethproxy", "ethash", "stratum+tcp", 3000000,
                                   true,       true,     false,         false};
    struct talk *t = open_talk(&row);

    (void)state;
    open_client(t, row.scheme, "addr.rig");
    int64_t limit = now_us() + 10 * SECOND_US;
    while (t->state != CLIENT_READY && now_us() < limit) {
        turn(t);
        if (t->wire.fd >= 0 && wire_closed(&t->wire, 0)) { /* it comes again, in other words */
            wire_close(&t->wire);
            t->miner.subscribed = false;
        }
    }
    assert_int_equal(t->state, CLIENT_READY);
    struct stratum_client_view view;
    stratum_client_view(t->client, &view);
    assert_string_equal(view.dialect, "ETHPROXY (eth_submitLogin)");
    close_talk(t);
}

static void monero_targets_keep_their_worth_on_the_wire(void **state)
{
    static const double difficulties[] = {1,       2,       1000,    120000,      1000000,
                                          4000000, 5000000, 1 << 24, 3000000000., 1e12};

    (void)state;
    for (size_t i = 0; i < sizeof difficulties / sizeof *difficulties; i++) {
        struct u256 diff1 = u256_max(), target, wire, back;
        char digits[17];
        target = wire = target_from_difficulty(&diff1, difficulties[i]);
        monero_target_write(&wire, digits);
        assert_true(monero_target_read(digits, &back));
        assert_int_equal(u256_cmp(&wire, &back), 0);
        double ratio = target_difficulty(&diff1, &target) / target_difficulty(&diff1, &wire);
        assert_true(ratio > 1 - 1e-6 && ratio < 1 + 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_and_shares_mean_the_same_at_both_ends),
        cmocka_unit_test(refusals_are_told_with_their_reason),
        cmocka_unit_test(a_stranger_is_not_let_in),
        cmocka_unit_test(hostile_lines_are_answered_and_credit_nothing),
        cmocka_unit_test(broken_jobs_end_the_connection),
        cmocka_unit_test(a_nonce_that_is_not_zero_keeps_its_last_byte),
        cmocka_unit_test(an_ethash_pool_that_knows_one_dialect_is_found),
        cmocka_unit_test(monero_targets_keep_their_worth_on_the_wire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
