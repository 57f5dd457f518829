/* SPDX-License-Identifier: MIT */
/* Reads, writes and checks proofs of merge-mined blocks. */
#include "chain/auxpow.h"

#include <stdbool.h>
#include <string.h>

#include "base/endian.h"
#include "base/u256.h"
#include "chain/aux_tree.h"
#include "chain/tx.h"
#include "core/target.h"
#include "crypto/sha256.h"

enum {
    MERKLE_ROOT_AT = 36, /* in a header */
    BITS_AT = 72,
    EARLY = 20, /* where a root without a mark may begin at the latest */
};

/* --- bytes ----------------------------------------------------------------------------------- */

struct reader {
    const uint8_t *at, *end;
};

static const uint8_t *take(struct reader *r, size_t len)
{
    if (len > (size_t)(r->end - r->at))
        return NULL;
    r->at += len;
    return r->at - len;
}

/* A branch and the index at its foot. NULL, or what is wrong. */
static const char *take_branch(struct reader *r, const uint8_t **branch, unsigned *steps,
                               uint32_t *index)
{
    uint64_t count;

    if (!varint_take(&r->at, r->end, &count))
        return "it ends before a branch";
    if (count > AUXPOW_BRANCH_MAX)
        return "a branch has too many steps";
    const uint8_t *hashes = take(r, (size_t)count * 32), *number = take(r, 4);
    if (!hashes || !number)
        return "it ends within a branch";
    *branch = hashes;
    *steps = (unsigned)count;
    *index = le32(number);
    return NULL;
}

static const char *parse(struct reader *r, struct auxpow *a)
{
    struct tx_view tx;
    const char *bad;

    if (tx_parse_start(r->at, (size_t)(r->end - r->at), &tx) < 0)
        return "it does not begin with a transaction";
    if (tx.flags)
        return "its transaction has witnesses";
    a->coinbase = take(r, tx.len);
    a->coinbase_len = tx.len;
    if (!(a->parent_hash = take(r, 32)))
        return "it ends after the transaction";
    if ((bad = take_branch(r, &a->coinbase_branch, &a->coinbase_steps, &a->coinbase_index)) ||
        (bad = take_branch(r, &a->chain_branch, &a->chain_steps, &a->chain_index)))
        return bad;
    if (!(a->parent = take(r, AUXPOW_HEADER)))
        return "it ends before the parent's header does";
    return r->at == r->end ? NULL : "something follows the parent's header";
}

int auxpow_parse(const uint8_t *data, size_t len, struct auxpow *ret, struct fault *why)
{
    struct reader r = {data, data + len};
    struct auxpow a = {0};
    const char *bad = parse(&r, &a);

    if (bad)
        return fault_set(why, ERR_FIELD, "the proof of a merge-mined block is not valid: %s", bad);
    *ret = a;
    return 0;
}

static uint8_t *put_branch(uint8_t *at, const uint8_t *branch, unsigned steps, uint32_t index)
{
    at += varint_put(at, steps);
    if (steps)
        at = (uint8_t *)mempcpy(at, branch, (size_t)steps * 32);
    put_le32(at, index);
    return at + 4;
}

size_t auxpow_write(const struct auxpow *a, uint8_t *out, size_t room)
{
    /* a branch's count has one byte */
    size_t len = a->coinbase_len + 32 + 2 * (1 + 4) + AUXPOW_HEADER +
                 ((size_t)a->coinbase_steps + a->chain_steps) * 32;

    if (room < len)
        return len;
    uint8_t *at = (uint8_t *)mempcpy(out, a->coinbase, a->coinbase_len);
    at = (uint8_t *)mempcpy(at, a->parent_hash, 32);
    at = put_branch(at, a->coinbase_branch, a->coinbase_steps, a->coinbase_index);
    at = put_branch(at, a->chain_branch, a->chain_steps, a->chain_index);
    memcpy(at, a->parent, AUXPOW_HEADER);
    return len;
}

/* --- rules ----------------------------------------------------------------------------------- */

const char *auxpow_text(enum auxpow_verdict verdict)
{
    static const char *const texts[] = {
#define X(name, text) text,
        AUXPOW_LIST(X)
#undef X
    };

    return texts[verdict];
}

/* Where and how the coinbase's script commits to the tree with this root. */
static enum auxpow_verdict check_script(const struct auxpow *a, const uint8_t root[32],
                                        uint32_t chain_id)
{
    static const uint8_t mark[4] = {0xfa, 0xbe, 0x6d, 0x6d};
    struct tx_view tx;
    uint8_t shown[32];

    if (tx_parse(a->coinbase, a->coinbase_len, &tx) < 0)
        return AUXPOW_NO_ROOT;
    const uint8_t *end = tx.script + tx.script_len;
    bytes_reverse(shown, root, 32);
    const uint8_t *at = memmem(tx.script, tx.script_len, shown, 32);
    const uint8_t *head = memmem(tx.script, tx.script_len, mark, sizeof mark);
    if (!at)
        return AUXPOW_NO_ROOT;
    if (head && memmem(head + 1, (size_t)(end - head - 1), mark, sizeof mark))
        return AUXPOW_TWO_MARKS;
    if (head && head + sizeof mark != at)
        return AUXPOW_MARK_APART;
    if (!head && at - tx.script > EARLY)
        return AUXPOW_ROOT_LATE;
    at += 32;
    if (end - at < 8)
        return AUXPOW_NO_SIZE;
    if (le32(at) != UINT32_C(1) << a->chain_steps)
        return AUXPOW_WRONG_SIZE;
    if (a->chain_index != aux_slot(le32(at + 4), chain_id, a->chain_steps))
        return AUXPOW_WRONG_SLOT;
    return AUXPOW_VALID;
}

static enum auxpow_verdict check_way(const struct auxpow *a, const uint8_t header[AUXPOW_HEADER],
                                     uint32_t chain_id)
{
    uint8_t root[32], parent_root[32];

    if (a->coinbase_index != 0)
        return AUXPOW_NOT_COINBASE;
    if (le32(a->parent) >> AUXPOW_CHAIN_SHIFT == chain_id)
        return AUXPOW_OWN_PARENT;
    if (a->chain_steps > AUX_HEIGHT_MAX)
        return AUXPOW_LONG_BRANCH;
    sha256d(header, AUXPOW_HEADER, root);
    aux_fold(root, a->chain_branch, a->chain_steps, a->chain_index);
    sha256d(a->coinbase, a->coinbase_len, parent_root);
    aux_fold(parent_root, a->coinbase_branch, a->coinbase_steps, 0);
    if (memcmp(parent_root, a->parent + MERKLE_ROOT_AT, 32) != 0)
        return AUXPOW_WRONG_MERKLE_ROOT;
    return check_script(a, root, chain_id);
}

enum auxpow_verdict auxpow_verify(const struct auxpow *a, const uint8_t header[AUXPOW_HEADER],
                                  uint32_t chain_id, const uint8_t pow[32])
{
    uint32_t version = le32(header);
    struct u256 target, hash = u256_from_le(pow);

    if (!(version & AUXPOW_VERSION))
        return AUXPOW_NOT_MARKED;
    if (version >> AUXPOW_CHAIN_SHIFT != chain_id)
        return AUXPOW_OTHER_CHAIN;
    enum auxpow_verdict verdict = check_way(a, header, chain_id);
    if (verdict != AUXPOW_VALID)
        return verdict;
    if (!target_from_bits(le32(header + BITS_AT), &target))
        return AUXPOW_BAD_BITS;
    return u256_cmp(&hash, &target) > 0 ? AUXPOW_HIGH_HASH : AUXPOW_VALID;
}
