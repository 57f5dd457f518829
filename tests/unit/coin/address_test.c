/* SPDX-License-Identifier: MIT */
/* Addresses to scripts: the vectors of BIP173 and BIP350, the same key hash on every network, and
 * the sentences people get for wrong ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "coin/coin.h"

#define HASH "751e76e8199196d454941c45d1b3a323f1433bd6"
#define KEY  "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"

static const struct {
    const char *coin;
    enum network network;
    const char *address, *script;
} good[] = {
    {"bitcoin", NETWORK_MAIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "76a914" HASH "88ac"},
    {"bitcoin", NETWORK_MAIN, "3CNHUhP3uyB9EUtRLsmvFUmvGdjGdkTxJw", "a914" HASH "87"},
    {"bitcoin", NETWORK_TEST, "mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r", "76a914" HASH "88ac"},
    {"bitcoin", NETWORK_REGTEST, "2N3vVYSK5XRgVSGWy21PnsRmBUywSQNdCsf", "a914" HASH "87"},
    {"litecoin", NETWORK_MAIN, "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ", "76a914" HASH "88ac"},
    {"litecoin", NETWORK_MAIN, "MJaRnao1s62a2zAKSkmG582KbLKianqb7v", "a914" HASH "87"},
    {"litecoin", NETWORK_MAIN, "3CNHUhP3uyB9EUtRLsmvFUmvGdjGdkTxJw", "a914" HASH "87"},
    {"litecoin", NETWORK_REGTEST, "QXHFfTBKYXjaaTH1e7Rox8CcdNPGHVhM59", "a914" HASH "87"},
    {"devnet", NETWORK_MAIN, "dQ6ZAviYGJZckKjnRY61U8unmWdT3HhFSV", "76a914" HASH "88ac"},
    /* BIP173, both cases */
    {"bitcoin", NETWORK_MAIN, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014" HASH},
    {"bitcoin", NETWORK_TEST, "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "0014" HASH},
    {"bitcoin", NETWORK_REGTEST, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "0014" HASH},
    {"bitcoin", NETWORK_TEST, "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
     "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262"},
    {"bitcoin", NETWORK_TEST, "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
     "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433"},
    {"litecoin", NETWORK_MAIN, "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9", "0014" HASH},
    {"litecoin", NETWORK_TEST, "tltc1qw508d6qejxtdg4y5r3zarvary0c5xw7klfsuq0", "0014" HASH},
    {"litecoin", NETWORK_REGTEST, "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3", "0014" HASH},
    {"devnet", NETWORK_MAIN, "dev1qw508d6qejxtdg4y5r3zarvary0c5xw7k3kfm2w", "0014" HASH},
    /* BIP350 */
    {"bitcoin", NETWORK_MAIN, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
     "5120" KEY},
    {"bitcoin", NETWORK_TEST, "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
     "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433"},
    {"litecoin", NETWORK_MAIN, "ltc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqpj6zg2",
     "5120" KEY},
};

static const struct {
    const char *coin;
    enum network network;
    const char *address, *says; /* a piece of the sentence */
} bad[] = {
    {"bitcoin", NETWORK_MAIN, "", "empty"},
    {"bitcoin", NETWORK_MAIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMh", "checksum"},
    {"bitcoin", NETWORK_MAIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAM", "not valid"},
    {"bitcoin", NETWORK_MAIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAM0", "character"},
    {"bitcoin", NETWORK_MAIN, "11BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "length"},
    {"bitcoin", NETWORK_MAIN, "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "length"},
    {"bitcoin", NETWORK_MAIN, "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ", "for litecoin main, not for"},
    {"litecoin", NETWORK_MAIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "for bitcoin main, not for"},
    {"litecoin", NETWORK_MAIN, "QXHFfTBKYXjaaTH1e7Rox8CcdNPGHVhM59", "litecoin regtest, not for"},
    {"bitcoin", NETWORK_MAIN, "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE", "unknown coin"},
    {"bitcoin", NETWORK_MAIN, "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
     "for bitcoin test, not"},
    {"bitcoin", NETWORK_MAIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "checksum"},
    {"bitcoin", NETWORK_MAIN, "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "case"},
    {"bitcoin", NETWORK_MAIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3tb", "character"},
    {"bitcoin", NETWORK_MAIN, "bc1", "length"},
    /* right checksum, wrong form for its version (BIP350) */
    {"bitcoin", NETWORK_MAIN, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
     "checksum form"},
    {"bitcoin", NETWORK_MAIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "checksum form"},
    {"bitcoin", NETWORK_MAIN, "bc1qw508d6qejxtdg4y5d4skek", "program has a wrong length"},
    {"bitcoin", NETWORK_MAIN, "bc1gmk9yu", "version"},
    {"bitcoin", NETWORK_MAIN, "bc1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq2tdauy",
     "witness version 2"},
    {"bitcoin", NETWORK_MAIN, "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kj9wkru",
     "version 1 with 20 bytes"},
    {"litecoin", NETWORK_MAIN, "ltcmweb1qqxyz", "MWEB"},
    {"litecoin", NETWORK_REGTEST, "tmweb1qqxyz", "\"rltc1\""},
};

static void valid_addresses_give_their_script(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint8_t script[SCRIPT_MAX];
        char hex[2 * SCRIPT_MAX + 1];
        struct fault why = {0};
        int len =
            address_script(coin_find(good[i].coin), good[i].network, good[i].address, script, &why);

        if (len < 0)
            fail_msg("%s: %s", good[i].address, why.text);
        hex_encode(script, (size_t)len, hex);
        assert_string_equal(hex, good[i].script);
    }
}

static void wrong_addresses_are_refused_with_the_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t script[SCRIPT_MAX];
        struct fault why = {0};
        int len =
            address_script(coin_find(bad[i].coin), bad[i].network, bad[i].address, script, &why);

        assert_int_equal(len, ERR_FIELD);
        if (!strstr(why.text, bad[i].says))
            fail_msg("%s: \"%s\" does not say \"%s\"", bad[i].address, why.text, bad[i].says);
    }
}

static void an_endless_address_is_refused(void **state)
{
    uint8_t script[SCRIPT_MAX];
    char text[4096];

    (void)state;
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(address_script(coins, NETWORK_MAIN, text, script, NULL), ERR_FIELD);
}

static void coins_are_found_by_name_and_symbol(void **state)
{
    (void)state;
    assert_ptr_equal(coin_find("LTC"), coin_find("litecoin"));
    assert_ptr_equal(coin_find("Bitcoin"), coin_find("btc"));
    assert_non_null(coin_find("devnet"));
    assert_null(coin_find("nosuchcoin"));
}

static void networks_round_trip(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NETWORKS; i++) {
        enum network n = NETWORKS;
        assert_true(network_parse(network_name((enum network)i), &n));
        assert_int_equal(n, i);
    }
    enum network n;
    assert_false(network_parse("moon", &n));
}

static void every_genesis_is_64_hex_digits(void **state)
{
    (void)state;
    for (const struct coin *c = coins; c->name; c++)
        for (unsigned n = 0; n < NETWORKS; n++)
            for (const char *g = c->genesis[n]; g; g = strchr(g, ' ') ? strchr(g, ' ') + 1 : NULL) {
                char one[65];
                uint8_t bytes[32];
                snprintf(one, sizeof one, "%.64s", g);
                assert_true(hex_decode(one, bytes, 32));
            }
}

static void amounts_keep_every_digit(void **state)
{
    static const struct {
        uint64_t atoms;
        const char *text;
    } rows[] = {{0, "0.00000000"},
                {1, "0.00000001"},
                {1250005530, "12.50005530"},
                {UINT64_MAX, "184467440737.09551615"}};
    char out[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        coin_amount(coins, rows[i].atoms, out);
        assert_string_equal(out, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_addresses_give_their_script),
        cmocka_unit_test(wrong_addresses_are_refused_with_the_reason),
        cmocka_unit_test(an_endless_address_is_refused),
        cmocka_unit_test(coins_are_found_by_name_and_symbol),
        cmocka_unit_test(networks_round_trip),
        cmocka_unit_test(every_genesis_is_64_hex_digits),
        cmocka_unit_test(amounts_keep_every_digit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
