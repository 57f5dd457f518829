/* SPDX-License-Identifier: MIT */
/* Every dialect with a nonce of the miner's alone: our client talks with our server over loopback,
 * and each says of jobs and shares what the other understands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/endian.h"
#include "core/target.h"
#include "stratum/monero.h"
#include "stratum/seeds.h"
#include "tests/fake/stratum_talk.h"

static const struct talk_row rows[] = {
    {"kawpow", "kawpow", "stratum+tcp", 4487775, true, true, false, true},
    {"ethereum1", "ethash", "stratum2+tcp", 15000000, false, false, false, true},
    {"ethereum1", "etchash", "stratum+tcp", 11700000 + 60000 * 7, false, false, false, true},
    {"ethproxy", "etchash", "ethproxy", 17000000, true, true, false, false},
    {"ethproxy", "ethash", "stratum1+tcp", 3000000, true, true, false, false},
    {"ethereum2", "ethash", "stratum3+tcp", 15000000, true, false, false, true},
    {"monero", "randomx", "stratum+tcp", 3195018, true, false, true, false},
};

static void check_job(const struct talk *t, const struct talk_row *row)
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
        const struct talk_row *row = &rows[i];
        struct talk *t = talk_open(row);
        talk_begin(t, row);
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
        talk_close(t);
    }
}

static void refusals_are_told_with_their_reason(void **state)
{
    static const int verdicts[] = {ERR_STALE, ERR_DUPLICATE, ERR_LOW_DIFF};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct talk *t = talk_open(&rows[i]);
        talk_begin(t, &rows[i]);
        for (unsigned v = 0; v < 3; v++) {
            struct share share = {.job = t->job, .nonce = t->job->nonce_min + v};
            t->verdict = verdicts[v];
            assert_true(stratum_client_submit(t->client, &share) > 0);
            turn_until(t, t->answers == v + 1);
            if (t->answer != verdicts[v])
                fail_msg("%s: %d was told as %d (%s)", rows[i].dialect, verdicts[v], t->answer,
                         t->reason);
        }
        talk_close(t);
    }
}

static void a_stranger_is_not_let_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct talk *t = talk_open(&rows[i]);
        talk_connect(t, rows[i].scheme, "stranger");
        turn_until(t, t->state == CLIENT_CLOSED && *t->reason);
        if (!strstr(t->reason, "not known here"))
            fail_msg("%s: %s", rows[i].dialect, t->reason);
        talk_close(t);
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
        struct talk *t = talk_open(&rows[i]);
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
            struct fault why = {0};
            str_clear(&t->out);
            assert_int_equal(miner_line(&t->miner, lines[k], strlen(lines[k]), &why), 0);
            assert_true(t->out.len > 0);
        }
        assert_int_equal(t->submits, 0);
        talk_close(t);
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
        const struct talk_row *row = rows;
        while (strcmp(row->dialect, bad[i].dialect) != 0)
            row++;
        struct talk *t = talk_open(row);
        talk_begin(t, row);
        assert_true(wire_say(&t->wire, "%s", bad[i].line));
        turn_until(t, t->state == CLIENT_CLOSED);
        if (!strstr(t->reason, bad[i].reason))
            fail_msg("%s: \"%s\" is not in \"%s\"", bad[i].dialect, bad[i].reason, t->reason);
        talk_close(t);
    }
}

/* In NiceHash mode the pool keeps the last byte of the nonce. */
static void a_nonce_that_is_not_zero_keeps_its_last_byte(void **state)
{
    const struct talk_row *row = &rows[sizeof rows / sizeof *rows - 1];
    struct talk *t = talk_open(row);

    (void)state;
    put_le32(t->input + 39, 0x7f000000);
    talk_connect(t, row->scheme, "addr.rig");
    turn_until(t, t->job != NULL);
    assert_int_equal(t->job->nonce_min, 0x7f000000);
    assert_int_equal(t->job->nonce_max, 0x7fffffff);
    assert_int_equal(le32(t->job->input + 39), 0);
    talk_close(t);
}

/* With a scheme that leaves the dialect open, the next is tried when the pool does not take one. */
static void an_ethash_pool_that_knows_one_dialect_is_found(void **state)
{
    static const struct talk_row row = {"ethproxy", "ethash", "stratum+tcp", 3000000,
                                        true,       true,     false,         false};
    struct talk *t = talk_open(&row);

    (void)state;
    talk_connect(t, row.scheme, "addr.rig");
    int64_t limit = now_us() + 10 * SECOND_US;
    while (t->state != CLIENT_READY && now_us() < limit) {
        talk_turn(t);
        if (t->wire.fd >= 0 && wire_closed(&t->wire, 0)) { /* it comes again, in other words */
            wire_close(&t->wire);
            t->miner.subscribed = false;
        }
    }
    assert_int_equal(t->state, CLIENT_READY);
    struct stratum_client_view view;
    stratum_client_view(t->client, &view);
    assert_string_equal(view.dialect, "ETHPROXY (eth_submitLogin)");
    talk_close(t);
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
