/* SPDX-License-Identifier: MIT */
/* The checks of the devnet in the order of their cost; the words are those of BIP22. */
#include "chain/devnet_check.h"

#include <string.h>

#include "base/endian.h"
#include "chain/coinbase.h"
#include "chain/tx.h"
#include "crypto/sha256.h"

enum { HEADER = 80, BLOCK_LIMIT = 1 << 20 };

static const char *check_time(const struct devnet_block *parent, uint32_t time, uint32_t now)
{
    uint32_t median = devnet_median_time(parent);
    uint64_t latest = (uint64_t)(now > median ? now : median) + DEVNET_FUTURE_S;

    if (time <= median)
        return "time-too-old";
    return time > latest ? "time-too-new" : NULL;
}

/* The required bits, or those of any easing that the block's time allows. */
static const char *check_bits(const struct devnet_rules *rules, const struct devnet_block *parent,
                              uint32_t bits, uint32_t time)
{
    struct u256 target = devnet_target(rules, parent);
    unsigned steps = devnet_ease_steps(rules, parent, time);

    for (unsigned i = 0; i <= steps; i++)
        if (bits == devnet_eased_bits(rules, target, i))
            return NULL;
    return "bad-diffbits";
}

static const char *check_work(const struct devnet_rules *rules, const uint8_t *header)
{
    const struct algo_input in = {.bytes = header, .len = HEADER, .nonce_at = 76};
    struct algo_result result;
    struct devnet_block b = {0};

    if (!devnet_block_fill(&b, NULL, header))
        return "bad-diffbits";
    if (rules->algo->hash(NULL, &in, &result) < 0)
        return "bad-hash";
    struct u256 value = algo_hash_value(rules->algo, result.hash);
    return u256_cmp(&value, &b.target) > 0 ? "high-hash" : NULL;
}

/* One transaction, the coinbase: nobody can spend on the devnet, so there are no others. */
static const char *check_coinbase(const uint8_t *block, size_t len, uint64_t height)
{
    uint8_t push[HEIGHT_PUSH_MAX], id[32];
    unsigned push_len = coinbase_height(height, push);
    struct tx_view tx;

    if (block[HEADER] != 1)
        return "bad-blk-length";
    if (tx_parse(block + HEADER + 1, len - HEADER - 1, &tx) < 0 || tx.flags)
        return "bad-txns";
    if (!tx_is_coinbase(&tx))
        return "bad-cb-missing";
    if (tx.script_len < 2 || tx.script_len > COINBASE_SCRIPT_MAX)
        return "bad-cb-length";
    if (tx.script_len < push_len || memcmp(tx.script, push, push_len) != 0)
        return "bad-cb-height";
    if (tx.output_sum > devnet_subsidy(height))
        return "bad-cb-amount";
    tx_id(&tx, id);
    return memcmp(id, block + 36, 32) != 0 ? "bad-txnmrklroot" : NULL;
}

const char *devnet_check(struct devnet_chain *c, const uint8_t *block, size_t len, uint32_t now)
{
    uint8_t hash[32];
    const char *bad;

    if (len <= HEADER + 1 || len > BLOCK_LIMIT)
        return "bad-blk-length";
    sha256d(block, HEADER, hash);
    const struct devnet_block *known = devnet_find(c, hash);
    if (known)
        return known->invalid ? "duplicate-invalid" : "duplicate";
    const struct devnet_block *parent = devnet_find(c, block + 4);
    if (!parent || parent->invalid)
        return "bad-prevblk";
    uint32_t time = le32(block + 68), bits = le32(block + 72);
    if ((bad = check_time(parent, time, now)) ||
        (bad = check_bits(&c->rules, parent, bits, time)) ||
        (bad = check_coinbase(block, len, parent->height + 1)))
        return bad;
    return check_work(&c->rules, block);
}
