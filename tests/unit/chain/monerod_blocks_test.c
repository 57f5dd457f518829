/* SPDX-License-Identifier: MIT */
/* What becomes of a solved block at Monero's daemons, which are silent about why they refuse, and
 * how deep they say that it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coin/monero.h"
#include "tests/fake/daemon_rig.h"

static void submit(struct daemon_rig *r)
{
    static const uint8_t block[3] = {0x10, 0x20, 0x30}, hash[32] = {1};

    r->heard.answers = 0;
    chain_submit(r->chain, block, sizeof block, hash, chain_heard_submit, &r->heard);
    UNTIL(r, r->heard.answers);
}

static void an_accepted_block_is_told_and_asks_for_a_template(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    unsigned before = r.fake[0].templates;
    r.fake[0].submit = "{\"status\": \"OK\"}";
    submit(&r);
    assert_int_equal(r.heard.result, SUBMIT_ACCEPTED);
    assert_string_equal(r.fake[0].block, "102030");
    UNTIL(&r, r.fake[0].templates > before);
    daemon_rig_fini(&r);
}

static void a_refused_block_that_is_unknown_is_rejected(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    submit(&r); /* -7, and then -5 */
    assert_int_equal(r.heard.result, SUBMIT_REJECTED);
    assert_int_equal(r.fake[0].asked, 1);
    assert_int_equal(r.fake[0].submits, 1);
    assert_string_equal(r.heard.text, "told to fail");
    daemon_rig_fini(&r);
}

/* monerod refuses what it has already with the same words as what it will not have. */
static void a_refused_block_that_is_known_is_accepted(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    r.fake[0].header = "{\"depth\": 3, \"orphan_status\": false}";
    submit(&r);
    assert_int_equal(r.heard.result, SUBMIT_ACCEPTED);
    daemon_rig_fini(&r);
}

static void a_daemon_that_does_not_say_whether_it_knows_the_block_judges_nothing(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    r.fake[0].fault = FAKE_NOT_JSON;
    r.fake[0].fault_method = "get_block_header_by_hash";
    submit(&r);
    assert_int_equal(r.heard.result, SUBMIT_UNKNOWN);
    assert_int_equal(r.fake[0].submits, 3);
    daemon_rig_fini(&r);
}

static void one_daemon_that_takes_the_block_is_enough(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 2);
    r.fake[1].submit = "{\"status\": \"OK\"}";
    submit(&r);
    assert_int_equal(r.heard.result, SUBMIT_ACCEPTED);
    daemon_rig_fini(&r);
}

static void a_busy_daemon_is_tried_again(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    r.fake[0].fault = FAKE_RPC_ERROR;
    r.fake[0].fault_method = "submit_block";
    r.fake[0].code = -9;
    r.fake[0].faults_left = 3; /* the third is honest again */
    r.fake[0].submit = "{\"status\": \"OK\"}";
    submit(&r);
    assert_int_equal(r.heard.result, SUBMIT_ACCEPTED);
    assert_int_equal(r.fake[0].submits, 1);
    r.fake[0].submit = "{\"status\": \"BUSY\"}";
    submit(&r);
    assert_int_equal(r.heard.result, SUBMIT_UNKNOWN);
    assert_int_equal(r.fake[0].submits, 1 + 3);
    daemon_rig_fini(&r);
}

static void a_blob_that_cannot_be_read_is_rejected(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    r.fake[0].fault = FAKE_RPC_ERROR;
    r.fake[0].fault_method = "submit_block";
    r.fake[0].code = -6;
    submit(&r);
    assert_int_equal(r.heard.result, SUBMIT_REJECTED);
    daemon_rig_fini(&r);
}

static void confirmations_are_the_depth_and_one(void **state)
{
    static const struct {
        const char *header;
        int64_t confirmations;
    } rows[] = {
        {"{\"depth\": 0, \"orphan_status\": false}", 1},
        {"{\"depth\": 59, \"orphan_status\": false}", 60},
        {"{\"depth\": 5, \"orphan_status\": true}", 0},
        {"{\"depth\": -5, \"orphan_status\": false}", 0},
        {"{\"depth\": 9223372036854775807, \"orphan_status\": false}", 0},
        {"{\"orphan_status\": false}", -2},
        {"{\"depth\": 5}", -2},
        {"{\"depth\": \"5\", \"orphan_status\": false}", -2},
        {NULL, -1},
    };
    static const uint8_t hash[32] = {1};
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        r.fake[0].header = rows[i].header;
        r.heard.answers = 0;
        chain_status(r.chain, hash, chain_heard_status, &r.heard);
        UNTIL(&r, r.heard.answers);
        assert_int_equal(r.heard.confirmations, rows[i].confirmations);
    }
    daemon_rig_fini(&r);
}

/* A pool asks for all its young blocks at once. */
static void many_questions_share_few_connections(void **state)
{
    enum { QUESTIONS = 60 };
    static const uint8_t hash[32] = {1};
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 2);
    r.fake[0].header = "{\"depth\": 9, \"orphan_status\": false}";
    r.heard.answers = 0;
    for (int i = 0; i < QUESTIONS; i++)
        chain_status(r.chain, hash, chain_heard_status, &r.heard);
    UNTIL(&r, r.heard.answers == QUESTIONS);
    assert_int_equal(r.heard.confirmations, 10);
    assert_int_equal(r.fake[0].asked, QUESTIONS);
    assert_int_equal(r.fake[1].asked, QUESTIONS);
    assert_in_range(fake_daemon_connections(&r.fake[0]), 1, 6);
    daemon_rig_fini(&r);
}

static void closing_answers_questions_that_were_not_asked_yet(void **state)
{
    static const uint8_t hash[32] = {1};
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    r.heard.answers = 0;
    for (int i = 0; i < 20; i++)
        chain_status(r.chain, hash, chain_heard_status, &r.heard);
    chain_close(r.chain);
    r.chain = NULL;
    assert_int_equal(r.heard.answers, 20);
    assert_int_equal(r.heard.confirmations, -2);
    daemon_rig_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accepted_block_is_told_and_asks_for_a_template),
        cmocka_unit_test(a_refused_block_that_is_unknown_is_rejected),
        cmocka_unit_test(a_refused_block_that_is_known_is_accepted),
        cmocka_unit_test(a_daemon_that_does_not_say_whether_it_knows_the_block_judges_nothing),
        cmocka_unit_test(one_daemon_that_takes_the_block_is_enough),
        cmocka_unit_test(a_busy_daemon_is_tried_again),
        cmocka_unit_test(a_blob_that_cannot_be_read_is_rejected),
        cmocka_unit_test(confirmations_are_the_depth_and_one),
        cmocka_unit_test(many_questions_share_few_connections),
        cmocka_unit_test(closing_answers_questions_that_were_not_asked_yet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
