/* SPDX-License-Identifier: MIT */
/* Ledger transactions of a block's life, and the reconciliation of all sums. */
#include "pool/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "pool/pool.h"

enum { KEY_MAX = 96 };

/* "credit:HASH:0", the hash in display order */
static void make_key(char key[KEY_MAX], const char *kind, const uint8_t hash[32], uint32_t turn)
{
    uint8_t shown[32];
    char hex[65];

    bytes_reverse(shown, hash, 32);
    hex_encode(shown, 32, hex);
    (void)snprintf(key, KEY_MAX, "%s:%s:%" PRIu32, kind, hex, turn);
}

static void add_tx(struct store_batch *batch, const char *key, const struct accounts *a,
                   const char *kind, const uint8_t hash[32])
{
    const struct value args[] = {value_text(key), value_text(a->chain), value_text(kind),
                                 value_blob(hash, 32), value_int(wall_ms())};

    store_batch_add(batch, ST_ledger_tx_add, args, 5);
}

static void add_entry(struct store_batch *batch, const char *key, uint32_t account, int64_t amount)
{
    const struct value args[] = {value_text(key), value_int(account), value_int(amount)};

    if (amount)
        store_batch_add(batch, ST_entry_add, args, 3);
}

void ledger_credit(struct store_batch *batch, const struct accounts *a,
                   const struct block_credit *credit)
{
    uint64_t left = credit->reward - credit->fee;
    char key[KEY_MAX];

    make_key(key, "credit", credit->hash, 0);
    add_tx(batch, key, a, "credit", credit->hash);
    add_entry(batch, key, a->own.coinbase, -(int64_t)credit->reward);
    add_entry(batch, key, a->own.fee_immature, (int64_t)credit->fee);
    for (size_t i = 0; i < credit->count; i++) {
        add_entry(batch, key, credit->immature[i], (int64_t)credit->payouts[i].atoms);
        left -= credit->payouts[i].atoms;
    }
    add_entry(batch, key, a->own.remainder_immature, (int64_t)left);
}

/* A transaction whose entries the store derives from what the block has posted. */
static void derive(struct store_batch *batch, const struct accounts *a, const char *kind,
                   enum statement entries, const uint8_t hash[32], uint32_t turn)
{
    char key[KEY_MAX];

    make_key(key, kind, hash, turn);
    add_tx(batch, key, a, kind, hash);
    const struct value args[] = {value_text(key), value_blob(hash, 32)};
    store_batch_add(batch, entries, args, 2);
}

void ledger_mature(struct store_batch *batch, const struct accounts *a, const uint8_t hash[32],
                   uint32_t turn)
{
    derive(batch, a, "mature", ST_entry_mature, hash, turn);
}

void ledger_reverse(struct store_batch *batch, const struct accounts *a, const uint8_t hash[32],
                    uint32_t turn)
{
    derive(batch, a, "reverse", ST_entry_reverse, hash, turn);
}

void ledger_restore(struct store_batch *batch, const struct accounts *a, const uint8_t hash[32],
                    uint32_t turn)
{
    char key[KEY_MAX], first[KEY_MAX];

    make_key(key, "restore", hash, turn);
    make_key(first, "credit", hash, 0);
    add_tx(batch, key, a, "restore", hash);
    const struct value args[] = {value_text(key), value_text(first)};
    store_batch_add(batch, ST_entry_repeat, args, 2);
}

/* kind, sum */
void ledger_totals_row(void *arg, const struct value *c, unsigned n)
{
    struct ledger_totals *t = arg;
    const struct {
        const char *kind;
        uint64_t *at;
    } rows[] = {{"immature", &t->immature}, {"miner", &t->owed}, {"fee", &t->fee}};

    (void)n;
    t->sum += c[1].i;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(c[0].p, rows[i].kind))
            *rows[i].at = c[1].i > 0 ? (uint64_t)c[1].i : 0;
}

/* --- reconciliation ----------------------------------------------------------------------------
 */

struct checking {
    void (*report)(void *arg, const char *text);
    void *arg;
    int wrong;
};

static void tell(struct checking *k, const char *text)
{
    k->wrong++;
    if (k->report)
        k->report(k->arg, text);
}

static void on_tx(void *arg, const struct value *c, unsigned n)
{
    char text[256];

    (void)n;
    (void)snprintf(text, sizeof text,
                   "transaction %" PRId64 " (%.100s): its entries add up to %" PRId64
                   ", kept as %" PRId64 ", both should be 0",
                   c[0].i, (const char *)c[1].p, c[2].i, c[3].i);
    tell(arg, text);
}

static void on_balance(void *arg, const struct value *c, unsigned n)
{
    char text[320];

    (void)n;
    (void)snprintf(text, sizeof text,
                   "account %" PRId64 " (%.40s %.12s %.96s): balance %" PRId64
                   ", its entries add up to %" PRId64,
                   c[0].i, (const char *)c[1].p, (const char *)c[2].p, (const char *)c[3].p, c[4].i,
                   c[5].i);
    tell(arg, text);
}

static void on_stray(void *arg, const struct value *c, unsigned n)
{
    char text[160];

    (void)n;
    (void)snprintf(text, sizeof text,
                   "entry of %" PRId64 " atoms: transaction %" PRId64 " or account %" PRId64
                   " does not exist",
                   c[2].i, c[0].i, c[1].i);
    tell(arg, text);
}

static void on_block(void *arg, const struct value *c, unsigned n)
{
    char text[200];

    (void)n;
    (void)snprintf(text, sizeof text,
                   "block at height %" PRId64 " (%s): reward %" PRId64 ", credited %" PRId64,
                   c[1].i, block_state_name((enum block_state)c[2].i), c[3].i, c[4].i);
    tell(arg, text);
}

int ledger_check(struct store *store, void (*report)(void *arg, const char *text), void *arg)
{
    static const struct {
        enum statement statement;
        store_row_fn *row;
    } checks[] = {
        {ST_check_tx_sums, on_tx},
        {ST_check_balances, on_balance},
        {ST_check_orphan_entries, on_stray},
        {ST_check_blocks, on_block},
    };
    struct checking k = {.report = report, .arg = arg};

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        int err = store_query(store, checks[i].statement, NULL, 0, checks[i].row, &k);
        if (err < 0)
            return err;
    }
    return k.wrong;
}
