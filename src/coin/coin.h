/* SPDX-License-Identifier: MIT */
/* Coins: one row each, and their addresses. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum network { NETWORK_MAIN, NETWORK_TEST, NETWORK_REGTEST, NETWORKS };

struct address_rules {
    uint8_t p2pkh, p2sh, p2sh_old; /* base58check version bytes; p2sh_old = 0: none */
    const char *hrp;               /* bech32 / bech32m */
};

struct cryptonote_rules { /* what an address begins with */
    uint64_t standard, integrated, subaddress;
};

enum { SCRIPT_MAX = 64 };

struct coin;

/* As address_script, for one family of coins. `address` is neither empty nor very long. */
typedef int address_fn(const struct coin *, enum network, const char *address,
                       uint8_t script[SCRIPT_MAX], struct fault *why);

struct coin {
    const char *name;      /* "bitcoin", "monero", "devnet": the word in configuration */
    const char *symbol;    /* "BTC" */
    const char *algo;      /* "sha256d"; NULL = mining.algorithm decides (devnet) */
    const char *chain;     /* name of a row in chain/chains.c: "bitcoind", "monerod" */
    const char *gbt_rules; /* "segwit" or "mweb segwit": what getblocktemplate must be asked with;
                              NULL outside of Bitcoin's family */
    uint8_t decimals;      /* 8: 1 coin = 10^8 atomic units */
    uint32_t block_s;      /* target spacing, s */
    uint32_t maturity;     /* confirmations before a coinbase can be spent */
    address_fn *address_script;
    struct address_rules address[NETWORKS];       /* Bitcoin's family; else zero */
    struct cryptonote_rules cryptonote[NETWORKS]; /* Monero's family; else zero */
    const char *genesis[NETWORKS]; /* hash of block 0, display order: proves the daemon's network;
                                      several accepted ones are separated by a space;
                                      NULL = not checked */
};

extern const struct coin coins[]; /* ends with {0} */

const struct coin *coin_find(const char *name_or_symbol); /* NULL when unknown */
bool network_parse(const char *word, enum network *);
const char *network_name(enum network);

/* The output script that pays `address`. Returns its length (<= SCRIPT_MAX), 0 for a good address
 * of a coin without scripts (Monero), or ERR_FIELD and `why`: which rule failed (checksum, wrong
 * network and which one it is for, unknown witness version). */
int address_script(const struct coin *, enum network, const char *address,
                   uint8_t script[SCRIPT_MAX], struct fault *why);

address_fn bitcoin_address_script, monero_address_script; /* for the table of coins */

/* Amount for people: "12.50005530". */
void coin_amount(const struct coin *, uint64_t atoms, char out[32]);
