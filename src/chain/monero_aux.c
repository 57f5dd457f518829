/* SPDX-License-Identifier: MIT */
/* Leaves and tags of Monero's merge mining. */
#include "chain/monero_aux.h"

#include <string.h>

#include "base/endian.h"
#include "chain/monero_blob.h"
#include "crypto/sha256.h"

enum {
    TAG = 3, /* in the extra field */
    BITS_WIDTH = 3,
    NONCES = 1 << 10, /* tried for each size of the tree */
};

static unsigned bits_of(unsigned leaves)
{
    unsigned bits = 1;

    while (1u << bits < leaves)
        bits++;
    return bits;
}

uint64_t monero_aux_params(unsigned leaves, uint32_t nonce)
{
    unsigned bits = bits_of(leaves);

    return (bits - 1) | (uint64_t)(leaves - 1) << BITS_WIDTH |
           (uint64_t)nonce << (BITS_WIDTH + bits);
}

bool monero_aux_params_read(uint64_t params, unsigned *leaves, uint32_t *nonce)
{
    unsigned bits = (unsigned)(params & ((1u << BITS_WIDTH) - 1)) + 1;
    uint64_t rest = params >> BITS_WIDTH;

    *leaves = (unsigned)(rest & ((1u << bits) - 1)) + 1;
    *nonce = (uint32_t)(rest >> bits);
    return rest >> bits <= UINT32_MAX;
}

unsigned monero_aux_slot(const uint8_t chain_id[32], uint32_t nonce, unsigned leaves)
{
    uint8_t text[32 + 4 + 1], digest[32];

    memcpy(text, chain_id, 32);
    put_le32(text + 32, nonce);
    text[36] = 'm';
    sha256(text, sizeof text, digest);
    return le32(digest) % leaves;
}

static bool slots_differ(const uint8_t (*ids)[32], size_t count, uint32_t nonce, unsigned leaves)
{
    bool taken[MONERO_AUX_MAX] = {false};

    for (size_t i = 0; i < count; i++) {
        bool *slot = &taken[monero_aux_slot(ids[i], nonce, leaves)];
        if (*slot)
            return false;
        *slot = true;
    }
    return true;
}

static bool ids_differ(const uint8_t (*ids)[32], size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (!memcmp(ids[i], ids[k], 32))
                return false;
    return true;
}

int monero_aux_place(const uint8_t (*ids)[32], size_t count, unsigned *leaves, uint32_t *nonce,
                     struct fault *why)
{
    if (!count || count > MONERO_AUX_CHAINS_MAX)
        return fault_set(why, ERR_FIELD, "%zu chains cannot be mined at once: 1 to %d can", count,
                         MONERO_AUX_CHAINS_MAX);
    if (!ids_differ(ids, count))
        return fault_set(why, ERR_FIELD, "two of the chains have the same id");
    for (unsigned n = (unsigned)count; n <= MONERO_AUX_MAX; n++)
        for (uint32_t k = 0; k < NONCES; k++)
            if (slots_differ(ids, count, k, n)) {
                *leaves = n;
                *nonce = k;
                return 0;
            }
    return fault_set(why, ERR_FIELD, "no tree has a place for each of the chains");
}

unsigned monero_aux_tag(uint64_t params, const uint8_t root[32], uint8_t out[MONERO_AUX_TAG_MAX])
{
    unsigned len = leb128_put(out + 2, params);

    out[0] = TAG;
    out[1] = (uint8_t)(len + 32);
    memcpy(out + 2 + len, root, 32);
    return 2 + len + 32;
}
