/* SPDX-License-Identifier: MIT */
/* The rig of the devnet's tests. */
#include "tests/fake/devnet_rig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/endian.h"

void devnet_rig_open(struct devnet_rig *n, const struct algo *algo, struct store *store)
{
    const struct datasets_options datasets = {.memory_max = 1 << 20};

    memset(n, 0, sizeof *n);
    n->config.pool.devnet.block_interval_us = 10 * SECOND_US;
    n->datasets = datasets_new(&datasets);
    hasher_init(&n->hasher, algo, n->datasets);
    uv_loop_init(&n->loop);
    struct chain_options options = {.config = &n->config,
                                    .coin = coin_find("devnet"),
                                    .algo = algo,
                                    .datasets = n->datasets,
                                    .store = store,
                                    .on_template = chain_heard_template,
                                    .arg = &n->heard};
    assert_int_equal(chain_open(&options, &n->loop, &n->chain, NULL), 0);
    while (!n->heard.template)
        uv_run(&n->loop, UV_RUN_NOWAIT);
}

void devnet_rig_close(struct devnet_rig *n)
{
    chain_close(n->chain);
    uv_run(&n->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&n->loop), 0);
    template_unref(n->heard.template);
    hasher_fini(&n->hasher);
    datasets_free(n->datasets);
}

static struct algo_ctx *ready(struct hasher *h, const struct algo_key *key)
{
    int err;

    while ((err = hasher_ready(h, key, NULL)) == -EAGAIN)
        sleep_us(500);
    assert_int_equal(err, 0);
    return h->ctx;
}

uint8_t *devnet_rig_mine(struct devnet_rig *n, struct chain_template *t, uint32_t salt,
                         uint32_t ntime, size_t *len, uint8_t hash[32])
{
    static const uint8_t script[] = {0x51};
    const struct coinbase_plan plan = {script, sizeof script, "/test/", 4, 4};
    struct share share = {.job = template_job(t, &plan),
                          .extranonce1_len = 4,
                          .extranonce2_len = 4,
                          .version = t->version,
                          .ntime = ntime};

    assert_non_null(share.job);
    put_le32(share.extranonce1, salt);
    struct algo_ctx *ctx = ready(&n->hasher, &share.job->key);
    while (share_check(&share, &share.job->block_target, ctx) != 0)
        share.nonce++;
    assert_true(share.is_block);
    uint8_t *block = block_assemble(&share, len, hash);
    job_unref(share.job);
    return block;
}

uint8_t *devnet_rig_next(struct devnet_rig *n, size_t *len, uint8_t hash[32])
{
    struct chain_template *t = n->heard.template;

    n->time = n->time + 10 > t->curtime ? n->time + 10 : t->curtime;
    return devnet_rig_mine(n, t, n->heard.templates, n->time, len, hash);
}

void devnet_rig_wait(struct devnet_rig *n)
{
    for (int before = n->heard.answers; n->heard.answers == before; sleep_us(100))
        uv_run(&n->loop, UV_RUN_NOWAIT);
}

void devnet_rig_submit(struct devnet_rig *n, const uint8_t *block, size_t len,
                       const uint8_t hash[32])
{
    chain_submit(n->chain, block, len, hash, chain_heard_submit, &n->heard);
    devnet_rig_wait(n);
}

void devnet_rig_extend(struct devnet_rig *n, uint8_t hash[32])
{
    size_t len;
    uint8_t *block = devnet_rig_next(n, &len, hash);

    devnet_rig_submit(n, block, len, hash);
    free(block);
    assert_int_equal(n->heard.result, SUBMIT_ACCEPTED);
}
