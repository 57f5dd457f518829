/* SPDX-License-Identifier: MIT */
/* Loading: defaults, values of every type, and which of file, environment and flags goes before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/schema.h"
#include "tests/fake/config_file.h"

static void every_default_is_legal_and_mines_on_devnet(void **state)
{
    struct config *c = config_load_clean("");

    (void)state;
    assert_string_equal(c->app.name, "otedama");
    assert_string_equal(c->mining.algorithm, "sha256d");
    assert_true(c->mining.autostart && c->mining.enable_cpu);
    assert_false(c->mining.enable_gpu);
    assert_int_equal(c->mining.cpu.priority, 10);
    assert_int_equal(c->upstreams.count, 0);
    assert_int_equal(c->upstreams.silence_us, 45000000);
    assert_true(c->pool.enable);
    assert_string_equal(c->pool.address, "127.0.0.1:3333");
    assert_string_equal(c->pool.coin, "devnet");
    assert_string_equal(c->pool.rewards.system, "pplns");
    assert_int_equal(c->pool.fee_bp, 0);
    assert_true(c->pool.difficulty.start == 0);
    assert_string_equal(c->api.address, "127.0.0.1:8080");
    assert_string_equal(c->log.file, "logs/otedama.log");
    assert_int_equal(c->ui.refresh_us, 1000000);
    config_unref(c);
}

static void values_of_every_type_are_read(void **state)
{
    struct config *c = config_load_clean(
        "mining:\n  cpu: {threads: 3, priority: idle}\n  gpu:\n"
        "    devices: [0, 'pci:01', 2]\n"
        "pool:\n  fee_percentage: 1.25%\n  rewards: {system: Solo, window: 1h30m}\n"
        "  difficulty: {start: 1e-3}\n  devnet: {block_interval: 2500ms}\n"
        "log: {max_size: 64KB, level: DEBUG, file: \"\"}\n"
        "upstreams:\n"
        "- url: stratum+tcp://p.example.com:3333\n  user: w.1\n"
        "- {url: '[::1]:3333', algorithm: SHA256d, pass: 'a: b'}\n");

    (void)state;
    assert_int_equal(c->mining.cpu.threads, 3);
    assert_int_equal(c->mining.cpu.priority, 19);
    assert_int_equal(c->mining.gpu.devices.count, 3);
    assert_string_equal(c->mining.gpu.devices.items[1], "pci:01");
    assert_int_equal(c->pool.fee_bp, 125);
    assert_string_equal(c->pool.rewards.system, "solo");
    assert_int_equal(c->pool.rewards.window_us, 5400 * INT64_C(1000000));
    assert_true(c->pool.difficulty.start == 0.001);
    assert_int_equal(c->pool.devnet.block_interval_us, 2500000);
    assert_int_equal(c->log.max_size, 65536);
    assert_string_equal(c->log.level, "debug");
    assert_string_equal(c->log.file, "");
    assert_int_equal(c->upstreams.count, 2);
    assert_string_equal(c->upstreams.items[0].user, "w.1");
    assert_string_equal(c->upstreams.items[0].pass, "x");
    assert_string_equal(c->upstreams.items[1].algorithm, "sha256d");
    assert_string_equal(c->upstreams.items[1].pass, "a: b");
    assert_false(c->pool.enable); /* because upstreams are listed */
    config_unref(c);
}

static void a_key_without_value_keeps_the_default(void **state)
{
    struct config *c = config_load_clean("app:\n  name:\npool:\nmining: ~\nupstreams:\n");

    (void)state;
    assert_string_equal(c->app.name, "otedama");
    config_unref(c);
}

static void flags_beat_environment_beats_file_beats_default(void **state)
{
    const char *yaml =
        "app: {name: file}\nmining: {cpu: {threads: 1, priority: 1, impl: scalar}}\n";
    struct config_override flag = {"mining.cpu.threads", "3", "--threads"};
    struct str problems = {0}, value = {0};

    (void)state;
    (void)setenv("OTEDAMA_MINING_CPU_THREADS", "2", 1);
    (void)setenv("OTEDAMA_MINING_CPU_PRIORITY", "2", 1);
    (void)setenv("OTEDAMA_MINING_GPU_DEVICES", "0, 2", 1);
    struct config *c = config_load_with(yaml, &flag, 1, &problems);
    (void)unsetenv("OTEDAMA_MINING_CPU_THREADS");
    (void)unsetenv("OTEDAMA_MINING_CPU_PRIORITY");
    (void)unsetenv("OTEDAMA_MINING_GPU_DEVICES");
    assert_non_null(c);
    assert_string_equal(str_text(&problems), "");
    assert_int_equal(c->mining.cpu.threads, 3);
    assert_int_equal(c->mining.cpu.priority, 2);
    assert_int_equal(c->mining.gpu.devices.count, 2);
    assert_string_equal(option_origin(c, option_find("mining.cpu.threads")), "--threads");
    assert_string_equal(option_origin(c, option_find("mining.cpu.priority")),
                        "environment OTEDAMA_MINING_CPU_PRIORITY");
    assert_string_equal(option_origin(c, option_find("log.level")), "default");
    const char *origin = option_origin(c, option_find("mining.cpu.impl"));
    assert_string_equal(origin + strlen(origin) - 8, "c.yaml:2");
    option_value(c, option_find("mining.gpu.devices"), &value);
    assert_string_equal(value.s, "[0, 2]");
    str_free(&value);
    config_unref(c);
}

static void flags_change_add_and_replace_upstreams(void **state)
{
    const char *yaml = "upstreams: [{url: 'a:1', user: u}]\n";
    struct config_override change[] = {{"upstreams[0].user", "v", NULL},
                                       {"upstreams[1].url", "b:2", "-o"}};
    struct config_override replace[] = {{"upstreams", "[]", NULL},
                                        {"upstreams[0].url", "c:3", "-o"}};
    struct config_override far = {"upstreams[2].url", "d:4", NULL};

    (void)state;
    struct config *c = config_load_with(yaml, change, 2, NULL);
    assert_int_equal(c->upstreams.count, 2);
    assert_string_equal(c->upstreams.items[0].url, "a:1");
    assert_string_equal(c->upstreams.items[0].user, "v");
    assert_string_equal(c->upstreams.items[1].url, "b:2");
    config_unref(c);
    c = config_load_with(yaml, replace, 2, NULL);
    assert_int_equal(c->upstreams.count, 1);
    assert_string_equal(c->upstreams.items[0].url, "c:3");
    config_unref(c);
    assert_null(config_load_with(yaml, &far, 1, NULL));
}

static void variables_of_kubernetes_services_are_no_settings(void **state)
{
    static const char *const names[] = {"OTEDAMA_PORT", "OTEDAMA_SERVICE_HOST",
                                        "OTEDAMA_API_PORT_8080_TCP_ADDR"};

    (void)state;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        (void)setenv(names[i], "tcp://10.0.0.1:3333", 1);
    config_unref(config_load_clean(""));
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        (void)unsetenv(names[i]);
}

static void dev_null_stands_for_no_file(void **state)
{
    struct config_request request = {.file = "/dev/null"};
    struct config *c = NULL;

    (void)state;
    assert_int_equal(config_load(&request, &c, NULL), 0);
    assert_string_equal(c->app.name, "otedama");
    config_unref(c);
}

#define T(name) cmocka_unit_test_setup_teardown(name, config_file_setup, config_file_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_default_is_legal_and_mines_on_devnet),
        T(values_of_every_type_are_read),
        T(a_key_without_value_keeps_the_default),
        T(flags_beat_environment_beats_file_beats_default),
        T(flags_change_add_and_replace_upstreams),
        T(variables_of_kubernetes_services_are_no_settings),
        cmocka_unit_test(dev_null_stands_for_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
