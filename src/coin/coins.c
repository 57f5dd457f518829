/* SPDX-License-Identifier: MIT */
/* The table of coins. Sources: chainparams of Bitcoin Core 27 and Litecoin Core 0.21, the network
 * settings of monerod 0.18 (address versions, genesis hashes); the devnet is our own and its coins
 * have no value. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "coin/coin.h"

const struct coin coins[] = {
    {
        .name = "bitcoin",
        .symbol = "BTC",
        .algo = "sha256d",
        .chain = "bitcoind",
        .gbt_rules = "segwit",
        .decimals = 8,
        .block_s = 600,
        .maturity = 100,
        .address_script = bitcoin_address_script,
        .address = {[NETWORK_MAIN] = {0, 5, 0, "bc"},
                    [NETWORK_TEST] = {111, 196, 0, "tb"},
                    [NETWORK_REGTEST] = {111, 196, 0, "bcrt"}},
        .genesis = {[NETWORK_MAIN] =
                        "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
                    /* testnet3, testnet4 */
                    [NETWORK_TEST] =
                        "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943 "
                        "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
                    [NETWORK_REGTEST] =
                        "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"},
    },
    {
        .name = "litecoin",
        .symbol = "LTC",
        .algo = "scrypt",
        .chain = "bitcoind",
        .gbt_rules = "mweb segwit",
        .decimals = 8,
        .block_s = 150,
        .maturity = 100,
        .address_script = bitcoin_address_script,
        .address = {[NETWORK_MAIN] = {48, 50, 5, "ltc"},
                    [NETWORK_TEST] = {111, 58, 196, "tltc"},
                    [NETWORK_REGTEST] = {111, 58, 196, "rltc"}},
        .genesis = {[NETWORK_MAIN] =
                        "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2",
                    [NETWORK_TEST] =
                        "4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0",
                    [NETWORK_REGTEST] =
                        "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9"},
    },
    {
        .name = "monero",
        .symbol = "XMR",
        .algo = "randomx",
        .chain = "monerod",
        .decimals = 12,
        .block_s = 120,
        .maturity = 60,
        .address_script = monero_address_script,
        /* monerod's regtest is its own chain with the first block and the addresses of main */
        .cryptonote = {[NETWORK_MAIN] = {18, 19, 42},
                       [NETWORK_TEST] = {53, 54, 63},
                       [NETWORK_REGTEST] = {18, 19, 42}},
        .genesis = {[NETWORK_MAIN] =
                        "418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3",
                    [NETWORK_TEST] =
                        "48ca7cd3c8de5b6a4d53d2861fbdaedca141553559f9be9520068053cda8430b",
                    [NETWORK_REGTEST] =
                        "418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3"},
    },
    {
        .name = "devnet",
        .symbol = "DEV",
        .chain = "devnet",
        .decimals = 8,
        .block_s = 30,
        .maturity = 100,
        .address_script = bitcoin_address_script,
        .address = {[NETWORK_MAIN] = {90, 95, 0, "dev"},
                    [NETWORK_TEST] = {90, 95, 0, "dev"},
                    [NETWORK_REGTEST] = {90, 95, 0, "dev"}},
    },
    {0},
};

static const char *const network_names[NETWORKS] = {"main", "test", "regtest"};

const struct coin *coin_find(const char *word)
{
    for (const struct coin *c = coins; c->name; c++)
        if (!strcasecmp(c->name, word) || !strcasecmp(c->symbol, word))
            return c;
    return NULL;
}

bool network_parse(const char *word, enum network *ret)
{
    for (unsigned i = 0; i < NETWORKS; i++) {
        if (!strcasecmp(network_names[i], word)) {
            *ret = (enum network)i;
            return true;
        }
    }
    return false;
}

const char *network_name(enum network network)
{
    return (unsigned)network < NETWORKS ? network_names[network] : "?";
}

void coin_amount(const struct coin *coin, uint64_t atoms, char out[32])
{
    char digits[32]; /* at least one more than the decimals, so that "0." comes out */
    int places = coin->decimals < 19 ? coin->decimals : 19;
    int len = snprintf(digits, sizeof digits, "%0*" PRIu64, places + 1, atoms);

    if (!places)
        snprintf(out, 32, "%.20s", digits);
    else
        snprintf(out, 32, "%.*s.%.19s", len - places, digits, digits + len - places);
}
