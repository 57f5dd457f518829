/* SPDX-License-Identifier: MIT */
/* Reads getblocktemplate answers. Header fields are rows of a table; transactions are in
 * template_tx.c. */
#include "chain/template.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/str.h"
#include "chain/template_tx.h"
#include "core/target.h"

#define ROLLING_MASK UINT32_C(0x1fffe000)         /* BIP320 */
#define TIME_LIMIT   (INT64_C(0xffffffff) - 7200) /* leaves room for rolling */

enum {
    HEIGHT_LIMIT = INT32_MAX,
    MWEB_LIMIT = 8 << 20, /* bytes */
};

struct chain_template *template_new(const struct coin *coin, const struct algo *algo)
{
    struct chain_template *t = xcalloc(1, sizeof *t);

    atomic_init(&t->refs, 1);
    t->coin = coin;
    t->algo = algo;
    t->form = &form_bitcoin;
    t->received_us = now_us();
    return t;
}

static int refuse(struct fault *why, const char *field, const char *problem)
{
    return fault_set(why, ERR_PROTOCOL, "block template: \"%s\" %s", field, problem);
}

/* An integer within [min, max]. */
static int take_int(const json_t *gbt, const char *field, int64_t min, int64_t max, int64_t *ret,
                    struct fault *why)
{
    const json_t *v = json_object_get(gbt, field);

    if (!json_is_integer(v))
        return refuse(why, field, v ? "is not an integer" : "is missing");
    *ret = json_integer_value(v);
    return *ret < min || *ret > max ? refuse(why, field, "is out of range") : 0;
}

static int take_numbers(const json_t *gbt, struct chain_template *t, struct fault *why)
{
    int64_t version = 0, height = 0, curtime = 0, mintime = 0, value = 0, required = 0;
    int err;

    if ((err = take_int(gbt, "version", INT32_MIN, UINT32_MAX, &version, why)) < 0 ||
        (err = take_int(gbt, "height", 1, HEIGHT_LIMIT, &height, why)) < 0 ||
        (err = take_int(gbt, "curtime", 1, TIME_LIMIT, &curtime, why)) < 0 ||
        (err = take_int(gbt, "coinbasevalue", 0, INT64_MAX, &value, why)) < 0)
        return err;
    if (json_object_get(gbt, "mintime") &&
        (err = take_int(gbt, "mintime", 0, TIME_LIMIT, &mintime, why)) < 0)
        return err;
    if (json_object_get(gbt, "vbrequired") &&
        (err = take_int(gbt, "vbrequired", 0, UINT32_MAX, &required, why)) < 0)
        return err;
    if (mintime > curtime)
        return refuse(why, "mintime", "is later than \"curtime\"");
    if (required & ROLLING_MASK)
        return refuse(why, "vbrequired", "asks for version bits that miners roll");
    t->version = (uint32_t)version & ~ROLLING_MASK;
    t->height = (uint64_t)height;
    t->curtime = (uint32_t)curtime;
    t->mintime = mintime ? (uint32_t)mintime : (uint32_t)curtime;
    t->coinbase_value = (uint64_t)value;
    return 0;
}

static int take_prevhash(const json_t *gbt, struct chain_template *t, struct fault *why)
{
    const char *hex = json_string_value(json_object_get(gbt, "previousblockhash"));
    uint8_t shown[32];

    if (!hex || !hex_decode(hex, shown, 32))
        return refuse(why, "previousblockhash", "is not 64 hex digits");
    bytes_reverse(t->prevhash, shown, 32);
    return 0;
}

static int take_target(const json_t *gbt, struct chain_template *t, struct fault *why)
{
    const char *bits = json_string_value(json_object_get(gbt, "bits"));
    const json_t *target = json_object_get(gbt, "target");
    uint8_t shown[32];

    if (!bits || !hex_u32(bits, &t->bits) || !target_from_bits(t->bits, &t->target))
        return refuse(why, "bits", "is not a compact target");
    if (!target)
        return 0;
    if (!json_is_string(target) || !hex_decode(json_string_value(target), shown, 32))
        return refuse(why, "target", "is not 64 hex digits");
    struct u256 said = u256_from_be(shown);
    return u256_cmp(&said, &t->target) ? refuse(why, "target", "is not what \"bits\" says") : 0;
}

/* A rule with '!' changes what a block is: one that we do not know makes the template useless. */
static bool rule_known(const char *rule)
{
    static const char *const known[] = {"segwit", "mweb", "csv", "taproot", "testdummy"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(rule, known[i]))
            return true;
    return false;
}

static int take_rules(const json_t *gbt, struct chain_template *t, bool *mweb, struct fault *why)
{
    const json_t *rules = json_object_get(gbt, "rules"), *row;
    size_t i;

    if (rules && (!json_is_array(rules) || json_array_size(rules) > 64))
        return refuse(why, "rules", "is not a short list");
    if (json_object_get(gbt, "signet_challenge"))
        return refuse(why, "signet_challenge", "asks for a signature: signet cannot be mined");
    json_array_foreach(rules, i, row)
    {
        const char *rule = json_string_value(row);
        if (!rule)
            return refuse(why, "rules", "holds something that is not a word");
        if (*rule == '!' && !rule_known(rule + 1))
            return fault_set(why, ERR_PROTOCOL,
                             "block template: the rule \"%.40s\" must be understood and is not",
                             rule);
        rule += *rule == '!';
        t->witness |= !strcmp(rule, "segwit");
        *mweb |= !strcmp(rule, "mweb");
    }
    return 0;
}

/* BIP22: all values of coinbaseaux go into the coinbase's script. */
static int take_aux(const json_t *gbt, struct chain_template *t, struct fault *why)
{
    json_t *aux = json_object_get(gbt, "coinbaseaux"), *value;
    const char *key;

    if (aux && !json_is_object(aux))
        return refuse(why, "coinbaseaux", "is not an object");
    json_object_foreach(aux, key, value)
    {
        const char *hex = json_string_value(value);
        long len = hex ? hex_decode_any(hex, t->aux + t->aux_len, sizeof t->aux - t->aux_len) : -1;
        if (len < 0)
            return refuse(why, "coinbaseaux", "holds a value that is not short hex");
        t->aux_len = (uint8_t)(t->aux_len + len);
    }
    return 0;
}

static int take_commitment(const json_t *gbt, struct chain_template *t, struct fault *why)
{
    const json_t *v = json_object_get(gbt, "default_witness_commitment");
    uint8_t script[COMMITMENT_LEN];

    if (!v || json_is_null(v))
        return 0;
    if (!json_is_string(v) || !hex_decode(json_string_value(v), script, sizeof script))
        return refuse(why, "default_witness_commitment", "is not a script of 38 bytes");
    if (memcmp(script, t->commitment, sizeof script) != 0)
        return refuse(why, "default_witness_commitment", "does not commit to the transactions");
    t->commitment_len = COMMITMENT_LEN;
    return 0;
}

static int take_mweb(const json_t *gbt, struct chain_template *t, bool active, struct fault *why)
{
    const json_t *v = json_object_get(gbt, "mweb");

    if (!v)
        return active ? refuse(why, "mweb", "is missing although its rule is active") : 0;
    size_t digits = json_string_length(v);
    if (!digits || digits & 1 || digits / 2 > MWEB_LIMIT)
        return refuse(why, "mweb", "is not the hex of an extension block");
    t->mweb_len = digits / 2;
    t->mweb = xmalloc(t->mweb_len);
    if (!hex_decode(json_string_value(v), t->mweb, t->mweb_len))
        return refuse(why, "mweb", "is not the hex of an extension block");
    return 0;
}

int template_from_json(const json_t *gbt, const struct coin *coin, const struct algo *algo,
                       struct chain_template **ret, struct fault *why)
{
    struct chain_template *t = template_new(coin, algo);
    bool mweb = false;
    int err;

    if (!json_is_object(gbt)) {
        err = refuse(why, "result", "is not an object");
        goto fail;
    }
    if ((err = take_numbers(gbt, t, why)) < 0 || (err = take_prevhash(gbt, t, why)) < 0 ||
        (err = take_target(gbt, t, why)) < 0 || (err = take_rules(gbt, t, &mweb, why)) < 0 ||
        (err = take_aux(gbt, t, why)) < 0 ||
        (err = template_take_txs(json_object_get(gbt, "transactions"), t, why)) < 0 ||
        (err = take_commitment(gbt, t, why)) < 0 || (err = take_mweb(gbt, t, mweb, why)) < 0)
        goto fail;
    *ret = t;
    return 0;

fail:
    template_unref(t);
    return err;
}

bool template_longpollid(const json_t *gbt, char out[LONGPOLLID_MAX])
{
    const char *id = json_string_value(json_object_get(gbt, "longpollid"));

    return id && *id && text_copy(out, LONGPOLLID_MAX, id);
}
