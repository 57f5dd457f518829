/* SPDX-License-Identifier: MIT */
/* The ledger: double entry, append only. An entry moves atomic units between accounts; those of a
 * transaction add up to zero (the store refuses others). Balances > 0: the pool owes; < 0: the
 * chain holds it for the pool. Each transaction has a key, so that it cannot happen twice. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pool/accounts.h"
#include "reward/scheme.h"
#include "store/store.h"

/* A found block: what the coinbase pays and to whom it will go. The rows and `fee` and what no row
 * claims add up to `reward`. `payouts[].account` are ids of "miner" accounts. */
struct block_credit {
    const uint8_t *hash; /* 32 bytes, internal order */
    uint64_t reward, fee;
    const struct payout *payouts;
    const uint32_t *immature; /* of the same row */
    size_t count;
};
void ledger_credit(struct store_batch *, const struct accounts *, const struct block_credit *);

/* The three things that may happen to it later; `turn` tells repetitions apart. */
void ledger_mature(struct store_batch *, const struct accounts *, const uint8_t hash[32],
                   uint32_t turn);
void ledger_reverse(struct store_batch *, const struct accounts *, const uint8_t hash[32],
                    uint32_t turn);
void ledger_restore(struct store_batch *, const struct accounts *, const uint8_t hash[32],
                    uint32_t turn);

struct ledger_totals { /* atoms */
    uint64_t immature, owed, fee;
    int64_t sum; /* of everything: 0 */
};
void ledger_totals_row(void *totals, const struct value *, unsigned n); /* for ST_balance_sums */

/* Recomputes all sums from the entries. `report` (may be NULL) is told each thing that is wrong, in
 * a sentence. Returns how many there are, or a negative error. Waits for the store. */
int ledger_check(struct store *, void (*report)(void *arg, const char *text), void *arg);
