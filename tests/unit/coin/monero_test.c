/* SPDX-License-Identifier: MIT */
/* Monero addresses: what is wrong with bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "coin/monero.h"

#define STANDARD                                                                                   \
    "49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1HLSe" \
    "xS6"
#define SUBADDRESS                                                                                 \
    "86eQxzSW4AZfvsWRSop755WZUsog6L3x32NRZukeeShnS4mBGVpcqQhS6pCNxj44usPKNwesZ45ooHyjDku6nVZdT3Q9" \
    "qrz"
#define TESTNET                                                                                    \
    "9x6aEN1yd2WhPMPw89LV5LLK1ZFe6N8xiAm18Ay4q1U4LKMde7MpDdPRN6GiiGCJMVTHuptGGmfj2Qfp2vcKSRSG79HJ" \
    "rQn"
#define STAGENET                                                                                   \
    "5BQqg4HTWuN3j4NzBHTK31eTaygRXYxWRQW9dTD7qMuJSiVtskraSErXQ24FUBeifiV6NaQPmxLS559vbUT4xYUoF2fi" \
    "GvH"
#define INTEGRATED                                                                                 \
    "4KKHpFbLniuJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1"     \
    "R8V4WGDtHmzUgyQMsi"

static const struct coin *monero;

static int read_address(const char *text, enum network network, struct monero_address *a,
                        struct fault *why)
{
    *why = (struct fault){0};
    return monero_address_read(monero, network, text, a, why);
}

static void refusals_say_why(void **state)
{
    static const struct {
        enum network network;
        const char *address, *says;
    } rows[] = {
        {NETWORK_MAIN, TESTNET, "is for monero test, not for monero main"},
        {NETWORK_REGTEST, TESTNET, "is for monero test, not for monero regtest"},
        {NETWORK_TEST, STANDARD, "is for monero main, not for monero test"},
        {NETWORK_TEST, STAGENET, "stagenet"},
        {NETWORK_MAIN,
         "49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1H"
         "LSexS7",
         "checksum"},
        {NETWORK_MAIN,
         "40ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1H"
         "LSexS6",
         "character"},
        {NETWORK_MAIN,
         "49ccoSmrBTPzzzzzzzzzzzh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEiGYW1K6Ae4biZ7w1H"
         "LSexS6",
         "too large"},
        {NETWORK_MAIN, "49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEi",
         "length"},
        {NETWORK_MAIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "length"},
        {NETWORK_MAIN, STANDARD STANDARD, "length"},
        {NETWORK_MAIN, INTEGRATED, "integrated"},
        {NETWORK_MAIN, "", "empty"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t script[SCRIPT_MAX];
        struct fault why = {0};
        int err = address_script(monero, rows[i].network, rows[i].address, script, &why);
        assert_int_equal(err, ERR_FIELD);
        if (!strstr(why.text, rows[i].says))
            fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].address, why.text, rows[i].says);
    }
}

static void regtest_takes_the_addresses_of_main(void **state)
{
    static const char *const rows[] = {STANDARD, SUBADDRESS};
    uint8_t script[SCRIPT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned n = 0; n < NETWORKS; n++)
            assert_int_equal(
                address_script(monero, (enum network)n, rows[i], script, &(struct fault){0}),
                n == NETWORK_TEST ? ERR_FIELD : 0);
}

static void an_integrated_address_gives_its_payment_id(void **state)
{
    struct monero_address a, plain;
    struct fault why;
    static const uint8_t id[8] = {0x42, 0x0f, 0xa2, 0x9b, 0x2d, 0x9a, 0x49, 0xf5};

    (void)state;
    if (read_address(INTEGRATED, NETWORK_MAIN, &a, &why) < 0)
        fail_msg("%s", why.text);
    assert_int_equal(read_address(STANDARD, NETWORK_MAIN, &plain, &why), 0);
    assert_int_equal(a.kind, MONERO_INTEGRATED);
    assert_memory_equal(a.spend, plain.spend, 32);
    assert_memory_equal(a.payment_id, id, 8);
}

/* One character changed anywhere is always noticed. */
static void no_typing_error_passes(void **state)
{
    char text[] = STANDARD;
    struct monero_address a;
    struct fault why;

    (void)state;
    for (size_t i = 0; i < sizeof text - 1; i++)
        for (const char *c = "2Az"; *c; c++) {
            char old = text[i];
            if (old == *c)
                continue;
            text[i] = *c;
            assert_int_equal(read_address(text, NETWORK_MAIN, &a, &why), ERR_FIELD);
            text[i] = old;
        }
}

static void monero_has_twelve_decimals(void **state)
{
    char out[32];

    (void)state;
    coin_amount(monero, UINT64_C(35184338534400), out);
    assert_string_equal(out, "35.184338534400");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(regtest_takes_the_addresses_of_main),
        cmocka_unit_test(an_integrated_address_gives_its_payment_id),
        cmocka_unit_test(no_typing_error_passes),
        cmocka_unit_test(monero_has_twelve_decimals),
    };

    monero = coin_find("XMR");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
