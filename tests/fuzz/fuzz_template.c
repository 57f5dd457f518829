/* SPDX-License-Identifier: MIT */
/* Any bytes as the result of getblocktemplate; what is taken must make a job and a block. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chain/template.h"
#include "core/share.h"
#include "crypto/sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    (void)ctx;
    *out = (struct algo_result){0};
    sha256d(in->bytes, 80, out->hash);
    return 0;
}

static const struct algo algo = {
    .name = "fuzz",
    .input_len = 80,
    .nonce_at = 76,
    .nonce_len = 4,
    .diff1 = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
    .hash = hash,
};

static void use(struct chain_template *t)
{
    static const uint8_t script[] = {0x51};
    const struct coinbase_plan plan = {script, sizeof script, "/fuzz/", 4, 8};
    struct share share = {.job = template_job(t, &plan),
                          .extranonce1_len = 4,
                          .extranonce2_len = 8,
                          .version = t->version,
                          .ntime = t->curtime};
    uint8_t block_hash[32];
    size_t len = 0;

    if (!share.job)
        abort();
    (void)share_check(&share, &share.job->block_target, NULL);
    uint8_t *block = block_assemble(&share, &len, block_hash);
    if (!block || len < 80)
        abort();
    free(block);
    job_unref(share.job);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *gbt = json_loadb((const char *)data, size, 0, NULL);
    struct chain_template *t;
    char id[LONGPOLLID_MAX];

    (void)template_longpollid(gbt, id);
    for (const struct coin *c = coins; c->name; c++) {
        struct fault why = {0};
        if (template_from_json(gbt, c, &algo, &t, &why) == 0) {
            use(t);
            template_unref(t);
        } else if (!why.text[0]) {
            abort(); /* a refusal says why */
        }
    }
    json_decref(gbt);
    return 0;
}
