/* SPDX-License-Identifier: MIT */
/* Monero addresses (CryptoNote standard 007): blocks of 8 bytes become 11 characters each, the last
 * one fewer; the payload is a varint prefix, spend key, view key, for integrated addresses a
 * payment id, and the first four bytes of their Keccak-256. */
#include "coin/monero.h"

#include <string.h>

#include "crypto/keccak.h"
#include "crypto/monero_keys.h"

enum {
    BLOCK_BYTES = 8,
    BLOCK_CHARS = 11,
    CHECKSUM = 4,
    KEYS = 64,
    PAYMENT_ID = 8,
    PAYLOAD_MIN = 1 + KEYS + CHECKSUM,
    PAYLOAD_MAX = 10 + KEYS + PAYMENT_ID + CHECKSUM,
};

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* --- base58 ---------------------------------------------------------------------------------- */

/* How many bytes a block of so many characters stands for; 0 = no block has that length. */
static unsigned block_bytes(unsigned chars)
{
    static const uint8_t bytes[BLOCK_CHARS + 1] = {
        [2] = 1, [3] = 2, [5] = 3, [6] = 4, [7] = 5, [9] = 6, [10] = 7, [11] = 8,
    };

    return chars <= BLOCK_CHARS ? bytes[chars] : 0;
}

/* Big-endian bytes of one block. NULL, or what is wrong. */
static const char *decode_block(const char *text, unsigned chars, uint8_t *out)
{
    __extension__ unsigned __int128 value = 0; /* 58^11 has 65 bits */
    unsigned bytes = block_bytes(chars);

    for (unsigned i = 0; i < chars; i++) {
        const char *digit = strchr(alphabet, text[i]);
        if (!digit)
            return "it has a character that addresses do not use";
        value = value * 58 + (unsigned)(digit - alphabet);
    }
    if (value >> (8 * bytes))
        return "a block of it stands for too large a number: a character is mistyped";
    for (unsigned i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
    return NULL;
}

/* The bytes of the whole text. NULL, or what is wrong. */
static const char *decode(const char *text, uint8_t out[PAYLOAD_MAX], size_t *len)
{
    size_t chars = strlen(text), blocks = chars / BLOCK_CHARS;
    unsigned rest = (unsigned)(chars % BLOCK_CHARS);

    *len = blocks * BLOCK_BYTES + block_bytes(rest);
    if ((rest && !block_bytes(rest)) || *len < PAYLOAD_MIN || *len > PAYLOAD_MAX)
        return "its length is not that of an address";
    for (size_t i = 0; i < blocks + (rest != 0); i++) {
        const char *bad = decode_block(text + i * BLOCK_CHARS, i < blocks ? BLOCK_CHARS : rest,
                                       out + i * BLOCK_BYTES);
        if (bad)
            return bad;
    }
    return NULL;
}

/* --- what it says ---------------------------------------------------------------------------- */

/* LEB128 at the start of the payload. Returns its length; 0 = it is not one of at most 64 bits. */
static unsigned take_prefix(const uint8_t *bytes, size_t len, uint64_t *prefix)
{
    *prefix = 0;
    for (unsigned i = 0; i < len && i < 9; i++) {
        *prefix |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
        if (!(bytes[i] & 0x80))
            return i + 1;
    }
    return 0;
}

static bool kind_of(const struct cryptonote_rules *rules, uint64_t prefix, enum monero_kind *kind)
{
    const uint64_t of[] = {
        [MONERO_STANDARD] = rules->standard,
        [MONERO_INTEGRATED] = rules->integrated,
        [MONERO_SUBADDRESS] = rules->subaddress,
    };

    for (unsigned i = 0; i < sizeof of / sizeof *of; i++)
        if (of[i] && of[i] == prefix) {
            *kind = (enum monero_kind)i;
            return true;
        }
    return false;
}

static int wrong_network(const struct coin *coin, enum network network, uint64_t prefix,
                         struct fault *why)
{
    static const struct cryptonote_rules stagenet = {24, 25, 36};
    const char *owner = "an unknown coin", *of = "";
    enum monero_kind kind;

    if (kind_of(&stagenet, prefix, &kind)) {
        owner = "monero";
        of = "stagenet";
    }
    for (const struct coin *c = coins; c->name; c++)
        for (unsigned n = NETWORKS; n-- > 0;) /* main last: it is named before regtest */
            if (kind_of(&c->cryptonote[n], prefix, &kind)) {
                owner = c->name;
                of = network_name((enum network)n);
            }
    return fault_set(why, ERR_FIELD, "the address is for %s%s%s, not for %s %s", owner,
                     *of ? " " : "", of, coin->name, network_name(network));
}

int monero_address_read(const struct coin *coin, enum network network, const char *text,
                        struct monero_address *ret, struct fault *why)
{
    uint8_t bytes[PAYLOAD_MAX] = {0}, digest[32];
    enum monero_kind kind = MONERO_STANDARD;
    uint64_t prefix = 0;
    size_t len;
    const char *bad = decode(text, bytes, &len);
    unsigned prefix_len = bad ? 0 : take_prefix(bytes, len, &prefix);
    size_t body = prefix_len + KEYS, checked = len < CHECKSUM ? 0 : len - CHECKSUM;

    if (!bad && (!prefix_len || (checked != body && checked != body + PAYMENT_ID)))
        bad = "its length is not that of an address";
    if (bad)
        return fault_set(why, ERR_FIELD, "the address is not valid: %s", bad);
    keccak256(bytes, checked, digest);
    if (memcmp(bytes + checked, digest, CHECKSUM) != 0)
        return fault_set(why, ERR_FIELD,
                         "the address is not valid: its checksum is wrong: a character is mistyped "
                         "or missing");
    if (!kind_of(&coin->cryptonote[network], prefix, &kind))
        return wrong_network(coin, network, prefix, why);
    if ((kind == MONERO_INTEGRATED) != (checked == body + PAYMENT_ID))
        return fault_set(why, ERR_FIELD,
                         "the address is not valid: its length is not that of its kind");
    if (!monero_point_ok(bytes + prefix_len) || !monero_point_ok(bytes + prefix_len + 32))
        return fault_set(why, ERR_FIELD,
                         "the address is not valid: a key in it is none: nobody could spend what "
                         "it is paid");
    *ret = (struct monero_address){.kind = kind};
    memcpy(ret->spend, bytes + prefix_len, 32);
    memcpy(ret->view, bytes + prefix_len + 32, 32);
    memcpy(ret->payment_id, bytes + body, checked - body);
    return 0;
}

int monero_address_script(const struct coin *coin, enum network network, const char *address,
                          uint8_t script[SCRIPT_MAX], struct fault *why)
{
    struct monero_address a = {0};
    int err = monero_address_read(coin, network, address, &a, why);

    (void)script;
    if (err < 0)
        return err;
    if (a.kind == MONERO_INTEGRATED)
        return fault_set(why, ERR_FIELD,
                         "the address is an integrated one, whose payment id cannot be paid to in "
                         "a common transaction: give the address that it was made from");
    return 0;
}
