/* SPDX-License-Identifier: MIT */
/* Whom a miner transaction pays, found out as a wallet does. */
#include "chain/monero_payee.h"

#include <inttypes.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/monero_keys.h"

enum { /* variant tags */
       EXTRA_PADDING = 0,
       EXTRA_PUBLIC_KEY = 1,
       EXTRA_NONCE = 2,
       EXTRA_MERGE_MINING = 3,
       OUTPUT_TAGGED_KEY = 3,
};

int monero_payee_init(struct monero_payee *ret, const uint8_t spend[32], const uint8_t view[32],
                      const char *view_key, struct fault *why)
{
    struct monero_payee p = {{0}, {0}};
    uint8_t public[32];
    const char *bad = NULL;

    memcpy(p.spend, spend, 32);
    if (!hex_decode(view_key, p.view_secret, 32) || !monero_public(p.view_secret, public))
        bad = "pool.view_key is not a private key: 64 hex digits, as the wallet's command viewkey "
              "shows them";
    else if (memcmp(public, view, 32) != 0)
        bad = "pool.view_key is not that of the wallet of pool.payout_address: give its private "
              "(secret) view key, as the wallet's command viewkey shows it";
    if (!bad)
        *ret = p;
    monero_wipe(&p, sizeof p);
    return bad ? fault_set(why, ERR_CONFIG, "%s", bad) : 0;
}

void monero_payee_fini(struct monero_payee *p)
{
    monero_wipe(p, sizeof *p);
}

/* --- the extra field ------------------------------------------------------------------------- */

/* One field of variable length, without its tag. False when it ends early. */
static bool skip_sized(const uint8_t **at, const uint8_t *end)
{
    uint64_t len;

    if (!leb128_take(at, end, &len) || len > (uint64_t)(end - *at))
        return false;
    *at += len;
    return true;
}

/* The transaction's public key: there must be one, and nothing that a wallet may take for another
 * or cannot read. NULL otherwise. */
static const uint8_t *public_key(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *key = NULL;

    while (at < end) {
        switch (*at++) {
        case EXTRA_PUBLIC_KEY:
            if (key || end - at < 32)
                return NULL;
            key = at;
            at += 32;
            break;
        case EXTRA_NONCE:
        case EXTRA_MERGE_MINING:
            if (!skip_sized(&at, end))
                return NULL;
            break;
        case EXTRA_PADDING: /* to the end */
            for (; at < end; at++)
                if (*at)
                    return NULL;
            break;
        default:
            return NULL;
        }
    }
    return key;
}

/* monerod makes one; checking one takes a tenth of a millisecond. */
enum { OUTPUTS_CHECKED_MAX = 16 };

/* --- outputs --------------------------------------------------------------------------------- */

static int check_outputs(const struct monero_payee *p, const struct monero_block *b,
                         const uint8_t derivation[32], struct fault *why)
{
    const uint8_t *at = b->data + b->outputs_at, *end = b->data + b->extra_at;
    uint64_t count, amount;
    uint8_t key[32];

    if (!leb128_take(&at, end, &count))
        return fault_set(why, ERR_PROTOCOL, "block template: its outputs cannot be read");
    if (count > OUTPUTS_CHECKED_MAX)
        return fault_set(why, ERR_PROTOCOL,
                         "block template: it has %" PRIu64 " outputs, one or a few are usual",
                         count);
    for (uint64_t i = 0; i < count; i++) {
        if (!leb128_take(&at, end, &amount) || end - at < 34)
            return fault_set(why, ERR_PROTOCOL, "block template: its outputs cannot be read");
        bool tagged = *at++ == OUTPUT_TAGGED_KEY;
        if (!monero_output_key(derivation, i, p->spend, key) || memcmp(key, at, 32) != 0)
            return fault_set(why, ERR_PROTOCOL,
                             "block template: it pays somebody else: output %" PRIu64
                             " is not for pool.payout_address: do not trust this daemon",
                             i); /* without the amount: it is told once */
        at += 32;
        if (tagged && *at++ != monero_view_tag(derivation, i))
            return fault_set(why, ERR_PROTOCOL,
                             "block template: the view tag of output %" PRIu64
                             " is wrong: wallets would not find it",
                             i);
    }
    return 0;
}

int monero_payee_check(const struct monero_payee *p, const struct monero_block *b,
                       struct fault *why)
{
    const uint8_t *key = public_key(b->data + b->extra_at, b->data + b->extra_end);
    uint8_t derivation[32];

    if (!key)
        return fault_set(why, ERR_PROTOCOL,
                         "block template: its extra field does not have one public key");
    if (!monero_derivation(key, p->view_secret, derivation))
        return fault_set(why, ERR_PROTOCOL, "block template: its public key is none");
    int err = check_outputs(p, b, derivation, why);
    monero_wipe(derivation, sizeof derivation);
    return err;
}
