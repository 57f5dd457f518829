/* SPDX-License-Identifier: MIT */
/* Loading: defaults, layers, every kind of mistake with its place, the original program's files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "config/config.h"
#include "config/problem.h"
#include "config/schema.h"

static char folder[64], path[128];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/otedama-config-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/c.yaml", folder);
    return 0;
}

static int remove_folder(void **state)
{
    char command[160];

    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void note(void *arg, const struct problem *p)
{
    struct str *all = arg;
    char text[900];

    problem_text(p, text, sizeof text);
    const char *local = strncmp(text, folder, strlen(folder)) ? text : text + strlen(folder) + 1;
    str_addf(all, "%s%s\n", p->warning ? "warning: " : "", local);
}

static struct config *load_with(const char *yaml, const struct config_override *flags, size_t count,
                                struct str *problems)
{
    struct config_request request = {.file = path, .overrides = flags, .override_count = count};
    struct config *config = NULL;

    assert_int_equal(file_write(path, yaml, strlen(yaml), 0600), 0);
    int err = config_check(&request, problems ? note : NULL, problems, &config, NULL);
    assert_int_equal(err, config ? 0 : ERR_CONFIG);
    return config;
}

static struct config *load(const char *yaml)
{
    struct str problems = {0};
    struct config *config = load_with(yaml, NULL, 0, &problems);

    if (!config)
        fail_msg("%s", str_text(&problems));
    assert_string_equal(str_text(&problems), "");
    str_free(&problems);
    return config;
}

/* The file is refused (or warned about) with exactly these lines. */
static void problems_are(const char *yaml, const char *expected)
{
    struct str problems = {0};

    config_unref(load_with(yaml, NULL, 0, &problems));
    assert_string_equal(str_text(&problems), expected);
    str_free(&problems);
}

static void every_default_is_legal_and_mines_on_devnet(void **state)
{
    struct config *c = load("");

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
    struct config *c =
        load("mining:\n  cpu: {threads: 3, priority: idle}\n  gpu:\n"
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
        config_unref(load_with(rows[i].yaml, NULL, 0, &problems));
        const char *got = str_text(&problems), *want = rows[i].problem;
        if (!want ? !*got : !*want ? *got != 0 : strncmp(got, want, strlen(want)) != 0)
            fail_msg("for %s\n  got  %s\n  want %s", rows[i].yaml, got, want);
        str_free(&problems);
    }
}

static void all_mistakes_of_a_file_are_told(void **state)
{
    (void)state;
    problems_are("app: {nam: a}\nlog: {level: loud}\n",
                 "c.yaml:1:7: app.nam: unknown key (did you mean app.name?)\n"
                 "c.yaml:2:14: log.level: must be error, warn, info, debug or trace, not "
                 "\"loud\"\n");
}

static void a_key_without_value_keeps_the_default(void **state)
{
    struct config *c = load("app:\n  name:\npool:\nmining: ~\nupstreams:\n");

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
    struct config *c = load_with(yaml, &flag, 1, &problems);
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
    struct config *c = load_with(yaml, change, 2, NULL);
    assert_int_equal(c->upstreams.count, 2);
    assert_string_equal(c->upstreams.items[0].url, "a:1");
    assert_string_equal(c->upstreams.items[0].user, "v");
    assert_string_equal(c->upstreams.items[1].url, "b:2");
    config_unref(c);
    c = load_with(yaml, replace, 2, NULL);
    assert_int_equal(c->upstreams.count, 1);
    assert_string_equal(c->upstreams.items[0].url, "c:3");
    config_unref(c);
    assert_null(load_with(yaml, &far, 1, NULL));
}

static void unknown_environment_variables_are_warned_about(void **state)
{
    (void)state;
    (void)setenv("OTEDAMA_POOL_ADRESS", "x", 1);
    problems_are("",
                 "warning: OTEDAMA_POOL_ADRESS: this environment variable sets nothing (did you "
                 "mean the one of pool.address?)\n");
    (void)unsetenv("OTEDAMA_POOL_ADRESS");
}

static void variables_of_kubernetes_services_are_no_settings(void **state)
{
    static const char *const names[] = {"OTEDAMA_PORT", "OTEDAMA_SERVICE_HOST",
                                        "OTEDAMA_API_PORT_8080_TCP_ADDR"};

    (void)state;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        (void)setenv(names[i], "tcp://10.0.0.1:3333", 1);
    config_unref(load(""));
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        (void)unsetenv(names[i]);
}

static void credentials_in_a_url_never_show(void **state)
{
    struct config *c = load("pool: {daemons: [{url: 'http://bob:hunter2@127.0.0.1:8332'}]}\n");
    struct str value = {0};

    (void)state;
    option_value(c, option_find("pool.daemons"), &value);
    assert_null(strstr(value.s, "hunter2"));
    assert_non_null(strstr(value.s, "http://********@127.0.0.1:8332"));
    str_free(&value);
    config_unref(c);
}

static void secrets_come_from_files_and_variables_and_never_show(void **state)
{
    struct str value = {0};
    char secret[160];

    (void)state;
    (void)snprintf(secret, sizeof secret, "%s/pw", folder);
    assert_int_equal(file_write(secret, "hunter2\n", 8, 0600), 0);
    (void)setenv("POOL_PW", "swordfish", 1);
    struct config *c = load("upstreams:\n- {url: 'a:1', pass: !file pw}\n"
                            "- {url: 'a:1', pass_file: pw}\n- {url: 'a:1', pass: '${POOL_PW}'}\n"
                            "- {url: 'a:1', pass: \"${POOL_PW}\"}\n");
    assert_string_equal(c->upstreams.items[0].pass, "hunter2");
    assert_string_equal(c->upstreams.items[1].pass, "hunter2");
    assert_string_equal(c->upstreams.items[2].pass, "${POOL_PW}");
    assert_string_equal(c->upstreams.items[3].pass, "swordfish");
    option_value(c, option_find("upstreams"), &value);
    assert_null(strstr(value.s, "hunter2"));
    assert_null(strstr(value.s, "swordfish"));
    assert_non_null(strstr(value.s, "********"));
    str_free(&value);
    config_unref(c);
    assert_null(load_with("upstreams: [{url: 'a:1', pass: !file gone}]\n", NULL, 0, NULL));
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
    struct config *c = load_with(yaml, NULL, 0, &problems);

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
    struct config *c = load_with(yaml, NULL, 0, &problems);
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
    problems_are("api: {address: ':8080'}\n",
                 "c.yaml:1:16: api.address: \":8080\" would listen on all interfaces: write "
                 "127.0.0.1:8080\n");
    problems_are("api: {address: '0.0.0.0:8080'}\n",
                 "c.yaml:1:16: api.address: 0.0.0.0:8080 is reachable from other machines, which "
                 "needs authentication, and this version has none: write 127.0.0.1:8080\n");
    problems_are("app: {mode: production}\npool: {enable: false}\nupstreams: [{url: 'a:1'}]\n"
                 "api: {address: '0.0.0.0:8080', auth: {enabled: false}}\n",
                 "c.yaml:4:16: api.address: 0.0.0.0:8080 is reachable from other machines, which "
                 "needs authentication, and this version has none: write 127.0.0.1:8080\n");
    config_unref(load("api: {address: '[::1]:8080'}\nmonitoring: {health: {address: "
                      "'localhost:0'}, metrics: {address: '127.1.2.3:0'}}\n"));
    config_unref(load("api: {address: '1.2.3.4:8080', enable: false}\npool: {address: ':3333'}\n"));
}

static void production_refuses_a_test_network_that_is_named(void **state)
{
    (void)state;
    problems_are("app: {mode: production}\npool: {coin: devnet}\n",
                 "c.yaml:2:14: pool.coin: app.mode is production, and coins of devnet have no "
                 "value\n");
    problems_are("app: {mode: production}\npool: {coin: litecoin, network: regtest}\n",
                 "c.yaml:2:33: pool.network: app.mode is production, and coins of the network "
                 "regtest have no value\n");
    struct config *c = load("app: {mode: production}\npool: {coin: litecoin}\n");
    assert_string_equal(c->pool.network, "main");
    config_unref(c);
}

static void strict_turns_warnings_into_errors(void **state)
{
    struct config_request request = {.file = path, .strict = true};
    struct fault why = {0};
    struct config *c = NULL;

    (void)state;
    assert_int_equal(file_write(path, "p2p: {port: 1}\n", 15, 0600), 0);
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

static void dev_null_stands_for_no_file(void **state)
{
    struct config_request request = {.file = "/dev/null"};
    struct config *c = NULL;

    (void)state;
    assert_int_equal(config_load(&request, &c, NULL), 0);
    assert_string_equal(c->app.name, "otedama");
    config_unref(c);
}

static void collect(void *arg, const struct opt *o)
{
    str_addf(arg, "%s%s ", o->path, o->flags & OPT_LIVE ? "" : "!");
}

static void diff_names_what_changed_and_what_needs_a_restart(void **state)
{
    struct config *a = load("upstreams: [{url: 'a:1', pass: one}]\n");
    struct config *b = load("upstreams: [{url: 'a:1', pass: two}]\nlog: {level: warn}\n"
                            "data: {dir: /x}\n");
    struct str changed = {0};

    (void)state;
    assert_int_equal(config_diff(a, a, NULL, NULL), 0);
    assert_int_equal(config_diff(a, b, collect, &changed), 3);
    assert_string_equal(changed.s, "data.dir! upstreams log.level ");
    str_free(&changed);
    config_unref(a);
    config_unref(b);
}

static void every_option_has_help_and_a_legal_default(void **state)
{
    struct config *c = load("");
    struct str value = {0};

    (void)state;
    for (const struct opt *o = option_table; o->path; o++) {
        assert_non_null(o->help);
        assert_int_equal(o->help[strlen(o->help) - 1], '.');
        assert_ptr_equal(option_find(o->path), o);
        if (strstr(o->path, "[].") || !o->def || o->type == OPT_TEXT || o->type == OPT_TEXTS ||
            o->type == OPT_LIST || o->type == OPT_ADDRESS)
            continue;
        str_clear(&value);
        option_value(c, o, &value);
        /* what is printed reads back as the same: the default stands in its shortest form */
        if (o->type != OPT_TIME && o->type != OPT_SIZE)
            assert_string_equal(value.s, o->def);
    }
    str_free(&value);
    config_unref(c);
}

static void printed_values_read_back(void **state)
{
    struct config *a = load("app: {name: '# \"q\\ ${X} true: x'}\npool: {fee_percentage: 0.05, "
                            "rewards: {window: 36h}}\nlog: {max_size: 5000}\nui: {refresh: 1s1ms}\n"
                            "mining: {gpu: {devices: ['a, b', '', 'null', '1']}}\n"
                            "upstreams: [{url: 'a:1', user: \"it's\"}]\n");
    struct str yaml = {0};

    (void)state;
    for (const struct opt *o = option_table; o->path; o++) {
        if (strchr(o->path, '['))
            continue;
        unsigned depth = 0;
        for (const char *c = o->path; *c; c += *c == '.') {
            size_t len = strcspn(c, ".");
            str_addf(&yaml, "%s%.*s: ", depth++ ? "{" : "", (int)len, c);
            c += len;
        }
        option_value(a, o, &yaml);
        for (unsigned i = 1; i < depth; i++)
            str_add(&yaml, "}");
        str_add(&yaml, "\n");
        /* one section at a time: the same section twice would be a duplicate */
        struct config *b = NULL;
        if (strcmp(o->path, "upstreams") != 0)
            b = load_with(yaml.s, NULL, 0, NULL);
        struct str one = {0}, two = {0};
        if (b) {
            option_value(a, o, &one);
            option_value(b, o, &two);
            assert_string_equal(one.s, two.s);
        } else if (strcmp(o->path, "upstreams") != 0) {
            fail_msg("%s", yaml.s);
        }
        str_free(&one);
        str_free(&two);
        config_unref(b);
        str_clear(&yaml);
    }
    str_free(&yaml);
    config_unref(a);
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(every_default_is_legal_and_mines_on_devnet),
        IN_FOLDER(values_of_every_type_are_read),
        IN_FOLDER(mistakes_are_told_with_place_and_nearest_name),
        IN_FOLDER(all_mistakes_of_a_file_are_told),
        IN_FOLDER(a_key_without_value_keeps_the_default),
        IN_FOLDER(flags_beat_environment_beats_file_beats_default),
        IN_FOLDER(flags_change_add_and_replace_upstreams),
        IN_FOLDER(unknown_environment_variables_are_warned_about),
        IN_FOLDER(variables_of_kubernetes_services_are_no_settings),
        IN_FOLDER(credentials_in_a_url_never_show),
        IN_FOLDER(secrets_come_from_files_and_variables_and_never_show),
        IN_FOLDER(the_original_example_loads_word_for_word),
        IN_FOLDER(keys_of_the_original_program_warn_once_each),
        IN_FOLDER(what_takes_commands_binds_loopback),
        IN_FOLDER(production_refuses_a_test_network_that_is_named),
        IN_FOLDER(strict_turns_warnings_into_errors),
        IN_FOLDER(a_missing_file_names_the_places_that_are_tried),
        cmocka_unit_test(dev_null_stands_for_no_file),
        IN_FOLDER(diff_names_what_changed_and_what_needs_a_restart),
        IN_FOLDER(every_option_has_help_and_a_legal_default),
        IN_FOLDER(printed_values_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
