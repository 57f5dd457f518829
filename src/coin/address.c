/* SPDX-License-Identifier: MIT */
/* From an address to the script that pays it; what is wrong is said so that a person can mend it.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "coin/coin.h"
#include "crypto/base58.h"
#include "crypto/bech32.h"

enum {
    OP_0 = 0x00,
    OP_1 = 0x51,
    OP_DUP = 0x76,
    OP_EQUAL = 0x87,
    OP_EQUALVERIFY = 0x88,
    OP_HASH160 = 0xa9,
    OP_CHECKSIG = 0xac,
};

typedef bool rules_match_fn(const struct address_rules *, const void *key);

static bool match_version(const struct address_rules *rules, const void *key)
{
    uint8_t version = *(const uint8_t *)key;

    return version == rules->p2pkh || version == rules->p2sh ||
           (rules->p2sh_old && version == rules->p2sh_old);
}

static bool match_hrp(const struct address_rules *rules, const void *key)
{
    return !strcmp(rules->hrp, key);
}

/* "litecoin main, bitcoin test": every network whose rules match. Empty when none does. */
static void whose(rules_match_fn *match, const void *key, char *out, size_t size)
{
    struct str list AUTO_STR = {0};

    for (const struct coin *c = coins; c->name; c++)
        for (unsigned n = 0; n < NETWORKS; n++)
            if (c->address[n].hrp && match(&c->address[n], key))
                str_addf(&list, "%s%s %s", list.len ? ", " : "", c->name,
                         network_name((enum network)n));
    text_copy(out, size, str_text(&list));
}

static int wrong_network(const struct coin *coin, enum network network, rules_match_fn *match,
                         const void *key, struct fault *why)
{
    char others[200];

    whose(match, key, others, sizeof others);
    return fault_set(why, ERR_FIELD, "the address is for %s, not for %s %s",
                     others[0] ? others : "an unknown coin", coin->name, network_name(network));
}

/* Is the text of the form "HRP1..." for an hrp of any coin? */
static bool looks_bech32(const char *address)
{
    for (const struct coin *c = coins; c->name; c++)
        for (unsigned n = 0; n < NETWORKS; n++) {
            const char *hrp = c->address[n].hrp;
            size_t len = hrp ? strlen(hrp) : 0;
            if (len && !strncasecmp(address, hrp, len) && address[len] == '1')
                return true;
        }
    return false;
}

static bool looks_mweb(const char *address)
{
    return !strncasecmp(address, "ltcmweb1", 8) || !strncasecmp(address, "tmweb1", 6);
}

static int witness_script(const struct coin *coin, enum network network, const char *address,
                          uint8_t script[SCRIPT_MAX], struct fault *why)
{
    struct witness_program w;
    enum bech32_result bad = witness_address_decode(address, &w);

    if (bad)
        return fault_set(why, ERR_FIELD, "the address is not valid: %s", bech32_result_text(bad));
    if (!match_hrp(&coin->address[network], w.hrp))
        return wrong_network(coin, network, match_hrp, w.hrp, why);
    if (w.version > 1 || (w.version == 1 && w.len != 32))
        return fault_set(why, ERR_FIELD,
                         "the address has witness version %u with %u bytes, which has no meaning "
                         "yet: anyone could spend the coins",
                         w.version, w.len);
    script[0] = w.version ? OP_1 : OP_0;
    script[1] = w.len;
    memcpy(script + 2, w.program, w.len);
    return w.len + 2;
}

static int key_hash_script(const uint8_t hash[20], uint8_t *script)
{
    static const uint8_t head[3] = {OP_DUP, OP_HASH160, 20};

    memcpy(script, head, 3);
    memcpy(script + 3, hash, 20);
    script[23] = OP_EQUALVERIFY;
    script[24] = OP_CHECKSIG;
    return 25;
}

static int script_hash_script(const uint8_t hash[20], uint8_t *script)
{
    script[0] = OP_HASH160;
    script[1] = 20;
    memcpy(script + 2, hash, 20);
    script[22] = OP_EQUAL;
    return 23;
}

static int legacy_script(const struct coin *coin, enum network network, const char *address,
                         uint8_t script[SCRIPT_MAX], struct fault *why)
{
    static const char *const text[] = {
        [BASE58_CHARACTER] = "it has a character that addresses do not use",
        [BASE58_LENGTH] = "its length is not that of an address",
        [BASE58_CHECKSUM] = "its checksum is wrong: a character is mistyped or missing",
    };
    const struct address_rules *rules = &coin->address[network];
    uint8_t payload[21];
    enum base58_result bad = base58check_decode(address, payload, sizeof payload);

    if (bad)
        return fault_set(why, ERR_FIELD, "the address is not valid: %s", text[bad]);
    if (!match_version(rules, payload))
        return wrong_network(coin, network, match_version, payload, why);
    return payload[0] == rules->p2pkh ? key_hash_script(payload + 1, script)
                                      : script_hash_script(payload + 1, script);
}

int bitcoin_address_script(const struct coin *coin, enum network network, const char *address,
                           uint8_t script[SCRIPT_MAX], struct fault *why)
{
    if (looks_mweb(address))
        return fault_set(why, ERR_FIELD,
                         "a coinbase cannot pay an MWEB address: give one that begins with "
                         "\"%s1\" and move the coins into MWEB from the wallet",
                         coin->address[network].hrp);
    if (looks_bech32(address))
        return witness_script(coin, network, address, script, why);
    return legacy_script(coin, network, address, script, why);
}

int address_script(const struct coin *coin, enum network network, const char *address,
                   uint8_t script[SCRIPT_MAX], struct fault *why)
{
    if (!*address)
        return fault_set(why, ERR_FIELD, "the address is empty");
    if (strnlen(address, 200) == 200)
        return fault_set(why, ERR_FIELD, "the address is not valid: it is too long");
    return coin->address_script(coin, network, address, script, why);
}
