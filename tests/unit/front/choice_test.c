/* SPDX-License-Identifier: MIT */
/* A miner that hashes first cannot choose afterwards at which difficulty that counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "core/target.h"
#include "crypto/keccak.h"
#include "tests/fake/front_rig.h"
#include "tests/fake/hash_algo.h"

/* A nonce whose hash is at least so hard, and no block. */
static uint32_t grind_at(struct rig *r, uint64_t extranonce2, double difficulty)
{
    struct u256 good = target_from_difficulty(&fake_easy.diff1, difficulty);

    return rig_grind(r, r->job, extranonce2, 0x20000000, &good, &r->job->block_target);
}

static uint32_t extranonce_of(struct rig *r, struct wire *w)
{
    uint8_t bytes[4];

    assert_true(wire_connect(w, r->port));
    rig_subscribe(r, w);
    assert_true(hex_decode(r->extranonce1, bytes, sizeof bytes));
    return be32(bytes);
}

static void the_next_extranonce_cannot_be_known(void **state)
{
    enum { COUNT = 8, NEAR = 1000 };
    struct rig *r = *state;
    struct wire *w = xcalloc(COUNT, sizeof *w);
    uint32_t last = 0, near = 0;

    rig_start(r);
    for (unsigned i = 0; i < COUNT; i++) {
        uint32_t now = extranonce_of(r, &w[i]);
        near += i && now - last + NEAR < 2 * NEAR;
        last = now;
    }
    assert_true(near < COUNT / 2); /* each by chance: one in ten thousand */
    for (unsigned i = 0; i < COUNT; i++)
        wire_close(&w[i]);
    free(w);
}

/* All in one packet, the share of a job that another connection was told among it. */
static void a_login_with_its_difficulty_makes_other_work(void **state)
{
    struct rig *r = *state;
    struct wire *w = xcalloc(1, sizeof *w);
    char said[512];

    rig_begin(r);
    int len = snprintf(
        said, sizeof said,
        "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"t\"]}\n"
        "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"other.w\",\"d=32\"]}\n"
        "{\"id\":3,\"method\":\"mining.submit\",\"params\":[\"other.w\",\"%s\",\"%016x\",\"%s\","
        "\"%08x\"]}\n",
        r->job_id, 5, r->ntime, 7);
    assert_true(wire_connect(w, r->port));
    assert_true(wire_send(w, said, (size_t)len));
    assert_non_null(wire_expect(w, "v1\"", 5000));       /* it got a variant of its own, */
    assert_non_null(wire_expect(w, "{\"id\":3,", 5000)); /* and the job is none that it was told */
    wire_close(w);
    free(w);
    assert_int_equal(r->credited, 0);
}

static void a_template_that_comes_again_is_other_work(void **state)
{
    struct rig *r = *state;
    char ntime[sizeof r->ntime], salt[sizeof r->salt];

    rig_begin(r);
    uint32_t nonce = grind_at(r, 5, 32);
    memcpy(ntime, r->ntime, sizeof ntime);
    memcpy(salt, r->salt, sizeof salt);
    assert_says(rig_ask(r, &r->miner, "mining.suggest_difficulty", "[32]"), "true");
    struct job *again = job_copy(r->job);
    again->clean = false;
    front_publish(r->front, again);
    job_unref(again);
    do
        rig_expect_job(r);
    while (strchr(r->job_id, 'v'));
    assert_true(r->difficulty == 32);
    assert_string_not_equal(r->salt, salt);
    memcpy(r->ntime, ntime, sizeof ntime);
    assert_says(rig_submit(r, "me.w1", 5, nonce, ""), "[23,");
}

/* Both ports are the pool's; the second has a maximum below what the first told. */
static void another_port_does_not_lower_a_job(void **state)
{
    struct rig *r = *state;
    char session[sizeof r->session], first[sizeof r->job_id];

    r->options.ports[1] = r->options.ports[0];
    r->options.ports[1].address = "[::ffff:127.0.0.1]:0";
    r->options.ports[1].max_difficulty = 1.0 / 64;
    r->options.port_count = 2;
    rig_begin(r);
    struct u256 hard = target_from_difficulty(&fake_easy.diff1, r->difficulty);
    struct u256 easy = target_from_difficulty(&fake_easy.diff1, 1.0 / 64);
    uint32_t kept = rig_grind(r, r->job, 7, 0x20000000, &easy, &hard);
    memcpy(first, r->job_id, sizeof first);
    memcpy(session, r->session, sizeof session);
    rig_wait_for(r, r->connections == 1);
    wire_close(&r->miner);
    rig_wait_for(r, r->connections == 0);
    const char *at = front_listens(r->front, r->options.ports[1].address);
    assert_true(wire_connect(&r->miner, (uint16_t)strtoul(strrchr(at, ':') + 1, NULL, 10)));
    rig_subscribe_to(r, &r->miner, session);
    assert_says(rig_ask(r, &r->miner, "mining.authorize", "[\"me.w1\",\"x\"]"), "true");
    rig_expect_job(r);
    assert_true(r->difficulty == 1.0 / 64);
    assert_string_not_equal(r->job_id, first);
    assert_says(rig_submit_good(r, "me.w1", 8), "true");
    memcpy(r->job_id, first, sizeof first);
    assert_says(rig_submit(r, "me.w1", 7, kept, ""), "[23,");
}

/* --- nonces that are nobody's own --------------------------------------------------------------
 */

static int hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    (void)ctx;
    *out = (struct algo_result){0};
    keccak256(in->bytes, in->len, out->hash);
    return 0;
}

static const struct algo quick_ethash = {
    .name = "ethash",
    .title = "Ethash, without a dataset",
    .input_len = 40,
    .nonce_at = 32,
    .nonce_len = 8,
    .diff1 = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
    .hash = hash,
};

static void publish_sealed(struct rig *r)
{
    struct job *job = job_new(&quick_ethash);
    struct block_plan *plan = &job->plan;

    job->form = &form_sealed;
    plan->coinb1 = xcalloc(1, 50);
    plan->coinb1_len = 50;
    plan->coinb2 = xcalloc(1, 20);
    plan->coinb2_len = 20;
    plan->extranonce1_len = FRONT_EXTRANONCE1;
    plan->extranonce2_len = FRONT_EXTRANONCE2;
    plan->bits = 0x1d00ffff;
    plan->ntime = plan->ntime_min = plan->ntime_max = wall_s();
    job->height = job->key.height = 30007;
    job->clean = true;
    job->block_target = u256_from_u64(1);
    front_publish(r->front, job);
    job_unref(job);
}

/* Logs in and takes work: its header hash. */
static void take_header(struct rig *r, struct wire *w, const char *pass, char header[65])
{
    assert_true(wire_connect(w, r->port));
    wire_say(w, "{\"id\":1,\"method\":\"eth_submitLogin\",\"params\":[\"me.a\",\"%s\"]}", pass);
    assert_non_null(wire_expect(w, "{\"id\":1,", 5000));
    wire_say(w, "{\"id\":2,\"method\":\"eth_getWork\",\"params\":[]}");
    const char *line = wire_expect(w, "{\"id\":2,", 5000);
    assert_non_null(line);
    assert_non_null(strstr(line, "[\"0x"));
    (void)snprintf(header, 65, "%.64s", strstr(line, "[\"0x") + 4);
}

static uint64_t nonce_for(const char *header, double difficulty)
{
    struct u256 want = target_from_difficulty(&quick_ethash.diff1, difficulty);
    uint8_t in[40], out[32];

    assert_true(hex_decode(header, in, 32));
    for (uint64_t nonce = 0;; nonce++) {
        algo_put_nonce(&quick_ethash, in, 32, nonce);
        keccak256(in, sizeof in, out);
        struct u256 value = algo_hash_value(&quick_ethash, out);
        if (u256_cmp(&value, &want) <= 0)
            return nonce;
    }
}

static const char *submit_header(struct wire *w, const char *header, uint64_t nonce)
{
    wire_say(
        w,
        "{\"id\":3,\"method\":\"eth_submitWork\",\"params\":[\"0x%016llx\",\"0x%s\",\"0x%064x\"]}",
        (unsigned long long)nonce, header, 0);
    return wire_expect(w, "{\"id\":3,", 5000);
}

static void free_nonces_are_tried_on_work_of_the_connections_own(void **state)
{
    struct rig *r = *state;
    struct wire *w = xcalloc(2, sizeof *w);
    char header[2][65];

    r->options.algo = &quick_ethash;
    r->options.ports[0].start_difficulty = r->options.ports[0].min_difficulty = 1;
    rig_start(r);
    publish_sealed(r);
    take_header(r, &w[0], "x", header[0]);
    take_header(r, &w[1], "d=64", header[1]);
    assert_string_not_equal(header[0], header[1]);
    const char *said = submit_header(&w[1], header[0], nonce_for(header[0], 64));
    assert_non_null(said);
    assert_null(strstr(said, "\"result\":true"));
    said = submit_header(&w[1], header[1], nonce_for(header[1], 64));
    assert_says(said, "\"result\":true");
    rig_wait_for(r, r->credited == 1);
    assert_true(r->last_difficulty == 64);
    wire_close(&w[0]);
    wire_close(&w[1]);
    free(w);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
    static const struct CMUnitTest tests[] = {
        T(the_next_extranonce_cannot_be_known),
        T(a_login_with_its_difficulty_makes_other_work),
        T(a_template_that_comes_again_is_other_work),
        T(another_port_does_not_lower_a_job),
        T(free_nonces_are_tried_on_work_of_the_connections_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
