/* SPDX-License-Identifier: MIT */
/* The subcommands that ask the running program: exit codes, sentences and the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../api/server_fixture.h"
#include "cli/cli.h"
#include "cli/status_print.h"

typedef int command_fn(int, char **, struct fault *);

/* Runs `command` with stdout going to `out`. */
static int run(command_fn *command, struct str *out, struct fault *why, const char *words)
{
    char line[512], *argv[16], buffer[512];
    int argc = 0, keep = dup(STDOUT_FILENO), code;
    FILE *file = tmpfile();

    snprintf(line, sizeof line, "%s", words);
    for (char *at = strtok(line, " "); at; at = strtok(NULL, " "))
        argv[argc++] = at;
    argv[argc] = NULL;
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    code = command(argc, argv, why);
    fflush(stdout);
    dup2(keep, STDOUT_FILENO);
    close(keep);
    rewind(file);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;)
        str_add_n(out, buffer, n);
    fclose(file);
    return code;
}

static int run_at(struct fixture *f, command_fn *command, struct str *out, struct fault *why,
                  const char *words)
{
    char line[256];

    snprintf(line, sizeof line, "%s --api 127.0.0.1:%d", words, f->port[LISTENER_API]);
    return run(command, out, why, line);
}

static void status_prints_a_table(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    assert_int_equal(run_at(*state, cli_status, &out, &why, "status"), EXIT_OK);
    assert_non_null(strstr(str_text(&out), "mining   sha256d   for pool 0   pool mode on"));
    assert_non_null(strstr(out.s, "10 s 3.00 MH/s   1 m 2.50 MH/s   15 m -"));
    assert_non_null(strstr(out.s, "cpu1"));
    assert_non_null(strstr(out.s,
                           "devices     sha256d   1.25 MH/s   for pool 0   dataset epoch 598: "
                           "light, 43 % of the next part, 52 s left"));
    assert_non_null(strstr(out.s, "prepares kawpow"));
    assert_non_null(strstr(out.s, "62 C")); /* 61.5 */
    assert_non_null(strstr(out.s, "stratum+tcp://127.0.0.1:3333"));
    assert_non_null(strstr(out.s, "effective   1.10 MH/s (900 kH/s to 1.40 MH/s by 9 shares)"));
    assert_non_null(strstr(out.s, "warning: no coin daemon on this host"));
}

static void status_as_json_is_json(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};
    json_t *json;

    assert_int_equal(run_at(*state, cli_status, &out, &why, "status --json"), EXIT_OK);
    json = json_loads(str_text(&out), 0, NULL);
    assert_string_equal(json_string_value(json_object_get(json, "state")), "mining");
    json_decref(json);
}

static void nobody_there_is_exit_3_with_advice(void **state)
{
    static const struct {
        command_fn *command;
        const char *words;
    } rows[] = {{cli_status, "status --api 127.0.0.1:1"},
                {cli_health, "health --api 127.0.0.1:1"},
                {cli_api, "get /api/status --api http://127.0.0.1:1/"},
                {cli_mining, "mining stop --api 127.0.0.1:1"},
                {cli_pools, "pools --api 127.0.0.1:1"},
                {cli_poolmode, "poolmode status --api 127.0.0.1:1"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO_STR struct str out = {0};
        struct fault why = {0};
        assert_int_equal(run(rows[i].command, &out, &why, rows[i].words), EXIT_NO_DAEMON);
        assert_non_null(strstr(why.text, "is the program running?"));
    }
}

static void health_follows_the_program(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    assert_int_equal(run_at(f, cli_health, &out, &why, "health"), EXIT_OK);
    assert_string_equal(str_text(&out), "ok, score 10 of 10\n");
    str_clear(&out);
    strcpy(fixture_change(f)->store.error, "disk full");
    fixture_show(f);
    sleep_us(2 * PUBLISH_MS * 1000);
    assert_int_equal(run_at(f, cli_health, &out, &why, "health"), EXIT_RUNTIME);
    assert_non_null(strstr(str_text(&out), "store: fail: disk full"));
}

static void api_get_prints_the_answer(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    assert_int_equal(run_at(*state, cli_api, &out, &why, "get /api/pools"), EXIT_OK);
    assert_non_null(strstr(str_text(&out), "{\"success\":true,\"data\":{\"pools\":["));
    assert_int_equal(run_at(*state, cli_api, &out, &why, "get /api/none"), EXIT_NOT_FOUND);
}

static void pools_are_told_with_their_signals(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    assert_int_equal(run_at(*state, cli_pools, &out, &why, "pools"), EXIT_OK);
    assert_non_null(strstr(out.s, "strategy quota"));
    assert_non_null(strstr(out.s, "0* alive"));
    assert_non_null(strstr(out.s, "50.0 % of the work, quota 1"));
    assert_non_null(strstr(out.s, "link ok"));
    assert_non_null(strstr(out.s, "(connect): connection refused"));
    assert_non_null(strstr(out.s, "drill passed: pool 1 took over"));
}

static void rejects_are_listed(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    assert_int_equal(run_at(*state, cli_pools, &out, &why, "pools rejects 7"), EXIT_OK);
    assert_non_null(strstr(out.s, "low_difficulty: low difficulty"));
    assert_non_null(strstr(out.s, "1 of 3 ever"));
}

static void what_pools_cannot_do_is_told(void **state)
{
    static const char *const rows[] = {"pools fly",        "pools switch",   "pools switch x",
                                       "pools quota 1",    "pools drill -1", "pools strategy",
                                       "pools rejects 1 2"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO_STR struct str out = {0};
        struct fault why = {0};
        assert_int_equal(run_at(*state, cli_pools, &out, &why, rows[i]), EXIT_BAD_USAGE);
    }
}

static void actions_run_their_command(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    assert_int_equal(run_at(f, cli_mining, &out, &why, "mining start"), EXIT_OK);
    assert_string_equal(f->last_command, "mining start");
    assert_int_equal(run_at(f, cli_algorithm, &out, &why, "algorithm kawpow cpu0"), EXIT_OK);
    assert_string_equal(f->last_command, "algorithm kawpow cpu0");
    assert_int_equal(run_at(f, cli_algorithm, &out, &why, "algorithm"), EXIT_OK);
    assert_non_null(strstr(str_text(&out), "own chain"));
    assert_int_equal(run_at(f, cli_poolmode, &out, &why, "poolmode off"), EXIT_OK);
    assert_string_equal(f->last_command, "pool off");
    assert_int_equal(run_at(f, cli_poolmode, &out, &why, "poolmode status"), EXIT_OK);
    assert_non_null(strstr(str_text(&out), "pool mode is on: 127.0.0.1:3333, pplns"));
}

static void refusals_are_told_in_the_hubs_words(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    f->command_err = UV_EADDRINUSE;
    assert_int_equal(run_at(f, cli_poolmode, &out, &why, "poolmode on"), EXIT_RUNTIME);
    assert_string_equal(why.text, "did: pool on");
}

static void wrong_words_are_usage_errors(void **state)
{
    static const struct {
        command_fn *command;
        const char *words;
    } rows[] = {{cli_status, "status now"},
                {cli_health, "health x"},
                {cli_api, "get"},
                {cli_mining, "mining"},
                {cli_mining, "mining pause"},
                {cli_poolmode, "poolmode maybe"},
                {cli_status, "status --nothing"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO_STR struct str out = {0};
        struct fault why = {0};
        assert_int_equal(run(rows[i].command, &out, &why, rows[i].words), EXIT_BAD_USAGE);
        assert_true(*why.text);
    }
}

static void rates_have_three_digits(void **state)
{
    static const struct {
        double rate;
        const char *text;
    } rows[] = {{0, "0.00 H/s"},      {999.4, "999 H/s"},   {999.6, "1.00 kH/s"},
                {12345, "12.3 kH/s"}, {1.5e14, "150 TH/s"}, {2e24, "2000000 EH/s"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *rate = json_real(rows[i].rate);
        char text[32];
        status_rate(rate, text);
        assert_string_equal(text, rows[i].text);
        json_decref(rate);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    const struct CMUnitTest tests[] = {
        TEST(status_prints_a_table),
        TEST(pools_are_told_with_their_signals),
        TEST(rejects_are_listed),
        TEST(what_pools_cannot_do_is_told),
        TEST(status_as_json_is_json),
        cmocka_unit_test(nobody_there_is_exit_3_with_advice),
        TEST(health_follows_the_program),
        TEST(api_get_prints_the_answer),
        TEST(actions_run_their_command),
        TEST(refusals_are_told_in_the_hubs_words),
        cmocka_unit_test(wrong_words_are_usage_errors),
        cmocka_unit_test(rates_have_three_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
