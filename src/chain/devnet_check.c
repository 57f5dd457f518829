/* SPDX-License-Identifier: MIT */
/* The checks of the devnet in the order of their cost; the words are those of BIP22. */
#include "chain/devnet_check.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "chain/coinbase.h"
#include "chain/tx.h"
#include "core/target.h"
#include "crypto/sha256.h"

enum { BLOCK_LIMIT = 1 << 20 };

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

/* The hash, and the mix hash that the header claims. */
static const char *check_work(struct devnet_chain *c, const struct devnet_block *parent,
                              const uint8_t *header, const struct u256 *target)
{
    const struct devnet_rules *rules = &c->rules;
    uint8_t input[ALGO_INPUT_MAX], mix[32];
    struct algo_key key;
    struct algo_result result;
    struct fault why = {.text = ""};

    devnet_key(rules, parent, false, &key);
    int err = hasher_ready(&c->hasher, &key, &why);
    if (err == -EAGAIN)
        return devnet_wait;
    if (err < 0) {
        log_warn(CHAIN, "a block of the devnet cannot be checked now: %s", why.text);
        return devnet_lost;
    }
    rules->form->unseal(header, input, mix);
    const struct algo_input in = {input, rules->form->input_len, rules->form->nonce_at, &key};
    if (rules->algo->hash(c->hasher.ctx, &in, &result) < 0)
        return "bad-hash";
    struct u256 value = algo_hash_value(rules->algo, result.hash);
    if (u256_cmp(&value, target) > 0)
        return "high-hash";
    return memcmp(mix, result.mix, sizeof mix) != 0 ? "bad-mixhash" : NULL;
}

/* One transaction, the coinbase: nobody can spend on the devnet, so there are no others. */
static const char *check_coinbase(const uint8_t *txs, size_t len, uint64_t height, uint64_t subsidy,
                                  const uint8_t root[32])
{
    uint8_t push[HEIGHT_PUSH_MAX], id[32];
    unsigned push_len = coinbase_height(height, push);
    struct tx_view tx;

    if (txs[0] != 1)
        return "bad-blk-length";
    if (tx_parse(txs + 1, len - 1, &tx) < 0 || tx.flags)
        return "bad-txns";
    if (!tx_is_coinbase(&tx))
        return "bad-cb-missing";
    if (tx.script_len < 2 || tx.script_len > COINBASE_SCRIPT_MAX)
        return "bad-cb-length";
    if (tx.script_len < push_len || memcmp(tx.script, push, push_len) != 0)
        return "bad-cb-height";
    if (tx.output_sum > subsidy)
        return "bad-cb-amount";
    tx_id(&tx, id);
    return memcmp(id, root, 32) != 0 ? "bad-txnmrklroot" : NULL;
}

const char *devnet_check(struct devnet_chain *c, const uint8_t *block, size_t len, uint32_t now)
{
    const struct header_form *form = c->rules.form;
    struct header_fields fields;
    struct u256 target;
    uint8_t hash[32];
    const char *bad;

    if (len <= form->header_len + 1u || len > BLOCK_LIMIT)
        return "bad-blk-length";
    if (!form->read(block, &fields))
        return "bad-header";
    sha256d(block, form->header_len, hash);
    const struct devnet_block *known = devnet_find(c, hash);
    if (known)
        return known->invalid ? "duplicate-invalid" : "duplicate";
    const struct devnet_block *parent = devnet_find(c, fields.prev);
    if (!parent || parent->invalid)
        return "bad-prevblk";
    uint64_t height = parent->height + 1;
    if (fields.has_height && fields.height != height)
        return "bad-height";
    if ((bad = check_time(parent, fields.time, now)) ||
        (bad = check_bits(&c->rules, parent, fields.bits, fields.time)) ||
        (bad = check_coinbase(block + form->header_len, len - form->header_len, height,
                              devnet_subsidy(&c->rules, height), fields.root)))
        return bad;
    return target_from_bits(fields.bits, &target) ? check_work(c, parent, block, &target)
                                                  : "bad-diffbits";
}
