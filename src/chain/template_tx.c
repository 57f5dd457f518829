/* SPDX-License-Identifier: MIT */
/* Transactions of a template: decoded, parsed, their ids recomputed and compared. */
#include "chain/template_tx.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "chain/tx.h"
#include "crypto/sha256.h"

enum {
    TX_LIMIT = 65535, /* a block of 4 M weight units holds fewer */
    BYTES_LIMIT = 8 * 1000 * 1000,
};

static int refuse(struct fault *why, size_t i, const char *problem)
{
    return fault_set(why, ERR_PROTOCOL, "block template: transaction %zu %s", i, problem);
}

static int take_data(const json_t *row, size_t i, size_t *room, struct template_tx *tx,
                     struct fault *why)
{
    const json_t *v = json_object_get(row, "data");
    size_t digits = json_string_length(v);

    if (!digits || digits & 1)
        return refuse(why, i, "has no data");
    if (digits / 2 > *room)
        return refuse(why, i, "makes the block too large");
    tx->len = digits / 2;
    tx->data = xmalloc(tx->len);
    *room -= tx->len;
    return hex_decode(json_string_value(v), tx->data, tx->len)
               ? 0
               : refuse(why, i, "has data that is not hex");
}

/* Compares an id of 32 bytes with what the daemon says, shown in display order. */
static bool same_id(const json_t *said, const uint8_t id[32])
{
    const char *hex = json_string_value(said);
    uint8_t shown[32], internal[32];

    if (!hex || !hex_decode(hex, shown, 32))
        return false;
    bytes_reverse(internal, shown, 32);
    return !memcmp(internal, id, 32);
}

/* The id and the witness id; the HogEx of Litecoin has one id for both. */
static int take_ids(const json_t *row, size_t i, struct template_tx *tx, uint8_t wtxid[32],
                    bool *witness, struct fault *why)
{
    const json_t *hash = json_object_get(row, "hash");
    struct tx_view view;

    if (tx_parse(tx->data, tx->len, &view) < 0)
        return refuse(why, i, "is not a transaction");
    tx_id(&view, tx->txid);
    if (view.flags & TX_MWEB)
        memcpy(wtxid, tx->txid, 32);
    else
        sha256d(tx->data, tx->len, wtxid);
    *witness |= (view.flags & TX_WITNESS) != 0;
    if (!same_id(json_object_get(row, "txid"), tx->txid))
        return refuse(why, i, "has a \"txid\" that is not its id");
    if (hash && !same_id(hash, wtxid))
        return refuse(why, i, "has a \"hash\" that is not its witness id");
    return 0;
}

static int take_fee(const json_t *row, size_t i, struct chain_template *t, struct fault *why)
{
    const json_t *fee = json_object_get(row, "fee");

    if (!fee) /* BIP22: not known */
        return 0;
    if (!json_is_integer(fee) || json_integer_value(fee) < 0 ||
        __builtin_add_overflow(t->fees, (uint64_t)json_integer_value(fee), &t->fees) ||
        t->fees > t->coinbase_value)
        return refuse(why, i, "has a fee that the coinbase value does not hold");
    return 0;
}

/* Depends on earlier ones only: 1-based numbers. */
static int check_depends(const json_t *row, size_t i, struct fault *why)
{
    const json_t *list = json_object_get(row, "depends"), *v;
    size_t k;

    json_array_foreach(list, k, v)
    {
        if (!json_is_integer(v) || json_integer_value(v) < 1 ||
            json_integer_value(v) > (json_int_t)i)
            return refuse(why, i, "depends on one that does not come before it");
    }
    return 0;
}

int template_take_txs(const json_t *list, struct chain_template *t, struct fault *why)
{
    size_t count = json_array_size(list), room = BYTES_LIMIT, i;
    bool witness = false;
    const json_t *row;
    int err;

    if (!json_is_array(list) || count > TX_LIMIT)
        return fault_set(why, ERR_PROTOCOL,
                         "block template: \"transactions\" is not a list of "
                         "at most 65535");
    uint8_t(*txids)[32] = xcalloc(count + 1, 32), (*wtxids)[32] = xcalloc(count + 1, 32);
    t->txs = xcalloc(count + 1, sizeof *t->txs);
    t->tx_count = count;
    json_array_foreach(list, i, row)
    {
        struct template_tx *tx = &t->txs[i];
        if ((err = take_data(row, i, &room, tx, why)) < 0 ||
            (err = take_ids(row, i, tx, wtxids[i], &witness, why)) < 0 ||
            (err = take_fee(row, i, t, why)) < 0 || (err = check_depends(row, i, why)) < 0)
            goto out;
        memcpy(txids[i], tx->txid, 32);
    }
    t->branch_count = (uint8_t)merkle_branch((const uint8_t(*)[32])txids, count, t->branch);
    (void)witness_commitment((const uint8_t(*)[32])wtxids, count, t->commitment);
    t->commitment_len = witness ? COMMITMENT_LEN : 0;
    err = 0;
out:
    free(txids);
    free(wtxids);
    return err;
}
