/* SPDX-License-Identifier: MIT */
/* Reads get_block_template answers. */
#include "chain/monero_template.h"

#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/str.h"
#include "chain/monero_blob.h"
#include "chain/template.h"
#include "core/target.h"

enum {
    BLOB_MAX = 64 + (1 << 18) + 32 * MONERO_TXS_MAX, /* bytes */
    FIRST_RANDOMX = 12,                              /* block versions (hard forks) */
    LAST_KNOWN = 16,
    SEED_EPOCH = 2048, /* blocks; source: Monero's rx-slow-hash.c */
    SEED_LAG = 64,
    EXTRA_NONCE = 2, /* tag of the reserved bytes in the extra field */
};

/* --- numbers --------------------------------------------------------------------------------- */

uint64_t monero_seed_height(uint64_t height)
{
    return height <= SEED_EPOCH + SEED_LAG ? 0
                                           : (height - SEED_LAG - 1) & ~(uint64_t)(SEED_EPOCH - 1);
}

bool monero_target(const char *wide, struct u256 *ret)
{
    char padded[65];
    uint8_t bytes[32];

    if (strncmp(wide, "0x", 2) != 0)
        return false;
    size_t digits = strlen(wide + 2);
    if (!digits || digits > 32)
        return false;
    memset(padded, '0', 64);
    memcpy(padded + 64 - digits, wide + 2, digits + 1);
    if (!hex_decode(padded, bytes, 32))
        return false;
    struct u256 difficulty = u256_from_be(bytes), most = u256_max();
    if (u256_is_zero(&difficulty))
        return false;
    *ret = u256_div(&most, &difficulty);
    return true;
}

/* --- reading --------------------------------------------------------------------------------- */

static int refuse(struct fault *why, const char *field, const char *problem)
{
    return fault_set(why, ERR_PROTOCOL, "block template: \"%s\" %s", field, problem);
}

static int take_id(const json_t *result, const char *field, uint8_t id[32], struct fault *why)
{
    const char *hex = json_string_value(json_object_get(result, field));

    return hex && hex_decode(hex, id, 32) ? 0 : refuse(why, field, "is not 64 hex digits");
}

static int take_status(const json_t *result, struct fault *why)
{
    const char *status = json_string_value(json_object_get(result, "status"));

    if (!json_is_object(result))
        return refuse(why, "result", "is not an object");
    return status && !strcmp(status, "OK") ? 0 : refuse(why, "status", "is not OK");
}

static int take_blob(const json_t *result, struct chain_template *t, struct fault *why)
{
    const json_t *v = json_object_get(result, "blocktemplate_blob");
    size_t digits = json_string_length(v), len = digits / 2;
    struct fault bad = {0};

    if (!digits || digits & 1 || len > BLOB_MAX)
        return refuse(why, "blocktemplate_blob", "is not the hex of a block");
    struct monero_origin *own = xcalloc(1, sizeof *own + len);
    t->own = own;
    t->ops = &monero_ops;
    if (!hex_decode(json_string_value(v), own->bytes, len))
        return refuse(why, "blocktemplate_blob", "is not the hex of a block");
    if (monero_block_parse(own->bytes, len, &own->block, &bad) < 0)
        return refuse(why, "blocktemplate_blob", bad.text);
    if (own->block.major < FIRST_RANDOMX)
        return refuse(why, "blocktemplate_blob", "is of before RandomX");
    if (own->block.major > LAST_KNOWN)
        return refuse(why, "blocktemplate_blob",
                      "is of a hard fork that this version does not know");
    if (!own->block.timestamp || own->block.timestamp > UINT32_MAX)
        return refuse(why, "blocktemplate_blob", "has a time that cannot be");
    t->curtime = t->mintime = (uint32_t)own->block.timestamp;
    return 0;
}

/* An integer that must be `value`, where it is there at all. */
static int take_same(const json_t *result, const char *field, uint64_t value, struct fault *why)
{
    const json_t *v = json_object_get(result, field);

    if (!v || (json_is_integer(v) && json_integer_value(v) >= 0 &&
               (uint64_t)json_integer_value(v) == value))
        return 0;
    return refuse(why, field, "is not what the blob says");
}

static int take_numbers(const json_t *result, struct chain_template *t, struct fault *why)
{
    const struct monero_block *b = &((const struct monero_origin *)t->own)->block;
    uint8_t prev[32] = {0};
    int err;

    if (!json_is_integer(json_object_get(result, "height")) || !b->height)
        return refuse(why, "height", "is not a height");
    if ((err = take_same(result, "height", b->height, why)) < 0 ||
        (err = take_same(result, "expected_reward", b->output_sum, why)) < 0 ||
        (err = take_same(result, "seed_height", monero_seed_height(b->height), why)) < 0 ||
        (err = take_id(result, "prev_hash", prev, why)) < 0)
        return err;
    if (memcmp(prev, b->prev, 32) != 0)
        return refuse(why, "prev_hash", "is not what the blob says");
    if (b->output_sum > INT64_MAX)
        return refuse(why, "expected_reward", "is more than there can be");
    t->height = b->height;
    t->coinbase_value = b->output_sum;
    bytes_reverse(t->prevhash, prev, 32);
    return 0;
}

/* The reserved bytes: all zero, and exactly those that the extra field's tag announces. */
static int take_reserved(const json_t *result, struct chain_template *t, struct fault *why)
{
    static const uint8_t zeros[MONERO_RESERVE];
    struct monero_origin *own = t->own;
    const struct monero_block *b = &own->block;
    const json_t *v = json_object_get(result, "reserved_offset");
    json_int_t at = json_integer_value(v);

    if (!json_is_integer(v) || at < (json_int_t)b->extra_at + 2 ||
        at > (json_int_t)b->extra_end - MONERO_RESERVE)
        return refuse(why, "reserved_offset", "is not within the extra field");
    own->reserved_at = (size_t)at;
    const uint8_t *reserved = own->bytes + own->reserved_at;
    if (reserved[-2] != EXTRA_NONCE || reserved[-1] != MONERO_RESERVE ||
        memcmp(reserved, zeros, MONERO_RESERVE) != 0)
        return refuse(why, "reserved_offset", "is not where the bytes are that were asked for");
    return 0;
}

static int take_key(const json_t *result, struct chain_template *t, struct fault *why)
{
    const json_t *next = json_object_get(result, "next_seed_hash");
    int err = take_id(result, "seed_hash", t->key.seed, why);

    if (err < 0)
        return err;
    t->key.seed_len = 32;
    t->key.height = t->height;
    t->next_key = t->key;
    if (!next || (json_is_string(next) && !json_string_length(next)))
        return 0;
    return take_id(result, "next_seed_hash", t->next_key.seed, why);
}

/* 64 bits, and 64 more above them; a daemon that gives the wide form gives the same by it. */
static int take_difficulty(const json_t *result, struct chain_template *t, struct fault *why)
{
    const json_t *low = json_object_get(result, "difficulty");
    const json_t *high = json_object_get(result, "difficulty_top64");
    const json_t *wide = json_object_get(result, "wide_difficulty");
    struct u256 target;

    bool given = json_is_integer(low) && json_integer_value(low) >= 0 &&
                 (!high || (json_is_integer(high) && json_integer_value(high) >= 0));
    struct str both AUTO_STR = {0};
    if (given)
        str_addf(&both, "0x%016llx%016llx", high ? json_integer_value(high) : 0,
                 json_integer_value(low));
    if (!given && (low || !wide))
        return refuse(why, "difficulty", low ? "is not a number" : "is missing");
    const char *said = wide ? json_string_value(wide) : str_text(&both);
    if (!said || !monero_target(said, &t->target))
        return refuse(why, "wide_difficulty", "is not a number that a hash can meet");
    if (wide && given &&
        (!monero_target(str_text(&both), &target) || u256_cmp(&target, &t->target) != 0))
        return refuse(why, "wide_difficulty", "is not what \"difficulty\" says");
    t->bits = target_to_bits(&t->target);
    return 0;
}

/* Does the branch give the tree that the daemon's own hashing blob has? */
static int check_tree(const json_t *result, const struct chain_template *t, struct fault *why)
{
    const struct monero_origin *own = t->own;
    const char *hex = json_string_value(json_object_get(result, "blockhashing_blob"));
    const struct coinbase_plan whole = {.extranonce1_len = 8, .extranonce2_len = 8};
    uint8_t said[ALGO_INPUT_MAX], made[ALGO_INPUT_MAX], zeros[8] = {0}, root[32];
    long len = hex ? hex_decode_any(hex, said, sizeof said) : -1;
    struct job *job = job_new(t->algo);

    bool ok = monero_ops.outline(t, &whole, job) == 0 && len == job->input_len;
    if (ok) {
        form_monero.root(&job->plan, zeros, 8, zeros, 8, root);
        form_monero.input(job, root, 0, 0, made);
        memcpy(made + own->block.nonce_at, own->bytes + own->block.nonce_at, MONERO_NONCE);
        ok = !memcmp(made, said, (size_t)len);
    }
    job_unref(job);
    return ok ? 0 : refuse(why, "blockhashing_blob", "is not what the blob gives");
}

static int read_all(const json_t *result, struct chain_template *t, struct fault *why)
{
    int err;

    if ((err = take_status(result, why)) < 0 || (err = take_blob(result, t, why)) < 0 ||
        (err = take_numbers(result, t, why)) < 0 || (err = take_reserved(result, t, why)) < 0 ||
        (err = take_key(result, t, why)) < 0 || (err = take_difficulty(result, t, why)) < 0)
        return err;
    const struct monero_block *b = &((const struct monero_origin *)t->own)->block;
    t->branch_count = (uint8_t)monero_branch(b->txs, b->tx_count, t->branch);
    return check_tree(result, t, why);
}

int monero_template_read(const json_t *result, const struct coin *coin, const struct algo *algo,
                         struct chain_template **ret, struct fault *why)
{
    struct chain_template *t = template_new(coin, algo);
    int err;

    t->form = &form_monero;
    if ((err = read_all(result, t, why)) < 0) {
        template_unref(t);
        return err;
    }
    *ret = t;
    return 0;
}
