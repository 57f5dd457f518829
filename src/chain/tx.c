/* SPDX-License-Identifier: MIT */
/* Reads transactions with every length checked (serialisation of Bitcoin, BIP144, Litecoin MWEB).
 */
#include "chain/tx.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/endian.h"
#include "crypto/sha256.h"

/* Bytes still to read; `bad` stays set once something did not fit. */
struct reader {
    const uint8_t *at, *end;
    bool bad;
};

static const uint8_t *take(struct reader *r, uint64_t len)
{
    if (r->bad || len > (uint64_t)(r->end - r->at)) {
        r->bad = true;
        return NULL;
    }
    r->at += len;
    return r->at - len;
}

static uint64_t take_varint(struct reader *r)
{
    uint64_t value = 0;

    if (!r->bad && !varint_take(&r->at, r->end, &value))
        r->bad = true;
    return value;
}

static void take_inputs(struct reader *r, struct tx_view *tx)
{
    tx->input_count = take_varint(r);
    for (uint64_t i = 0; i < tx->input_count && !r->bad; i++) {
        (void)take(r, 36);
        uint64_t len = take_varint(r);
        const uint8_t *script = take(r, len);
        if (i == 0 && script) {
            tx->script = script;
            tx->script_len = (size_t)len;
        }
        (void)take(r, 4);
    }
}

static void take_outputs(struct reader *r, struct tx_view *tx)
{
    tx->output_count = take_varint(r);
    for (uint64_t i = 0; i < tx->output_count && !r->bad; i++) {
        const uint8_t *value = take(r, 8);
        (void)take(r, take_varint(r));
        if (value)
            r->bad |= __builtin_add_overflow(tx->output_sum, le64(value), &tx->output_sum);
    }
}

static void take_witnesses(struct reader *r, uint64_t inputs)
{
    for (uint64_t i = 0; i < inputs && !r->bad; i++) {
        uint64_t items = take_varint(r);
        for (uint64_t k = 0; k < items && !r->bad; k++)
            (void)take(r, take_varint(r));
    }
}

int tx_parse_start(const uint8_t *data, size_t len, struct tx_view *ret)
{
    struct reader r = {data, data + len, false};
    struct tx_view tx = {.data = data};

    (void)take(&r, 4);
    if (r.end - r.at >= 2 && r.at[0] == 0) {
        tx.flags = r.at[1];
        r.bad |= !tx.flags || tx.flags & ~(TX_WITNESS | TX_MWEB);
        (void)take(&r, 2);
    }
    tx.inputs_at = (size_t)(r.at - data);
    take_inputs(&r, &tx);
    tx.outputs_at = (size_t)(r.at - data);
    take_outputs(&r, &tx);
    tx.outputs_end = (size_t)(r.at - data);
    if (tx.flags & TX_WITNESS)
        take_witnesses(&r, tx.input_count);
    if (tx.flags & TX_MWEB) {
        /* in a block only the HogEx has the flag, and its MWEB transaction is null */
        const uint8_t *null = take(&r, 1);
        r.bad |= null && *null != 0;
    }
    (void)take(&r, 4);
    if (r.bad || !tx.input_count)
        return ERR_FIELD;
    tx.len = (size_t)(r.at - data);
    *ret = tx;
    return 0;
}

int tx_parse(const uint8_t *data, size_t len, struct tx_view *ret)
{
    struct tx_view tx = {0};

    if (tx_parse_start(data, len, &tx) < 0 || tx.len != len)
        return ERR_FIELD;
    *ret = tx;
    return 0;
}

void tx_id(const struct tx_view *tx, uint8_t id[32])
{
    if (!tx->flags) {
        sha256d(tx->data, tx->len, id);
        return;
    }
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    uint8_t first[32];
    bool ok =
        md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) && EVP_DigestUpdate(md, tx->data, 4) &&
        EVP_DigestUpdate(md, tx->data + tx->inputs_at, tx->outputs_end - tx->inputs_at) &&
        EVP_DigestUpdate(md, tx->data + tx->len - 4, 4) && EVP_DigestFinal_ex(md, first, NULL);
    EVP_MD_CTX_free(md);
    if (!ok)
        memset(first, 0, sizeof first);
    sha256(first, sizeof first, id);
}

bool tx_is_coinbase(const struct tx_view *tx)
{
    static const uint8_t nothing[32];
    const uint8_t *prevout = tx->data + tx->inputs_at + 1; /* one input: a one-byte count */

    return tx->input_count == 1 && !memcmp(prevout, nothing, 32) &&
           le32(prevout + 32) == UINT32_MAX;
}

size_t varint_put(uint8_t out[VARINT_MAX], uint64_t value)
{
    if (value < 0xfd) {
        out[0] = (uint8_t)value;
        return 1;
    }
    if (value <= UINT16_MAX) {
        out[0] = 0xfd;
        put_le16(out + 1, (uint16_t)value);
        return 3;
    }
    if (value <= UINT32_MAX) {
        out[0] = 0xfe;
        put_le32(out + 1, (uint32_t)value);
        return 5;
    }
    out[0] = 0xff;
    put_le64(out + 1, value);
    return 9;
}

bool varint_take(const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
    static const struct {
        unsigned bytes; /* after the first */
        uint64_t least; /* smaller ones have a shorter form */
    } forms[] = {[0] = {2, 0xfd}, [1] = {4, UINT64_C(1) << 16}, [2] = {8, UINT64_C(1) << 32}};
    uint8_t number[8] = {0};

    if (*at >= end)
        return false;
    if (**at < 0xfd) {
        *ret = *(*at)++;
        return true;
    }
    unsigned form = **at - 0xfdu;
    if ((size_t)(end - *at) <= forms[form].bytes)
        return false;
    memcpy(number, *at + 1, forms[form].bytes);
    if (le64(number) < forms[form].least)
        return false;
    *at += 1 + forms[form].bytes;
    *ret = le64(number);
    return true;
}
