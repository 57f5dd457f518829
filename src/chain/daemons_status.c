/* SPDX-License-Identifier: MIT */
/* Is a block in the best chain? All daemons are asked; the highest count of those that know it is
 * the answer. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "chain/daemons.h"

struct query {
    struct query *prev, *next;
    struct daemons *chain;
    chain_status_fn *done;
    void *arg;
    int64_t best; /* as chain_status_fn has it */
    size_t open;
    size_t count;
    struct question { /* one daemon's part */
        struct query *of;
        const struct daemon *daemon;
        struct rpc_call *call;
    } questions[];
};

static void query_free(struct query *q)
{
    if (q->prev)
        q->prev->next = q->next;
    else
        q->chain->queries = q->next;
    if (q->next)
        q->next->prev = q->prev;
    for (size_t i = 0; i < q->count; i++)
        rpc_abort(q->questions[i].call);
    free(q);
}

/* A daemon of another network cannot say that it does not know the block. */
static int64_t answer_of(const struct daemon *d, const struct rpc_reply *reply)
{
    int64_t answer = d->family->status_read(reply);

    return answer == STATUS_UNKNOWN && d->state == DAEMON_FOREIGN ? STATUS_NOBODY : answer;
}

static void on_header(void *arg, const struct rpc_reply *reply)
{
    struct question *part = arg;
    struct query *q = part->of;
    int64_t answer = answer_of(part->daemon, reply);

    part->call = NULL;
    if (answer > q->best)
        q->best = answer;
    if (--q->open)
        return;
    chain_status_fn *done = q->done;
    void *to = q->arg;
    int64_t best = q->best;
    query_free(q);
    done(to, best);
}

void daemons_status(void *state, const uint8_t hash[32], chain_status_fn *done, void *arg)
{
    struct daemons *b = state;
    struct query *q = xcalloc(1, sizeof *q + b->count * sizeof *q->questions);
    uint8_t shown[32];
    char hex[65];

    bytes_reverse(shown, hash, 32);
    hex_encode(shown, 32, hex);
    q->chain = b;
    q->done = done;
    q->arg = arg;
    q->best = STATUS_NOBODY;
    q->next = b->queries;
    if (q->next)
        q->next->prev = q;
    b->queries = q;
    q->open = q->count = b->count;
    for (size_t i = 0; i < b->count; i++) {
        q->questions[i].of = q;
        q->questions[i].daemon = &b->items[i];
        q->questions[i].call =
            rpc_start(b->items[i].rpc, b->family->status_method, b->family->status_params(hex),
                      b->timing.rpc_timeout_ms, RPC_BYTES, on_header, &q->questions[i]);
    }
}

void daemons_status_close(struct daemons *b)
{
    while (b->queries) {
        struct query *q = b->queries;
        q->done(q->arg, STATUS_NOBODY);
        query_free(q);
    }
}
