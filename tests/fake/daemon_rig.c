/* SPDX-License-Identifier: MIT */
/* The rig of the tests of chains behind daemons. */
#include "tests/fake/daemon_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/fake/hash_algo.h"
#include "tests/fake/monerod.h"

const struct daemon_family bitcoin_family = {
    .coin = "bitcoin",
    .genesis = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    .algo = &fake_sha256d,
    .timing =
        {
            .poll_ms = 20,
            .refresh_ms = 200,
            .stale_ms = 3000,
            .rpc_timeout_ms = 1000,
            .template_timeout_ms = 1000,
            .wait_timeout_ms = 5000,
            .retry_first_ms = 20,
            .retry_limit_ms = 80,
            .submit_timeout_ms = 300,
            .submit_pause_ms = 20,
            .submit_tries = 3,
        },
};

const struct daemon_family monero_family = {
    .coin = "monero",
    .genesis = "418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3",
    .payout = MONERO_PAYOUT,
    .algo = &fake_blob,
    .answer = fake_monerod,
    .timing =
        {
            .poll_ms = 20,
            .refresh_ms = 60000,
            .stale_ms = 60000,
            .rpc_timeout_ms = 1000,
            .template_timeout_ms = 1000,
            .retry_first_ms = 20,
            .retry_limit_ms = 80,
            .submit_timeout_ms = 300,
            .submit_pause_ms = 20,
            .submit_tries = 3,
        },
};

void daemon_rig_turn(struct daemon_rig *r)
{
    uv_run(&r->loop, UV_RUN_NOWAIT);
    sleep_us(500);
}

void daemon_rig_run(struct daemon_rig *r, int64_t ms)
{
    for (int64_t end = now_us() + ms * 1000; now_us() < end;)
        daemon_rig_turn(r);
}

void daemon_rig_init(struct daemon_rig *r, const struct daemon_family *family, size_t daemons)
{
    memset(r, 0, sizeof *r);
    r->family = family;
    r->timing = family->timing;
    uv_loop_init(&r->loop);
    fake_monerod_info = (struct fake_monerod_info){"fakechain", "OK", true, NULL};
    for (size_t i = 0; i < daemons; i++) {
        r->fake[i].genesis = family->genesis;
        r->fake[i].answer = family->answer;
        fake_daemon_start(&r->fake[i], &r->loop);
        r->configs[i].url = r->fake[i].url;
    }
    r->config.pool.daemons.items = r->configs;
    r->config.pool.daemons.count = daemons;
    if (family->payout) {
        (void)text_copy(r->payout, sizeof r->payout, family->payout);
        r->config.pool.payout_address = r->payout;
    }
}

int daemon_rig_open(struct daemon_rig *r, struct fault *why)
{
    struct chain_options options = {.config = &r->config,
                                    .coin = coin_find(r->family->coin),
                                    .network = NETWORK_REGTEST,
                                    .algo = r->family->algo,
                                    .on_template = chain_heard_template,
                                    .arg = &r->heard,
                                    .timing = &r->timing};

    return chain_open(&options, &r->loop, &r->chain, why);
}

void daemon_rig_start(struct daemon_rig *r, const struct daemon_family *family, size_t daemons)
{
    daemon_rig_init(r, family, daemons);
    assert_int_equal(daemon_rig_open(r, NULL), 0);
    UNTIL(r, r->heard.templates);
}

void daemon_rig_fini(struct daemon_rig *r)
{
    chain_close(r->chain);
    for (size_t i = 0; i < DAEMONS; i++)
        fake_daemon_free(&r->fake[i]);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&r->loop), 0);
    template_unref(r->heard.template);
}

struct chain_node_view daemon_rig_node(struct daemon_rig *r, unsigned i)
{
    struct chain_node_view views[DAEMONS];

    assert_int_equal(chain_nodes(r->chain, views, DAEMONS), r->config.pool.daemons.count);
    return views[i];
}

bool daemon_rig_says(struct daemon_rig *r, unsigned i, const char *words)
{
    return strstr(daemon_rig_node(r, i).error, words) != NULL;
}
