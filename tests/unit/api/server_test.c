/* SPDX-License-Identifier: MIT */
/* The HTTP server on loopback sockets, with well- and ill-behaved clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "server_fixture.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"

static void expect(struct fixture *f, enum listener l, const char *request, const char *status)
{
    AUTO_STR struct str got = client_ask(f->port[l], request);

    if (strncmp(str_text(&got), status, strlen(status)) != 0)
        fail_msg("asked:\n%.300s\nwanted %s, got:\n%s", request, status, str_text(&got));
}

static void status_is_json_with_security_headers(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str got = client_ask(f->port[LISTENER_API], GET("/api/status"));
    const char *body = strstr(str_text(&got), "\r\n\r\n");
    json_t *json;

    assert_non_null(body);
    assert_non_null(strstr(got.s, "HTTP/1.1 200"));
    assert_non_null(strstr(got.s, "x-content-type-options: nosniff"));
    assert_non_null(strstr(got.s, "content-security-policy: default-src 'none'"));
    assert_non_null(strstr(got.s, "content-type: application/json"));
    json = json_loads(body + 4, 0, NULL);
    assert_true(json_is_true(json_object_get(json, "success")));
    json_decref(json);
}

static void each_listener_has_its_own_routes(void **state)
{
    expect(*state, LISTENER_METRICS, GET("/metrics"), "HTTP/1.1 200");
    expect(*state, LISTENER_HEALTH, GET("/health/live"), "HTTP/1.1 200");
    expect(*state, LISTENER_API, GET("/health/ready"), "HTTP/1.1 200");
    expect(*state, LISTENER_API, GET("/metrics"), "HTTP/1.1 404");
    expect(*state, LISTENER_HEALTH, GET("/api/status"), "HTTP/1.1 404");
    expect(*state, LISTENER_METRICS, GET("/api/mining/stop"), "HTTP/1.1 404");
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str got = {0};
    int fd = client_open(f->port[LISTENER_API]);

    assert_true(client_send(fd, "GET /api/devices/cpu0 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                "GET /api/pools HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_true(client_read(fd, "\"time\":", 3, &got));
    close(fd);
    const char *first = strstr(got.s, "history_hs"), *second = strstr(got.s, "HTTP/1.1 404"),
               *third = strstr(got.s, "\"pools\"");
    assert_true(first && second && third && first < second && second < third);
}

static void connection_is_kept_for_the_next_request(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f->port[LISTENER_API]);

    for (unsigned i = 0; i < 20; i++) {
        AUTO_STR struct str got = {0};
        assert_true(client_send(fd, "GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert_true(client_read(fd, "\"time\":", 1, &got));
    }
    close(fd);
}

static void post_then_get_on_one_connection(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str got = {0};
    int fd = client_open(f->port[LISTENER_API]);

    assert_true(client_send(fd, "POST /api/pool/mode HTTP/1.1\r\nHost: localhost\r\n"
                                "Content-Type: application/json\r\nContent-Length: 17\r\n\r\n"
                                "{\"enabled\":false}"
                                "GET /api/pools HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_true(client_read(fd, "\"time\":", 2, &got));
    close(fd);
    assert_non_null(strstr(got.s, "did: pool off"));
    assert_non_null(strstr(got.s, "\"pools\""));
}

static void head_has_length_but_no_body(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str got = client_ask(
        f->port[LISTENER_API], "HEAD /api/status HTTP/1.1\r\nHost: localhost\r\nConnection: "
                               "close\r\n\r\n");

    assert_non_null(strstr(str_text(&got), "HTTP/1.1 200"));
    assert_non_null(strstr(got.s, "content-length: "));
    assert_string_equal(strstr(got.s, "\r\n\r\n"), "\r\n\r\n");
}

static void commands_reach_the_hub_and_come_back(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str got =
        client_ask(f->port[LISTENER_API], "POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\n"
                                          "Content-Length: 0\r\nConnection: close\r\n\r\n");

    assert_string_equal(f->last_command, "mining stop");
    assert_non_null(strstr(str_text(&got), "did: mining stop"));
    assert_non_null(strstr(got.s, "HTTP/1.1 200"));
}

static void delete_reaches_the_hub(void **state)
{
    static const char *const paths[] = {"203.0.113.0/24", "203.0.113.0%2F24"};
    struct fixture *f = *state;
    char request[160];

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        f->last_command[0] = 0;
        (void)snprintf(request, sizeof request,
                       "DELETE /api/pool/bans/%s HTTP/1.1\r\nHost: localhost\r\n\r\n", paths[i]);
        expect(f, LISTENER_API, request, "HTTP/1.1 200");
        assert_string_equal(f->last_command, "ban remove 203.0.113.0/24");
    }
    expect(f, LISTENER_API, "DELETE /api/pool/bans/miner HTTP/1.1\r\nHost: localhost\r\n\r\n",
           "HTTP/1.1 400");
}

static void bans_take_no_words_but_theirs(void **state)
{
    static const char *const bodies[] = {
        "{\"address\":\"203.0.113.7\",\"time\":\"1h quit\"}", "{\"address\":\"203.0.113.7 quit\"}",
        "{\"address\":7}", "{\"time\":\"1h\"}", "{\"address\":\"203.0.113.7\",\"why\":\"x\"}"};
    struct fixture *f = *state;
    char request[320];

    f->last_command[0] = 0;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        (void)snprintf(request, sizeof request,
                       "POST /api/pool/bans HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                       "application/json\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                       strlen(bodies[i]), bodies[i]);
        expect(f, LISTENER_API, request, "HTTP/1.1 400");
    }
    assert_string_equal(f->last_command, "");
}

static void post_without_length_has_no_body(void **state)
{
    struct fixture *f = *state;

    expect(f, LISTENER_API, "POST /api/v1/mining/start HTTP/1.1\r\nHost: localhost\r\n\r\n",
           "HTTP/1.1 200");
    assert_string_equal(f->last_command, "mining start");
}

static void refused_commands_are_conflicts(void **state)
{
    struct fixture *f = *state;

    f->command_err = UV_EADDRINUSE;
    expect(f, LISTENER_API,
           "POST /api/pool/mode HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           "Connection: close\r\nContent-Length: 16\r\n\r\n{\"enabled\":true}",
           "HTTP/1.1 409");
    assert_string_equal(f->last_command, "pool on");
}

static void hung_hub_fails_liveness_but_is_answered(void **state)
{
    struct fixture *f = *state;

    f->snapshot.hub_tick_us -= 11 * SECOND_US;
    expect(f, LISTENER_HEALTH, GET("/health/live"), "HTTP/1.1 503");
    expect(f, LISTENER_API, GET("/api/status"), "HTTP/1.1 200");
}

static void hung_hub_makes_commands_503(void **state)
{
    struct fixture *f = *state;
    int64_t start = now_us();
    AUTO_STR struct str got = {0};
    int fd = client_open(f->port[LISTENER_API]);
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    f->hang_us = 7 * SECOND_US;
    assert_true(client_send(fd, "POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_int_equal(poll(&wait, 1, 9000), 1);
    assert_true(client_read(fd, "\"time\":", 1, &got));
    close(fd);
    assert_non_null(strstr(got.s, "HTTP/1.1 503"));
    assert_true(now_us() - start < 7 * SECOND_US);
}

static void bad_requests_are_refused(void **state)
{
    static const struct {
        const char *request, *status;
    } rows[] = {
        {"GET /api/status HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 400"},
        {"GET /api/status HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 403"},
        {"GET /api/status HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", "HTTP/1.1 403"},
        {"GET /api/status HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n",
         "HTTP/1.1 403"},
        {"GET /api/status HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n", "HTTP/1.1 403"},
        {"GET /api/status HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:8080\r\n"
         "Connection: close\r\n\r\n",
         "HTTP/1.1 200"},
        {"GET /api/status HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 200"},
        {"PUT /api/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: "
         "close\r\n\r\n",
         "HTTP/1.1 405"},
        {"DELETE /api/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 405"},
        {"POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
         "HTTP/1.1 400"},
        {"POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
         "HTTP/1.1 400"},
        {"POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\n",
         "HTTP/1.1 411"},
        {"POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
         "Content-Type: application/json\r\n\r\n",
         "HTTP/1.1 413"},
        {"POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
         "Content-Type: text/plain\r\n\r\n{}",
         "HTTP/1.1 415"},
        {"POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n"
         "Content-Type: application/json\r\nConnection: close\r\n\r\n{\"a\":1}",
         "HTTP/1.1 400"},
        {"POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
         "Content-Type: application/json\r\nConnection: close\r\n\r\n{\"a",
         "HTTP/1.1 400"},
        {"POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n"
         "Content-Type: application/json\r\nConnection: close\r\n\r\n{\"\xff\xfe\":1}",
         "HTTP/1.1 400"},
        {"GET /api/workers?limit=0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 400"},
        {"GET /api/workers?limit=1&type=worker HTTP/1.1\r\nHost: localhost\r\nConnection: "
         "close\r\n\r\n",
         "HTTP/1.1 200"},
        {"GET /api/devices/%00cpu0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", ""},
        {"GET /api/devices/%ff%fe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 404"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(*state, LISTENER_API, rows[i].request, rows[i].status);
}

static void garbage_is_dropped_and_others_are_served(void **state)
{
    static const char *const junk[] = {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                                       "\r\n\r\n\r\n",
                                       "BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                       "GET\r\n\r\n",
                                       "GET / HTTP/9.9\r\n\r\n",
                                       "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"};
    struct fixture *f = *state;
    int fds[sizeof junk / sizeof *junk];

    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        fds[i] = client_open(f->port[LISTENER_API]);
        (void)client_send(fds[i], junk[i]);
    }
    expect(f, LISTENER_API, GET("/api/status"), "HTTP/1.1 200");
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        close(fds[i]);
}

static void header_flood_is_cut(void **state)
{
    struct fixture *f = *state;
    int fd = client_open(f->port[LISTENER_API]);
    char line[1024];

    memset(line, 'a', sizeof line);
    memcpy(line, "x-junk: ", 8);
    memcpy(line + sizeof line - 2, "\r\n", 2);
    assert_true(client_send(fd, "GET /api/status HTTP/1.1\r\nHost: localhost\r\n"));
    for (unsigned i = 0; i < 4096 && client_send_n(fd, line, sizeof line); i++)
        ;
    close(fd);
    expect(f, LISTENER_API, GET("/api/status"), "HTTP/1.1 200");
}

static void two_hundred_sockets_are_served(void **state)
{
    struct fixture *f = *state;
    int fds[200];

    for (unsigned i = 0; i < 200; i++)
        assert_true((fds[i] = client_open(f->port[LISTENER_API])) >= 0);
    for (unsigned i = 0; i < 200; i++)
        assert_true(client_send(fds[i], "GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    for (unsigned i = 0; i < 200; i++) {
        AUTO_STR struct str got = {0};
        assert_true(client_read(fds[i], "\"time\":", 1, &got));
        close(fds[i]);
    }
}

static void connections_beyond_the_limit_do_not_reach_other_listeners(void **state)
{
    struct fixture *f = *state;
    int fds[300];
    unsigned closed = 0;

    for (unsigned i = 0; i < 300; i++)
        fds[i] = client_open(f->port[LISTENER_API]);
    expect(f, LISTENER_HEALTH, GET("/health/live"), "HTTP/1.1 200");
    for (unsigned i = 300; i-- > 0;) { /* the newest first: they are refused, not the others */
        struct pollfd wait = {.fd = fds[i], .events = POLLIN};
        closed += poll(&wait, 1, i < 256 ? 0 : 5000) > 0;
    }
    for (unsigned i = 0; i < 300; i++)
        close(fds[i]);
    assert_int_equal(closed, 300 - 256);
}

/* One client drips its head, one sends half a body: both are cut in time. */
static void slow_clients_are_cut(void **state)
{
    struct fixture *f = *state;
    int head = client_open(f->port[LISTENER_API]), body = client_open(f->port[LISTENER_API]);
    int64_t start = now_us();
    bool cut = false;

    assert_true(client_send(head, "GET /api/status HTTP/1.1\r\nX-Slow: "));
    assert_true(client_send(body, "POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\n"
                                  "Content-Type: application/json\r\nContent-Length: 5000\r\n"
                                  "\r\n{"));
    while (!cut && now_us() - start < 25 * SECOND_US)
        cut = client_closed(head, 100) || !client_send(head, "a");
    assert_true(cut);
    assert_true(client_closed(body, 10000));
    close(head);
    close(body);
}

static void closing_while_requests_run_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    int fds[64];

    f->hang_us = 50000;
    for (unsigned i = 0; i < 64; i++) {
        fds[i] = client_open(f->port[LISTENER_API]);
        (void)client_send(fds[i], i % 4   ? "GET /api/workers HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                  : i % 8 ? "POST /api/mining/stop HTTP/1.1\r\nHost: "
                                            "localhost\r\n\r\n"
                                          : "POST /api/mining/stop HTTP/1.1\r\nHost: "
                                            "localhost\r\nContent-Length: 99\r\n\r\n{");
    }
    fixture_close(state); /* sanitizers say what is left */
    for (unsigned i = 0; i < 64; i++)
        close(fds[i]);
    assert_int_equal(fixture_open(state), 0);
}

static void clients_that_leave_early_do_no_harm(void **state)
{
    struct fixture *f = *state;

    for (unsigned i = 0; i < 100; i++) {
        int fd = client_open(f->port[LISTENER_API]);
        struct linger reset = {1, 0};
        (void)client_send(fd, i % 2 ? "POST /api/mining/stop HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    : "GET /api/workers HTTP/1.1\r\nHost: localhost\r\n\r\n");
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    expect(f, LISTENER_API, GET("/api/status"), "HTTP/1.1 200");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    const struct CMUnitTest tests[] = {
        TEST(status_is_json_with_security_headers),
        TEST(each_listener_has_its_own_routes),
        TEST(pipelined_requests_are_answered_in_order),
        TEST(connection_is_kept_for_the_next_request),
        TEST(post_then_get_on_one_connection),
        TEST(head_has_length_but_no_body),
        TEST(commands_reach_the_hub_and_come_back),
        TEST(delete_reaches_the_hub),
        TEST(bans_take_no_words_but_theirs),
        TEST(post_without_length_has_no_body),
        TEST(refused_commands_are_conflicts),
        TEST(hung_hub_fails_liveness_but_is_answered),
        TEST(hung_hub_makes_commands_503),
        TEST(bad_requests_are_refused),
        TEST(garbage_is_dropped_and_others_are_served),
        TEST(header_flood_is_cut),
        TEST(two_hundred_sockets_are_served),
        TEST(connections_beyond_the_limit_do_not_reach_other_listeners),
        TEST(slow_clients_are_cut),
        TEST(closing_while_requests_run_leaves_nothing),
        TEST(clients_that_leave_early_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
