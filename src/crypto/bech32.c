/* SPDX-License-Identifier: MIT */
/* Decoding of segregated witness addresses by the rules of BIP173 and BIP350. */
#include "crypto/bech32.h"

#include <ctype.h>
#include <string.h>

enum { TEXT_MAX = 90, CHECKSUM = 6 };
static const uint32_t sum_bech32 = 1, sum_bech32m = 0x2bc830a3;

static uint32_t polymod_step(uint32_t sum)
{
    static const uint32_t generator[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                          0x2a1462b3};
    uint32_t top = sum >> 25;

    sum = (sum & 0x1ffffff) << 5;
    for (unsigned i = 0; i < 5; i++)
        sum ^= top >> i & 1 ? generator[i] : 0;
    return sum;
}

static uint32_t polymod(const char *hrp, const uint8_t *values, size_t count)
{
    uint32_t sum = 1;

    for (const char *p = hrp; *p; p++)
        sum = polymod_step(sum) ^ ((uint8_t)*p >> 5);
    sum = polymod_step(sum);
    for (const char *p = hrp; *p; p++)
        sum = polymod_step(sum) ^ (*p & 31);
    for (size_t i = 0; i < count; i++)
        sum = polymod_step(sum) ^ values[i];
    return sum;
}

/* Lower-cases into `low`. The whole text has one case and only printable ASCII. */
static enum bech32_result normalise(const char *text, char low[TEXT_MAX + 1])
{
    size_t len = strnlen(text, TEXT_MAX + 1);
    int upper = 0, lower = 0;

    if (len > TEXT_MAX)
        return BECH32_LENGTH;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 33 || c > 126)
            return BECH32_CHARACTER;
        upper |= isupper(c) != 0;
        lower |= islower(c) != 0;
        low[i] = (char)tolower(c);
    }
    low[len] = '\0';
    return upper && lower ? BECH32_CASE : BECH32_OK;
}

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* Splits at the last '1' into hrp and 5-bit values (checksum included). */
static enum bech32_result split(const char *low, char hrp[BECH32_HRP_MAX + 1],
                                uint8_t values[BECH32_DATA_MAX], size_t *count)
{
    const char *one = strrchr(low, '1');

    if (!one || one == low || strlen(one + 1) < CHECKSUM || one - low > BECH32_HRP_MAX)
        return BECH32_LENGTH;
    memcpy(hrp, low, (size_t)(one - low));
    hrp[one - low] = '\0';
    *count = 0;
    for (const char *p = one + 1; *p; p++) {
        const char *at = strchr(alphabet, *p);
        if (!at)
            return BECH32_CHARACTER;
        values[(*count)++] = (uint8_t)(at - alphabet);
    }
    return BECH32_OK;
}

/* Regroups 5-bit values into bytes. */
static enum bech32_result regroup(const uint8_t *values, size_t count, struct witness_program *out)
{
    unsigned hold = 0, bits = 0;

    out->len = 0;
    for (size_t i = 0; i < count; i++) {
        hold = (hold << 5 | values[i]) & 0xfff;
        bits += 5;
        if (bits < 8)
            continue;
        bits -= 8;
        if (out->len == WITNESS_PROGRAM_MAX)
            return BECH32_PROGRAM;
        out->program[out->len++] = (uint8_t)(hold >> bits);
    }
    return bits >= 5 || hold & ((1u << bits) - 1) ? BECH32_PADDING : BECH32_OK;
}

enum bech32_result witness_address_decode(const char *text, struct witness_program *out)
{
    struct witness_program w = {0};
    uint8_t values[BECH32_DATA_MAX] = {0};
    char low[TEXT_MAX + 1];
    size_t count = 0;
    enum bech32_result bad;

    if ((bad = normalise(text, low)) || (bad = split(low, w.hrp, values, &count)))
        return bad;
    uint32_t sum = polymod(w.hrp, values, count);
    if (sum != sum_bech32 && sum != sum_bech32m)
        return BECH32_CHECKSUM;
    count -= CHECKSUM;
    if (!count || values[0] > 16)
        return BECH32_VERSION;
    w.version = values[0];
    if ((bad = regroup(values + 1, count - 1, &w)))
        return bad;
    if (w.len < 2 || (!w.version && w.len != 20 && w.len != 32))
        return BECH32_PROGRAM;
    if (sum != (w.version ? sum_bech32m : sum_bech32))
        return BECH32_ENCODING;
    *out = w;
    return BECH32_OK;
}

const char *bech32_result_text(enum bech32_result result)
{
    static const char *const text[] = {
        [BECH32_OK] = "it is valid",
        [BECH32_CASE] = "upper and lower case letters are mixed",
        [BECH32_CHARACTER] = "it has a character that bech32 does not use",
        [BECH32_LENGTH] = "its length is not that of an address",
        [BECH32_CHECKSUM] = "its checksum is wrong: a character is mistyped or missing",
        [BECH32_VERSION] = "its witness version is not one of 0 to 16",
        [BECH32_ENCODING] = "its checksum form does not belong to its witness version",
        [BECH32_PADDING] = "bits are left over at its end",
        [BECH32_PROGRAM] = "its witness program has a wrong length",
    };

    return text[result];
}

/* Bytes into 5-bit values, zeros behind the last bit. Returns how many. */
static size_t ungroup(const struct witness_program *w, uint8_t *values)
{
    unsigned hold = 0, bits = 0;
    size_t n = 0;

    for (unsigned i = 0; i < w->len; i++) {
        hold = (hold << 8 | w->program[i]) & 0xfff;
        for (bits += 8; bits >= 5; values[n++] = (uint8_t)(hold >> bits & 31))
            bits -= 5;
    }
    if (bits)
        values[n++] = (uint8_t)(hold << (5 - bits) & 31);
    return n;
}

_Bool witness_address_encode(const struct witness_program *w, char *out)
{
    uint8_t values[BECH32_DATA_MAX] = {w->version};
    size_t hrp = strlen(w->hrp);

    if (w->version > 16 || w->len < 2 || w->len > WITNESS_PROGRAM_MAX || !hrp ||
        hrp + 1 + 1 + (w->len * 8u + 4) / 5 + CHECKSUM > TEXT_MAX)
        return 0;
    size_t count = 1 + ungroup(w, values + 1);
    uint32_t sum =
        polymod(w->hrp, values, count + CHECKSUM) ^ (w->version ? sum_bech32m : sum_bech32);
    for (unsigned i = 0; i < CHECKSUM; i++)
        values[count + i] = (uint8_t)(sum >> 5 * (CHECKSUM - 1 - i) & 31);
    memcpy(out, w->hrp, hrp);
    out[hrp] = '1';
    for (size_t i = 0; i < count + CHECKSUM; i++)
        out[hrp + 1 + i] = alphabet[values[i]];
    out[hrp + 1 + count + CHECKSUM] = 0;
    return 1;
}
