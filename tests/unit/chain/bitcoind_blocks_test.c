/* SPDX-License-Identifier: MIT */
/* What becomes of a solved block at Bitcoin's daemons, and how deep they say that it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/daemon_rig.h"

static void send_block(struct daemon_rig *r)
{
    const uint8_t block[4] = {0xde, 0xad, 0xbe, 0xef}, hash[32] = {0};
    int before = r->heard.answers;

    chain_submit(r->chain, block, sizeof block, hash, chain_heard_submit, &r->heard);
    assert_int_equal(r->heard.answers, before); /* never from inside the call */
    UNTIL(r, r->heard.answers > before);
}

static void a_block_goes_to_every_daemon(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 2);
    send_block(&r);
    assert_int_equal(r.heard.result, SUBMIT_ACCEPTED);
    UNTIL(&r, r.fake[0].submits == 1 && r.fake[1].submits == 1);
    assert_string_equal(r.fake[0].block, "deadbeef");
    assert_string_equal(r.fake[1].block, "deadbeef");
    daemon_rig_run(&r, 100);
    assert_int_equal(r.heard.answers, 1); /* exactly once */
    daemon_rig_fini(&r);
}

static void one_daemon_that_takes_it_is_enough(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 2);
    r.fake[0].submit = "\"bad-prevblk\"";
    send_block(&r);
    assert_int_equal(r.heard.result, SUBMIT_ACCEPTED);
    daemon_rig_fini(&r);
}

static void words_of_daemons_are_understood(void **state)
{
    static const struct {
        const char *json;
        enum submit_result result;
        const char *text;
    } rows[] = {
        {"null", SUBMIT_ACCEPTED, "accepted"},
        {"\"duplicate\"", SUBMIT_ACCEPTED, "duplicate"},
        {"\"rejected: duplicate\"", SUBMIT_ACCEPTED, "duplicate"},
        {"\"high-hash\"", SUBMIT_REJECTED, "high-hash"},
        {"\"duplicate-invalid\"", SUBMIT_REJECTED, "duplicate-invalid"},
        {"\"rejected: unexpected-witness\"", SUBMIT_REJECTED, "unexpected-witness"},
        {"\"inconclusive\"", SUBMIT_UNKNOWN, "inconclusive"},
        {"\"duplicate-inconclusive\"", SUBMIT_UNKNOWN, "duplicate-inconclusive"},
        {"\"bad\\u001b[2Jword\"", SUBMIT_REJECTED, "bad?[2Jword"},
        {"17", SUBMIT_UNKNOWN, "not a word"},
    };
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        r.fake[0].submit = rows[i].json;
        send_block(&r);
        if (r.heard.result != rows[i].result || !strstr(r.heard.text, rows[i].text))
            fail_msg("%s gave %d \"%s\"", rows[i].json, r.heard.result, r.heard.text);
    }
    daemon_rig_fini(&r);
}

static void fault_of(struct fake_daemon *d, enum fake_fault fault, long code, unsigned times)
{
    d->fault = fault;
    d->code = code;
    d->fault_method = "submitblock";
    d->faults_left = times;
}

static void a_block_is_tried_again_where_nobody_judged_it(void **state)
{
    static const struct {
        enum fake_fault fault;
        long code;
    } rows[] = {{FAKE_RPC_ERROR, -28},
                {FAKE_RPC_ERROR, -22},
                {FAKE_RPC_ERROR, -25},
                {FAKE_HALF, 0},
                {FAKE_SILENT, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct daemon_rig r;
        daemon_rig_start(&r, &bitcoin_family, 1);
        fault_of(&r.fake[0], rows[i].fault, rows[i].code, 2);
        send_block(&r);
        assert_int_equal(r.heard.result, SUBMIT_ACCEPTED);
        daemon_rig_fini(&r);
    }
}

static void a_block_that_stays_unreadable_is_refused(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 1);
    fault_of(&r.fake[0], FAKE_RPC_ERROR, -22, 0);
    send_block(&r);
    assert_int_equal(r.heard.result, SUBMIT_REJECTED);
    daemon_rig_fini(&r);
}

static void without_an_answer_the_result_is_unknown(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 2);
    fake_daemon_stop(&r.fake[0]);
    fault_of(&r.fake[1], FAKE_SILENT, 0, 0);
    send_block(&r);
    assert_int_equal(r.heard.result, SUBMIT_UNKNOWN);
    daemon_rig_fini(&r);
}

static void a_refusal_counts_when_the_others_are_silent(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 2);
    r.fake[0].submit = "\"bad-cb-amount\"";
    fault_of(&r.fake[1], FAKE_SILENT, 0, 0);
    send_block(&r);
    assert_int_equal(r.heard.result, SUBMIT_REJECTED);
    assert_string_equal(r.heard.text, "bad-cb-amount");
    daemon_rig_fini(&r);
}

static void confirmations_are_the_highest_that_a_daemon_tells(void **state)
{
    static const struct {
        const char *first, *second;
        int64_t want;
    } rows[] = {
        {"{\"confirmations\": 5}", "{\"confirmations\": 7}", 7},
        {"{\"confirmations\": -1}", "{\"confirmations\": 2}", 2},
        {"{\"confirmations\": -1}", NULL, 0},
        {NULL, NULL, -1},
        {"{\"confirmations\": \"x\"}", NULL, -1},
        {"[]", "{}", -2},
    };
    struct daemon_rig r;
    const uint8_t hash[32] = {0};

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int before = r.heard.answers;
        r.fake[0].header = rows[i].first;
        r.fake[1].header = rows[i].second;
        chain_status(r.chain, hash, chain_heard_status, &r.heard);
        UNTIL(&r, r.heard.answers > before);
        assert_int_equal(r.heard.confirmations, rows[i].want);
    }
    daemon_rig_fini(&r);
}

static void closing_answers_what_is_still_asked(void **state)
{
    struct daemon_rig r;
    const uint8_t block[4] = {0}, hash[32] = {0};

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 2);
    chain_submit(r.chain, block, sizeof block, hash, chain_heard_submit, &r.heard);
    chain_status(r.chain, hash, chain_heard_status, &r.heard);
    chain_close(r.chain);
    r.chain = NULL;
    assert_int_equal(r.heard.answers, 2);
    assert_int_equal(r.heard.result, SUBMIT_UNKNOWN);
    assert_int_equal(r.heard.confirmations, -2);
    daemon_rig_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_goes_to_every_daemon),
        cmocka_unit_test(one_daemon_that_takes_it_is_enough),
        cmocka_unit_test(words_of_daemons_are_understood),
        cmocka_unit_test(a_block_is_tried_again_where_nobody_judged_it),
        cmocka_unit_test(a_block_that_stays_unreadable_is_refused),
        cmocka_unit_test(without_an_answer_the_result_is_unknown),
        cmocka_unit_test(a_refusal_counts_when_the_others_are_silent),
        cmocka_unit_test(confirmations_are_the_highest_that_a_daemon_tells),
        cmocka_unit_test(closing_answers_what_is_still_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
