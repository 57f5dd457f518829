/* SPDX-License-Identifier: MIT */
/* A chain behind Monero daemons that are of another network, busy, or silent about why they refuse:
 * which template is used, what people are told, and what becomes of a solved block. What all
 * families of daemons share is in bitcoind_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "chain/chain.h"
#include "coin/monero.h"
#include "tests/fake/hash_algo.h"
#include "tests/fake/monerod.h"

#define GENESIS "418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3"
#define PAYOUT                                                                                     \
    "49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSe" \
    "xS6"
#define SUBADDRESS                                                                                 \
    "86eQxzSW4AZfvsWRSop755WZUsog6L3x32NRZukeeShnS4mBGVpcqQhS6pCNxj44usPKNwesZ45ooHyjDku6nVZdT3Q9" \
    "qrz"

#define VIEW_KEY "fced074c18bbd9c461f40dc4781c65ed62e473622a43b188e4f53be0ef99d906"
#define OWNED    /* the address of that key */                                                     \
    "45f7Dw8ZgJMi8dZvGFnVZSA89R2Abh8fyCuR2TiraDrxHW6v6d4sQqfRMYnJ3wyVMH96SW5DtBKoR47zFdWd5kRqFapc" \
    "m2M"

enum { DAEMONS = 2 };

static const struct chain_timing quick = {
    .poll_ms = 20,
    .refresh_ms = 60000,
    .stale_ms = 60000,
    .rpc_timeout_ms = 1000,
    .template_timeout_ms = 1000,
    .retry_first_ms = 20,
    .retry_limit_ms = 80,
    .submit_timeout_ms = 300,
    .submit_pause_ms = 20,
    .submit_tries = 3,
};

struct rig {
    uv_loop_t loop;
    struct fake_daemon fake[DAEMONS];
    struct daemon_config configs[DAEMONS];
    struct config config;
    char payout[128], view_key[80];
    struct chain *chain;
    struct chain_template *template;
    unsigned templates, new_tips;
    int answers;
    enum submit_result result;
    char text[160];
    int64_t confirmations;
};

static void on_template(void *arg, struct chain_template *t, bool new_tip)
{
    struct rig *r = arg;

    template_unref(r->template);
    r->template = template_ref(t);
    r->templates++;
    r->new_tips += new_tip;
}

static void on_submit(void *arg, enum submit_result result, const char *text)
{
    struct rig *r = arg;

    r->answers++;
    r->result = result;
    text_copy(r->text, sizeof r->text, text);
}

static void on_status(void *arg, int64_t confirmations)
{
    struct rig *r = arg;

    r->answers++;
    r->confirmations = confirmations;
}

static void turn(struct rig *r)
{
    uv_run(&r->loop, UV_RUN_NOWAIT);
    sleep_us(500);
}

/* Runs the loop until `condition`; fails after ten seconds. */
#define UNTIL(rig, condition)                                                                      \
    do {                                                                                           \
        int64_t until_end = now_us() + 10 * SECOND_US;                                             \
        while (!(condition)) {                                                                     \
            if (now_us() > until_end)                                                              \
                fail_msg("never: %s", #condition);                                                 \
            turn(rig);                                                                             \
        }                                                                                          \
    } while (0)

static void rig_init(struct rig *r, size_t daemons)
{
    memset(r, 0, sizeof *r);
    uv_loop_init(&r->loop);
    fake_monerod_info = (struct fake_monerod_info){"fakechain", "OK", true, NULL};
    for (size_t i = 0; i < daemons; i++) {
        r->fake[i].genesis = GENESIS;
        r->fake[i].answer = fake_monerod;
        fake_daemon_start(&r->fake[i], &r->loop);
        r->configs[i].url = r->fake[i].url;
    }
    r->config.pool.daemons.items = r->configs;
    r->config.pool.daemons.count = daemons;
    text_copy(r->payout, sizeof r->payout, PAYOUT);
    r->config.pool.payout_address = r->payout;
}

static int rig_open(struct rig *r, struct fault *why)
{
    struct chain_options options = {.config = &r->config,
                                    .coin = coin_find("monero"),
                                    .network = NETWORK_REGTEST,
                                    .algo = &fake_blob,
                                    .on_template = on_template,
                                    .arg = r,
                                    .timing = &quick};

    return chain_open(&options, &r->loop, &r->chain, why);
}

static void rig_start(struct rig *r, size_t daemons)
{
    rig_init(r, daemons);
    assert_int_equal(rig_open(r, NULL), 0);
    UNTIL(r, r->templates);
}

static void rig_fini(struct rig *r)
{
    chain_close(r->chain);
    for (size_t i = 0; i < DAEMONS; i++)
        fake_daemon_free(&r->fake[i]);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&r->loop), 0);
    template_unref(r->template);
}

static struct chain_node_view node(struct rig *r, unsigned i)
{
    struct chain_node_view views[DAEMONS];

    assert_int_equal(chain_nodes(r->chain, views, DAEMONS), r->config.pool.daemons.count);
    return views[i];
}

static bool says(struct rig *r, unsigned i, const char *words)
{
    return strstr(node(r, i).error, words) != NULL;
}

/* --- templates ------------------------------------------------------------------------------- */

static void a_template_comes_from_an_honest_daemon(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    assert_int_equal(r.template->height, 101);
    assert_int_equal(r.template->coinbase_value, 600000000);
    assert_string_equal(r.fake[0].path, "/json_rpc");
    assert_true(node(&r, 0).up);
    assert_true(node(&r, 0).active);
    assert_int_equal(node(&r, 0).height, 100);
    rig_fini(&r);
}

static void polling_finds_the_new_tip(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, r.new_tips == 2);
    assert_int_equal(r.template->height, 102);
    rig_fini(&r);
}

static void another_daemon_takes_over(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    UNTIL(&r, node(&r, 1).up);
    r.fake[0].fault = FAKE_SILENT;
    fake_daemon_stop(&r.fake[0]);
    fake_daemon_tip(&r.fake[1], 103, 'c');
    UNTIL(&r, r.template->height == 104);
    assert_false(node(&r, 0).active);
    assert_true(node(&r, 1).active);
    rig_fini(&r);
}

/* --- daemons that are not well --------------------------------------------------------------- */

static void a_daemon_of_another_network_is_not_used(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    fake_monerod_info.nettype = "stagenet";
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, says(&r, 0, "not on the regtest network of monero: it says stagenet"));
    fake_monerod_info.nettype = "fakechain"; /* another daemon at the same place */
    UNTIL(&r, r.templates);
    rig_fini(&r);
}

static void a_daemon_with_another_first_block_is_not_used(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    r.fake[0].genesis = "48ca7cd3c8de5b6a4d53d2861fbdaedca141553559f9be9520068053cda8430b";
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, says(&r, 0, "first block"));
    assert_int_equal(r.templates, 0);
    rig_fini(&r);
}

static void a_daemon_that_downloads_the_chain_is_waited_for(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    fake_monerod_info.synchronized = false;
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, says(&r, 0, "downloading"));
    fake_monerod_info.status = "BUSY";
    UNTIL(&r, says(&r, 0, "busy"));
    fake_monerod_info = (struct fake_monerod_info){"fakechain", "OK", true, NULL};
    UNTIL(&r, r.templates && node(&r, 0).up);
    fake_monerod_info.synchronized = false; /* later too */
    UNTIL(&r, !node(&r, 0).up);
    rig_fini(&r);
}

static void errors_of_templates_are_told_with_advice(void **state)
{
    static const struct {
        long code;
        const char *says;
    } rows[] = {{-9, "downloading"}, {-4, "payout_address"}, {-12, "main address"}, {-3, "(-3)"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        rig_init(&r, 1);
        r.fake[0].fault = FAKE_RPC_ERROR;
        r.fake[0].fault_method = "get_block_template";
        r.fake[0].code = rows[i].code;
        assert_int_equal(rig_open(&r, NULL), 0);
        UNTIL(&r, says(&r, 0, rows[i].says));
        rig_fini(&r);
    }
}

static void take_reward_away(json_t *t)
{
    json_object_set_new(t, "expected_reward", json_integer(1));
}

static void a_template_that_contradicts_itself_is_not_used(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    r.fake[0].spoil = take_reward_away;
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, says(&r, 0, "expected_reward"));
    assert_int_equal(r.templates, 0);
    rig_fini(&r);
}

/* --- whom they pay ---------------------------------------------------------------------------- */

static void watch(struct rig *r, const char *payout, const char *view_key)
{
    text_copy(r->payout, sizeof r->payout, payout);
    text_copy(r->view_key, sizeof r->view_key, view_key);
    r->config.pool.view_key = r->view_key;
}

static struct monero_address wallet(const char *address)
{
    struct monero_address a;

    assert_int_equal(monero_address_read(coin_find("monero"), NETWORK_REGTEST, address, &a, NULL),
                     0);
    return a;
}

static void templates_that_pay_the_wallet_are_mined(void **state)
{
    struct monero_address owned = wallet(OWNED);
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    fake_monerod_info.pays = &owned;
    watch(&r, OWNED, VIEW_KEY);
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, r.templates);
    rig_fini(&r);
}

/* A daemon that turns, and turns back. */
static void templates_that_pay_somebody_else_are_not_mined(void **state)
{
    struct monero_address owned = wallet(OWNED), other = wallet(PAYOUT);
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    fake_monerod_info.pays = &other;
    watch(&r, OWNED, VIEW_KEY);
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, says(&r, 0, "it pays somebody else"));
    assert_int_equal(r.templates, 0);
    fake_monerod_info.pays = &owned;
    UNTIL(&r, r.templates && node(&r, 0).up);
    unsigned before = r.templates;
    fake_monerod_info.pays = &other;
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, !node(&r, 0).up && says(&r, 0, "it pays somebody else"));
    assert_int_equal(r.templates, before);
    rig_fini(&r);
}

static void a_view_key_of_another_wallet_is_refused(void **state)
{
    static const struct {
        const char *payout, *view_key, *says;
    } rows[] = {
        {PAYOUT, VIEW_KEY, "is not that of the wallet"},
        {OWNED, "fced", "64 hex digits"},
        {OWNED, VIEW_KEY "00", "64 hex digits"},
        {OWNED, "0000000000000000000000000000000000000000000000000000000000000000",
         "not a private"},
        {OWNED, "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
         "not a private"},
        {SUBADDRESS, VIEW_KEY, "a subaddress"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fault why = {0};
        struct rig r;
        rig_init(&r, 1);
        watch(&r, rows[i].payout, rows[i].view_key);
        assert_int_equal(rig_open(&r, &why), ERR_CONFIG);
        assert_non_null(strstr(why.text, rows[i].says));
        rig_fini(&r);
    }
}

static void garbage_from_a_daemon_is_survived(void **state)
{
    static const enum fake_fault faults[] = {FAKE_HALF, FAKE_HUGE, FAKE_NOT_JSON, FAKE_STATUS};
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    r.fake[0].status = 500;
    assert_int_equal(rig_open(&r, NULL), 0);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        r.fake[0].fault = faults[i];
        UNTIL(&r, !node(&r, 0).up && node(&r, 0).error[0]);
        r.fake[0].fault = FAKE_HONEST;
        UNTIL(&r, node(&r, 0).up);
    }
    rig_fini(&r);
}

/* --- blocks ---------------------------------------------------------------------------------- */

static void submit(struct rig *r)
{
    static const uint8_t block[3] = {0x10, 0x20, 0x30}, hash[32] = {1};

    r->answers = 0;
    chain_submit(r->chain, block, sizeof block, hash, on_submit, r);
    UNTIL(r, r->answers);
}

static void an_accepted_block_is_told_and_asks_for_a_template(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    unsigned before = r.fake[0].templates;
    r.fake[0].submit = "{\"status\": \"OK\"}";
    submit(&r);
    assert_int_equal(r.result, SUBMIT_ACCEPTED);
    assert_string_equal(r.fake[0].block, "102030");
    UNTIL(&r, r.fake[0].templates > before);
    rig_fini(&r);
}

static void a_refused_block_that_is_unknown_is_rejected(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    submit(&r); /* -7, and then -5 */
    assert_int_equal(r.result, SUBMIT_REJECTED);
    assert_int_equal(r.fake[0].asked, 1);
    assert_int_equal(r.fake[0].submits, 1);
    assert_string_equal(r.text, "told to fail");
    rig_fini(&r);
}

/* monerod refuses what it has already with the same words as what it will not have. */
static void a_refused_block_that_is_known_is_accepted(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    r.fake[0].header = "{\"depth\": 3, \"orphan_status\": false}";
    submit(&r);
    assert_int_equal(r.result, SUBMIT_ACCEPTED);
    rig_fini(&r);
}

static void a_daemon_that_does_not_say_whether_it_knows_the_block_judges_nothing(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    r.fake[0].fault = FAKE_NOT_JSON;
    r.fake[0].fault_method = "get_block_header_by_hash";
    submit(&r);
    assert_int_equal(r.result, SUBMIT_UNKNOWN);
    assert_int_equal(r.fake[0].submits, 3);
    rig_fini(&r);
}

static void one_daemon_that_takes_the_block_is_enough(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    r.fake[1].submit = "{\"status\": \"OK\"}";
    submit(&r);
    assert_int_equal(r.result, SUBMIT_ACCEPTED);
    rig_fini(&r);
}

static void a_busy_daemon_is_tried_again(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    r.fake[0].fault = FAKE_RPC_ERROR;
    r.fake[0].fault_method = "submit_block";
    r.fake[0].code = -9;
    r.fake[0].faults_left = 3; /* the third is honest again */
    r.fake[0].submit = "{\"status\": \"OK\"}";
    submit(&r);
    assert_int_equal(r.result, SUBMIT_ACCEPTED);
    assert_int_equal(r.fake[0].submits, 1);
    r.fake[0].submit = "{\"status\": \"BUSY\"}";
    submit(&r);
    assert_int_equal(r.result, SUBMIT_UNKNOWN);
    assert_int_equal(r.fake[0].submits, 1 + 3);
    rig_fini(&r);
}

static void a_blob_that_cannot_be_read_is_rejected(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    r.fake[0].fault = FAKE_RPC_ERROR;
    r.fake[0].fault_method = "submit_block";
    r.fake[0].code = -6;
    submit(&r);
    assert_int_equal(r.result, SUBMIT_REJECTED);
    rig_fini(&r);
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
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        r.fake[0].header = rows[i].header;
        r.answers = 0;
        chain_status(r.chain, hash, on_status, &r);
        UNTIL(&r, r.answers);
        assert_int_equal(r.confirmations, rows[i].confirmations);
    }
    rig_fini(&r);
}

/* A pool asks for all its young blocks at once. */
static void many_questions_share_few_connections(void **state)
{
    enum { QUESTIONS = 60 };
    static const uint8_t hash[32] = {1};
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    r.fake[0].header = "{\"depth\": 9, \"orphan_status\": false}";
    r.answers = 0;
    for (int i = 0; i < QUESTIONS; i++)
        chain_status(r.chain, hash, on_status, &r);
    UNTIL(&r, r.answers == QUESTIONS);
    assert_int_equal(r.confirmations, 10);
    assert_int_equal(r.fake[0].asked, QUESTIONS);
    assert_int_equal(r.fake[1].asked, QUESTIONS);
    assert_in_range(fake_daemon_connections(&r.fake[0]), 1, 6);
    rig_fini(&r);
}

static void closing_answers_questions_that_were_not_asked_yet(void **state)
{
    static const uint8_t hash[32] = {1};
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    r.answers = 0;
    for (int i = 0; i < 20; i++)
        chain_status(r.chain, hash, on_status, &r);
    chain_close(r.chain);
    r.chain = NULL;
    assert_int_equal(r.answers, 20);
    assert_int_equal(r.confirmations, -2);
    rig_fini(&r);
}

/* --- configurations -------------------------------------------------------------------------- */

static void addresses_that_a_block_cannot_pay_are_refused(void **state)
{
    static const struct {
        const char *address, *says;
    } rows[] = {{SUBADDRESS, "subaddress"}, {"", "length"}, {"44", "length"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        struct fault why = {0};
        rig_init(&r, 1);
        text_copy(r.payout, sizeof r.payout, rows[i].address);
        assert_int_equal(rig_open(&r, &why), ERR_CONFIG);
        if (!strstr(why.text, rows[i].says) || !strstr(why.text, "pool.payout_address"))
            fail_msg("%s: %s", rows[i].address, why.text);
        rig_fini(&r);
    }
}

static void a_cookie_file_is_refused(void **state)
{
    static char file[] = "/nonexistent/.cookie";
    struct fault why = {0};
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    r.configs[0].cookie_file = file;
    assert_int_equal(rig_open(&r, &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, "--rpc-login"));
    rig_fini(&r);
}

static void the_configuration_may_go_while_the_chain_is_open(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    memset(r.payout, 'x', sizeof r.payout - 1);
    r.config.pool.payout_address = NULL;
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, r.new_tips == 2);
    rig_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template_comes_from_an_honest_daemon),
        cmocka_unit_test(polling_finds_the_new_tip),
        cmocka_unit_test(another_daemon_takes_over),
        cmocka_unit_test(a_daemon_of_another_network_is_not_used),
        cmocka_unit_test(a_daemon_with_another_first_block_is_not_used),
        cmocka_unit_test(a_daemon_that_downloads_the_chain_is_waited_for),
        cmocka_unit_test(errors_of_templates_are_told_with_advice),
        cmocka_unit_test(a_template_that_contradicts_itself_is_not_used),
        cmocka_unit_test(templates_that_pay_the_wallet_are_mined),
        cmocka_unit_test(templates_that_pay_somebody_else_are_not_mined),
        cmocka_unit_test(a_view_key_of_another_wallet_is_refused),
        cmocka_unit_test(garbage_from_a_daemon_is_survived),
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
        cmocka_unit_test(addresses_that_a_block_cannot_pay_are_refused),
        cmocka_unit_test(a_cookie_file_is_refused),
        cmocka_unit_test(the_configuration_may_go_while_the_chain_is_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
