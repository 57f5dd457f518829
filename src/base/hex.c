/* SPDX-License-Identifier: MIT */
/* Hexadecimal text to bytes and back. */
#include "base/hex.h"

#include <string.h>

#include "base/endian.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void hex_encode(const void *bytes, size_t len, char *out)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[b[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[b[i] & 15];
    }
    out[2 * len] = 0;
}

bool hex_decode(const char *text, void *out, size_t len)
{
    uint8_t *to = out;

    for (size_t i = 0; i < len; i++) {
        int high = digit(text[2 * i]);
        int low = high < 0 ? -1 : digit(text[2 * i + 1]);
        if (low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return text[2 * len] == 0;
}

long hex_decode_any(const char *text, void *out, size_t max)
{
    size_t len = strlen(text);

    if (len % 2 || len / 2 > max || !hex_decode(text, out, len / 2))
        return -1;
    return (long)(len / 2);
}

bool hex_u32(const char *text, uint32_t *out)
{
    uint8_t b[4];

    if (!hex_decode(text, b, 4))
        return false;
    *out = be32(b);
    return true;
}
