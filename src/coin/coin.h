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

struct coin {
    const char *name;      /* "bitcoin", "litecoin", "devnet": the word in configuration */
    const char *symbol;    /* "BTC" */
    const char *algo;      /* "sha256d"; NULL = mining.algorithm decides (devnet) */
    const char *chain;     /* name of a row in chain/chains.c: "bitcoind", "devnet" */
    const char *gbt_rules; /* "segwit" or "mweb segwit": what getblocktemplate must be asked with */
    uint8_t decimals;      /* 8: 1 coin = 10^8 atomic units */
    uint32_t block_s;      /* target spacing, s */
    uint32_t maturity;     /* confirmations before a coinbase can be spent */
    struct address_rules address[NETWORKS];
    const char *genesis[NETWORKS]; /* hash of block 0, display order: proves the daemon's network;
                                      several accepted ones are separated by a space;
                                      NULL = not checked */
};

extern const struct coin coins[]; /* ends with {0} */

const struct coin *coin_find(const char *name_or_symbol); /* NULL when unknown */
bool network_parse(const char *word, enum network *);
const char *network_name(enum network);

enum { SCRIPT_MAX = 64 };

/* The output script that pays `address`. Returns its length (<= SCRIPT_MAX), or ERR_FIELD and
 * `why`: which rule failed (checksum, wrong network and which one it is for, unknown witness
 * version). */
int address_script(const struct coin *, enum network, const char *address,
                   uint8_t script[SCRIPT_MAX], struct fault *why);

/* Amount for people: "12.50005530". */
void coin_amount(const struct coin *, uint64_t atoms, char out[32]);
