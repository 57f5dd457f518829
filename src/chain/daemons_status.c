/* SPDX-License-Identifier: MIT */
/* Is a block in the best chain? All daemons are asked; the highest count of those that know it is
 * the answer. A pool asks for all its young blocks at every new tip: a daemon gets a few of the
 * questions at a time. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "chain/daemons.h"

/* Each is a connection: monerod refuses an address more than 25 of them, bitcoind queues 16. */
enum { AT_ONCE = 4 };

struct query {
    struct query *prev, *next;
    struct daemons *chain;
    char hash[65]; /* display order */
    chain_status_fn *done;
    void *arg;
    int64_t best; /* as chain_status_fn has it */
    size_t open;
    size_t count;
    struct question { /* one daemon's part */
        struct query *of;
        struct daemon *daemon;
        struct rpc_call *call;
        bool asked;
    } questions[]; /* as the chain's daemons */
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

static void on_header(void *arg, const struct rpc_reply *reply);

static void ask(struct question *part)
{
    struct daemon *d = part->daemon;
    const struct query *q = part->of;

    d->asking++;
    part->asked = true;
    part->call = rpc_start(d->rpc, d->family->status_method, d->family->status_params(q->hash),
                           q->chain->timing.rpc_timeout_ms, RPC_BYTES, on_header, part);
}

/* Asks a daemon what has waited longest for it, while it may be asked. */
static void ask_more(const struct daemons *b, size_t index)
{
    while (b->items[index].asking < AT_ONCE) {
        struct question *oldest = NULL;
        for (struct query *q = b->queries; q; q = q->next)
            if (!q->questions[index].asked)
                oldest = &q->questions[index];
        if (!oldest)
            return;
        ask(oldest);
    }
}

static void on_header(void *arg, const struct rpc_reply *reply)
{
    struct question *part = arg;
    struct query *q = part->of;
    const struct daemons *b = q->chain;
    size_t index = (size_t)(part - q->questions);
    int64_t answer = answer_of(part->daemon, reply);

    part->call = NULL;
    part->daemon->asking--;
    if (answer > q->best)
        q->best = answer;
    bool last = --q->open == 0;
    chain_status_fn *done = q->done;
    void *to = q->arg;
    int64_t best = q->best;
    if (last)
        query_free(q);
    ask_more(b, index);
    if (last)
        done(to, best);
}

void daemons_status(void *state, const uint8_t hash[32], chain_status_fn *done, void *arg)
{
    struct daemons *b = state;
    struct query *q = xcalloc(1, sizeof *q + b->count * sizeof *q->questions);
    uint8_t shown[32];

    bytes_reverse(shown, hash, 32);
    hex_encode(shown, 32, q->hash);
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
    }
    for (size_t i = 0; i < b->count; i++)
        ask_more(b, i);
}

void daemons_status_close(struct daemons *b)
{
    while (b->queries) {
        struct query *q = b->queries;
        q->done(q->arg, STATUS_NOBODY);
        query_free(q);
    }
}
