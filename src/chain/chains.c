/* SPDX-License-Identifier: MIT */
/* The kinds of chains, and the way from a coin's row to one of them. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "chain/kind.h"

const struct chain_kind *const chain_kinds[] = {&chain_bitcoind, &chain_monerod, &chain_devnet,
                                                NULL};

static const struct chain_kind *kind_find(const char *name)
{
    for (const struct chain_kind *const *k = chain_kinds; *k; k++)
        if (!strcmp((*k)->name, name))
            return *k;
    return NULL;
}

static bool hashes_bitcoin(const struct algo *algo)
{
    return form_of_algo(algo) == &form_bitcoin;
}

int chain_open(const struct chain_options *options, uv_loop_t *loop, struct chain **ret,
               struct fault *why)
{
    const struct coin *coin = options->coin;
    const struct chain_kind *kind = kind_find(coin->chain);
    void *state;

    if (!kind)
        return fault_set(why, ERR_CONFIG, "no way to reach the chain of %s", coin->name);
    if (coin->algo && strcmp(coin->algo, options->algo->name) != 0)
        return fault_set(why, ERR_CONFIG, "%s is mined with %s: set mining.algorithm to it",
                         coin->name, coin->algo);
    if (!(kind->suits ? kind->suits : hashes_bitcoin)(options->algo))
        return fault_set(why, ERR_CONFIG, "%s does not hash the headers of %s", options->algo->name,
                         coin->name);
    int err = kind->open(options, loop, &state, why);
    if (err < 0)
        return err;
    struct chain *chain = xcalloc(1, sizeof *chain);
    chain->kind = kind;
    chain->state = state;
    *ret = chain;
    return 0;
}

void chain_refresh(struct chain *chain)
{
    chain->kind->refresh(chain->state);
}

void chain_submit(struct chain *chain, const uint8_t *block, size_t len, const uint8_t hash[32],
                  chain_submit_fn *done, void *arg)
{
    chain->kind->submit(chain->state, block, len, hash, done, arg);
}

void chain_status(struct chain *chain, const uint8_t hash[32], chain_status_fn *done, void *arg)
{
    chain->kind->status(chain->state, hash, done, arg);
}

unsigned chain_nodes(struct chain *chain, struct chain_node_view *out, unsigned max)
{
    return chain->kind->nodes(chain->state, out, max);
}

void chain_close(struct chain *chain)
{
    if (!chain)
        return;
    chain->kind->close(chain->state);
    free(chain);
}
