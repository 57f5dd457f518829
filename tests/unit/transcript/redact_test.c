/* SPDX-License-Identifier: MIT */
/* Redaction: what is secret or personal goes, and every other byte stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "coin/coin.h"
#include "transcript/redact.h"

struct said {
    struct redaction r;
    struct talk talk;
    struct str out;
};

/* The line as it is written; NULL when it is left out. Borrowed until the next call. */
static const char *say(struct said *s, bool by_miner, const char *line)
{
    str_clear(&s->out);
    return redact_line(&s->r, &s->talk, by_miner, line, strlen(line), &s->out) ? s->out.s : NULL;
}

static int begin(void **state)
{
    *state = calloc(1, sizeof(struct said));
    return *state ? 0 : -1;
}

static int end(void **state)
{
    struct said *s = *state;

    redaction_free(&s->r);
    str_free(&s->out);
    free(s);
    return 0;
}

static void a_login_loses_name_and_password_and_no_other_byte(void **state)
{
    assert_string_equal(
        say(*state, true,
            "{\"params\" : [\"bob.rig\",\"hunter2\"], \"id\": 2.0 "
            ",\"method\":\"mining.authorize\"}"),
        "{\"params\" : [\"user1.worker1\",\"x\"], \"id\": 2.0 ,\"method\":\"mining.authorize\"}");
    assert_string_equal(say(*state, true,
                            "{\"id\":3,\"method\":\"mining.submit\",\"params\":[\"bob.rig\",\"1f\","
                            "\"00\",\"65\",\"AB\"]}"),
                        "{\"id\":3,\"method\":\"mining.submit\",\"params\":[\"user1.worker1\","
                        "\"1f\",\"00\",\"65\",\"AB\"]}");
}

static void the_same_name_keeps_its_placeholder(void **state)
{
    (void)say(*state, true, "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"a\",\"b\"]}");
    (void)say(*state, true,
              "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"c.w\",\"b\"]}");
    assert_string_equal(
        say(*state, true, "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"a.w\",\"\"]}"),
        "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"user1.worker1\",\"\"]}");
}

static void no_password_is_left_in_any_dialect(void **state)
{
    static const char *const lines[] = {
        "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"u\",\"SECRET\"]}",
        "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"u\",\"SE\\u0043RET\\n\"]}",
        "{\"id\":1,\"method\":\"login\",\"params\":{\"login\":\"u\",\"pass\":\"SECRET\",\"agent\":"
        "\"a\"}}",
        "{\"id\":1,\"method\":\"eth_submitLogin\",\"worker\":\"w\",\"params\":[\"0x1\",\"SECRET\"]"
        "}",
        "{\"id\":1,\"method\":\"mining.auth_v9\",\"params\":[\"u\",\"SECRET\",\"SECRET\"]}",
        "{\"id\":1,\"method\":\"whatever\",\"params\":{\"api_key\":\"SECRET\"}}",
        "{\"id\":1,\"method\":\"whatever\",\"params\":{\"password\":{\"a\":[\"SECRET\"]}}}",
        "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"u\",[\"SECRET\"]]}",
        "{\"id\":1,\"method\":\"whatever\",\"params\":[{\"a\":{\"Password\":\"SECRET\"}}]}",
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *out = say(*state, true, lines[i]);
        assert_non_null(out);
        assert_null(strstr(out, "SECRET"));
        assert_null(strstr(out, "0043RET"));
        json_t *still = json_loads(out, 0, NULL);
        assert_non_null(still);
        json_decref(still);
    }
}

static void an_address_becomes_another_of_its_coin(void **state)
{
    static const struct {
        const char *coin;
        enum network network;
        const char *address;
    } of[] = {
        {"bitcoin", NETWORK_MAIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
        {"bitcoin", NETWORK_MAIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
        {"bitcoin", NETWORK_MAIN, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"},
        {"bitcoin", NETWORK_TEST, "mkHS9ne12qx9pS9VojpwU5xtRd4T7X7ZUt"},
        {"litecoin", NETWORK_MAIN, "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1"},
        {"monero", NETWORK_MAIN,
         "45JHuqGBSqUXUyZx95H4C2J5aEL4zFjM3jpTmMTESPXPa3jmtSQWYezHX7r4A2xPQNBGsQupJqmPhRZb2QgBcEWRD"
         "Q"
         "9ywwR"},
        {"monero", NETWORK_TEST,
         "A1SqL5oPjh8Km1At7mao7U1fNjWkzeSwvQ39GimMqvhBF3FUoJhx1zxL2i6XbHzzAXDhKetiwSmYQeVwG6sUgwJuE"
         "q"
         "PyjWq"},
    };
    uint8_t script[SCRIPT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char *other = test_address(of[i].address, 1234567);
        assert_non_null(other);
        assert_string_not_equal(other, of[i].address);
        assert_true(address_script(coin_find(of[i].coin), of[i].network, other, script, NULL) >= 0);
        free(other);
    }
    char *ethereum = test_address("0xDE0B295669a9FD93d5F28D9Ec85E40f4cb697BAe", 7);
    assert_string_equal(ethereum, "0x0000000000000000000000000000000000000007");
    free(ethereum);
    assert_null(test_address("bob", 1));
    assert_null(test_address("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", 1)); /* its checksum is wrong */
}

static void what_names_nobody_stays_in_a_login(void **state)
{
    static const char line[] =
        "{\"id\":1,\"method\":\"login\",\"params\":{\"login\":\"user1\",\"pass\":"
        "\"x\",\"agent\":\"a/1\",\"algo\":[\"rx/0\"]}}";

    assert_string_equal(say(*state, true, line), line);
}

static void a_session_id_keeps_its_form_wherever_it_is_said(void **state)
{
    (void)say(*state, true,
              "{\"id\":1,\"method\":\"login\",\"params\":{\"login\":\"bob+5000\",\"pass\":\"\"}}");
    assert_string_equal(say(*state, false,
                            "{\"id\":1,\"result\":{\"id\":\"6f2c-9abd\",\"job\":{\"job_id\":\"9\"},"
                            "\"status\":\"OK\"}}"),
                        "{\"id\":1,\"result\":{\"id\":\"0000-0001\",\"job\":{\"job_id\":\"9\"},"
                        "\"status\":\"OK\"}}");
    assert_string_equal(
        say(*state, true, "{\"id\":2,\"method\":\"keepalived\",\"params\":{\"id\":\"6f2c-9abd\"}}"),
        "{\"id\":2,\"method\":\"keepalived\",\"params\":{\"id\":\"0000-0001\"}}");
}

static void subscription_ids_go_and_the_extranonce_stays(void **state)
{
    (void)say(*state, true,
              "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"a/1\",\"beef\"]}");
    assert_string_equal(
        say(*state, false,
            "{\"id\":1,\"result\":[[[\"mining.notify\",\"ae6812eb\"]],\"ae6812eb\",4]}"),
        "{\"id\":1,\"result\":[[[\"mining.notify\",\"00000002\"]],\"ae6812eb\",4]}");
}

static void texts_lose_names_and_ip_addresses(void **state)
{
    (void)say(*state, true,
              "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"bob.rig\",\"\"]}");
    assert_string_equal(
        say(*state, false,
            "{\"id\":1,\"error\":[24,\"bob from 10.1.2.3:99, bobby, or fe80::1. v1.2.3\",null]}"),
        "{\"id\":1,\"error\":[24,\"user1 from 192.0.2.1:99, bobby, or 2001:db8::2. "
        "v1.2.3\",null]}");
    assert_string_equal(
        say(*state, false,
            "{\"id\":null,\"method\":\"client.reconnect\",\"params\":[\"eu.corp.example\",3333]}"),
        "{\"id\":null,\"method\":\"client.reconnect\",\"params\":[\"pool3.example\",3333]}");
}

static void what_is_no_message_is_left_out(void **state)
{
    assert_null(say(*state, true, "{\"method\":\"mining.authorize\",\"params\":[\"u\",\"SECRET\""));
    assert_null(say(*state, true, "Authorization: Basic c2VjcmV0"));
    assert_null(say(*state, true, "[{\"id\":1}]"));
    assert_null(say(*state, true, ""));
}

static void memory_stays_bounded_with_many_names(void **state)
{
    struct said *s = *state;
    char line[128];

    for (unsigned i = 0; i < PLACEHOLDERS_MAX + 100; i++) {
        (void)snprintf(line, sizeof line,
                       "{\"id\":%u,\"method\":\"mining.authorize\",\"params\":[\"n%u\",\"\"]}", i,
                       i);
        assert_null(strstr(say(s, true, line), "\"n"));
    }
    assert_int_equal(s->r.names.count, PLACEHOLDERS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
        TEST(a_login_loses_name_and_password_and_no_other_byte),
        TEST(the_same_name_keeps_its_placeholder),
        TEST(no_password_is_left_in_any_dialect),
        TEST(an_address_becomes_another_of_its_coin),
        TEST(what_names_nobody_stays_in_a_login),
        TEST(a_session_id_keeps_its_form_wherever_it_is_said),
        TEST(subscription_ids_go_and_the_extranonce_stays),
        TEST(texts_lose_names_and_ip_addresses),
        TEST(what_is_no_message_is_left_out),
        TEST(memory_stays_bounded_with_many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
