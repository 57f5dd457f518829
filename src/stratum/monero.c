/* SPDX-License-Identifier: MIT */
/* Monero Stratum: targets on the wire, and where a blob keeps its nonce. */
#include "stratum/monero.h"

#include <string.h>

#include "base/endian.h"
#include "base/hex.h"

enum { VARINT_MAX_BYTES = 10, HASH = 32, NONCE = 4, ROOT = 32, EXACT_BITS = 20 };

/* xmrig's expansion of the short form. */
static uint64_t widen(uint32_t t32)
{
    return UINT64_MAX / (UINT32_MAX / t32);
}

/* hash < t64 * 2^192, as "at most". */
static struct u256 target_below(uint64_t t64)
{
    return (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, t64 - 1}};
}

bool monero_target_read(const char *text, struct u256 *ret)
{
    uint8_t bytes[8];
    uint64_t t64 = 0;

    if (!text)
        return false;
    if (strlen(text) == 16 && hex_decode(text, bytes, 8))
        t64 = le64(bytes);
    else if (strlen(text) == 8 && hex_decode(text, bytes, 4) && le32(bytes))
        t64 = widen(le32(bytes));
    if (!t64)
        return false;
    *ret = target_below(t64);
    return true;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* The greatest number that makes no hash above the target good; at least 1. */
static uint64_t wire_of(const struct u256 *target)
{
    const struct u256 one = u256_from_u64(1);
    struct u256 above = *target;

    if (u256_add(&above, &one))
        return UINT64_MAX;
    return above.w[3] ? above.w[3] : 1;
}

void monero_target_write(struct u256 *target, char out[17])
{
    uint64_t t64 = wire_of(target);
    uint32_t t32 = (uint32_t)(t64 >> 32);
    uint8_t bytes[8];

    if (t32 && distance(widen(t32), t64) <= t64 >> EXACT_BITS) {
        t64 = widen(t32);
        put_le32(bytes, t32);
        hex_encode(bytes, 4, out);
    } else {
        put_le64(bytes, t64);
        hex_encode(bytes, 8, out);
    }
    *target = target_below(t64);
}

/* Bytes of the varint at `at`, 0 when it does not end. */
static size_t varint_len(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len && i < VARINT_MAX_BYTES; i++)
        if (!(at[i] & 0x80))
            return i + 1;
    return 0;
}

unsigned monero_nonce_at(const uint8_t *blob, size_t len)
{
    size_t at = 0;

    for (int i = 0; i < 3; i++) { /* major version, minor version, timestamp */
        size_t n = varint_len(blob + at, len - at);
        if (!n)
            return 0;
        at += n;
    }
    at += HASH;
    return at + NONCE + ROOT < len ? (unsigned)at : 0; /* and a count of transactions */
}

static void round_target(struct u256 *target)
{
    char digits[17];

    monero_target_write(target, digits);
}

extern const struct dialect dialect_monero;
const struct dialect dialect_monero = {
    .name = "monero",
    .title = "Monero Stratum (CryptoNote)",
    .schemes = "stratum stratum1",
    .algos = "randomx",
    .jsonrpc = true,
    .as_client = monero_as_client,
    .as_server = monero_as_server,
    .hello = monero_hello,
    .answer = monero_answer,
    .submit = monero_submit,
    .probe = monero_probe,
    .greets = monero_greets,
    .makes_input = true,
    .own_input = true,
    .target_in_job = true,
    .error_objects = true,
    .yes_word = "{\"status\":\"OK\"}",
    .no_word = "null",
    .notify = monero_notify,
    .round_target = round_target,
};
