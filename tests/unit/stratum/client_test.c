/* SPDX-License-Identifier: MIT */
/* The Stratum client with a pool that keeps to the rules: handshake, jobs, requests of the pool. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/target.h"
#include "tests/fake/client_rig.h"
#include "tests/fake/hash_algo.h"

static void handshake_is_pipelined_and_quotes_the_user(void **state)
{
    struct client_rig *r = *state;

    client_rig_connect(r);
    assert_non_null(strstr(client_rig_expect(r, "mining.configure"), "\"id\":1"));
    assert_non_null(strstr(client_rig_expect(r, "mining.subscribe"), "[\"test/1\"]"));
    assert_non_null(strstr(client_rig_expect(r, "mining.authorize"), "[\"ad\\\"dr.w1\",\"x\"]"));
}

static void job_carries_what_the_pool_said(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    wire_say(&r->pool, "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[0.5]}");
    client_rig_give_job(r, "j1");
    struct u256 target = target_from_difficulty(&fake_sha256d.diff1, 0.5);
    assert_int_equal(u256_cmp(&r->job->share_target, &target), 0);
    assert_int_equal(r->job->source, 7);
    assert_string_equal(r->job->id, "j1");
    assert_int_equal(r->job->plan.extranonce1_len, 4);
    assert_int_equal(r->job->plan.extranonce2_len, 8);
    assert_int_equal(r->job->plan.version_mask, 0x1fffe000);
    assert_int_equal(r->job->height, 413567);
    assert_true(r->job->clean); /* the first of a connection */
}

static void a_new_prevhash_means_clean(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    client_rig_give_job(r, "j2");
    assert_false(r->job->clean);
    wire_say(&r->pool, NOTIFY, "j3", 1, "20000000", "false");
    run_until(r, r->jobs == 3);
    assert_true(r->job->clean);
}

static void rolled_bits_leave_out_those_the_job_has_set(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    wire_say(&r->pool, NOTIFY, "j1", 0, "20002000", "true");
    run_until(r, r->jobs == 1);
    assert_int_equal(r->job->plan.version_mask, 0x1fffc000);
}

static void difficulty_waits_for_the_next_job(void **state)
{
    struct client_rig *r = *state;
    struct stratum_client_view view;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    wire_say(&r->pool, "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[2048]}");
    client_rig_run(r, 20);
    stratum_client_view(r->client, &view);
    assert_true(fabs(view.difficulty - 1) < 1e-9);
    client_rig_give_job(r, "j2");
    stratum_client_view(r->client, &view);
    assert_true(fabs(view.difficulty - 2048) < 1e-6);
}

static void jobs_before_the_authorisation_wait_for_it(void **state)
{
    struct client_rig *r = *state;

    client_rig_connect(r);
    (void)client_rig_expect(r, "mining.extranonce");
    wire_say(&r->pool, NOTIFY, "early", 0, "20000000", "true");
    wire_say(&r->pool, "{\"id\":2,\"result\":[null,\"0b6fadc8\",4],\"error\":null}");
    client_rig_run(r, 20);
    assert_int_equal(r->jobs, 0);
    wire_say(&r->pool, "{\"id\":3,\"result\":true}");
    run_until(r, r->jobs == 1);
    assert_string_equal(r->job->id, "early");
}

static void new_extranonce_goes_into_the_next_job(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    struct job *old = job_ref(r->job);
    wire_say(&r->pool,
             "{\"id\":null,\"method\":\"mining.set_extranonce\",\"params\":[\"aabbccddee\",6]}");
    client_rig_give_job(r, "j1"); /* the same id again */
    assert_int_equal(r->job->plan.extranonce1_len, 5);
    assert_int_equal(r->job->plan.extranonce2_len, 6);
    assert_int_equal(old->plan.extranonce1_len, 4);
    assert_true(client_rig_submit(r, old) > 0); /* shares of the old one are still this pool's */
    job_unref(old);
}

static void a_new_version_mask_takes_effect_at_once(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    wire_say(&r->pool,
             "{\"id\":null,\"method\":\"mining.set_version_mask\",\"params\":[\"6000\"]}");
    run_until(r, r->jobs == 2);
    assert_string_equal(r->job->id, "j1");
    assert_int_equal(r->job->plan.version_mask, 0x6000);
    assert_true(r->job->clean);
}

static void pool_requests_are_answered(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    wire_say(&r->pool, "{\"id\":\"a b\",\"method\":\"client.get_version\",\"params\":[]}");
    assert_string_equal(client_rig_expect(r, "test/1"),
                        "{\"id\":\"a b\",\"result\":\"test/1\",\"error\":null}");
    wire_say(&r->pool, "{\"id\":42,\"method\":\"mining.ping\"}");
    (void)client_rig_expect(r, "\"pong\"");
    wire_say(&r->pool, "{\"id\":9,\"method\":\"mining.unheard\",\"params\":[]}");
    (void)client_rig_expect(r, "-3");
    wire_say(&r->pool, "{\"id\":null,\"method\":\"client.show_message\",\"params\":"
                       "[\"hi \\u001b[2J there\"]}");
    run_until(r, r->message[0]);
    assert_null(strchr(r->message, 0x1b));
}

static void a_probe_is_answered_even_by_an_error(void **state)
{
    struct client_rig *r = *state;
    struct stratum_client_view before, after;

    client_rig_welcome(r);
    stratum_client_probe(r->client);
    (void)client_rig_expect(r, "\"id\":5,\"method\":\"mining.ping\"");
    stratum_client_view(r->client, &before);
    wire_say(&r->pool, "{\"id\":5,\"result\":null,\"error\":[-3,\"method not found\",null]}");
    client_rig_run(r, 20);
    stratum_client_view(r->client, &after);
    assert_true(after.last_line_us > before.last_line_us);
    assert_int_equal(after.state, CLIENT_READY);
    assert_int_equal(r->message[0], 0);
}

static void a_pool_without_configure_is_fine(void **state)
{
    struct client_rig *r = *state;

    client_rig_connect(r);
    (void)client_rig_expect(r, "mining.extranonce");
    wire_say(&r->pool, "{\"id\":1,\"result\":null,\"error\":[-3,\"unknown method\",null]}");
    wire_say(&r->pool, "{\"id\":2,\"result\":[[],\"00\",4],\"error\":null}");
    wire_say(&r->pool, "{\"id\":3,\"result\":true,\"error\":null}");
    run_until(r, r->state == CLIENT_READY);
    client_rig_give_job(r, "j1");
    assert_int_equal(r->job->plan.version_mask, 0);
    assert_true(client_rig_submit(r, r->job) > 0);
    assert_non_null(strstr(client_rig_expect(r, "mining.submit"), "\"7e5fb903\"]"));
}

static void closing_inside_an_event_is_safe(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    r->close_in_job = true;
    wire_say(&r->pool, NOTIFY "\n" NOTIFY, "j1", 0, "20000000", "true", "j2", 0, "20000000",
             "true");
    run_until(r, r->jobs == 1);
    client_rig_run(r, 10);
    r->client = NULL;
    assert_int_equal(r->jobs, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, client_rig_setup, client_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(handshake_is_pipelined_and_quotes_the_user),
        T(job_carries_what_the_pool_said),
        T(a_new_prevhash_means_clean),
        T(rolled_bits_leave_out_those_the_job_has_set),
        T(difficulty_waits_for_the_next_job),
        T(jobs_before_the_authorisation_wait_for_it),
        T(new_extranonce_goes_into_the_next_job),
        T(a_new_version_mask_takes_effect_at_once),
        T(pool_requests_are_answered),
        T(a_probe_is_answered_even_by_an_error),
        T(a_pool_without_configure_is_fine),
        T(closing_inside_an_event_is_safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
