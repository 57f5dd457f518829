/* SPDX-License-Identifier: MIT */
/* Splitting an amount so that every atomic unit goes somewhere: the largest-remainder method with
 * 128-bit products. */
#include <stdlib.h>

#include "base/alloc.h"
#include "reward/scheme.h"

__extension__ typedef unsigned __int128 u128;

struct part {
    uint32_t account;
    uint64_t work, atoms;
    u128 remainder;
};

static int by_account(const void *a, const void *b)
{
    const struct part *x = a, *y = b;

    return (x->account > y->account) - (x->account < y->account);
}

static int by_remainder(const void *a, const void *b)
{
    const struct part *x = a, *y = b;

    if (x->remainder != y->remainder)
        return x->remainder < y->remainder ? 1 : -1;
    return by_account(a, b);
}

/* One part for each account, sorted by it. Returns the parts used. */
static size_t merge(const struct credit *credits, size_t n, struct part *parts)
{
    size_t used = 0;

    for (size_t i = 0; i < n; i++)
        parts[i] = (struct part){.account = credits[i].account, .work = credits[i].work};
    qsort(parts, n, sizeof *parts, by_account);
    for (size_t i = 0; i < n; i++) {
        if (used && parts[used - 1].account == parts[i].account) {
            if (__builtin_add_overflow(parts[used - 1].work, parts[i].work, &parts[used - 1].work))
                parts[used - 1].work = UINT64_MAX;
        } else {
            parts[used++] = parts[i];
        }
    }
    return used;
}

size_t reward_split(const struct credit *credits, size_t n, uint64_t atoms, struct payout *out)
{
    if (n == 0)
        return 0;
    AUTO_FREE struct part *parts = xmalloc(n * sizeof *parts);
    size_t count = merge(credits, n, parts);
    uint64_t left = atoms;
    u128 total = 0;

    for (size_t i = 0; i < count; i++)
        total += parts[i].work;
    if (total == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        u128 product = (u128)atoms * parts[i].work;
        parts[i].atoms = (uint64_t)(product / total);
        parts[i].remainder = product % total;
        left -= parts[i].atoms;
    }
    qsort(parts, count, sizeof *parts, by_remainder);
    for (size_t i = 0; i < left; i++) /* left < count: each floor lost less than one unit */
        parts[i].atoms++;
    qsort(parts, count, sizeof *parts, by_account);
    for (size_t i = 0; i < count; i++)
        out[i] = (struct payout){.account = parts[i].account, .atoms = parts[i].atoms};
    return count;
}

uint64_t reward_fee(uint64_t reward, uint32_t fee_bp)
{
    return (uint64_t)((u128)reward * fee_bp / 10000);
}
