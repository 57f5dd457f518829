/* SPDX-License-Identifier: MIT */
/* Merkle branch of the coinbase, and the witness commitment of BIP141. */
#include "chain/merkle.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "crypto/sha256.h"

unsigned merkle_branch(const uint8_t (*others)[32], size_t count, uint8_t branch[MERKLE_MAX][32])
{
    unsigned steps = 0;

    if (!count)
        return 0;
    /* level[0] would be the leaf itself; one place is kept for a duplicate of the last */
    uint8_t(*level)[32] = xreallocarray(NULL, count + 2, 32);
    memcpy(level + 1, others, count * 32);
    for (size_t size = count + 1; size > 1; size = (size + 1) / 2) {
        memcpy(branch[steps++], level[1], 32);
        if (size & 1)
            memcpy(level[size], level[size - 1], 32);
        for (size_t i = 2; i < size; i += 2)
            sha256d_pair(level[i], level[i + 1], level[i / 2]);
    }
    free(level);
    return steps;
}

void merkle_fold(uint8_t hash[32], const uint8_t (*branch)[32], unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        sha256d_pair(hash, branch[i], hash);
}

unsigned witness_commitment(const uint8_t (*wtxids)[32], size_t count,
                            uint8_t script[COMMITMENT_LEN])
{
    static const uint8_t head[6] = {0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed}, reserved[32];
    uint8_t branch[MERKLE_MAX][32], root[32] = {0};
    unsigned steps = merkle_branch(wtxids, count, branch);

    merkle_fold(root, (const uint8_t(*)[32])branch, steps);
    memcpy(script, head, sizeof head);
    sha256d_pair(root, reserved, script + sizeof head);
    return COMMITMENT_LEN;
}
