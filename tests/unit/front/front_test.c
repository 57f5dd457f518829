/* SPDX-License-Identifier: MIT */
/* A front against scripted raw miners on loopback: what it accepts, refuses, counts and reports. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/str.h"
#include "core/target.h"
#include "crypto/sha256.h"
#include "front/front.h"
#include "tests/fake/front_rig.h"
#include "tests/fake/hash_algo.h"
#include "tests/fake/wire.h"

/* --- tests: the normal course ------------------------------------------------------------------
 */

static void a_good_share_is_accepted_and_credited(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    assert_true(r->difficulty == 0.0625);
    assert_says(rig_submit_good(r, "me.w1", 1), "\"result\":true");
    rig_wait_for(r, r->credited == 1);
    assert_true(r->last_difficulty == 0.0625);
    assert_string_equal(r->last_user, "me.w1");
    assert_int_equal(r->blocks, 0);
}

static void equal_shares_are_batched(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    for (uint64_t i = 0; i < 5; i++)
        assert_says(rig_submit_good(r, "me.w1", i), "\"result\":true");
    rig_wait_for(r, r->credited == 5);
}

static void a_block_is_reported_with_its_finder(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    rig_publish(r, 1, true, true);
    rig_login(r);
    assert_says(rig_submit(r, "me.w1", 7, 1, ""), "\"result\":true");
    rig_wait_for(r, r->blocks == 1);
    assert_int_equal(r->credited, 1); /* told before the block */
    assert_string_equal(r->last_user, "me.w1");
}

static void difficulty_is_never_above_the_networks(void **state)
{
    struct rig *r = *state;

    r->options.ports[0].start_difficulty = 1e6;
    rig_begin(r); /* network: 2^240 of 2^248 */
    assert_true(r->difficulty == 256);
}

static void ids_are_echoed_byte_for_byte(void **state)
{
    static const char *const ids[] = {
        "1", "\"auth\"", "null", "-7", "1.50e1", "\"a\\u0041\\\"\"", "18446744073709551"};
    struct rig *r = *state;

    rig_begin(r);
    for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
        char want[64];
        wire_say(&r->miner, "{\"params\":[], \"method\":\"mining.ping\", \"id\" : %s }", ids[i]);
        (void)snprintf(want, sizeof want, "{\"id\":%s,\"result\":\"pong\",\"error\":null}", ids[i]);
        assert_string_equal(wire_line(&r->miner, 15000), want);
    }
}

static void small_talk_is_answered(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    assert_says(rig_ask(r, &r->miner, "mining.extranonce.subscribe", "[]"), "true");
    assert_says(rig_ask(r, &r->miner, "client.get_version", "[]"), "otedama/");
    assert_says(rig_ask(r, &r->miner, "mining.get_transactions", "[]"), "\"result\":[]");
    assert_says(rig_ask(r, &r->miner, "mining.suggest_difficulty", "[0]"), "[20,");
    assert_says(rig_ask(r, &r->miner, "mining.suggest_difficulty(512)", "[]"), "true");
    assert_says(rig_ask(r, &r->miner, "no.such\\u001bmethod", "[]"), "[-3,\"method not found");
}

static void configure_answers_every_code(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    const char *line = rig_ask(
        r, &r->miner, "mining.configure",
        "[[\"version-rolling\",\"minimum-difficulty\",\"subscribe-extranonce\",\"info\","
        "\"other\"],{\"version-rolling.mask\":\"ffffffff\",\"minimum-difficulty.value\":0.1}]");
    assert_says(line, "\"version-rolling\":true,\"version-rolling.mask\":\"1fffe000\"");
    assert_says(line, "\"minimum-difficulty\":true");
    assert_says(line, "\"subscribe-extranonce\":true");
    assert_says(line, "\"info\":true");
    assert_says(line, "\"other\":false");
}

static void rolled_versions_are_accepted_inside_the_mask(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    assert_says(rig_ask(r, &r->miner, "mining.configure",
                        "[[\"version-rolling\"],{\"version-rolling.mask\":\"00ffe000\"}]"),
                "00ffe000");
    assert_says(rig_submit(r, "me.w1", 1, rig_good_nonce(r, 1, 0x20e02000), "00e02000"), "true");
    /* the same extranonce2 and nonce space with other bits is another share */
    assert_says(rig_submit(r, "me.w1", 1, rig_good_nonce(r, 1, 0x20002000), "2000"), "true");
    assert_says(rig_submit(r, "me.w1", 2, 0, "10000000"), "version");
    assert_says(rig_submit(r, "me.w1", 2, 0, "20000000"), "version");
}

static void version_bits_without_agreement_are_refused(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    assert_says(rig_submit(r, "me.w1", 1, 0, "00002000"), "version");
    assert_says(rig_submit(r, "me.w1", 1, rig_good_nonce(r, 1, 0x20000000), "00000000"), "true");
}

/* The first job could be hashed between the two messages: it comes as other work. */
static void password_and_suggestion_set_the_start(void **state)
{
    struct rig *r = *state;
    char salt[sizeof r->salt];

    rig_start(r);
    rig_publish(r, 1, true, false);
    assert_true(wire_connect(&r->miner, r->port));
    rig_subscribe(r, &r->miner);
    (void)rig_ask(r, &r->miner, "mining.authorize", "[\"me\",\"x,d=4.5;y=nan\"]");
    rig_expect_job(r);
    assert_true(r->difficulty == 4.5);
    assert_non_null(strchr(r->job_id, 'v'));
    (void)text_copy(salt, sizeof salt, r->salt);
    assert_says(rig_ask(r, &r->miner, "mining.suggest_difficulty", "[1e300]"), "[20,");
    assert_says(rig_ask(r, &r->miner, "mining.suggest_difficulty", "[8]"), "true");
    rig_publish(r, 1, false, false);
    rig_expect_job(r); /* told with the next job */
    assert_true(r->difficulty == 8);
    assert_null(strchr(r->job_id, 'v'));
    assert_string_not_equal(r->salt, salt);
}

/* Its extranonce went out, and another connection could show it the jobs that came since. */
static void jobs_from_before_the_login_come_as_other_work(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    rig_publish(r, 1, true, false);
    assert_true(wire_connect(&r->miner, r->port));
    rig_subscribe(r, &r->miner);
    rig_publish(r, 2, true, false);
    sleep_us(20000); /* for the loop to have it; the test holds without */
    (void)rig_ask(r, &r->miner, "mining.authorize", "[\"me\",\"d=4.5\"]");
    rig_expect_job(r);
    assert_true(r->difficulty == 4.5);
    assert_non_null(strchr(r->job_id, 'v'));
}

static void password_in_the_first_words_holds_at_once(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    rig_publish(r, 1, true, false);
    assert_true(wire_connect(&r->miner, r->port));
    wire_say(&r->miner, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n"
                        "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"me\",\"d=4.5\"]}");
    rig_expect_job(r);
    assert_true(r->difficulty == 4.5);
}

static void vardiff_follows_a_fast_miner_under_a_new_id(void **state)
{
    struct rig *r = *state;
    char first[32], second[32], salt[sizeof r->salt];

    rig_begin(r);
    (void)text_copy(first, sizeof first, r->job_id);
    (void)text_copy(salt, sizeof salt, r->salt);
    for (uint64_t i = 0; i < 9; i++)
        assert_says(rig_submit_good(r, "me.w1", i), "true");
    double before = r->difficulty;
    uint32_t nonce = rig_good_nonce(r, 100, 0x20000000);
    rig_expect_job(r); /* within a second or two */
    double after = r->difficulty;
    assert_true(after > before);
    assert_true(!strncmp(r->job_id, first, strlen(first)) && strcmp(r->job_id, first) != 0);
    assert_string_not_equal(r->salt, salt);
    (void)text_copy(second, sizeof second, r->job_id);
    /* work of the first id still counts at its own difficulty, and is none of the second */
    (void)text_copy(r->job_id, sizeof r->job_id, first);
    assert_says(rig_submit(r, "me.w1", 100, nonce, ""), "true");
    rig_wait_for(r, r->credited == 10);
    assert_true(r->last_difficulty == before);
    (void)text_copy(r->job_id, sizeof r->job_id, second);
    assert_says(rig_submit_good(r, "me.w1", 101), "true");
    rig_wait_for(r, r->credited == 11);
    assert_true(r->last_difficulty == after);
}

static void variants_that_were_not_sent_are_unknown(void **state)
{
    struct rig *r = *state;
    char id[32];

    rig_begin(r);
    for (uint64_t i = 0; i < 9; i++)
        assert_says(rig_submit_good(r, "me.w1", i), "true");
    rig_expect_job(r);
    assert_non_null(strchr(r->job_id, 'v'));
    rig_publish(r, 1, false, false);
    rig_expect_job(r);
    assert_null(strchr(r->job_id, 'v'));
    uint32_t nonce = rig_good_nonce(r, 50, 0x20000000);
    memcpy(id, r->job_id, sizeof id);
    (void)snprintf(r->job_id, sizeof r->job_id, "%.16sv1", id);
    assert_says(rig_submit(r, "me.w1", 50, nonce, ""), "[21,");
    memcpy(r->job_id, id, sizeof id);
    assert_says(rig_submit(r, "me.w1", 50, nonce, ""), "true");
}

/* Hashes of the job as it was must not become shares of the easier one. */
static void difficulty_falls_for_other_work_only(void **state)
{
    struct rig *r = *state;
    char first[32], second[32];

    rig_begin(r);
    struct u256 hard = target_from_difficulty(&fake_easy.diff1, r->difficulty);
    struct u256 easy = target_from_difficulty(&fake_easy.diff1, 0.01);
    uint32_t kept = rig_grind(r, r->job, 7, 0x20000000, &easy, &hard);
    memcpy(first, r->job_id, sizeof first);
    assert_says(rig_ask(r, &r->miner, "mining.suggest_difficulty", "[0.01]"), "true");
    rig_expect_job(r);
    assert_true(r->difficulty == 0.01);
    assert_true(!strncmp(r->job_id, first, strlen(first)) && strcmp(r->job_id, first) != 0);
    memcpy(second, r->job_id, sizeof second);
    memcpy(r->job_id, first, sizeof first);
    assert_says(rig_submit(r, "me.w1", 7, kept, ""), "[23,");
    memcpy(r->job_id, second, sizeof second);
    assert_says(rig_submit_good(r, "me.w1", 8), "true");
    rig_wait_for(r, r->credited == 1);
    assert_true(r->last_difficulty == 0.01);
}

static void two_workers_share_a_connection(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    (void)rig_ask(r, &r->miner, "mining.authorize", "[\"you.w2\",\"x\"]");
    assert_says(rig_submit_good(r, "me.w1", 1), "true");
    assert_says(rig_submit_good(r, "you.w2", 2), "true");
    assert_says(rig_submit_good(r, "other", 3), "[24,");
    rig_wait_for(r, r->credited == 2 && r->stats && r->stats->count == 2);
    rig_wait_for(r, r->stats->items[0].accepted == 1 && r->stats->items[1].accepted == 1);
}

/* --- tests: refusals ---------------------------------------------------------------------------
 */

static void duplicates_are_found_whatever_the_spelling(void **state)
{
    struct rig *r = *state;
    char params[160];

    rig_begin(r);
    uint32_t nonce = rig_good_nonce(r, 0xabcdef, 0x20000000);
    assert_says(rig_submit(r, "me.w1", 0xabcdef, nonce, ""), "true");
    assert_says(rig_submit(r, "me.w1", 0xabcdef, nonce, ""), "[22,");
    (void)snprintf(params, sizeof params, "[\"me.w1\",\"%s\",\"0000000000ABCDEF\",\"%s\",\"%08X\"]",
                   r->job_id, r->ntime, nonce);
    assert_says(rig_ask(r, &r->miner, "mining.submit", params), "[22,");
    rig_wait_for(r, r->stats && r->stats->rejected[REJECT_DUPLICATE] == 2);
}

static void low_shares_are_refused_with_their_difficulty(void **state)
{
    struct rig *r = *state;
    struct u256 target, all = u256_max();

    rig_begin(r);
    target = target_from_difficulty(&fake_easy.diff1, r->difficulty);
    const char *answer =
        rig_submit(r, "me.w1", 1, rig_grind(r, r->job, 1, 0x20000000, &all, &target), "");
    assert_says(answer, "[23,\"low difficulty share of ");
    assert_says(answer, "; the algorithm here is sha256d");
    assert_says(rig_submit_good(r, "me.w1", 2), "true");
    assert_says(rig_submit(r, "me.w1", 3, rig_grind(r, r->job, 3, 0x20000000, &all, &target), ""),
                " is wanted\"");
}

static void malformed_fields_are_refused(void **state)
{
    static const struct {
        const char *params, *word;
    } rows[] = {
        {"[]", "[20,"},
        {"{\"a\":1}", "[20,"},
        {"[\"me.w1\"]", "[20,"},
        {"[\"me.w1\",\"JOB\",\"00\",\"NTIME\",\"00000000\"]", "extranonce2"},
        {"[\"me.w1\",\"JOB\",\"000000000000000000\",\"NTIME\",\"00000000\"]", "extranonce2"},
        {"[\"me.w1\",\"JOB\",\"000000000000000g\",\"NTIME\",\"00000000\"]", "extranonce2"},
        {"[\"me.w1\",\"JOB\",\"0x00000000000000\",\"NTIME\",\"00000000\"]", "extranonce2"},
        {"[\"me.w1\",\"JOB\",\"0000000000000000\",\"NTIME\",\"0000000\"]", "nonce"},
        {"[\"me.w1\",\"JOB\",\"0000000000000000\",\"NTIME\",7]", "nonce"},
        {"[\"me.w1\",\"JOB\",\"0000000000000000\",\"\",\"00000000\"]", "ntime"},
        {"[\"me.w1\",\"JOB\",\"0000000000000000\",\"00000001\",\"00000000\"]", "ntime"},
        {"[\"me.w1\",\"JOB\",\"0000000000000000\",\"ffffffff\",\"00000000\"]", "ntime"},
        {"[\"me.w1\",\"JOB\",\"0000000000000000\",\"NTIME\",\"00000000\",\"zz\"]", "version"},
        {"[\"me.w1\",\"\",\"0000000000000000\",\"NTIME\",\"00000000\"]", "[21,"},
        {"[\"me.w1\",\"vv\",\"0000000000000000\",\"NTIME\",\"00000000\"]", "[21,"},
        {"[\"me.w1\",\"ffffffffffffffffff\",\"0000000000000000\",\"NTIME\",\"00000000\"]", "[21,"},
        {"[\"me.w1\",5,\"0000000000000000\",\"NTIME\",\"00000000\"]", "[20,"},
    };
    struct rig *r = *state;

    rig_begin(r);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO_STR struct str params = {0};
        for (const char *at = rows[i].params; *at;) {
            bool job = !strncmp(at, "JOB", 3), ntime = !strncmp(at, "NTIME", 5);
            if (job || ntime)
                str_add(&params, job ? r->job_id : r->ntime);
            else
                str_add_n(&params, at, 1);
            at += job ? 3 : ntime ? 5 : 1;
        }
        assert_says(rig_ask(r, &r->miner, "mining.submit", params.s), rows[i].word);
    }
    assert_says(rig_submit_good(r, "me.w1", 1), "true"); /* and the connection lives */
}

static void order_of_logins_is_free_but_needed(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    rig_publish(r, 1, true, false);
    assert_true(wire_connect(&r->miner, r->port));
    assert_says(rig_ask(r, &r->miner, "mining.submit", "[\"me\",\"1\",\"00\",\"00\",\"00\"]"),
                "[25,");
    (void)rig_ask(r, &r->miner, "mining.authorize", "[\"me\",null]");
    rig_subscribe(r, &r->miner);
    rig_expect_job(r);
    char first[17];
    memcpy(first, r->extranonce1, sizeof first);
    rig_subscribe(r, &r->miner);
    assert_string_equal(first, r->extranonce1);
    assert_says(rig_submit_good(r, "me", 1), "true");
}

static void stale_shares_are_refused_but_stale_blocks_reported(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    rig_publish(r, 1, true, false);
    rig_login(r);
    struct job *old = job_ref(r->job);
    char old_id[32], old_ntime[9];
    memcpy(old_id, r->job_id, sizeof old_id);
    memcpy(old_ntime, r->ntime, sizeof old_ntime);
    uint32_t nonce = rig_good_nonce(r, 1, 0x20000000);
    uint32_t block = rig_grind(r, old, 2, 0x20000000, &old->block_target, NULL);
    rig_publish(r, 1, false, false); /* the same tip: the job before still counts */
    rig_expect_job(r);
    memcpy(r->job_id, old_id, sizeof old_id);
    memcpy(r->ntime, old_ntime, sizeof old_ntime);
    assert_says(rig_submit(r, "me.w1", 1, nonce, ""), "true");
    rig_publish(r, 2, false, false); /* a new tip, though nobody said clean */
    assert_says(wire_expect(&r->miner, "mining.notify", 2000), ",true]}");
    assert_says(rig_submit(r, "me.w1", 1, nonce + 1, ""), "[21,");
    assert_says(rig_submit(r, "me.w1", 2, block, ""), "[21,");
    rig_wait_for(r, r->blocks == 1);
    assert_says(rig_submit(r, "me.w1", 2, block, ""), "[22,"); /* reported once */
    rig_wait_for(r, r->stats && r->stats->rejected[REJECT_STALE] == 2);
    assert_int_equal(r->credited, 1);
    job_unref(old);
}

static void a_clean_word_is_kept_when_jobs_come_fast(void **state)
{
    struct rig *r = *state;
    char old_id[32];

    rig_begin(r);
    memcpy(old_id, r->job_id, sizeof old_id);
    uint32_t nonce = rig_good_nonce(r, 1, 0x20000000);
    for (int i = 0; i < 50; i++)
        rig_publish(r, 1, i == 0, false); /* the first is clean, the others hide it */
    sleep_us(20000);
    memcpy(r->job_id, old_id, sizeof old_id);
    assert_says(rig_submit(r, "me.w1", 1, nonce, ""), "[21,");
}

static void addresses_are_checked_with_a_reason(void **state)
{
    struct rig *r = *state;

    r->options.coin = coin_find("bitcoin");
    r->options.network = NETWORK_MAIN;
    rig_start(r);
    assert_true(wire_connect(&r->miner, r->port));
    assert_says(rig_ask(r, &r->miner, "mining.authorize", "[\"nonsense.w1\",\"x\"]"),
                "\"result\":false,\"error\":[24,");
    assert_says(rig_ask(r, &r->miner, "mining.authorize", "[\".w1\",\"x\"]"), "payout address");
    assert_says(rig_ask(r, &r->miner, "mining.authorize", "[\"a b\",\"x\"]"), "blank");
    assert_says(rig_ask(r, &r->miner, "mining.authorize", "[7,\"x\"]"), "[20,");
    assert_says(rig_ask(r, &r->miner, "mining.authorize",
                        "[\"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa.rig.1\",\"x\"]"),
                "true");
}

/* --- tests: connections ------------------------------------------------------------------------
 */

static void wrong_protocols_are_closed(void **state)
{
    static const char *const firsts[] = {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01",
                                         "\x05\x01", "hello\n"};
    struct rig *r = *state;

    rig_start(r);
    for (unsigned i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        assert_true(wire_connect(&r->miner, r->port));
        assert_true(wire_send(&r->miner, firsts[i], strlen(firsts[i])));
        assert_true(wire_closed(&r->miner, 2000));
        wire_close(&r->miner);
    }
}

static void lines_without_end_and_junk_are_closed(void **state)
{
    struct rig *r = *state;
    char big[20000];

    rig_begin(r);
    memset(big, 'x', sizeof big);
    assert_true(wire_send(&r->miner, big, sizeof big));
    assert_true(wire_closed(&r->miner, 2000));
    wire_close(&r->miner);
    rig_login(r);
    for (int i = 0; i < 4; i++) {
        wire_say(&r->miner, i % 2 ? "{nonsense" : "[[[[[[[[[[[[[]]]]]]]]]]]]]");
        assert_says(wire_line(&r->miner, 15000), "not a Stratum message");
    }
    assert_says(rig_submit_good(r, "me.w1", 1), "true"); /* a little is borne */
    wire_say(&r->miner, "{\"id\":{},\"method\":\"mining.ping\"}");
    assert_true(wire_closed(&r->miner, 2000));
}

static void the_connection_limit_is_told(void **state)
{
    struct rig *r = *state;
    struct wire *extra = xcalloc(1, sizeof *extra);

    r->options.max_connections = 1;
    rig_begin(r);
    assert_true(wire_connect(extra, r->port));
    assert_says(wire_line(extra, 2000), "the pool is full");
    assert_true(wire_closed(extra, 2000));
    wire_close(extra);
    wire_close(&r->miner); /* room again */
    rig_wait_for(r, r->stats && !r->stats->connections);
    rig_login(r);
    free(extra);
}

static void silent_connections_are_closed(void **state)
{
    struct rig *r = *state;

    r->options.idle_us = SECOND_US / 2;
    rig_start(r);
    assert_true(wire_connect(&r->miner, r->port));
    assert_true(wire_closed(&r->miner, 4000));
}

static void readers_that_stop_reading_are_cut(void **state)
{
    struct rig *r = *state;
    const char ping[] = "{\"id\":1,\"method\":\"no.such.method\"}\n";
    AUTO_STR struct str pings = {0};

    for (int i = 0; i < 1000; i++)
        str_add(&pings, ping);
    rig_begin(r);
    bool alive = true;
    for (int i = 0; i < 2000 && alive; i++)
        alive = wire_send(&r->miner, pings.s, pings.len);
    assert_false(alive);
}

static void extranonces_never_repeat(void **state)
{
    enum { MANY = 300 };
    struct rig *r = *state;
    static char seen[MANY][17];
    struct wire *w = xcalloc(MANY / 2, sizeof *w);

    r->options.max_connections = MANY;
    rig_start(r);
    for (int i = 0; i < MANY; i++) {
        struct wire *at = &w[i % (MANY / 2)];
        if (i >= MANY / 2)
            wire_close(at); /* the second half comes after the first left */
        assert_true(wire_connect(at, r->port));
        rig_subscribe(r, at);
        memcpy(seen[i], r->extranonce1, sizeof seen[i]);
        assert_memory_equal(seen[i], "03", 2); /* the node */
        assert_memory_not_equal(seen[i], "03000000", 8);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
    }
    for (int i = 0; i < MANY / 2; i++)
        wire_close(&w[i]);
    free(w);
}

static void stopping_reports_what_is_due(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    assert_says(rig_submit_good(r, "me.w1", 1), "true");
    front_stop(r->front);
    rig_wait_for(r, r->stopped == 1);
    assert_int_equal(r->credited, 1);
    assert_true(wire_closed(&r->miner, 1000));
    rig_publish(r, 2, true, false); /* too late, and harmless */
}

static void a_busy_port_is_told(void **state)
{
    struct rig *r = *state;
    struct front *second = NULL;
    struct fault why = {0};

    rig_start(r);
    struct front_options options = r->options;
    options.ports[0].address = front_address(r->front);
    assert_int_equal(front_start(&options, &second, &why), UV_EADDRINUSE);
    assert_non_null(strstr(why.text, "the port is in use"));
    options.ports[0].address = "pool.example:3333";
    assert_int_equal(front_start(&options, &second, &why), ERR_CONFIG);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(a_good_share_is_accepted_and_credited),
        T(equal_shares_are_batched),
        T(a_block_is_reported_with_its_finder),
        T(difficulty_is_never_above_the_networks),
        T(ids_are_echoed_byte_for_byte),
        T(small_talk_is_answered),
        T(configure_answers_every_code),
        T(rolled_versions_are_accepted_inside_the_mask),
        T(version_bits_without_agreement_are_refused),
        T(password_and_suggestion_set_the_start),
        T(jobs_from_before_the_login_come_as_other_work),
        T(password_in_the_first_words_holds_at_once),
        T(vardiff_follows_a_fast_miner_under_a_new_id),
        T(variants_that_were_not_sent_are_unknown),
        T(difficulty_falls_for_other_work_only),
        T(two_workers_share_a_connection),
        T(duplicates_are_found_whatever_the_spelling),
        T(low_shares_are_refused_with_their_difficulty),
        T(malformed_fields_are_refused),
        T(order_of_logins_is_free_but_needed),
        T(stale_shares_are_refused_but_stale_blocks_reported),
        T(a_clean_word_is_kept_when_jobs_come_fast),
        T(addresses_are_checked_with_a_reason),
        T(wrong_protocols_are_closed),
        T(lines_without_end_and_junk_are_closed),
        T(the_connection_limit_is_told),
        T(silent_connections_are_closed),
        T(readers_that_stop_reading_are_cut),
        T(extranonces_never_repeat),
        T(stopping_reports_what_is_due),
        T(a_busy_port_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
