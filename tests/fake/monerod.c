/* SPDX-License-Identifier: MIT */
/* The fake monerod's methods. Its templates have one miner transaction and nothing else. */
#include "tests/fake/monerod.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/hex.h"
#include "chain/monero_template.h"
#include "crypto/monero_keys.h"
#include "tests/fake/monero_answers.h"

struct fake_monerod_info fake_monerod_info;

enum { REWARD = 600000000, BLOB_MAX = 400 };

/* The public key of the transaction, the output's key and its view tag. */
static void make_keys(uint8_t public[32], uint8_t output[33])
{
    static const uint8_t secret[32] = {7};
    const struct monero_address *a = fake_monerod_info.pays;
    uint8_t derivation[32];

    memset(public, 0x6b, 32);
    memset(output, 0x5a, 33);
    if (!a)
        return;
    bool made = monero_public(secret, public) && monero_derivation(a->view, secret, derivation) &&
                monero_output_key(derivation, 0, a->spend, output);
    assert(made);
    output[32] = monero_view_tag(derivation, 0);
}

/* One output with a view tag; `reserved` takes the place of the reserved bytes. */
static size_t put_miner_tx(uint8_t *to, uint64_t height, size_t *reserved)
{
    uint8_t *at = to, public[32], output[33];

    make_keys(public, output);
    *at++ = 2;
    at += leb128_put(at, height + MONERO_UNLOCK);
    *at++ = 1;
    *at++ = 0xff;
    at += leb128_put(at, height);
    *at++ = 1;
    at += leb128_put(at, REWARD);
    *at++ = 3;
    at = (uint8_t *)mempcpy(at, output, 33);
    *at++ = 33 + 2 + MONERO_RESERVE;
    *at++ = 1;
    at = (uint8_t *)mempcpy(at, public, 32);
    *at++ = 2;
    *at++ = MONERO_RESERVE;
    *reserved = (size_t)(at - to);
    memset(at, 0, MONERO_RESERVE + 1); /* and the RingCT type */
    return (size_t)(at - to) + MONERO_RESERVE + 1;
}

static json_t *hex_of(const uint8_t *bytes, size_t len)
{
    char text[2 * BLOB_MAX + 1];

    hex_encode(bytes, len, text);
    return json_string(text);
}

static json_t *hashing_blob(const uint8_t *blob, size_t len)
{
    struct monero_block b;
    uint8_t input[ALGO_INPUT_MAX];
    int err = monero_block_parse(blob, len, &b, NULL);

    assert(err == 0);
    uint32_t half = (uint32_t)(b.miner_end - b.miner_at) / 2;
    uint16_t input_len = monero_blob_of(blob, &b, half, input);
    return hex_of(input, input_len);
}

static json_t *make_template(struct fake_daemon *d)
{
    uint8_t blob[BLOB_MAX], *at = blob;
    size_t reserved;

    *at++ = 16;
    *at++ = 16;
    at += leb128_put(at, wall_s());
    (void)hex_decode(d->tip, at, 32);
    memset(at + 32, 0, 4);
    at += 36;
    size_t tx_at = (size_t)(at - blob);
    at += put_miner_tx(at, d->height + 1, &reserved);
    *at++ = 0;
    size_t len = (size_t)(at - blob);
    json_t *t = json_pack("{s:o, s:o, s:I, s:I, s:s, s:s, s:s, s:I, s:I, s:s}",
                          "blocktemplate_blob", hex_of(blob, len), "blockhashing_blob",
                          hashing_blob(blob, len), "difficulty", (json_int_t)1, "height",
                          (json_int_t)d->height + 1, "prev_hash", d->tip, "seed_hash", d->genesis,
                          "next_seed_hash", "", "expected_reward", (json_int_t)REWARD,
                          "reserved_offset", (json_int_t)(tx_at + reserved), "status", "OK");
    assert(t);
    if (d->spoil)
        d->spoil(t);
    return t;
}

static json_t *get_info(struct fake_daemon *d)
{
    const struct fake_monerod_info *info = &fake_monerod_info;

    return json_pack("{s:s, s:s, s:b, s:b, s:s, s:I}", "status", info->status, "nettype",
                     info->nettype, "synchronized", info->synchronized, "busy_syncing", false,
                     "top_block_hash", d->tip, "height", (json_int_t)d->height + 1);
}

json_t *fake_monerod(struct fake_daemon *d, const char *method, const json_t *params, long *code)
{
    if (!strcmp(method, "get_info") && ++d->polls)
        return get_info(d);
    if (!strcmp(method, "on_get_block_hash"))
        return json_string(d->genesis);
    if (!strcmp(method, "get_block_template") && ++d->templates)
        return make_template(d);
    if (!strcmp(method, "get_block_header_by_hash") && ++d->asked) {
        *code = -5;
        return d->header ? json_pack("{s:o, s:s}", "block_header", json_loads(d->header, 0, NULL),
                                     "status", "OK")
                         : NULL;
    }
    if (!strcmp(method, "submit_block") && ++d->submits) {
        free(d->block);
        d->block = xstrdup(json_string_value(json_array_get(params, 0)));
        *code = -7;
        return d->submit ? json_loads(d->submit, 0, NULL) : NULL;
    }
    *code = -32601;
    return NULL;
}
