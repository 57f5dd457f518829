/* SPDX-License-Identifier: MIT */
/* Every kind of mistake in a configuration is told with its place and what would be right;
 * and the files of the original program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "tests/fake/config_file.h"

static void mistakes_are_told_with_place_and_nearest_name(void **state)
{
    static const struct {
        const char *yaml, *problem;
    } rows[] = {
        {"mining:\n  enable_gpus: true\n",
         "c.yaml:2:3: mining.enable_gpus: unknown key (did you mean mining.enable_gpu?)\n"},
        {"frobnicate: 1\n",
         "c.yaml:1:1: frobnicate: unknown key; `otedama config example` lists all\n"},
        {"mining:\n  cpu:\n    threads: many\n",
         "c.yaml:3:14: mining.cpu.threads: must be a whole number, not \"many\"\n"},
        {"mining: {cpu: {priority: 42}}\n",
         "c.yaml:1:26: mining.cpu.priority: must be between 0 and 19\n"},
        {"mining: {enable_cpu: maybe}\n",
         "c.yaml:1:22: mining.enable_cpu: must be true or false, not \"maybe\"\n"},
        {"mining: {algorithm: sha512}\n",
         "c.yaml:1:21: mining.algorithm: unknown algorithm \"sha512\""},
        {"mining:\n  device_algorithms:\n    - {device: cpu0, algorithm: sha512}\n",
         "c.yaml:3:5: mining.device_algorithms[0].algorithm: unknown algorithm \"sha512\""},
        {"mining:\n  device_algorithms:\n    - {device: cpu0, algorithm: scrypt}\n"
         "    - {device: cpu0, algorithm: sha256d}\n",
         "c.yaml:3:5: mining.device_algorithms: names the device cpu0 more than once\n"},
        {"mining:\n  dataset:\n    mode: big\n",
         "c.yaml:3:11: mining.dataset.mode: must be auto, full or light, not \"big\"\n"},
        {"mining: [1]\n",
         "c.yaml:1:9: mining: is a section: put its keys below it, indented, each as "
         "\"key: value\"\n"},
        {"app: {name: [a, b]}\n", "c.yaml:1:13: app.name: must be one value (text), not a list\n"},
        {"app: {name: {a: b}}\n", "c.yaml:1:13: app.name: must be one value (text), not a map\n"},
        {"upstreams: 3\n", "c.yaml:1:12: upstreams: must be a list, one \"- \" for each entry\n"},
        {"upstreams: [3]\n", "c.yaml:1:13: upstreams[0]: must be a map with the key url\n"},
        {"upstreams: [{user: a}]\n", "c.yaml:1:13: upstreams[0]: needs the key url\n"},
        {"upstreams: [{url: 'a:1', usr: a}]\n",
         "c.yaml:1:26: upstreams[0].usr: unknown key (did you mean upstreams[].user?)\n"},
        {"upstreams: [{url: 'tcp://:3'}]\n", "c.yaml:1:19: upstreams[0].url: has no host name\n"},
        {"pool: {fee_percentage: 1.005}\n", "c.yaml:1:24: pool.fee_percentage: has more than two "
                                            "decimals: \"1.005\" cannot be kept exactly\n"},
        {"pool: {fee_percentage: 101}\n",
         "c.yaml:1:24: pool.fee_percentage: must be between 0 and 100 percent\n"},
        {"pool: {rewards: {system: pps}}\n",
         "c.yaml:1:26: pool.rewards.system: must be pplns or solo, not \"pps\"\n"},
        {"pool: {rewards: {window: 5}}\n",
         "c.yaml:1:26: pool.rewards.window: must be a duration such "
         "as 30s, 5m, 2h or 1d, not \"5\"\n"},
        {"pool: {address: 3333}\n",
         "c.yaml:1:17: pool.address: must be an address with a port such as "
         "127.0.0.1:8080, not \"3333\"\n"},
        {"app:\n  name: a\n  name: b\n",
         "c.yaml:3:3: name: is given twice; the first is on line 2\n"},
        {"a: &x 1\n", "c.yaml:1:4: anchors (&) and aliases (*) are not supported: write the value "
                      "out, or quote it if it begins with such a sign\n"},
        {"app: {name: !!str x}\n", "c.yaml:1:13: the only tag that is understood is !file\n"},
        {"app: {name: !file x}\n", "c.yaml:1:13: app.name: !file is for secrets only\n"},
        {"app:\n\tname: x\n", "c.yaml:2:1: found character that cannot start any token"},
        {"app: {name: \"a\\nb\"}\n",
         "c.yaml:1:13: a value must not contain line ends or control characters\n"},
        {"--- \na: 1\n--- \nb: 2\n", "c.yaml:3:1: a configuration is one document"},
        {"[1, 2]\n", "c.yaml:1:1: a configuration begins with sections such as \"mining:\"\n"},
        {"? [a]\n: b\n", "c.yaml:1:3: a key must be a word, not a map or list\n"},
        {"app: {name: ${OTEDAMA_TEST_NO_SUCH}}\n", NULL},
        {"app: {name: '${X}'}\n", ""},
        {"upstreams[0].url: a\n", NULL},
        {"mining.algorithm: scrypt\n", NULL},
        {"pool: {address: '127.0.0.1:8080'}\n",
         "c.yaml:1:17: pool.address: 127.0.0.1:8080 is the address of api.address too\n"},
        {"pool: {proxy_from: [10.0.0.1/8]}\n", "c.yaml:1:20: pool.proxy_from: \"10.0.0.1/8\" is "
                                               "not an address or a network such as 10.0.0.0/8\n"},
        {"pool: {proxy_from: [10.0.0.0/8, '2001:db8::/33', 192.0.2.7, '0.0.0.0/0']}\n", ""},
        {"pool: {limits: {trusted: ['2001:db8::1/64']}}\n",
         "c.yaml:1:26: pool.limits.trusted: \"2001:db8::1/64\" is not an address or a network"},
        {"pool: {difficulty: {start: 1, max: 0.5}}\n",
         "c.yaml:1:28: pool.difficulty.start: must lie between pool.difficulty.min and "
         "pool.difficulty.max\n"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str problems = {0};
        config_unref(config_load_with(rows[i].yaml, NULL, 0, &problems));
        const char *got = str_text(&problems), *want = rows[i].problem;
        if (!want ? !*got : !*want ? *got != 0 : strncmp(got, want, strlen(want)) != 0)
            fail_msg("for %s\n  got  %s\n  want %s", rows[i].yaml, got, want);
        str_free(&problems);
    }
}

static void all_mistakes_of_a_file_are_told(void **state)
{
    (void)state;
    config_problems_are("app: {nam: a}\nlog: {level: loud}\n",
                        "c.yaml:1:7: app.nam: unknown key (did you mean app.name?)\n"
                        "c.yaml:2:14: log.level: must be error, warn, info, debug or trace, not "
                        "\"loud\"\n");
}

static void unknown_environment_variables_are_warned_about(void **state)
{
    (void)state;
    (void)setenv("OTEDAMA_POOL_ADRESS", "x", 1);
    config_problems_are(
        "", "warning: OTEDAMA_POOL_ADRESS: this environment variable sets nothing (did you "
            "mean the one of pool.address?)\n");
    (void)unsetenv("OTEDAMA_POOL_ADRESS");
}

static char *vector(const char *name)
{
    char *text = NULL;
    size_t len;

    assert_int_equal(file_read(name, 1 << 20, &text, &len), 0);
    return text;
}

static void the_original_example_loads_word_for_word(void **state)
{
    char *yaml = vector("tests/vectors/config/seed.yaml");
    struct str problems = {0};
    struct config *c = config_load_with(yaml, NULL, 0, &problems);

    (void)state;
    if (!c)
        fail_msg("%s", str_text(&problems));
    assert_string_equal(c->app.mode, "production");
    assert_int_equal(c->mining.cpu.priority, 0);
    assert_string_equal(c->pool.address, "0.0.0.0:3333");
    assert_int_equal(c->pool.fee_bp, 100);
    assert_string_equal(c->pool.rewards.system, "pplns");
    assert_int_equal(c->pool.rewards.window_us, 7200 * INT64_C(1000000));
    assert_string_equal(c->api.address, "127.0.0.1:8080");
    assert_string_equal(c->monitoring.metrics.address, "127.0.0.1:9090");
    assert_string_equal(c->monitoring.health.address, "127.0.0.1:8081");
    assert_non_null(strstr(problems.s, "mining.enable_gpu: has no effect: this version has no "
                                       "driver for graphics cards"));
    assert_non_null(strstr(problems.s, "warning: c.yaml:36:12: api.address: listens on "
                                       "127.0.0.1:8080 instead of 0.0.0.0:8080"));
    str_free(&problems);
    config_unref(c);
    free(yaml);
}

static void keys_of_the_original_program_warn_once_each(void **state)
{
    char *yaml = vector("tests/vectors/config/legacy.yaml");
    struct str problems = {0};
    struct config *c = config_load_with(yaml, NULL, 0, &problems);
    unsigned lines = 0;

    (void)state;
    if (!c)
        fail_msg("%s", str_text(&problems));
    for (const char *at = problems.s; (at = strstr(at, "has no effect: ")); at++)
        lines++;
    assert_int_equal(lines, 23);
    str_free(&problems);
    config_unref(c);
    free(yaml);
}

static void what_takes_commands_binds_loopback(void **state)
{
    (void)state;
    config_problems_are("api: {address: ':8080'}\n",
                        "c.yaml:1:16: api.address: \":8080\" would listen on all interfaces: write "
                        "127.0.0.1:8080\n");
    config_problems_are(
        "api: {address: '0.0.0.0:8080'}\n",
        "c.yaml:1:16: api.address: 0.0.0.0:8080 is reachable from other machines, which "
        "needs authentication, and this version has none: write 127.0.0.1:8080\n");
    config_problems_are(
        "app: {mode: production}\npool: {enable: false}\nupstreams: [{url: 'a:1'}]\n"
        "api: {address: '0.0.0.0:8080', auth: {enabled: false}}\n",
        "c.yaml:4:16: api.address: 0.0.0.0:8080 is reachable from other machines, which "
        "needs authentication, and this version has none: write 127.0.0.1:8080\n");
    config_unref(config_load_clean("api: {address: '[::1]:8080'}\nmonitoring: {health: {address: "
                                   "'localhost:0'}, metrics: {address: '127.1.2.3:0'}}\n"));
    config_unref(config_load_clean(
        "api: {address: '1.2.3.4:8080', enable: false}\npool: {address: ':3333'}\n"));
}

static void production_refuses_a_test_network_that_is_named(void **state)
{
    (void)state;
    config_problems_are(
        "app: {mode: production}\npool: {coin: devnet}\n",
        "c.yaml:2:14: pool.coin: app.mode is production, and coins of devnet have no "
        "value\n");
    config_problems_are(
        "app: {mode: production}\npool: {coin: litecoin, network: regtest}\n",
        "c.yaml:2:33: pool.network: app.mode is production, and coins of the network "
        "regtest have no value\n");
    struct config *c = config_load_clean("app: {mode: production}\npool: {coin: litecoin}\n");
    assert_string_equal(c->pool.network, "main");
    config_unref(c);
}

static void strict_turns_warnings_into_errors(void **state)
{
    struct config_request request = {.file = config_path, .strict = true};
    struct fault why = {0};
    struct config *c = NULL;

    (void)state;
    assert_int_equal(file_write(config_path, "p2p: {port: 1}\n", 15, 0600), 0);
    assert_int_equal(config_check(&request, NULL, NULL, &c, &why), ERR_CONFIG);
    assert_int_equal(why.line, 1);
    assert_string_equal(why.text, "p2p: has no effect: this version has no peer-to-peer pool");
}

static void a_missing_file_names_the_places_that_are_tried(void **state)
{
    struct config_request request = {.file = "/nowhere/c.yaml"};
    struct fault why = {0};
    struct config *c = NULL;

    (void)state;
    assert_int_equal(config_load(&request, &c, &why), ERR_CONFIG);
    assert_string_equal(why.file, "/nowhere/c.yaml");
    assert_non_null(strstr(why.text, "/etc/otedama/config.yaml"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, config_file_setup, config_file_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(mistakes_are_told_with_place_and_nearest_name),
        T(all_mistakes_of_a_file_are_told),
        T(unknown_environment_variables_are_warned_about),
        T(the_original_example_loads_word_for_word),
        T(keys_of_the_original_program_warn_once_each),
        T(what_takes_commands_binds_loopback),
        T(production_refuses_a_test_network_that_is_named),
        T(strict_turns_warnings_into_errors),
        T(a_missing_file_names_the_places_that_are_tried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
