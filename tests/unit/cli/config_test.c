/* SPDX-License-Identifier: MIT */
/* `otedama config ...`: what is printed, written and returned. */
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
#include "cli/cli.h"
#include "tests/fake/folder.h"

static char folder[FOLDER_MAX], path[128], home[160];
static char *printed;

static int make_folder(void **state)
{
    (void)state;
    if (folder_make(folder) < 0)
        return -1;
    (void)snprintf(path, sizeof path, "%s/c.yaml", folder);
    (void)snprintf(home, sizeof home, "%s/xdg", folder);
    return setenv("XDG_CONFIG_HOME", home, 1);
}

static int remove_folder(void **state)
{
    (void)state;
    free(printed);
    printed = NULL;
    return folder_remove(folder);
}

/* Runs a command with its standard output in `printed`. */
static int run(int (*command)(int, char **, struct fault *), struct fault *why, const char *one,
               const char *two, const char *three)
{
    char words[4][200] = {"command"}, out[160], *argv[5] = {words[0]};
    const char *given[] = {one, two, three};
    int argc = 1;
    size_t len;

    for (; argc <= 3 && given[argc - 1]; argc++) {
        (void)snprintf(words[argc], sizeof words[argc], "%s", given[argc - 1]);
        argv[argc] = words[argc];
    }
    *why = (struct fault){0};
    (void)snprintf(out, sizeof out, "%s/out", folder);
    (void)fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    FILE *to = fopen(out, "w");
    assert_non_null(to);
    assert_true(dup2(fileno(to), STDOUT_FILENO) >= 0);
    int code = command(argc, argv, why);
    (void)fflush(stdout);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    (void)close(saved);
    (void)fclose(to);
    free(printed);
    printed = NULL;
    assert_int_equal(file_read(out, 1 << 20, &printed, &len), 0);
    return code;
}

static void write_file(const char *yaml)
{
    assert_int_equal(file_write(path, yaml, strlen(yaml), 0600), 0);
}

static void the_example_file_in_the_tree_is_current(void **state)
{
    struct fault why;
    char *committed = NULL;
    size_t len;

    (void)state;
    assert_int_equal(run(cli_config_example, &why, NULL, NULL, NULL), EXIT_OK);
    assert_int_equal(file_read("config.example.yaml", 1 << 20, &committed, &len), 0);
    if (strcmp(committed, printed) != 0)
        fail_msg("config.example.yaml is stale: otedama config example > config.example.yaml");
    free(committed);
}

static void the_example_is_valid_and_strict(void **state)
{
    struct fault why;

    (void)state;
    assert_int_equal(run(cli_config_validate, &why, "config.example.yaml", "--strict", NULL),
                     EXIT_OK);
    assert_string_equal(printed, "config.example.yaml: valid\n");
}

static void validate_prints_every_problem_and_exits_78(void **state)
{
    char expected[700];
    struct fault why;

    (void)state;
    write_file("minig: {}\npool:\n  fee_percentage: -1\np2p: {port: 1}\n");
    assert_int_equal(run(cli_config_validate, &why, "--config", path, NULL), EXIT_BAD_CONFIG);
    (void)snprintf(expected, sizeof expected,
                   "%s:1:1: minig: unknown key; `otedama config example` lists all\n"
                   "%s:3:19: pool.fee_percentage: must be a percentage such as 1.5, not \"-1\"\n"
                   "warning: %s:4:1: p2p: has no effect: this version has no peer-to-peer pool\n",
                   path, path, path);
    assert_string_equal(printed, expected);
    assert_string_equal(why.text, "");
}

static void validate_warns_unless_strict(void **state)
{
    struct fault why;

    (void)state;
    write_file("p2p: {port: 1}\n");
    assert_int_equal(run(cli_config_validate, &why, path, NULL, NULL), EXIT_OK);
    assert_int_equal(run(cli_config_validate, &why, path, "--strict", NULL), EXIT_BAD_CONFIG);
}

static void init_never_overwrites_without_force(void **state)
{
    struct fault why;
    char *text = NULL;
    size_t len;

    (void)state;
    write_file("mine\n");
    assert_int_equal(run(cli_config_init, &why, "--config", path, NULL), EXIT_CANNOT_WRITE);
    assert_non_null(strstr(why.text, "is there already: --force overwrites it"));
    assert_int_equal(file_read(path, 1 << 20, &text, &len), 0);
    assert_string_equal(text, "mine\n");
    free(text);
    assert_int_equal(run(cli_config_init, &why, "--config", path, "--force"), EXIT_OK);
    assert_int_equal(run(cli_config_validate, &why, path, NULL, NULL), EXIT_OK);
}

static void init_writes_below_the_users_configuration(void **state)
{
    struct fault why;
    char expected[200];

    (void)state;
    assert_int_equal(run(cli_config_init, &why, NULL, NULL, NULL), EXIT_OK);
    (void)snprintf(expected, sizeof expected, "%s/otedama/config.yaml\n", home);
    assert_string_equal(printed, expected);
    assert_int_equal(run(cli_config_init, &why, NULL, NULL, NULL), EXIT_CANNOT_WRITE);
}

static void show_tells_origins_and_hides_secrets(void **state)
{
    char config_flag[160], expected[300];
    struct fault why;

    (void)state;
    write_file("upstreams:\n- {url: 'a:1', pass: hunter2}\nlog: {level: warn}\n");
    (void)snprintf(config_flag, sizeof config_flag, "--config=%s", path);
    assert_int_equal(run(cli_config_show, &why, config_flag, "--origin", "--threads=2"), EXIT_OK);
    assert_null(strstr(printed, "hunter2"));
    assert_non_null(strstr(printed, "mining.cpu.threads: 2  # --threads\n"));
    assert_non_null(strstr(printed, "app.name: otedama  # default\n"));
    (void)snprintf(expected, sizeof expected, "log.level: warn  # %s:3\n", path);
    assert_non_null(strstr(printed, expected));
}

static void explain_tells_one_setting_or_a_section(void **state)
{
    struct fault why;

    (void)state;
    assert_int_equal(run(cli_config_explain, &why, "pool.rewards.window", NULL, NULL), EXIT_OK);
    assert_non_null(strstr(printed, "OTEDAMA_POOL_REWARDS_WINDOW"));
    assert_int_equal(run(cli_config_explain, &why, "pool.rewards", NULL, NULL), EXIT_OK);
    assert_non_null(strstr(printed, "pool.rewards.system (choice)"));
    assert_int_equal(run(cli_config_explain, &why, "upstreams", NULL, NULL), EXIT_OK);
    assert_non_null(strstr(printed, "upstreams[].pass"));
    assert_int_equal(run(cli_config_explain, &why, "pool.adress", NULL, NULL), EXIT_NOT_FOUND);
    assert_string_equal(why.text, "there is no setting pool.adress (did you mean pool.address?)");
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_example_file_in_the_tree_is_current),
        IN_FOLDER(the_example_is_valid_and_strict),
        IN_FOLDER(validate_prints_every_problem_and_exits_78),
        IN_FOLDER(validate_warns_unless_strict),
        IN_FOLDER(init_never_overwrites_without_force),
        IN_FOLDER(init_writes_below_the_users_configuration),
        IN_FOLDER(show_tells_origins_and_hides_secrets),
        IN_FOLDER(explain_tells_one_setting_or_a_section),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
