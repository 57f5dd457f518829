/* SPDX-License-Identifier: MIT */
/* The Stratum client with pools that are dead, slow or hostile: each is given up with its reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "core/target.h"
#include "tests/fake/client_rig.h"
#include "tests/fake/hash_algo.h"

static void expect_closed(struct client_rig *r, int err, const char *word)
{
    run_until(r, r->state == CLIENT_CLOSED && r->err);
    if (!strstr(r->reason, word))
        fail_msg("reason \"%s\" does not say \"%s\"", r->reason, word);
    assert_int_equal(r->err, err);
}

static void a_refused_connection_is_told(void **state)
{
    struct client_rig *r = *state;

    (void)close(r->listener);
    client_rig_open(r, "127.0.0.1", RECONNECT_SAME_DOMAIN);
    r->listener = -1;
    expect_closed(r, UV_ECONNREFUSED, "cannot connect to 127.0.0.1");
}

static void an_unknown_host_is_told(void **state)
{
    struct client_rig *r = *state;

    client_rig_open(r, "no-such-host.invalid", RECONNECT_SAME_DOMAIN);
    run_until(r, r->state == CLIENT_CLOSED && r->err);
    assert_non_null(strstr(r->reason, "cannot find the address of no-such-host.invalid"));
}

static void a_silent_pool_is_given_up(void **state)
{
    struct client_rig *r = *state;

    client_rig_connect(r);
    expect_closed(r, ERR_SILENT, "mining.subscribe");
}

static void a_pool_that_only_subscribes_is_given_up(void **state)
{
    struct client_rig *r = *state;

    client_rig_connect(r);
    wire_say(&r->pool, "{\"id\":2,\"result\":[[],\"00\",4],\"error\":null}");
    expect_closed(r, ERR_SILENT, "mining.authorize");
}

static void dripped_bytes_do_not_extend_the_handshake(void **state)
{
    struct client_rig *r = *state;

    client_rig_connect(r);
    for (int i = 0; i < 100 && r->state != CLIENT_CLOSED; i++) {
        (void)wire_send(&r->pool, "{", 1);
        client_rig_run(r, 10);
    }
    expect_closed(r, ERR_SILENT, "did not answer");
}

static void dripped_lines_are_put_together(void **state)
{
    static const char text[] =
        "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[8]}\r\n";
    struct client_rig *r = *state;

    client_rig_welcome(r);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        (void)wire_send(&r->pool, text + i, 1);
        client_rig_run(r, 1);
    }
    client_rig_give_job(r, "j1");
    struct u256 target = target_from_difficulty(&fake_sha256d.diff1, 8);
    assert_int_equal(u256_cmp(&r->job->share_target, &target), 0);
}

static void a_refused_user_is_told_by_name(void **state)
{
    struct client_rig *r = *state;

    client_rig_connect(r);
    wire_say(&r->pool, "{\"id\":2,\"result\":[[],\"00\",4],\"error\":null}");
    wire_say(&r->pool, "{\"id\":3,\"result\":false,\"error\":[24,\"bad address\",null]}");
    expect_closed(r, ERR_UNAUTHORIZED, "ad\"dr.w1");
}

static void an_endless_line_is_cut(void **state)
{
    struct client_rig *r = *state;
    AUTO_FREE char *junk = xmalloc(10 << 20);

    memset(junk, 'a', 10 << 20);
    client_rig_welcome(r);
    for (size_t sent = 0; sent < 10 << 20 && r->state != CLIENT_CLOSED; sent += 65536) {
        if (!wire_send(&r->pool, junk + sent, 65536))
            break;
        client_rig_run(r, 1);
    }
    expect_closed(r, ERR_PROTOCOL, "longer than 256 KiB");
}

static void unusable_difficulties_are_refused(void **state)
{
    static const char *const values[] = {"NaN",  "-1",       "0",     "1e300", "\"NaN\"",
                                         "null", "\"1e99\"", "1e999", "true",  "[]"};
    struct client_rig *r = *state;

    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        r->state = CLIENT_CONNECTING;
        r->err = 0;
        client_rig_welcome(r);
        wire_say(&r->pool, "{\"id\":null,\"method\":\"mining.set_difficulty\",\"params\":[%s]}",
                 values[i]);
        run_until(r, r->state == CLIENT_CLOSED);
        assert_int_equal(r->err, ERR_PROTOCOL);
        stratum_client_close(r->client);
        r->client = NULL;
        wire_close(&r->pool);
    }
}

static void malformed_jobs_name_their_field(void **state)
{
    static const struct {
        const char *params, *word;
    } rows[] = {
        {"[]", "nine"},
        {"[1,2]", "nine"},
        {"[\"j\",\"00\",\"\",\"\",[],\"20000000\",\"18058436\",\"57478db3\",true]", "prevhash"},
        {"[\"j\",\"%064d\",\"0g\",\"\",[],\"20000000\",\"18058436\",\"57478db3\",true]", "coinb1"},
        {"[\"j\",\"%064d\",\"00\",\"0\",[],\"20000000\",\"18058436\",\"57478db3\",true]", "coinb2"},
        {"[\"j\",\"%064d\",\"00\",\"\",[\"00\"],\"20000000\",\"18058436\",\"57478db3\",true]",
         "Merkle"},
        {"[\"j\",\"%064d\",\"00\",\"\",[],\"0x20000000\",\"18058436\",\"57478db3\",true]",
         "version"},
        {"[\"j\",\"%064d\",\"00\",\"\",[],\"20000000\",\"ff8584ff\",\"57478db3\",true]", "nbits"},
        {"[\"j\",\"%064d\",\"00\",\"\",[],\"20000000\",\"18058436\",57478,true]", "ntime"},
    };
    struct client_rig *r = *state;

    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        char params[1024];
        r->err = 0;
        r->state = CLIENT_CONNECTING;
        client_rig_welcome(r);
        const char *zeros = strstr(rows[i].params, "%064d");
        (void)snprintf(params, sizeof params, "%.*s%0*d%s",
                       zeros ? (int)(zeros - rows[i].params) : 0, rows[i].params, zeros ? 64 : 0, 0,
                       zeros ? zeros + 5 : "");
        wire_say(&r->pool, "{\"id\":null,\"method\":\"mining.notify\",\"params\":%s}",
                 zeros ? params : rows[i].params);
        run_until(r, r->state == CLIENT_CLOSED);
        assert_int_equal(r->err, ERR_PROTOCOL);
        if (!strstr(r->reason, rows[i].word))
            fail_msg("\"%s\" does not name %s", r->reason, rows[i].word);
        stratum_client_close(r->client);
        r->client = NULL;
        wire_close(&r->pool);
    }
}

static void extranonce_sizes_that_cannot_be_are_refused(void **state)
{
    static const char *const rows[] = {"\"0b\",0",   "\"0b\",17",   "\"0b\",-1", "\"0b\",\"x\"",
                                       "\"0b\",1.5", "\"0b\",null", "\"0\",4",   "7,4"};
    struct client_rig *r = *state;

    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        r->err = 0;
        client_rig_connect(r);
        (void)client_rig_expect(r, "mining.extranonce.subscribe");
        wire_say(&r->pool, "{\"id\":2,\"result\":[[],%s],\"error\":null}", rows[i]);
        run_until(r, r->state == CLIENT_CLOSED && r->err);
        assert_int_equal(r->err, ERR_PROTOCOL);
        assert_non_null(strstr(r->reason, "extranonce"));
        client_rig_hang_up(r);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, client_rig_setup, client_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_refused_connection_is_told),
        T(an_unknown_host_is_told),
        T(a_silent_pool_is_given_up),
        T(a_pool_that_only_subscribes_is_given_up),
        T(dripped_bytes_do_not_extend_the_handshake),
        T(dripped_lines_are_put_together),
        T(a_refused_user_is_told_by_name),
        T(an_endless_line_is_cut),
        T(unusable_difficulties_are_refused),
        T(malformed_jobs_name_their_field),
        T(extranonce_sizes_that_cannot_be_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
