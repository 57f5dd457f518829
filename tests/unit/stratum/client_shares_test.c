/* SPDX-License-Identifier: MIT */
/* Shares that the Stratum client sends: how they are written, and that each is answered exactly
 * once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fake/client_rig.h"

static void shares_are_written_as_the_dialect_says(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    assert_int_equal(client_rig_submit(r, r->job), 1);
    assert_non_null(strstr(client_rig_expect(r, "mining.submit"),
                           "[\"ad\\\"dr.w1\",\"j1\",\"538ebf7504000000\",\"57478db3\","
                           "\"7e5fb903\",\"00e02000\"]"));
    wire_say(&r->pool, "{\"id\":5,\"result\":true,\"error\":null}");
    run_until(r, r->answers == 1);
    assert_int_equal(r->answer, 0);
    assert_int_equal(r->ticket, 1);
}

static void answers_match_by_id_in_any_order_and_type(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    assert_int_equal(client_rig_submit(r, r->job), 1);
    assert_int_equal(client_rig_submit(r, r->job), 2);
    wire_say(&r->pool, "{\"id\":\"6\",\"result\":true,\"error\":null}");
    run_until(r, r->answers == 1);
    assert_int_equal(r->ticket, 2);
    wire_say(&r->pool, "{\"id\":5.0,\"result\":null,\"error\":[21,\"Job not found\",null]}");
    run_until(r, r->answers == 2);
    assert_int_equal(r->ticket, 1);
    assert_int_equal(r->answer, ERR_STALE);
}

static void refusals_are_sorted_by_words_and_codes(void **state)
{
    static const struct {
        const char *answer;
        int err;
    } rows[] = {
        {"\"result\":null,\"error\":[22,\"Duplicate share\",null]", ERR_DUPLICATE},
        {"\"result\":null,\"error\":[23,\"high-hash\"]", ERR_LOW_DIFF},
        {"\"result\":null,\"error\":[23,\"bad-version\"]", ERR_VERSION},
        {"\"result\":false,\"error\":{\"code\":24,\"message\":\"unauthorized worker\"}",
         ERR_UNAUTHORIZED},
        {"\"result\":false,\"error\":null,\"reject-reason\":\"Stale\"", ERR_STALE},
        {"\"result\":false,\"error\":\"Invalid JobID\"", ERR_STALE},
        {"\"result\":null,\"error\":[20,\"go away\",null]", ERR_REJECTED},
        {"\"result\":false,\"error\":null", ERR_REJECTED},
        {"\"result\":null,\"error\":[22,null,null]", ERR_DUPLICATE},
        {"\"result\":true,\"error\":[]", 0},
    };
    struct client_rig *r = *state;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(client_rig_submit(r, r->job), i + 1);
        wire_say(&r->pool, "{\"id\":%u,%s}", i + 5, rows[i].answer);
        run_until(r, r->answers == i + 1);
        assert_int_equal(r->answer, rows[i].err);
    }
}

static void open_shares_are_told_when_the_pool_goes(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    assert_int_equal(client_rig_submit(r, r->job), 1);
    assert_int_equal(client_rig_submit(r, r->job), 2);
    (void)client_rig_expect(r, "mining.submit");
    (void)wire_send(&r->pool, "{\"id\":5,\"resu", 13); /* closes in the middle of a line */
    client_rig_run(r, 5);
    wire_close(&r->pool);
    run_until(r, r->state == CLIENT_CLOSED);
    assert_int_equal(r->answers, 2);
    assert_int_equal(r->answer, ERR_CLOSED);
    assert_int_equal(client_rig_submit(r, r->job), ERR_CLOSED);
}

static void a_share_that_cannot_be_written_gets_no_ticket(void **state)
{
    struct client_rig *r = *state;
    struct linger reset = {.l_onoff = 1};

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    (void)setsockopt(r->pool.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    wire_close(&r->pool);
    sleep_us(20000); /* the client's loop has not run: it does not know yet */
    assert_int_equal(client_rig_submit(r, r->job), ERR_CLOSED);
    assert_int_equal(r->state, CLIENT_CLOSED);
}

static void closing_tells_open_shares_first(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    assert_int_equal(client_rig_submit(r, r->job), 1);
    stratum_client_close(r->client);
    r->client = NULL;
    assert_int_equal(r->answers, 1);
    assert_int_equal(r->answer, ERR_CLOSED);
}

static void foreign_jobs_are_refused(void **state)
{
    struct client_rig *r = *state;
    struct job *other;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    other = job_copy(r->job);
    assert_true(client_rig_submit(r, other) > 0); /* a copy of ours says the same */
    other->plan.extranonce1[0] ^= 1;
    assert_int_equal(client_rig_submit(r, other), ERR_NO_JOB);
    job_unref(other);
}

#define T(name) cmocka_unit_test_setup_teardown(name, client_rig_setup, client_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(shares_are_written_as_the_dialect_says),
        T(answers_match_by_id_in_any_order_and_type),
        T(refusals_are_sorted_by_words_and_codes),
        T(open_shares_are_told_when_the_pool_goes),
        T(a_share_that_cannot_be_written_gets_no_ticket),
        T(closing_tells_open_shares_first),
        T(foreign_jobs_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
