/* SPDX-License-Identifier: MIT */
/* Opening fails with a sentence that helps, and leaves nothing behind; closing can be repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server_fixture.h"

static struct config config_for(char *api, char *metrics)
{
    struct config config = {0};

    config.api.enable = api != NULL;
    config.api.address = api;
    config.monitoring.metrics.enabled = metrics != NULL;
    config.monitoring.metrics.address = metrics;
    return config;
}

/* Opens, closes, and lets the loop finish. Returns what opening said. */
static int open_and_close(const struct config *config, struct fault *why)
{
    static struct fixture f;
    struct api_hooks hooks = {fixture_snapshot, fixture_command, &f};
    struct api *api = NULL;
    uv_loop_t loop;
    int err;

    canned_snapshot(&f.snapshot, f.devices);
    uv_loop_init(&loop);
    err = api_open(config, &loop, &hooks, &api, why);
    api_close(api);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    return err;
}

static void opens_and_closes_again_and_again(void **state)
{
    struct config config = config_for(fixture_any, fixture_any);

    (void)state;
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(open_and_close(&config, NULL), 0);
}

static void nothing_enabled_opens_nothing(void **state)
{
    struct config config = config_for(NULL, NULL);

    (void)state;
    assert_int_equal(open_and_close(&config, NULL), 0);
    api_close(NULL);
}

static void busy_port_names_key_address_and_remedy(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct fault why = {0};
    char address[32];
    struct config config = config_for(fixture_any, address);

    (void)state;
    bind(fd, (struct sockaddr *)&at, sizeof at);
    listen(fd, 1);
    getsockname(fd, (struct sockaddr *)&at, &len);
    snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(at.sin_port));
    assert_int_equal(open_and_close(&config, &why), UV_EADDRINUSE);
    assert_non_null(strstr(why.text, "monitoring.metrics.address"));
    assert_non_null(strstr(why.text, address));
    assert_non_null(strstr(why.text, "in use"));
    close(fd);
    assert_int_equal(open_and_close(&config, NULL), 0);
}

static void two_listeners_on_one_port_are_an_error(void **state)
{
    char address[32];
    struct config config = config_for(address, address);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    bind(fd, (struct sockaddr *)&at, sizeof at);
    getsockname(fd, (struct sockaddr *)&at, &len);
    close(fd);
    snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(at.sin_port));
    assert_int_equal(open_and_close(&config, NULL), UV_EADDRINUSE);
}

static void addresses_that_cannot_be_are_explained(void **state)
{
    static char rows[][40] = {"8080",
                              "",
                              "127.0.0.1",
                              "127.0.0.1:",
                              "127.0.0.1:99999",
                              "127.0.0.1:x",
                              "name.invalid:80",
                              "[::1",
                              "192.0.2.1:8080"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config config = config_for(rows[i], NULL);
        struct fault why = {0};
        assert_true(open_and_close(&config, &why) < 0);
        assert_non_null(strstr(why.text, "api.address"));
    }
}

static void only_loopback_hosts_pass(void **state)
{
    static const char *const good[] = {"localhost", "LOCALHOST:80", "127.0.0.1", "127.9.9.9:1",
                                       "[::1]",     "[::1]:8080",   "::1"};
    static const char *const bad[] = {"",
                                      "localhost.evil.example",
                                      "127.0.0.1.evil.example",
                                      "10.0.0.1",
                                      "0.0.0.0",
                                      "[::2]",
                                      "localhost:80x",
                                      "[::1]x",
                                      "evil@localhost",
                                      "127.1",
                                      "[::1",
                                      "localhost/x"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(authority_is_loopback(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(authority_is_loopback(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_and_closes_again_and_again),
        cmocka_unit_test(nothing_enabled_opens_nothing),
        cmocka_unit_test(busy_port_names_key_address_and_remedy),
        cmocka_unit_test(two_listeners_on_one_port_are_an_error),
        cmocka_unit_test(addresses_that_cannot_be_are_explained),
        cmocka_unit_test(only_loopback_hosts_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
