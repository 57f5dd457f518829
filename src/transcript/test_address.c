/* SPDX-License-Identifier: MIT */
/* Addresses that pay nobody: of the same coin, network and kind as a given one, with a number where
 * the key's hash would be. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "coin/monero.h"
#include "crypto/base58.h"
#include "crypto/bech32.h"
#include "transcript/placeholder.h"

enum { BASE58_PAYLOAD = 21, ETHEREUM_DIGITS = 40, ADDRESS_TEXT_MAX = 96 };

/* Decimal digits of `n` at the end of zeros, as bytes: 42 is ... 00 42. */
static void number_bytes(uint8_t *to, size_t len, unsigned n)
{
    memset(to, 0, len);
    for (size_t i = len; i-- > 0 && n; n /= 100)
        to[i] = (uint8_t)(n % 10 | n / 10 % 10 << 4);
}

static char *of_bitcoin(const char *address, unsigned n)
{
    struct witness_program w;
    uint8_t payload[BASE58_PAYLOAD];
    char out[ADDRESS_TEXT_MAX];

    if (witness_address_decode(address, &w) == BECH32_OK) {
        number_bytes(w.program, w.len, n);
        return witness_address_encode(&w, out) ? xstrdup(out) : NULL;
    }
    if (base58check_decode(address, payload, sizeof payload) != BASE58_OK)
        return NULL;
    number_bytes(payload + 1, sizeof payload - 1, n);
    base58check_encode(payload, sizeof payload, out);
    return xstrdup(out);
}

/* "0x" and 40 digits: all of them decimal, so that no checksum by letter case applies. */
static char *of_ethereum(const char *address, unsigned n)
{
    const char *digits = !strncasecmp(address, "0x", 2) ? address + 2 : address;

    if (strlen(digits) != ETHEREUM_DIGITS ||
        strspn(digits, "0123456789abcdefABCDEF") != ETHEREUM_DIGITS)
        return NULL;
    return xasprintf("%.*s%040u", (int)(digits - address), address, n);
}

/* Published test addresses (p2pool's wallet tests); one a network, whatever kind was given. */
static char *of_monero(const char *address)
{
    static const struct {
        enum network network;
        const char *address;
    } known[] = {
        {NETWORK_MAIN, "49ccoSmrBTPJd5yf8VYCULh4J5rHQaXP1TeC8Cnqhd5H9Y2cMwkJ9w42euLmMghKtCiQcgZEi"
                       "GYW1K6Ae4biZ7w1HLSexS6"},
        {NETWORK_TEST, "9x6aEN1yd2WhPMPw89LV5LLK1ZFe6N8xiAm18Ay4q1U4LKMde7MpDdPRN6GiiGCJMVTHuptGGm"
                       "fj2Qfp2vcKSRSG79HJrQn"},
    };
    const struct coin *monero = coin_find("monero");
    struct monero_address a;

    for (size_t i = 0; monero && i < sizeof known / sizeof *known; i++)
        if (!monero_address_read(monero, known[i].network, address, &a, NULL))
            return xstrdup(known[i].address);
    return NULL;
}

char *test_address(const char *address, unsigned n)
{
    char *text = of_bitcoin(address, n);

    if (!text)
        text = of_ethereum(address, n);
    return text ? text : of_monero(address);
}
