/* SPDX-License-Identifier: MIT */
/* A chain behind Monero daemons that are of another network, busy, or talk nonsense: which template
 * is used and what people are told. What all families of daemons share is in bitcoind_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "coin/monero.h"
#include "tests/fake/daemon_rig.h"
#include "tests/fake/monerod.h"

#define GENESIS "418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3"
#define MONERO_PAYOUT                                                                              \
    "49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSe" \
    "xS6"
#define SUBADDRESS                                                                                 \
    "86eQxzSW4AZfvsWRSop755WZUsog6L3x32NRZukeeShnS4mBGVpcqQhS6pCNxj44usPKNwesZ45ooHyjDku6nVZdT3Q9" \
    "qrz"

#define VIEW_KEY "fced074c18bbd9c461f40dc4781c65ed62e473622a43b188e4f53be0ef99d906"
#define OWNED    /* the address of that key */                                                     \
    "45f7Dw8ZgJMi8dZvGFnVZSA89R2Abh8fyCuR2TiraDrxHW6v6d4sQqfRMYnJ3wyVMH96SW5DtBKoR47zFdWd5kRqFapc" \
    "m2M"

static void a_template_comes_from_an_honest_daemon(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    assert_int_equal(r.heard.template->height, 101);
    assert_int_equal(r.heard.template->coinbase_value, 600000000);
    assert_string_equal(r.fake[0].path, "/json_rpc");
    assert_true(daemon_rig_node(&r, 0).up);
    assert_true(daemon_rig_node(&r, 0).active);
    assert_int_equal(daemon_rig_node(&r, 0).height, 100);
    daemon_rig_fini(&r);
}

static void polling_finds_the_new_tip(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, r.heard.new_tips == 2);
    assert_int_equal(r.heard.template->height, 102);
    daemon_rig_fini(&r);
}

static void another_daemon_takes_over(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 2);
    UNTIL(&r, daemon_rig_node(&r, 1).up);
    r.fake[0].fault = FAKE_SILENT;
    fake_daemon_stop(&r.fake[0]);
    fake_daemon_tip(&r.fake[1], 103, 'c');
    UNTIL(&r, r.heard.template->height == 104);
    assert_false(daemon_rig_node(&r, 0).active);
    assert_true(daemon_rig_node(&r, 1).active);
    daemon_rig_fini(&r);
}

static void a_daemon_of_another_network_is_not_used(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &monero_family, 1);
    fake_monerod_info.nettype = "stagenet";
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, daemon_rig_says(&r, 0, "not on the regtest network of monero: it says stagenet"));
    fake_monerod_info.nettype = "fakechain"; /* another daemon at the same place */
    UNTIL(&r, r.heard.templates);
    daemon_rig_fini(&r);
}

static void a_daemon_with_another_first_block_is_not_used(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &monero_family, 1);
    r.fake[0].genesis = "48ca7cd3c8de5b6a4d53d2861fbdaedca141553559f9be9520068053cda8430b";
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, daemon_rig_says(&r, 0, "first block"));
    assert_int_equal(r.heard.templates, 0);
    daemon_rig_fini(&r);
}

static void a_daemon_that_downloads_the_chain_is_waited_for(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &monero_family, 1);
    fake_monerod_info.synchronized = false;
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, daemon_rig_says(&r, 0, "downloading"));
    fake_monerod_info.status = "BUSY";
    UNTIL(&r, daemon_rig_says(&r, 0, "busy"));
    fake_monerod_info = (struct fake_monerod_info){"fakechain", "OK", true, NULL};
    UNTIL(&r, r.heard.templates && daemon_rig_node(&r, 0).up);
    fake_monerod_info.synchronized = false; /* later too */
    UNTIL(&r, !daemon_rig_node(&r, 0).up);
    daemon_rig_fini(&r);
}

static void errors_of_templates_are_told_with_advice(void **state)
{
    static const struct {
        long code;
        const char *says;
    } rows[] = {{-9, "downloading"}, {-4, "payout_address"}, {-12, "main address"}, {-3, "(-3)"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct daemon_rig r;
        daemon_rig_init(&r, &monero_family, 1);
        r.fake[0].fault = FAKE_RPC_ERROR;
        r.fake[0].fault_method = "get_block_template";
        r.fake[0].code = rows[i].code;
        assert_int_equal(daemon_rig_open(&r, NULL), 0);
        UNTIL(&r, daemon_rig_says(&r, 0, rows[i].says));
        daemon_rig_fini(&r);
    }
}

static void take_reward_away(json_t *t)
{
    json_object_set_new(t, "expected_reward", json_integer(1));
}

static void a_template_that_contradicts_itself_is_not_used(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &monero_family, 1);
    r.fake[0].spoil = take_reward_away;
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, daemon_rig_says(&r, 0, "expected_reward"));
    assert_int_equal(r.heard.templates, 0);
    daemon_rig_fini(&r);
}

static void watch(struct daemon_rig *r, const char *payout, const char *view_key)
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
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &monero_family, 1);
    fake_monerod_info.pays = &owned;
    watch(&r, OWNED, VIEW_KEY);
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, r.heard.templates);
    daemon_rig_fini(&r);
}

/* A daemon that turns, and turns back. */
static void templates_that_pay_somebody_else_are_not_mined(void **state)
{
    struct monero_address owned = wallet(OWNED), other = wallet(MONERO_PAYOUT);
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &monero_family, 1);
    fake_monerod_info.pays = &other;
    watch(&r, OWNED, VIEW_KEY);
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, daemon_rig_says(&r, 0, "it pays somebody else"));
    assert_int_equal(r.heard.templates, 0);
    fake_monerod_info.pays = &owned;
    UNTIL(&r, r.heard.templates && daemon_rig_node(&r, 0).up);
    unsigned before = r.heard.templates;
    fake_monerod_info.pays = &other;
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, !daemon_rig_node(&r, 0).up && daemon_rig_says(&r, 0, "it pays somebody else"));
    assert_int_equal(r.heard.templates, before);
    daemon_rig_fini(&r);
}

static void a_view_key_of_another_wallet_is_refused(void **state)
{
    static const struct {
        const char *payout, *view_key, *says;
    } rows[] = {
        {MONERO_PAYOUT, VIEW_KEY, "is not that of the wallet"},
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
        struct daemon_rig r;
        daemon_rig_init(&r, &monero_family, 1);
        watch(&r, rows[i].payout, rows[i].view_key);
        assert_int_equal(daemon_rig_open(&r, &why), ERR_CONFIG);
        assert_non_null(strstr(why.text, rows[i].says));
        daemon_rig_fini(&r);
    }
}

static void garbage_from_a_daemon_is_survived(void **state)
{
    static const enum fake_fault faults[] = {FAKE_HALF, FAKE_HUGE, FAKE_NOT_JSON, FAKE_STATUS};
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &monero_family, 1);
    r.fake[0].status = 500;
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        r.fake[0].fault = faults[i];
        UNTIL(&r, !daemon_rig_node(&r, 0).up && daemon_rig_node(&r, 0).error[0]);
        r.fake[0].fault = FAKE_HONEST;
        UNTIL(&r, daemon_rig_node(&r, 0).up);
    }
    daemon_rig_fini(&r);
}

static void addresses_that_a_block_cannot_pay_are_refused(void **state)
{
    static const struct {
        const char *address, *says;
    } rows[] = {{SUBADDRESS, "subaddress"}, {"", "length"}, {"44", "length"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct daemon_rig r;
        struct fault why = {0};
        daemon_rig_init(&r, &monero_family, 1);
        text_copy(r.payout, sizeof r.payout, rows[i].address);
        assert_int_equal(daemon_rig_open(&r, &why), ERR_CONFIG);
        if (!strstr(why.text, rows[i].says) || !strstr(why.text, "pool.payout_address"))
            fail_msg("%s: %s", rows[i].address, why.text);
        daemon_rig_fini(&r);
    }
}

static void a_cookie_file_is_refused(void **state)
{
    static char file[] = "/nonexistent/.cookie";
    struct fault why = {0};
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &monero_family, 1);
    r.configs[0].cookie_file = file;
    assert_int_equal(daemon_rig_open(&r, &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, "--rpc-login"));
    daemon_rig_fini(&r);
}

static void the_configuration_may_go_while_the_chain_is_open(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &monero_family, 1);
    memset(r.payout, 'x', sizeof r.payout - 1);
    r.config.pool.payout_address = NULL;
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, r.heard.new_tips == 2);
    daemon_rig_fini(&r);
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
        cmocka_unit_test(addresses_that_a_block_cannot_pay_are_refused),
        cmocka_unit_test(a_cookie_file_is_refused),
        cmocka_unit_test(the_configuration_may_go_while_the_chain_is_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
