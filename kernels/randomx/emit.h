/* SPDX-License-Identifier: MIT */
/* Writing x86-64 instructions (Intel SDM vol. 2, 2.2, 2.3 and 2.7). The writer of code sees to the
 * room: emit_has before each piece of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* clang-format off */
enum emit_reg { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };
/* clang-format on */

struct emit {
    uint8_t *at, *end;
};

static inline bool emit_has(const struct emit *e, size_t bytes)
{
    return (size_t)(e->end - e->at) >= bytes;
}

static inline void emit_bytes(struct emit *e, const void *bytes, size_t len)
{
    memcpy(e->at, bytes, len);
    e->at += len;
}
#define EMIT(e, ...)                                                                               \
    emit_bytes(e, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static inline void emit_u32(struct emit *e, uint32_t v)
{
    memcpy(e->at, &v, sizeof v);
    e->at += sizeof v;
}

static inline void emit_u64(struct emit *e, uint64_t v)
{
    memcpy(e->at, &v, sizeof v);
    e->at += sizeof v;
}
