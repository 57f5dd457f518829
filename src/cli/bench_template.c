/* SPDX-License-Identifier: MIT */
/* A template of 2,000 segwit payments, one input and two outputs each (222 bytes: the commonest
 * form on the chain), in the JSON of BIP22 and BIP145. */
#include "cli/bench_template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"
#include "base/str.h"
#include "chain/template.h"
#include "chain/tx.h"
#include "crypto/sha256.h"
#include "front/front.h"

enum { TX_MAX = 256, FIRST_HEIGHT = 900000, FEE = 1500 };

#define BENCH_BITS "17034219" /* no share of a benchmark is a block */
#define HEAD       "{\"previousblockhash\":\"%064x\",\"height\":%u," /* always as long */

static uint8_t *put_random(uint8_t *at, size_t len)
{
    rand_bytes(at, len);
    return at + len;
}

static uint8_t *put_output(uint8_t *at)
{
    put_le64(at, 100000);
    at += 8;
    *at++ = 22;
    *at++ = 0;
    *at++ = 20;
    return put_random(at, 20);
}

/* Spends one output to two. Nobody checks the signature. Returns its length. */
static size_t make_tx(uint8_t tx[TX_MAX])
{
    static const uint8_t head[] = {2, 0, 0, 0, 0, 1, 1}; /* version, segwit, one input */
    uint8_t *at = mempcpy(tx, head, sizeof head);

    at = put_random(at, 36);
    *at++ = 0;
    at = mempcpy(at, "\xff\xff\xff\xff\x02", 5);
    at = put_output(put_output(at));
    *at++ = 2;
    *at++ = 71;
    at = put_random(at, 71);
    *at++ = 33;
    at = put_random(at, 33);
    put_le32(at, 0);
    return (size_t)(at + 4 - tx);
}

static void show_id(const uint8_t id[32], char out[65])
{
    uint8_t shown[32];

    bytes_reverse(shown, id, 32);
    hex_encode(shown, 32, out);
}

static void add_tx(struct str *out, bool first)
{
    uint8_t tx[TX_MAX], id[32];
    char data[2 * TX_MAX + 1], txid[65], hash[65];
    struct tx_view view;
    size_t len = make_tx(tx);

    if (tx_parse(tx, len, &view) < 0)
        abort();
    tx_id(&view, id);
    show_id(id, txid);
    sha256d(tx, len, id);
    show_id(id, hash);
    hex_encode(tx, len, data);
    str_addf(out,
             "%s{\"data\":\"%s\",\"txid\":\"%s\",\"hash\":\"%s\",\"depends\":[],\"fee\":%d,"
             "\"sigops\":1,\"weight\":561}",
             first ? "" : ",", data, txid, hash, FEE);
}

static void write_head(struct bench_template *t)
{
    char head[160];
    int len = snprintf(head, sizeof head, HEAD, t->height, t->height);

    memcpy(t->text, head, (size_t)len);
}

void bench_template_init(struct bench_template *t)
{
    struct str out = {0};
    uint32_t now = wall_s();

    str_addf(&out, HEAD, (unsigned)FIRST_HEIGHT, (unsigned)FIRST_HEIGHT);
    str_addf(&out,
             "\"version\":536870912,\"rules\":[\"csv\",\"!segwit\",\"taproot\"],\"vbavailable\":{},"
             "\"vbrequired\":0,\"coinbaseaux\":{},\"coinbasevalue\":%u,\"mintime\":%u,"
             "\"curtime\":%u,\"bits\":\"" BENCH_BITS "\",\"transactions\":[",
             312500000u + BENCH_TRANSACTIONS * FEE, now - 600, now);
    for (unsigned i = 0; i < BENCH_TRANSACTIONS; i++)
        add_tx(&out, !i);
    str_add(&out, "]}");
    *t = (struct bench_template){.text = out.s, .len = out.len, .height = FIRST_HEIGHT};
}

void bench_template_free(struct bench_template *t)
{
    free(t->text);
    *t = (struct bench_template){0};
}

void bench_template_next(struct bench_template *t)
{
    t->height++;
    write_head(t);
}

int bench_template_job(const struct bench_template *t, struct job **ret, struct fault *why)
{
    static const uint8_t script[34] = {0, 32}; /* pays to a witness script hash */
    const struct coinbase_plan plan = {.script = script,
                                       .script_len = sizeof script,
                                       .text = "bench",
                                       .extranonce1_len = FRONT_EXTRANONCE1,
                                       .extranonce2_len = FRONT_EXTRANONCE2};
    struct chain_template *read = NULL;
    json_t *root = json_loadb(t->text, t->len, 0, NULL);
    int err = template_from_json(root, coin_find("bitcoin"), algo_find("sha256d"), &read, why);

    json_decref(root);
    if (err < 0)
        return err;
    *ret = template_job(read, &plan);
    template_unref(read);
    if (!*ret)
        return fault_set(why, ERR_FIELD, "the benchmark's template gives no job");
    (*ret)->clean = true;
    return 0;
}
