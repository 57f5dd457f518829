/* SPDX-License-Identifier: MIT */
/* Writes and reads LEB128. */
#include "base/leb128.h"

unsigned leb128_put(uint8_t *at, uint64_t value)
{
    unsigned n = 0;

    for (; value >= 0x80; value >>= 7)
        at[n++] = (uint8_t)(value | 0x80);
    at[n++] = (uint8_t)value;
    return n;
}

bool leb128_take(const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
    uint64_t value = 0;

    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        if (shift == 63 && byte > 1)
            return false; /* more than 64 bits */
        if (byte == 0 && shift)
            return false; /* one byte fewer would do */
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret = value;
            return true;
        }
    }
    return false;
}
