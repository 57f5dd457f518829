/* SPDX-License-Identifier: MIT */
/* Base58Check decoding: a number in base 58, leading '1's are zero bytes. */
#include "crypto/base58.h"

#include <string.h>

#include "crypto/sha256.h"

enum { PAYLOAD_MAX = 60, CHECKSUM = 4 };

static int digit(char c)
{
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
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
