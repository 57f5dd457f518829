/* SPDX-License-Identifier: MIT */
/* Any bytes as the result of get_block_template, as a bare block that is to pay a wallet, and as an
 * address; what is taken must make a job and a block that reads back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "chain/monero_payee.h"
#include "chain/monero_template.h"
#include "coin/monero.h"
#include "core/share.h"
#include "crypto/keccak.h"

#define PAYS                                                                                       \
    "45f7Dw8ZgJMi8dZvGFnVZSA89R2Abh8fyCuR2TiraDrxHW6v6d4sQqfRMYnJ3wyVMH96SW5DtBKoR47zFdWd5kRqFapc" \
    "m2M"
#define VIEW_KEY "fced074c18bbd9c461f40dc4781c65ed62e473622a43b188e4f53be0ef99d906"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    (void)ctx;
    *out = (struct algo_result){0};
    keccak256(in->bytes, in->len, out->hash);
    return 0;
}

static const struct algo algo = {
    .name = "fuzz",
    .input_len = 76,
    .nonce_at = 39,
    .nonce_len = 4,
    .any_len = true,
    .diff1 = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
    .hash = hash,
};

static void use(struct chain_template *t)
{
    const struct coinbase_plan plan = {NULL, 0, "/fuzz/", 4, 8};
    struct share share = {
        .job = template_job(t, &plan),
        .extranonce1_len = 4,
        .extranonce2_len = 8,
        .ntime = t->curtime,
    };
    struct monero_block b;
    struct fault why = {0};
    uint8_t block_hash[32];
    size_t len = 0;

    if (!share.job)
        abort();
    int err = share_check(&share, &share.job->block_target, NULL);
    if (err && err != ERR_LOW_DIFF)
        abort();
    uint8_t *block = block_assemble(&share, &len, block_hash);
    if (!block || monero_block_parse(block, len, &b, &why) < 0 || b.height != t->height ||
        b.output_sum != t->coinbase_value)
        abort();
    free(block);
    job_unref(share.job);
}

static void read_template(const uint8_t *data, size_t size)
{
    json_t *answer = json_loadb((const char *)data, size, 0, NULL);
    struct chain_template *t;
    struct fault why = {0};

    if (monero_template_read(answer, coins, &algo, &t, &why) == 0) {
        use(t);
        template_unref(t);
    } else if (!why.text[0]) {
        abort(); /* a refusal says why */
    }
    json_decref(answer);
}

/* Of the wallet that the block "paid" of the corpus pays. */
static const struct monero_payee *payee(void)
{
    static struct monero_payee p;
    struct monero_address a;

    if (!p.spend[0] &&
        (monero_address_read(coin_find("monero"), NETWORK_MAIN, PAYS, &a, NULL) < 0 ||
         monero_payee_init(&p, a.spend, a.view, VIEW_KEY, NULL) < 0))
        abort();
    return &p;
}

static void read_block(const uint8_t *data, size_t size)
{
    struct monero_block b;
    struct fault why = {0};

    if (monero_block_parse(data, size, &b, &why) < 0) {
        if (!why.text[0])
            abort();
        return;
    }
    if (b.miner_at >= b.miner_end || b.extra_end > b.miner_end || b.tail_at > size ||
        b.tx_count * 32 > size)
        abort();
    if (monero_payee_check(payee(), &b, &why) < 0 && !why.text[0])
        abort();
}

static void read_address(const uint8_t *data, size_t size)
{
    char *text = xmalloc(size + 1);
    uint8_t script[SCRIPT_MAX];
    struct fault why = {0};

    memcpy(text, data, size);
    text[size] = '\0';
    if (address_script(coin_find("monero"), NETWORK_MAIN, text, script, &why) < 0 && !why.text[0])
        abort();
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_template(data, size);
    read_block(data, size);
    read_address(data, size);
    return 0;
}
