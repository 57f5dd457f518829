/* SPDX-License-Identifier: MIT */
/* A configuration file of a test. */
#include "tests/fake/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "config/problem.h"

char config_folder[FOLDER_MAX], config_path[FOLDER_MAX + 16];

int config_file_setup(void **state)
{
    (void)state;
    if (folder_make(config_folder) < 0)
        return -1;
    (void)snprintf(config_path, sizeof config_path, "%s/c.yaml", config_folder);
    return 0;
}

int config_file_teardown(void **state)
{
    (void)state;
    return folder_remove(config_folder);
}

static void note(void *arg, const struct problem *p)
{
    struct str *all = arg;
    char text[900];

    problem_text(p, text, sizeof text);
    const char *local = strncmp(text, config_folder, strlen(config_folder))
                            ? text
                            : text + strlen(config_folder) + 1;
    str_addf(all, "%s%s\n", p->warning ? "warning: " : "", local);
}

struct config *config_load_with(const char *yaml, const struct config_override *flags, size_t count,
                                struct str *problems)
{
    struct config_request request = {
        .file = config_path, .overrides = flags, .override_count = count};
    struct config *config = NULL;

    assert_int_equal(file_write(config_path, yaml, strlen(yaml), 0600), 0);
    int err = config_check(&request, problems ? note : NULL, problems, &config, NULL);
    assert_int_equal(err, config ? 0 : ERR_CONFIG);
    return config;
}

struct config *config_load_clean(const char *yaml)
{
    struct str problems = {0};
    struct config *config = config_load_with(yaml, NULL, 0, &problems);

    if (!config)
        fail_msg("%s", str_text(&problems));
    assert_string_equal(str_text(&problems), "");
    str_free(&problems);
    return config;
}

void config_problems_are(const char *yaml, const char *expected)
{
    struct str problems = {0};

    config_unref(config_load_with(yaml, NULL, 0, &problems));
    assert_string_equal(str_text(&problems), expected);
    str_free(&problems);
}
