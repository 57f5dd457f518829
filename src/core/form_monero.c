/* SPDX-License-Identifier: MIT */
/* The hashing blob of Monero: header with its nonce, tree root, number of transactions. Its fields
 * are varints, so that its length and the nonce's place differ from job to job: job->input is the
 * blob with zeros for nonce and root, and the root's place is behind the nonce.
 * The plan's coinbase is the whole miner transaction as it stands in the block. */
#include <string.h>

#include "core/form.h"
#include "core/job.h"
#include "crypto/keccak.h"

enum { NONCE_LEN = 4, TX_RINGCT = 2 };

/* The id of a miner transaction. From version 2 on it is the hash of three hashes: of the prefix,
 * of the RingCT part (one byte, 0: a miner transaction has none, and it is the last byte), and of
 * nothing, which is zeros. Source: Monero, calculate_transaction_hash. */
static void miner_tx_hash(const struct block_plan *plan, const uint8_t *extranonce1, size_t len1,
                          const uint8_t *extranonce2, size_t len2, uint8_t hash[32])
{
    static const uint8_t null_ringct[1] = {0};
    bool ringct = plan->coinb1_len && plan->coinb1[0] == TX_RINGCT && plan->coinb2_len;
    uint8_t parts[3][32] = {{0}};
    struct keccak prefix;

    keccak_start(&prefix, KECCAK256_RATE);
    keccak_add(&prefix, plan->coinb1, plan->coinb1_len);
    keccak_add(&prefix, extranonce1, len1);
    keccak_add(&prefix, extranonce2, len2);
    keccak_add(&prefix, plan->coinb2, plan->coinb2_len - (ringct ? 1 : 0));
    keccak_end(&prefix, parts[0], 32);
    keccak256(null_ringct, sizeof null_ringct, parts[1]);
    if (ringct)
        keccak256(parts, sizeof parts, hash);
    else
        memcpy(hash, parts[0], 32);
}

/* The miner transaction is the first leaf, so that every step of its branch is to the right. */
static void root_of(const struct block_plan *plan, const uint8_t *extranonce1, size_t len1,
                    const uint8_t *extranonce2, size_t len2, uint8_t root[32])
{
    uint8_t pair[2][32];

    miner_tx_hash(plan, extranonce1, len1, extranonce2, len2, pair[0]);
    for (unsigned i = 0; i < plan->branch_count; i++) {
        memcpy(pair[1], plan->branch[i], 32);
        keccak256(pair, sizeof pair, pair[0]);
    }
    memcpy(root, pair[0], 32);
}

static void input(const struct job *job, const uint8_t root[32], uint32_t version, uint32_t ntime,
                  uint8_t *to)
{
    (void)version;
    (void)ntime;
    memcpy(to, job->input, job->input_len);
    memcpy(to + job->nonce_at + NONCE_LEN, root, 32);
}

const struct header_form form_monero = {
    .name = "monero",
    .nonce_len = NONCE_LEN,
    .root = root_of,
    .input = input,
    .header = form_header_as_hashed,
};
