/* SPDX-License-Identifier: MIT */
/* The table of bans. Rows stay a day past their end, so that the next ban is longer. */
#include "front/bans.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"

struct banned {
    struct guard_ban ban; /* its network is the key */
    UT_hash_handle hh;
};

static bool in_force(const struct guard_ban *ban, int64_t now_ms)
{
    return !ban->until_ms || now_ms < ban->until_ms;
}

static struct banned *row_of(const struct bans *b, const struct prefix *network)
{
    struct banned *row;

    HASH_FIND(hh, b->rows, network, sizeof *network, row);
    return row;
}

static void row_free(struct bans *b, struct banned *row)
{
    b->lengths[row->ban.network.bits]--;
    HASH_DEL(b->rows, row);
    free(row);
}

/* Networks that bans are of have few lengths: one look-up for each. */
const struct guard_ban *bans_find(const struct bans *b, const struct peer *a, int64_t now_ms)
{
    for (unsigned bits = b->rows ? 129 : 0; bits-- > 0;) {
        if (!b->lengths[bits])
            continue;
        struct prefix network = prefix_of(a, bits);
        const struct banned *row = row_of(b, &network);
        if (row && in_force(&row->ban, now_ms))
            return &row->ban;
    }
    return NULL;
}

const struct guard_ban *bans_get(const struct bans *b, const struct prefix *network)
{
    const struct banned *row = row_of(b, network);

    return row ? &row->ban : NULL;
}

/* The oldest that nobody asked for by hand. */
static bool make_room(struct bans *b)
{
    for (struct banned *row = b->rows; row; row = row->hh.next)
        if (row->ban.cause != CAUSE_MANUAL) {
            row_free(b, row);
            return true;
        }
    return false;
}

bool bans_put(struct bans *b, const struct guard_ban *ban)
{
    struct banned *row = row_of(b, &ban->network);

    if (row)
        row_free(b, row); /* the newest stand last */
    else if (HASH_COUNT(b->rows) >= GUARD_BANS_MAX && !make_room(b))
        return false;
    row = xcalloc(1, sizeof *row);
    row->ban = *ban;
    HASH_ADD(hh, b->rows, ban.network, sizeof row->ban.network, row);
    b->lengths[ban->network.bits]++;
    return true;
}

bool bans_drop(struct bans *b, const struct prefix *network)
{
    struct banned *row = row_of(b, network);

    if (row)
        row_free(b, row);
    return row != NULL;
}

void bans_expire(struct bans *b, int64_t now_ms)
{
    struct banned *row, *next;

    HASH_ITER(hh, b->rows, row, next)
    {
        const struct guard_ban *ban = &row->ban;
        int64_t memory = ban->cause == CAUSE_MANUAL ? 0 : GUARD_MEMORY_MS;
        if (ban->until_ms && now_ms >= ban->until_ms + memory)
            row_free(b, row);
    }
}

unsigned bans_list(const struct bans *b, int64_t now_ms, struct guard_ban *rows, unsigned max)
{
    unsigned n = 0;
    const struct banned *row =
        b->rows ? ELMT_FROM_HH(b->rows->hh.tbl, b->rows->hh.tbl->tail) : NULL;

    for (; row; row = row->hh.prev)
        if (in_force(&row->ban, now_ms)) {
            if (n < max)
                rows[n] = row->ban;
            n++;
        }
    return n;
}

void bans_fini(struct bans *b)
{
    struct banned *row, *next;

    HASH_ITER(hh, b->rows, row, next)
    row_free(b, row);
}
