/* SPDX-License-Identifier: MIT */
/* Hexadecimal text to bytes and back. */
#include "base/hex.h"

#include <string.h>

#include "base/endian.h"

/* The value of each digit, plus one: 0 = no digit. */
static const uint8_t digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

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
        unsigned high = digits[(unsigned char)text[2 * i]];
        unsigned low = high ? digits[(unsigned char)text[2 * i + 1]] : 0;
        if (!low)
            return false;
        to[i] = (uint8_t)((high - 1) << 4 | (low - 1));
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
