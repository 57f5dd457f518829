/* SPDX-License-Identifier: MIT */
/* Numbers in byte strings: le32(p) reads, put_le32(p, v) writes; no alignment asked. Any thread. */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ENDIAN_PAIR(name, type, from, to)                                                          \
    static inline type name(const void *p)                                                         \
    {                                                                                              \
        type v;                                                                                    \
        memcpy(&v, p, sizeof v);                                                                   \
        return from(v);                                                                            \
    }                                                                                              \
    static inline void put_##name(void *p, type v)                                                 \
    {                                                                                              \
        v = to(v);                                                                                 \
        memcpy(p, &v, sizeof v);                                                                   \
    }
ENDIAN_PAIR(le16, uint16_t, le16toh, htole16)
ENDIAN_PAIR(le32, uint32_t, le32toh, htole32)
ENDIAN_PAIR(le64, uint64_t, le64toh, htole64)
ENDIAN_PAIR(be16, uint16_t, be16toh, htobe16)
ENDIAN_PAIR(be32, uint32_t, be32toh, htobe32)
ENDIAN_PAIR(be64, uint64_t, be64toh, htobe64)

static inline void bytes_reverse(void *to, const void *from, size_t len)
{
    const uint8_t *f = from;
    uint8_t *t = to;

    for (size_t i = 0; i < len; i++)
        t[i] = f[len - 1 - i];
}
