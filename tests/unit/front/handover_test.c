/* SPDX-License-Identifier: MIT */
/* A front goes on where another one ended: its miners notice nothing but a new job. What the
 * document says is checked before it is believed. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "front/handover.h"
#include "front/posting.h"
#include "tests/fake/front_rig.h"

/* The front ends; its document, through text and back as between programs. */
static json_t *end_front(struct rig *r)
{
    struct fault why = {0};

    front_hand_over(r->front);
    rig_wait_for(r, r->stopped == 1);
    json_t *kept = front_handed(r->front);
    assert_non_null(kept);
    front_free(r->front);
    r->front = NULL;
    r->stopped = 0;
    r->connections = 0;
    char *text = json_dumps(kept, JSON_COMPACT);
    json_decref(kept);
    json_t *handed = json_loads(text, 0, NULL);
    free(text);
    assert_int_equal(handover_check(handed, &why), 0);
    return handed;
}

/* The next one begins, with a job on the same tip. */
static void begin_front(struct rig *r, json_t *handed)
{
    uint16_t before = r->port;

    r->options.handed = handed;
    rig_start(r);
    r->options.handed = NULL;
    assert_int_equal(r->port, before);
    handover_free(handed);
    rig_publish(r, 1, true, false);
}

static json_t *sessions(json_t *handed)
{
    return json_object_get(handed, "sessions");
}

/* --- the normal course --------------------------------------------------------------------------
 */

static void miners_go_on_with_their_connection(void **state)
{
    struct rig *r = *state;
    struct wire late = {.fd = -1};
    char extranonce1[17];

    r->options.loops = 2;
    rig_begin(r);
    assert_says(rig_submit_good(r, "me.w1", 1), "\"result\":true");
    rig_wait_for(r, r->credited == 1);
    (void)text_copy(extranonce1, sizeof extranonce1, r->extranonce1);
    json_t *handed = end_front(r);
    assert_true(wire_connect(&late, r->port)); /* it waits in the queue */
    r->options.loops = 3;
    begin_front(r, handed);
    rig_expect_job(r);
    assert_says(rig_submit_good(r, "me.w1", 2), "\"result\":true");
    rig_wait_for(r, r->credited == 2);
    assert_string_equal(r->last_user, "me.w1");
    assert_true(r->last_difficulty == 0.0625);
    rig_subscribe(r, &late);
    assert_string_not_equal(r->extranonce1, extranonce1);
    wire_close(&late);
}

static void half_a_line_and_what_was_not_read_are_not_lost(void **state)
{
    struct rig *r = *state;
    unsigned lines = 0;
    const char *line;

    r->options.loops = 1;
    rig_begin(r);
    for (unsigned i = 0; i < 9000; i++) { /* until nothing fits into the sockets, but no more */
        rig_publish(r, 1, false, false);
        if (i % 100 == 0)
            sleep_us(2000);
    }
    sleep_us(50000);
    assert_true(wire_send(&r->miner, "{\"id\":5,\"method\":\"mining.ping\",", 31));
    sleep_us(50000);
    json_t *handed = end_front(r);
    assert_int_equal(json_array_size(sessions(handed)), 1);
    begin_front(r, handed);
    assert_true(wire_send(&r->miner, "\"params\":[]}\n", 13));
    do {
        line = wire_line(&r->miner, 10000);
        assert_non_null(line);
        assert_int_equal(line[0], '{');
        assert_int_equal(line[strlen(line) - 1], '}');
        assert_null(strstr(line + 1, "{\"id\""));
        lines++;
    } while (!strstr(line, "\"pong\""));
    assert_true(lines > 100);
}

/* The same job again: what was hashed for the program before is worth nothing in the next. */
static void work_of_the_program_before_is_none_of_the_next(void **state)
{
    struct rig *r = *state;
    char salt[sizeof r->salt];

    rig_begin(r);
    (void)text_copy(salt, sizeof salt, r->salt);
    begin_front(r, end_front(r));
    rig_expect_job(r);
    assert_string_not_equal(r->salt, salt);
}

/* Where there is no coinbase to salt, the credited shares go along. */
static void shares_of_a_given_tip_stay_known(void **state)
{
    static const struct dialect *const nobody[] = {NULL};
    static const uint8_t key[SHARE_KEY_BYTES] = {1, 2, 3}, other[SHARE_KEY_BYTES] = {4};
    static const struct salts salts;
    struct poster before = {.dialects = nobody, .salts = &salts},
                  next = {.dialects = nobody, .salts = &salts};
    struct job *job = job_new(algo_find("sha256d"));

    (void)state;
    job->form = &form_given;
    job->height = 7;
    job->plan.prevhash[0] = 9;
    struct posting *post = posting_new(&before, job);
    assert_int_equal(seen_add(&post->tip->seen, key), SEEN_NEW);
    json_t *tips = poster_tips(&before);
    posting_unref(post);
    poster_fini(&before);
    poster_know(&next, tips);
    json_decref(tips);
    post = posting_new(&next, job);
    assert_true(seen_has(&post->tip->seen, key));
    assert_false(seen_has(&post->tip->seen, other));
    posting_unref(post);
    poster_fini(&next);
    job_unref(job);
}

static void expect_difficulty_from_the_first_job_on(struct rig *r, double difficulty)
{
    rig_expect_job(r);
    assert_true(r->difficulty == difficulty);
    assert_says(rig_submit_good(r, "me.w1", 3), "\"result\":true");
    rig_wait_for(r, r->credited == 1);
    assert_true(r->last_difficulty == difficulty);
}

static void a_difficulty_asked_for_meanwhile_holds_from_the_first_job_on(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    json_t *handed = end_front(r);
    r->options.handed = handed;
    rig_start(r);
    r->options.handed = NULL;
    handover_free(handed);
    assert_says(rig_ask(r, &r->miner, "mining.suggest_difficulty", "[0.125]"), "true");
    rig_publish(r, 1, true, false);
    expect_difficulty_from_the_first_job_on(r, 0.125);
    assert_non_null(strchr(r->job_id, 'v')); /* as other work than everybody's */
}

static void another_node_or_algorithm_begins_anew(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    json_t *handed = end_front(r);
    uint16_t before = r->port;
    r->options.node_id++;
    r->options.handed = handed;
    rig_start(r);
    handover_free(handed);
    assert_int_equal(r->port, before); /* it listens on without a gap */
    assert_true(wire_closed(&r->miner, 5000));
    wire_close(&r->miner);
    rig_publish(r, 1, true, false);
    rig_login(r);
}

static void an_address_may_change_on_the_way(void **state)
{
    struct rig *r = *state;
    char address[32];

    r->options.ports[0].address = "0.0.0.0:0";
    rig_begin(r);
    json_t *handed = end_front(r);
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", r->port); /* the same port */
    r->options.ports[0].address = address;
    r->options.handed = handed;
    rig_start(r);
    handover_free(handed);
    rig_publish(r, 1, true, false);
    rig_expect_job(r);
    assert_says(rig_submit_good(r, "me.w1", 2), "\"result\":true");
}

static void what_nobody_asks_for_is_closed(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    front_hand_over(r->front);
    rig_wait_for(r, r->stopped == 1);
    front_free(r->front);
    r->front = NULL;
    assert_true(wire_closed(&r->miner, 5000));
}

/* --- what is not believed -----------------------------------------------------------------------
 */

static json_t *document(json_t *listeners, json_t *rows)
{
    return json_pack("{s:i, s:s, s:i, s:i, s:o, s:o}", "format", HANDOVER_FORMAT, "algorithm",
                     "easy", "node", 3, "serial", 1, "listeners", listeners, "sessions", rows);
}

static void descriptors_that_are_no_sockets_are_dropped(void **state)
{
    int pair[2], file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct fault why;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    json_t *doc = document(json_pack("[{s:s, s:i}]", "address", "x", "fd", file),
                           json_pack("[{s:i}, {s:i}, {s:i}, {s:s}, {}, i]", "fd", pair[0], "fd", 1,
                                     "fd", 999999, "fd", "7", 7));
    assert_int_equal(handover_check(doc, &why), 0);
    assert_int_equal(json_array_size(json_object_get(doc, "listeners")), 0);
    assert_int_equal(json_array_size(sessions(doc)), 0);
    handover_free(doc);
    assert_int_equal(fcntl(pair[0], F_GETFD) >= 0 && fcntl(file, F_GETFD) >= 0, 1); /* not ours */
    (void)close(pair[0]);
    (void)close(pair[1]);
    (void)close(file);
}

static void a_number_named_twice_counts_once(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct fault why;

    (void)state;
    json_t *doc = document(json_array(), json_pack("[{s:i}, {s:i}]", "fd", fd, "fd", fd));
    assert_int_equal(handover_check(doc, &why), 0);
    assert_int_equal(json_array_size(sessions(doc)), 1);
    handover_free(doc);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void other_forms_are_refused(void **state)
{
    static const char *const bad[] = {
        "{}", "{\"format\":2,\"algorithm\":\"a\",\"listeners\":[],\"sessions\":[]}",
        "{\"format\":1,\"listeners\":[],\"sessions\":[]}",
        "{\"format\":1,\"algorithm\":\"a\",\"listeners\":{},\"sessions\":[]}",
        "{\"format\":1,\"algorithm\":\"a\",\"listeners\":[]}"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fault why = {0};
        json_t *doc = json_loads(bad[i], 0, NULL);
        assert_int_equal(handover_check(doc, &why), ERR_FIELD);
        json_decref(doc);
    }
}

/* Each of these is closed, and the rest goes on. */
static void sessions_that_make_no_sense_are_closed(void **state)
{
    static const struct {
        const char *name, *value;
    } bad[] = {{"peer", "\"zz\""},        {"peer", "null"},    {"dialect", "\"latin\""},
               {"session", "\"12\""},     {"extranonce", "0"}, {"extranonce", "16777216"},
               {"extranonce", "-4"},      {"users", "[7]"},    {"users", "[\"a\\nb\"]"},
               {"extranonce", "\"many\""}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rig_begin(r);
        json_t *handed = end_front(r), *row = json_array_get(sessions(handed), 0);
        json_t *value = json_loads(bad[i].value, JSON_DECODE_ANY, NULL);
        assert_int_equal(json_object_set_new(row, bad[i].name, value), 0);
        begin_front(r, handed);
        assert_true(wire_closed(&r->miner, 5000));
        wire_close(&r->miner);
        front_free(r->front);
        r->front = NULL;
    }
}

static void an_extranonce_is_of_one_session_only(void **state)
{
    struct rig *r = *state;
    struct wire other = {.fd = -1};

    rig_begin(r);
    assert_true(wire_connect(&other, r->port));
    rig_subscribe(r, &other);
    json_t *handed = end_front(r), *rows = sessions(handed);
    assert_int_equal(json_array_size(rows), 2);
    (void)json_object_set(json_array_get(rows, 1), "extranonce",
                          json_object_get(json_array_get(rows, 0), "extranonce"));
    begin_front(r, handed);
    assert_true(wire_closed(&r->miner, 2000) != wire_closed(&other, 2000));
    wire_close(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(miners_go_on_with_their_connection),
        TEST(half_a_line_and_what_was_not_read_are_not_lost),
        TEST(work_of_the_program_before_is_none_of_the_next),
        cmocka_unit_test(shares_of_a_given_tip_stay_known),
        TEST(a_difficulty_asked_for_meanwhile_holds_from_the_first_job_on),
        TEST(another_node_or_algorithm_begins_anew),
        TEST(an_address_may_change_on_the_way),
        TEST(what_nobody_asks_for_is_closed),
        cmocka_unit_test(descriptors_that_are_no_sockets_are_dropped),
        cmocka_unit_test(a_number_named_twice_counts_once),
        cmocka_unit_test(other_forms_are_refused),
        TEST(sessions_that_make_no_sense_are_closed),
        TEST(an_extranonce_is_of_one_session_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
