/* SPDX-License-Identifier: MIT */
/* Reads blocks, and hashes trees of transactions. */
#include "chain/monero_blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/leb128.h"
#include "crypto/keccak.h"

enum {
    INPUT_OF_MINER = 0xff, /* variant tags of inputs and outputs */
    OUTPUT_KEY = 2,
    OUTPUT_TAGGED_KEY = 3,
    OUTPUTS_MAX = 10000,
    EXTRA_MAX = 1 << 16, /* bytes */
};

/* --- blocks ---------------------------------------------------------------------------------- */

struct reader {
    const uint8_t *at, *end;
};

static bool take(struct reader *r, uint64_t *ret)
{
    return leb128_take(&r->at, r->end, ret);
}

static const uint8_t *skip(struct reader *r, size_t len)
{
    const uint8_t *at = r->at;

    if (len > (size_t)(r->end - at))
        return NULL;
    r->at += len;
    return at;
}

static const char *take_header(struct reader *r, struct monero_block *b)
{
    if (!take(r, &b->major) || !take(r, &b->minor) || !take(r, &b->timestamp) ||
        !(b->prev = skip(r, 32)))
        return "its header ends early";
    b->nonce_at = (size_t)(r->at - b->data);
    return skip(r, 4) ? NULL : "its header ends early";
}

static const char *take_outputs(struct reader *r, struct monero_block *b)
{
    uint64_t count, amount;

    b->outputs_at = (size_t)(r->at - b->data);
    if (!take(r, &count) || !count || count > OUTPUTS_MAX)
        return "its miner transaction has no outputs, or too many";
    for (uint64_t i = 0; i < count; i++) {
        if (!take(r, &amount) || __builtin_add_overflow(b->output_sum, amount, &b->output_sum))
            return "an amount in its miner transaction is not valid";
        const uint8_t *tag = skip(r, 1);
        if (!tag || (*tag != OUTPUT_KEY && *tag != OUTPUT_TAGGED_KEY))
            return "its miner transaction has an output of an unknown kind";
        if (!skip(r, *tag == OUTPUT_KEY ? 32 : 33))
            return "its miner transaction ends early";
    }
    return NULL;
}

static const char *take_miner_tx(struct reader *r, struct monero_block *b)
{
    uint64_t unlock, inputs, extra;
    const char *bad;

    b->miner_at = (size_t)(r->at - b->data);
    if (!take(r, &b->miner_version) || !take(r, &unlock) || !take(r, &inputs))
        return "its miner transaction ends early";
    if (b->miner_version != 1 && b->miner_version != 2)
        return "its miner transaction has an unknown version";
    const uint8_t *tag = skip(r, 1);
    if (inputs != 1 || !tag || *tag != INPUT_OF_MINER || !take(r, &b->height))
        return "its first transaction is not a miner's";
    if (b->height > UINT32_MAX || unlock != b->height + MONERO_UNLOCK)
        return "its miner transaction is not locked for 60 blocks";
    if ((bad = take_outputs(r, b)))
        return bad;
    if (!take(r, &extra) || extra > EXTRA_MAX)
        return "the extra field of its miner transaction is not valid";
    b->extra_at = (size_t)(r->at - b->data);
    if (!skip(r, (size_t)extra))
        return "its miner transaction ends early";
    b->extra_end = b->extra_at + (size_t)extra;
    if (b->miner_version == 2) {
        const uint8_t *ringct = skip(r, 1);
        if (!ringct || *ringct)
            return "its miner transaction has a RingCT part";
    }
    b->miner_end = (size_t)(r->at - b->data);
    return NULL;
}

static const char *take_tail(struct reader *r, struct monero_block *b)
{
    uint64_t count;

    b->tail_at = (size_t)(r->at - b->data);
    if (!take(r, &count) || count > MONERO_TXS_MAX)
        return "its number of transactions is not valid";
    b->tx_count = (size_t)count;
    b->txs = r->at;
    if (!skip(r, b->tx_count * 32))
        return "its list of transactions ends early";
    return r->at == r->end ? NULL : "something follows its last transaction";
}

int monero_block_parse(const uint8_t *data, size_t len, struct monero_block *ret, struct fault *why)
{
    struct monero_block b = {.data = data, .len = len};
    struct reader r = {data, data + len};
    const char *bad = take_header(&r, &b);

    if (!bad)
        bad = take_miner_tx(&r, &b);
    if (!bad)
        bad = take_tail(&r, &b);
    if (bad)
        return fault_set(why, ERR_FIELD, "the block is not valid: %s", bad);
    *ret = b;
    return 0;
}

/* --- the tree -------------------------------------------------------------------------------- */

static void hash_pair(const uint8_t *a, const uint8_t *b, uint8_t to[32])
{
    uint8_t pair[2][32];

    memcpy(pair[0], a, 32);
    memcpy(pair[1], b, 32);
    keccak256(pair, sizeof pair, to);
}

/* Leaves that have no place in the lowest full level of the tree, `width` = the largest power of
 * two below their number, are paired at the end until that many are left; then all are paired. The
 * first leaf is left out of it all: what it would be paired with is its branch. */
unsigned monero_branch(const uint8_t *others, size_t count, uint8_t branch[MERKLE_MAX][32])
{
    size_t leaves = count + 1, width = 1;
    unsigned steps = 0;

    if (!count)
        return 0;
    uint8_t(*level)[32] = xreallocarray(NULL, leaves, 32); /* level[0] is never written */
    memcpy(level + 1, others, count * 32);
    while (width * 2 < leaves)
        width *= 2;
    size_t kept = 2 * width - leaves;
    if (!kept)
        memcpy(branch[steps++], level[1], 32);
    for (size_t i = kept ? kept : 1; i < width; i++)
        hash_pair(level[kept + 2 * (i - kept)], level[kept + 2 * (i - kept) + 1], level[i]);
    for (; width > 1; width /= 2) {
        memcpy(branch[steps++], level[1], 32);
        for (size_t i = 1; i < width / 2; i++)
            hash_pair(level[2 * i], level[2 * i + 1], level[i]);
    }
    free(level);
    return steps;
}

/* --- hashing --------------------------------------------------------------------------------- */

uint16_t monero_input(const struct monero_block *b, uint8_t out[ALGO_INPUT_MAX])
{
    _Static_assert((int)MONERO_HEADER_MAX + 32 + LEB128_MAX <= (int)ALGO_INPUT_MAX,
                   "every hashing blob fits");
    uint8_t *at = (uint8_t *)mempcpy(out, b->data, b->nonce_at);

    memset(at, 0, 4 + 32);
    at += 4 + 32;
    at += leb128_put(at, b->tx_count + 1);
    return (uint16_t)(at - out);
}

void monero_block_id(const uint8_t *blob, size_t len, uint8_t id[32])
{
    uint8_t size[LEB128_MAX];
    struct keccak k;

    keccak_start(&k, KECCAK256_RATE);
    keccak_add(&k, size, leb128_put(size, len));
    keccak_add(&k, blob, len);
    keccak_end(&k, id, 32);
}
