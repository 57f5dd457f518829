/* SPDX-License-Identifier: MIT */
/* The rig of the front's tests. */
#include "tests/fake/front_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/str.h"
#include "core/target.h"
#include "crypto/sha256.h"
#include "tests/fake/hash_algo.h"

static const uint8_t coinb1[50] = {1, 0, 0, 0, 1}, coinb2[20] = {0xff};

/* --- the hub's part ----------------------------------------------------------------------------
 */

static void on_block(struct rig *r, struct front_block *block)
{
    r->blocks++;
    (void)text_copy(r->last_user, sizeof r->last_user, block->user);
    share_free(block->share);
}

void rig_drain(struct rig *r)
{
    struct event ev;

    while (front_take(r->front, &ev)) {
        if (ev.type == EV_FRONT_SHARES) {
            struct front_shares *shares = ev.p;
            for (unsigned i = 0; i < shares->count; i++) {
                r->credited += shares->items[i].count;
                r->last_difficulty = shares->items[i].difficulty;
                (void)text_copy(r->last_user, sizeof r->last_user, shares->items[i].user);
            }
        } else if (ev.type == EV_FRONT_BLOCK) {
            on_block(r, ev.p);
        } else if (ev.type == EV_FRONT_STATS) {
            free(r->stats);
            r->stats = ev.p;
            r->connections += r->stats->connections;
            for (unsigned i = 0; i < CAUSES; i++)
                r->causes[i] += r->stats->causes[i];
            continue;
        } else if (ev.type == EV_FRONT_BAN) {
            r->ban = *(struct guard_ban *)ev.p;
            r->bans++;
        } else {
            r->stopped++;
            continue;
        }
        free(ev.p);
    }
}

/* A job on the tip `tip`; blocks take 2^16 hashes unless `easy_block`. */
void rig_publish(struct rig *r, uint8_t tip, bool clean, bool easy_block)
{
    struct job *job = job_new(&fake_easy);
    struct block_plan *plan = &job->plan;

    plan->coinb1 = memcpy(xmalloc(sizeof coinb1), coinb1, sizeof coinb1);
    plan->coinb1_len = sizeof coinb1;
    plan->coinb2 = memcpy(xmalloc(sizeof coinb2), coinb2, sizeof coinb2);
    plan->coinb2_len = sizeof coinb2;
    plan->extranonce1_len = FRONT_EXTRANONCE1;
    plan->extranonce2_len = FRONT_EXTRANONCE2;
    plan->branch_count = 2;
    memset(plan->branch, 0x5a, 64);
    memset(plan->prevhash, tip, 32);
    plan->version = 0x20000000;
    plan->version_mask = 0x1fffe000;
    plan->bits = 0x1d00ffff;
    plan->ntime = plan->ntime_min = wall_s();
    plan->ntime_max = plan->ntime + 7000;
    job->height = tip;
    job->clean = clean;
    job->block_target = easy_block ? u256_max() : u256_shl(u256_from_u64(1), 240);
    job_unref(r->job);
    r->job = job;
    front_publish(r->front, job);
}

void rig_start(struct rig *r)
{
    struct fault why = {0};

    if (front_start(&r->options, &r->front, &why) < 0)
        fail_msg("%s", why.text);
    r->port = (uint16_t)strtoul(strrchr(front_address(r->front), ':') + 1, NULL, 10);
}

int rig_setup(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);

    r->miner.fd = -1;
    r->options = (struct front_options){.ports[0].address = "127.0.0.1:0",
                                        .port_count = 1,
                                        .max_connections = 64,
                                        .coin = coin_find("devnet"),
                                        .network = NETWORK_REGTEST,
                                        .algo = &fake_easy,
                                        .node_id = 3,
                                        .ports[0].start_difficulty = 0.0625, /* 16 hashes */
                                        .ports[0].min_difficulty = 1.0 / 256,
                                        .ports[0].share_interval_us = 10 * SECOND_US};
    *state = r;
    return 0;
}

int rig_teardown(void **state)
{
    struct rig *r = *state;

    wire_close(&r->miner);
    front_free(r->front);
    job_unref(r->job);
    free(r->stats);
    free(r);
    return 0;
}

/* --- the miner's part --------------------------------------------------------------------------
 */

static void read_notify(struct rig *r, const char *line)
{
    const char *at = strstr(line, "\"params\":[\"");
    assert_non_null(at);
    (void)snprintf(r->job_id, sizeof r->job_id, "%.*s", (int)strcspn(at + 11, "\""), at + 11);
    at = strstr(line, "\"0100000001"); /* coinb1, and the salt at its end */
    assert_non_null(at);
    (void)snprintf(r->salt, sizeof r->salt, "%.8s", at + 1 + 2 * sizeof coinb1);
    at = strstr(line, "\"1d00ffff\",\"");
    assert_non_null(at);
    (void)snprintf(r->ntime, sizeof r->ntime, "%.8s", at + 12);
}

void rig_expect_job(struct rig *r)
{
    for (;;) {
        const char *line = wire_line(&r->miner, 15000);
        assert_non_null(line);
        const char *difficulty = strstr(line, "set_difficulty\",\"params\":[");
        if (difficulty)
            r->difficulty = strtod(difficulty + 26, NULL);
        if (strstr(line, "mining.notify\",\"params\"")) {
            read_notify(r, line);
            return;
        }
    }
}

const char *rig_ask(struct rig *r, struct wire *w, const char *method, const char *params)
{
    char id[32];

    (void)snprintf(id, sizeof id, "{\"id\":%u", ++r->next_id);
    wire_say(w, "%s,\"method\":\"%s\",\"params\":%s}", id, method, params);
    for (;;) {
        const char *line = wire_expect(w, id, 2000);
        assert_non_null(line);
        char after = line[strlen(id)];
        if (after == ',' || after == '}')
            return line;
    }
}

void rig_subscribe_to(struct rig *r, struct wire *w, const char *session)
{
    char params[96];

    (void)snprintf(params, sizeof params, *session ? "[\"tester/1\",\"%s\"]" : "[\"tester/1\"]",
                   session);
    const char *line = rig_ask(r, w, "mining.subscribe", params);
    const char *at = strstr(line, "]],\"");

    assert_non_null(at);
    (void)snprintf(r->extranonce1, sizeof r->extranonce1, "%.8s", at + 4);
    at = strstr(line, "mining.notify\",\"");
    assert_non_null(at);
    (void)snprintf(r->session, sizeof r->session, "%.32s", at + 16);
}

void rig_subscribe(struct rig *r, struct wire *w)
{
    rig_subscribe_to(r, w, "");
}

void rig_login(struct rig *r)
{
    assert_true(wire_connect(&r->miner, r->port));
    rig_subscribe(r, &r->miner);
    assert_non_null(strstr(rig_ask(r, &r->miner, "mining.authorize", "[\"me.w1\",\"x\"]"), "true"));
    rig_expect_job(r);
}

void rig_begin(struct rig *r)
{
    rig_start(r);
    rig_publish(r, 1, true, false);
    rig_login(r);
}

/* A nonce whose hash is between the two targets: at most `below`, and above `above` (may be NULL).
 */
uint32_t rig_grind(struct rig *r, const struct job *job, uint64_t extranonce2, uint32_t version,
                   const struct u256 *below, const struct u256 *above)
{
    uint8_t en1[FRONT_EXTRANONCE1], en2[8], root[32], header[80], hash[32];
    uint32_t ntime;

    assert_true(hex_decode(r->salt, en1, FRONT_SALT));
    assert_true(hex_decode(r->extranonce1, en1 + FRONT_SALT, FRONT_TOLD1));
    assert_true(hex_u32(r->ntime, &ntime));
    put_be64(en2, extranonce2);
    plan_merkle_root(&job->plan, en1, sizeof en1, en2, 8, root);
    for (uint32_t nonce = 0;; nonce++) {
        plan_header(&job->plan, root, version, ntime, nonce, header);
        sha256d(header, 80, hash);
        struct u256 value = u256_from_le(hash);
        if (u256_cmp(&value, below) <= 0 && (!above || u256_cmp(&value, above) > 0))
            return nonce;
    }
}

uint32_t rig_good_nonce(struct rig *r, uint64_t extranonce2, uint32_t version)
{
    struct u256 target = target_from_difficulty(&fake_easy.diff1, r->difficulty);

    return rig_grind(r, r->job, extranonce2, version, &target, &r->job->block_target);
}

/* Submits and returns the reply. `bits` "" = no sixth parameter. */
const char *rig_submit(struct rig *r, const char *user, uint64_t extranonce2, uint32_t nonce,
                       const char *bits)
{
    char params[256];

    (void)snprintf(params, sizeof params, "[\"%s\",\"%s\",\"%016llx\",\"%s\",\"%08x\"%s%s%s]", user,
                   r->job_id, (unsigned long long)extranonce2, r->ntime, nonce, *bits ? ",\"" : "",
                   bits, *bits ? "\"" : "");
    return rig_ask(r, &r->miner, "mining.submit", params);
}

const char *rig_submit_good(struct rig *r, const char *user, uint64_t extranonce2)
{
    return rig_submit(r, user, extranonce2, rig_good_nonce(r, extranonce2, 0x20000000), "");
}
