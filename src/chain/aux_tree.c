/* SPDX-License-Identifier: MIT */
/* Trees with a leaf for each merge-mined chain. Almost all leaves may be zero, so only those that
 * are not are kept, level by level. */
#include "chain/aux_tree.h"

#include <stdbool.h>
#include <string.h>

#include "base/endian.h"
#include "crypto/sha256.h"

/* --- slots ----------------------------------------------------------------------------------- */

static uint32_t step(uint32_t r)
{
    return r * 1103515245u + 12345u;
}

uint32_t aux_slot(uint32_t nonce, uint32_t chain_id, unsigned height)
{
    return step(step(nonce) + chain_id) & ((UINT32_C(1) << height) - 1);
}

static bool slots_differ(const struct aux_leaf *leaves, size_t count, unsigned height)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (aux_slot(0, leaves[i].chain_id, height) == aux_slot(0, leaves[k].chain_id, height))
                return false;
    return true;
}

/* --- the tree -------------------------------------------------------------------------------- */

/* The nodes of one level that are not over zeros alone. */
struct level {
    struct node {
        uint32_t at;
        uint8_t hash[32];
    } nodes[AUX_CHAINS_MAX];
    size_t count;
    uint8_t zero[32]; /* every other node */
};

static void take_leaves(struct level *l, const struct aux_leaf *leaves, size_t count,
                        const struct aux_tree *tree)
{
    memset(l, 0, sizeof *l);
    for (size_t i = 0; i < count; i++) {
        struct node *n = &l->nodes[l->count++];
        n->at = aux_slot(tree->nonce, leaves[i].chain_id, tree->height);
        memcpy(n->hash, leaves[i].hash, 32);
    }
}

static const struct node *node_at(const struct level *l, uint32_t at)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->nodes[i].at == at)
            return &l->nodes[i];
    return NULL;
}

static const uint8_t *hash_at(const struct level *l, uint32_t at)
{
    const struct node *n = node_at(l, at);

    return n ? n->hash : l->zero;
}

static void rise(struct level *l)
{
    struct level above = {.count = 0};

    for (size_t i = 0; i < l->count; i++) {
        uint32_t at = l->nodes[i].at & ~1u;
        if (node_at(&above, at / 2))
            continue;
        struct node *n = &above.nodes[above.count++];
        n->at = at / 2;
        sha256d_pair(hash_at(l, at), hash_at(l, at + 1), n->hash);
    }
    sha256d_pair(l->zero, l->zero, above.zero);
    *l = above;
}

int aux_tree_build(const struct aux_leaf *leaves, size_t count, struct aux_tree *ret,
                   struct fault *why)
{
    struct aux_tree tree = {0};
    struct level l;

    if (!count || count > AUX_CHAINS_MAX)
        return fault_set(why, ERR_FIELD, "%zu chains cannot be mined at once: 1 to %d can", count,
                         AUX_CHAINS_MAX);
    /* The nonce moves all slots alike: a factor that is odd and a sum both keep different numbers
     * different, of any lower bits. So a height suits with every nonce, or with none. */
    while (!slots_differ(leaves, count, tree.height))
        if (++tree.height > AUX_HEIGHT_MAX)
            return fault_set(why, ERR_FIELD,
                             "two of the chains have ids that fall on one place of every tree");
    take_leaves(&l, leaves, count, &tree);
    for (unsigned i = 0; i < tree.height; i++)
        rise(&l);
    memcpy(tree.root, hash_at(&l, 0), 32);
    *ret = tree;
    return 0;
}

unsigned aux_tree_branch(const struct aux_leaf *leaves, size_t count, const struct aux_tree *tree,
                         size_t which, uint8_t branch[AUX_HEIGHT_MAX][32])
{
    uint32_t at = aux_slot(tree->nonce, leaves[which].chain_id, tree->height);
    struct level l;

    take_leaves(&l, leaves, count, tree);
    for (unsigned i = 0; i < tree->height; i++, at /= 2) {
        memcpy(branch[i], hash_at(&l, at ^ 1), 32);
        rise(&l);
    }
    return tree->height;
}

void aux_fold(uint8_t hash[32], const uint8_t *branch, unsigned steps, uint32_t slot)
{
    for (; steps; steps--, branch += 32, slot /= 2) {
        if (slot & 1)
            sha256d_pair(branch, hash, hash);
        else
            sha256d_pair(hash, branch, hash);
    }
}

void aux_commitment(const struct aux_tree *tree, uint8_t out[AUX_COMMITMENT])
{
    put_be32(out, 0xfabe6d6d);
    bytes_reverse(out + 4, tree->root, 32);
    put_le32(out + 36, UINT32_C(1) << tree->height);
    put_le32(out + 40, tree->nonce);
}
