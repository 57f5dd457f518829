/* SPDX-License-Identifier: MIT */
/* Options as they are shown: help, values that read back, differences, and secrets that never show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "config/schema.h"
#include "tests/fake/config_file.h"

static void credentials_in_a_url_never_show(void **state)
{
    struct config *c =
        config_load_clean("pool: {daemons: [{url: 'http://bob:hunter2@127.0.0.1:8332'}]}\n");
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
    (void)snprintf(secret, sizeof secret, "%s/pw", config_folder);
    assert_int_equal(file_write(secret, "hunter2\n", 8, 0600), 0);
    (void)setenv("POOL_PW", "swordfish", 1);
    struct config *c =
        config_load_clean("upstreams:\n- {url: 'a:1', pass: !file pw}\n"
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
    assert_null(config_load_with("upstreams: [{url: 'a:1', pass: !file gone}]\n", NULL, 0, NULL));
}

static void collect(void *arg, const struct opt *o)
{
    str_addf(arg, "%s%s ", o->path, o->flags & OPT_LIVE ? "" : "!");
}

static void diff_names_what_changed_and_what_needs_a_restart(void **state)
{
    struct config *a = config_load_clean("upstreams: [{url: 'a:1', pass: one}]\n");
    struct config *b =
        config_load_clean("upstreams: [{url: 'a:1', pass: two}]\nlog: {level: warn}\n"
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
    struct config *c = config_load_clean("");
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
    struct config *a =
        config_load_clean("app: {name: '# \"q\\ ${X} true: x'}\npool: {fee_percentage: 0.05, "
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
            b = config_load_with(yaml.s, NULL, 0, NULL);
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

#define T(name) cmocka_unit_test_setup_teardown(name, config_file_setup, config_file_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(credentials_in_a_url_never_show),
        T(secrets_come_from_files_and_variables_and_never_show),
        T(diff_names_what_changed_and_what_needs_a_restart),
        T(every_option_has_help_and_a_legal_default),
        T(printed_values_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
