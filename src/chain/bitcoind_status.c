/* SPDX-License-Identifier: MIT */
/* Is a block in the best chain? All daemons are asked; the highest count of those that know it is
 * the answer. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "chain/bitcoind.h"

enum { NOT_FOUND = -5, NOT_FOUND_BCOIN = -1, NOBODY = -2, UNKNOWN = -1 };

struct query {
    struct query *prev, *next;
    struct bitcoind *chain;
    chain_status_fn *done;
    void *arg;
    int64_t best; /* NOBODY, UNKNOWN, or confirmations */
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

/* Confirmations of a header; a daemon says -1 for one that is not in its best chain. */
static int64_t answer_of(const struct daemon *d, const struct rpc_reply *reply)
{
    if (reply->err == ERR_RPC && (reply->code == NOT_FOUND || reply->code == NOT_FOUND_BCOIN))
        return d->state == DAEMON_FOREIGN ? NOBODY : UNKNOWN;
    const json_t *count = json_object_get(reply->result, "confirmations");
    if (reply->err || !json_is_integer(count))
        return NOBODY;
    return json_integer_value(count) > 0 ? json_integer_value(count) : 0;
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

void bitcoind_status(void *state, const uint8_t hash[32], chain_status_fn *done, void *arg)
{
    struct bitcoind *b = state;
    struct query *q = xcalloc(1, sizeof *q + b->count * sizeof *q->questions);
    uint8_t shown[32];
    char hex[65];

    bytes_reverse(shown, hash, 32);
    hex_encode(shown, 32, hex);
    q->chain = b;
    q->done = done;
    q->arg = arg;
    q->best = NOBODY;
    q->next = b->queries;
    if (q->next)
        q->next->prev = q;
    b->queries = q;
    q->open = q->count = b->count;
    for (size_t i = 0; i < b->count; i++) {
        q->questions[i].of = q;
        q->questions[i].daemon = &b->daemons[i];
        q->questions[i].call =
            rpc_start(b->daemons[i].rpc, "getblockheader", json_pack("[s, b]", hex, 1),
                      b->timing.rpc_timeout_ms, RPC_BYTES, on_header, &q->questions[i]);
    }
}

void bitcoind_status_close(struct bitcoind *b)
{
    while (b->queries) {
        struct query *q = b->queries;
        q->done(q->arg, NOBODY);
        query_free(q);
    }
}
