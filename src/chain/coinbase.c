/* SPDX-License-Identifier: MIT */
/* Builds the coinbase (BIP34 height, BIP141 commitment). The extranonce and the text are pushed, so
 * that their bytes are never counted as operations. */
#include "chain/coinbase.h"

#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "chain/tx.h"

enum { OP_1 = 0x51, PUSH_MAX = 75 };

unsigned coinbase_height(uint64_t height, uint8_t out[HEIGHT_PUSH_MAX])
{
    unsigned len = 0;

    if (height == 0) {
        out[0] = 0;
        return 1;
    }
    if (height <= 16) {
        out[0] = (uint8_t)(OP_1 - 1 + height);
        return 1;
    }
    for (; height; height >>= 8)
        out[++len] = (uint8_t)height;
    if (out[len] & 0x80) /* the top bit is the sign */
        out[++len] = 0;
    out[0] = (uint8_t)len;
    return len + 1;
}

/* What goes into the input's script, and how long it is in all. */
struct script_parts {
    uint8_t height[HEIGHT_PUSH_MAX];
    unsigned height_len, aux_len, extranonce_len, text_len;
    unsigned total;
};

static unsigned pushed(unsigned len)
{
    return len ? len + 1 : 0;
}

static int measure(const struct chain_template *t, const struct coinbase_plan *plan,
                   struct script_parts *p)
{
    size_t text_len = plan->text ? strlen(plan->text) : 0;

    p->height_len = coinbase_height(t->height, p->height);
    p->extranonce_len = (unsigned)plan->extranonce1_len + plan->extranonce2_len;
    p->aux_len = t->aux_len;
    p->text_len = (unsigned)text_len;
    if (plan->extranonce1_len > EXTRANONCE_MAX || !plan->extranonce2_len ||
        plan->extranonce2_len > 16 || text_len > COINBASE_TEXT_MAX || p->aux_len > sizeof t->aux ||
        plan->script_len > UINT16_MAX)
        return ERR_FIELD;
    unsigned fixed = p->height_len + pushed(p->extranonce_len);
    if (fixed + pushed(p->aux_len) + pushed(p->text_len) > COINBASE_SCRIPT_MAX)
        p->aux_len = 0;
    if (fixed + pushed(p->text_len) > COINBASE_SCRIPT_MAX)
        p->text_len = 0;
    p->total = fixed + pushed(p->aux_len) + pushed(p->text_len);
    return 0;
}

static uint8_t *put_push(uint8_t *at, const void *bytes, unsigned len)
{
    _Static_assert((int)EXTRANONCE_MAX + 16 <= PUSH_MAX && (int)COINBASE_TEXT_MAX <= PUSH_MAX,
                   "one byte of length is enough");
    if (!len)
        return at;
    *at++ = (uint8_t)len;
    return (uint8_t *)mempcpy(at, bytes, len);
}

static uint8_t *put_output(uint8_t *at, uint64_t value, const uint8_t *script, size_t len)
{
    put_le64(at, value);
    at += 8;
    at += varint_put(at, len);
    return (uint8_t *)mempcpy(at, script, len);
}

/* Version, the input up to the extranonce. */
static void put_first(const struct chain_template *t, const struct script_parts *p,
                      struct block_plan *plan)
{
    uint8_t *at = plan->coinb1 = xmalloc(4 + 1 + 36 + 1 + p->height_len + pushed(p->aux_len) + 1);

    put_le32(at, 2);
    at[4] = 1;
    memset(at + 5, 0, 32);
    memset(at + 37, 0xff, 4);
    at[41] = (uint8_t)p->total;
    at = (uint8_t *)mempcpy(at + 42, p->height, p->height_len);
    at = put_push(at, t->aux, p->aux_len);
    *at++ = (uint8_t)p->extranonce_len;
    plan->coinb1_len = (uint32_t)(at - plan->coinb1);
}

/* The rest of the input, the outputs, lock time 0. */
static void put_second(const struct chain_template *t, const struct coinbase_plan *c,
                       const struct script_parts *p, struct block_plan *plan)
{
    uint8_t *at = plan->coinb2 = xmalloc(pushed(p->text_len) + 4 + 1 + 8 + VARINT_MAX +
                                         c->script_len + 8 + 1 + t->commitment_len + 4);

    at = put_push(at, c->text, p->text_len);
    memset(at, 0xff, 4);
    at[4] = t->commitment_len ? 2 : 1;
    at = put_output(at + 5, t->coinbase_value, c->script, c->script_len);
    if (t->commitment_len)
        at = put_output(at, 0, t->commitment, t->commitment_len);
    put_le32(at, 0);
    plan->coinb2_len = (uint32_t)(at + 4 - plan->coinb2);
}

int coinbase_split(const struct chain_template *t, const struct coinbase_plan *c,
                   struct block_plan *plan)
{
    struct script_parts p = {0};
    int err = measure(t, c, &p);

    if (err < 0)
        return err;
    put_first(t, &p, plan);
    put_second(t, c, &p, plan);
    plan->extranonce1_len = c->extranonce1_len;
    plan->extranonce2_len = c->extranonce2_len;
    return 0;
}

size_t coinbase_with_witness(const uint8_t *old, size_t len, uint8_t *out)
{
    static const uint8_t marker[2] = {0, TX_WITNESS}, witness[2] = {1, 32};
    uint8_t *at = (uint8_t *)mempcpy(out, old, 4);

    at = (uint8_t *)mempcpy(at, marker, 2);
    at = (uint8_t *)mempcpy(at, old + 4, len - 8);
    at = (uint8_t *)mempcpy(at, witness, 2);
    memset(at, 0, 32);
    memcpy(at + 32, old + len - 4, 4);
    return len + COINBASE_WITNESS_BYTES;
}
