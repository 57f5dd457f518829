/* SPDX-License-Identifier: MIT */
/* Accounts in memory, by owner; new ones are written as they appear. */
#include "pool/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

static uint32_t next_id(struct accounts *a)
{
    return (uint32_t)store_row_next(a->store, ROWS_ACCOUNT);
}

static void add_row(struct accounts *a, struct store_batch *batch, uint32_t id, const char *kind,
                    const char *owner, uint32_t matures_to)
{
    const struct value args[] = {
        value_int(id),
        value_text(a->chain),
        value_text(kind),
        value_text(owner),
        matures_to ? value_int(matures_to) : (struct value){.kind = VALUE_NULL},
    };

    store_batch_add(batch, ST_account_add, args, 5);
}

static struct account *remember(struct accounts *a, uint32_t id, const char *owner)
{
    struct account *account = xcalloc(1, sizeof *account);

    account->id = id;
    (void)text_copy(account->owner, sizeof account->owner, owner);
    HASH_ADD_STR(a->by_owner, owner, account);
    return account;
}

struct account *accounts_get(struct accounts *a, const char *owner)
{
    char cut[sizeof(((struct account *)0)->owner)], goal[sizeof cut + 8];
    struct account *account;

    (void)text_copy(cut, sizeof cut, owner);
    HASH_FIND_STR(a->by_owner, cut, account);
    if (account)
        return account;
    account = remember(a, next_id(a), cut);
    account->immature = next_id(a);
    (void)snprintf(goal, sizeof goal, "miner:%s", cut);
    struct store_batch *batch = store_batch_new();
    add_row(a, batch, account->id, "miner", cut, 0);
    add_row(a, batch, account->immature, "immature", goal, account->id);
    /* durable, so never dropped for want of room: a block that names it would be refused */
    store_submit(a->store, batch, true, NULL, NULL);
    return account;
}

/* The pool's own accounts as rows: a goal comes before what matures into it. */
static const struct own_row {
    const char *kind, *owner;
    size_t at, goal; /* offsets in struct own_accounts; goal = at: none */
} own_rows[] = {
#define AT(name) offsetof(struct own_accounts, name)
    {"wallet", "", AT(wallet), AT(wallet)},
    {"coinbase", "", AT(coinbase), AT(wallet)},
    {"fee", "", AT(fee), AT(fee)},
    {"immature", "fee:", AT(fee_immature), AT(fee)},
    {"remainder", "", AT(remainder), AT(remainder)},
    {"immature", "remainder:", AT(remainder_immature), AT(remainder)},
#undef AT
};
enum { OWN_ROWS = sizeof own_rows / sizeof *own_rows };

static uint32_t *own_at(struct accounts *a, size_t at)
{
    return (uint32_t *)(void *)((char *)&a->own + at);
}

static void make_own(struct accounts *a)
{
    struct store_batch *batch = store_batch_new();

    for (size_t i = 0; i < OWN_ROWS; i++) {
        uint32_t *id = own_at(a, own_rows[i].at);
        if (*id)
            continue;
        *id = next_id(a);
        add_row(a, batch, *id, own_rows[i].kind, own_rows[i].owner,
                own_rows[i].goal == own_rows[i].at ? 0 : *own_at(a, own_rows[i].goal));
    }
    if (store_batch_empty(batch))
        store_batch_free(batch);
    else
        store_submit(a->store, batch, true, NULL, NULL);
}

/* id, kind, owner, matures_to, balance */
static void on_account(void *arg, const struct value *c, unsigned n)
{
    struct accounts *a = arg;
    uint32_t id = (uint32_t)c[0].i;
    const char *kind = c[1].p, *owner = c[2].p;

    (void)n;
    for (size_t i = 0; i < OWN_ROWS; i++)
        if (!strcmp(kind, own_rows[i].kind) && !strcmp(owner, own_rows[i].owner))
            *own_at(a, own_rows[i].at) = id;
    if (!strcmp(kind, "miner"))
        (void)remember(a, id, owner);
    if (!strcmp(kind, "immature") && !strncmp(owner, "miner:", 6)) { /* its goal has a lower id */
        struct account *account;
        HASH_FIND_STR(a->by_owner, owner + 6, account);
        if (account)
            account->immature = id;
    }
}

static void on_last(void *arg, const struct value *c, unsigned n)
{
    (void)n;
    store_rows_known(arg, ROWS_ACCOUNT, (uint64_t)c[0].i);
}

int accounts_load(struct accounts *a, struct store *store, const char *chain, struct fault *why)
{
    struct value arg = value_text(chain);
    int err;

    a->store = store;
    (void)text_copy(a->chain, sizeof a->chain, chain);
    if ((err = store_query(store, ST_account_last, NULL, 0, on_last, store)) < 0 ||
        (err = store_query(store, ST_account_all, &arg, 1, on_account, a)) < 0)
        return fault_set(why, err, "cannot read the accounts of %s from the database", chain);
    make_own(a);
    return 0;
}

void accounts_fini(struct accounts *a)
{
    struct account *account, *tmp;

    HASH_ITER(hh, a->by_owner, account, tmp)
    {
        HASH_DEL(a->by_owner, account);
        free(account);
    }
}
