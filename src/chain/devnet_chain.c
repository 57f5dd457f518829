/* SPDX-License-Identifier: MIT */
/* The tree of devnet blocks and which branch is the best: the most work, first come on a tie. */
#include "chain/devnet_chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "chain/devnet_check.h"
#include "store/store.h"

struct devnet_block *devnet_find(struct devnet_chain *c, const uint8_t hash[32])
{
    struct devnet_block *found;

    HASH_FIND(hh, c->by_hash, hash, 32, found);
    return found;
}

static void add(struct devnet_chain *c, struct devnet_block *b)
{
    if (c->count == c->room) {
        c->room = c->room ? 2 * c->room : 64;
        c->list = xreallocarray(c->list, c->room, sizeof *c->list);
    }
    b->seq = c->count;
    c->list[c->count++] = b;
    HASH_ADD(hh, c->by_hash, hash, 32, b);
    if (!b->invalid && (!c->tip || u256_cmp(&b->work, &c->tip->work) > 0))
        c->tip = b;
}

/* --- rows of the store ----------------------------------------------------------------------- */

static void store_block(struct devnet_chain *c, const struct devnet_block *b, const uint8_t *block,
                        size_t len)
{
    const struct value args[] = {value_blob(c->id, 32), value_blob(b->hash, 32),
                                 value_int((int64_t)b->height), value_blob(block, len)};

    if (!c->store)
        return;
    struct store_batch *batch = store_batch_new();
    store_batch_add(batch, ST_devnet_block_put, args, 4);
    store_submit(c->store, batch, true, NULL, NULL);
}

static void store_invalid(struct devnet_chain *c, const struct devnet_block *b)
{
    const struct value args[] = {value_blob(c->id, 32), value_blob(b->hash, 32)};

    if (!c->store)
        return;
    struct store_batch *batch = store_batch_new();
    store_batch_add(batch, ST_devnet_block_invalidate, args, 2);
    store_submit(c->store, batch, true, NULL, NULL);
}

/* A stored block was validated before it was written; here only its place is looked up. */
static void load_row(void *arg, const struct value *column, unsigned n)
{
    struct devnet_chain *c = arg;

    const uint8_t *header = column[0].p;
    struct header_fields fields;

    if (n != 2 || column[0].kind != VALUE_BLOB || column[0].n < c->rules.form->header_len ||
        !c->rules.form->read(header, &fields))
        return;
    struct devnet_block *parent = devnet_find(c, fields.prev);
    struct devnet_block *b = xcalloc(1, sizeof *b);
    if (!parent || !devnet_block_fill(&c->rules, b, parent, header) || devnet_find(c, b->hash)) {
        free(b);
        return;
    }
    b->invalid |= column[1].i != 0;
    add(c, b);
}

int devnet_chain_init(struct devnet_chain *c, const struct algo *algo, struct datasets *datasets,
                      uint32_t interval_s, struct store *store, struct fault *why)
{
    uint8_t header[HEADER_MAX];

    memset(c, 0, sizeof *c);
    if (!devnet_rules_init(&c->rules, algo, interval_s))
        return fault_set(why, ERR_CONFIG, "the devnet has no header that %s could hash",
                         algo->name);
    hasher_init(&c->hasher, algo, datasets);
    devnet_genesis(&c->rules, header);
    struct devnet_block *first = xcalloc(1, sizeof *first);
    (void)devnet_block_fill(&c->rules, first, NULL, header);
    memcpy(c->id, first->hash, 32);
    add(c, first);
    c->store = store;
    if (!store)
        return 0;
    const struct value id = value_blob(c->id, 32);
    int err = store_query(store, ST_devnet_blocks, &id, 1, load_row, c);
    if (err < 0) {
        devnet_chain_fini(c);
        return fault_set(why, err, "the blocks of the devnet cannot be read from the store: %s",
                         err_str(err));
    }
    return 0;
}

void devnet_chain_fini(struct devnet_chain *c)
{
    hasher_fini(&c->hasher);
    HASH_CLEAR(hh, c->by_hash);
    for (size_t i = 0; i < c->count; i++)
        free(c->list[i]);
    free(c->list);
    memset(c, 0, sizeof *c);
}

/* --- branches -------------------------------------------------------------------------------- */

bool devnet_in_best_chain(const struct devnet_chain *c, const struct devnet_block *b)
{
    const struct devnet_block *at = c->tip;

    while (at && at->height > b->height)
        at = at->parent;
    return at == b;
}

const char devnet_wait[] = "dataset-not-ready", devnet_lost[] = "no-dataset";

const char *devnet_accept(struct devnet_chain *c, const uint8_t *block, size_t len, uint32_t now)
{
    const char *refused = devnet_check(c, block, len, now);

    if (refused)
        return refused;
    struct devnet_block *b = xcalloc(1, sizeof *b);
    struct header_fields fields;
    (void)c->rules.form->read(block, &fields);
    (void)devnet_block_fill(&c->rules, b, devnet_find(c, fields.prev), block);
    add(c, b);
    store_block(c, b, block, len);
    return c->tip == b ? NULL : "inconclusive";
}

int devnet_invalidate(struct devnet_chain *c, unsigned depth)
{
    struct devnet_block *b = c->tip;

    if (!depth || depth > c->tip->height)
        return ERR_FIELD;
    for (unsigned i = 1; i < depth; i++)
        b = b->parent;
    b->invalid = true;
    store_invalid(c, b);
    c->tip = NULL;
    for (size_t i = 0; i < c->count; i++) {
        struct devnet_block *k = c->list[i];
        k->invalid |= k->parent && k->parent->invalid;
        if (!k->invalid && (!c->tip || u256_cmp(&k->work, &c->tip->work) > 0))
            c->tip = k;
    }
    return 0;
}
