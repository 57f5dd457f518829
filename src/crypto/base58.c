/* SPDX-License-Identifier: MIT */
/* Base58Check decoding: a number in base 58, leading '1's are zero bytes. */
#include "crypto/base58.h"

#include <string.h>

#include "crypto/sha256.h"

enum { PAYLOAD_MAX = 60, CHECKSUM = 4 };

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static int digit(char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;

    return at ? (int)(at - alphabet) : -1;
}

/* number = number * 58 + digit, big-endian in `bytes`. False when it no longer fits. */
static bool push_digit(uint8_t *bytes, size_t len, int value)
{
    unsigned carry = (unsigned)value;

    for (size_t i = len; i-- > 0;) {
        carry += bytes[i] * 58u;
        bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return carry == 0;
}

enum base58_result base58check_decode(const char *text, uint8_t *out, size_t len)
{
    uint8_t bytes[PAYLOAD_MAX + CHECKSUM] = {0}, sum[32];
    size_t total = len + CHECKSUM, ones = 0, zeros = 0;
    bool leading = true, fits = true;

    if (!*text)
        return BASE58_CHARACTER;
    for (const char *p = text; *p; p++) {
        int value = digit(*p);
        if (value < 0)
            return BASE58_CHARACTER;
        leading = leading && *p == '1';
        ones += leading;
        fits = fits && push_digit(bytes, total, value);
    }
    while (zeros < total && !bytes[zeros])
        zeros++;
    if (!fits || zeros != ones)
        return BASE58_LENGTH;
    sha256d(bytes, len, sum);
    if (memcmp(sum, bytes + len, CHECKSUM) != 0)
        return BASE58_CHECKSUM;
    memcpy(out, bytes, len);
    return BASE58_OK;
}

/* number / 58, big-endian in `bytes`. Returns the remainder. */
static unsigned pop_digit(uint8_t *bytes, size_t len)
{
    unsigned rest = 0;

    for (size_t i = 0; i < len; i++) {
        rest = rest << 8 | bytes[i];
        bytes[i] = (uint8_t)(rest / 58);
        rest %= 58;
    }
    return rest;
}

void base58check_encode(const uint8_t *payload, size_t len, char *out)
{
    uint8_t bytes[PAYLOAD_MAX + CHECKSUM], sum[32];
    char digits[BASE58_TEXT_MAX];
    size_t total = len + CHECKSUM, zeros = 0, n = 0;

    memcpy(bytes, payload, len);
    sha256d(payload, len, sum);
    memcpy(bytes + len, sum, CHECKSUM);
    while (zeros < total && !bytes[zeros])
        zeros++;
    for (size_t first = zeros; first < total; first += first < total && !bytes[first])
        digits[n++] = alphabet[pop_digit(bytes + first, total - first)];
    while (n && digits[n - 1] == *alphabet)
        n--; /* digits that are not there */
    memset(out, *alphabet, zeros);
    for (size_t i = 0; i < n; i++)
        out[zeros + i] = digits[n - 1 - i];
    out[zeros + n] = 0;
}
