/* SPDX-License-Identifier: MIT */
/* Which engine a setting names, on a CPU that runs SSE2 and nothing newer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "algo/cpu.h"
#include "algo/engine.h"
#include "base/file.h"
#include "tests/fake/folder.h"

static char missed[ENGINE_SETTING_MAX];

static const char *picked(const char *algo, const char *setting, const char *tuned)
{
    return engine_pick(algo_find(algo), setting, tuned, missed)->name;
}

static void auto_is_the_rule_unless_something_was_measured(void **state)
{
    const char *rule = algo_impl_pick(algo_find("scrypt"), "auto", NULL)->name;

    (void)state;
    assert_string_equal(picked("scrypt", "auto", NULL), rule);
    assert_string_equal(picked("scrypt", "", ""), rule);
    assert_string_equal(picked("scrypt", NULL, NULL), rule);
    assert_string_equal(picked("scrypt", "auto", "scrypt=scalar"), "scalar");
    assert_string_equal(picked("scrypt", "auto", "sha256d=scalar"), rule);
    assert_string_equal(picked("scrypt", "auto", "scrypt=avx512,nonsense==,,"), rule);
}

static void a_word_for_one_algorithm_goes_before_the_word_for_all(void **state)
{
    (void)state;
    assert_string_equal(picked("scrypt", "scalar", "scrypt=auto"), "scalar");
    assert_string_equal(picked("sha256d", "scrypt=scalar , sha256d = scalar", NULL), "scalar");
    assert_string_equal(picked("scrypt", "scrypt=scalar", NULL), "scalar");
    assert_string_equal(picked("scrypt", "SCRYPT=Scalar", NULL), "scalar");
    assert_string_equal(picked("scrypt", "scalar,litecoin=auto", NULL),
                        algo_impl_pick(algo_find("scrypt"), "auto", NULL)->name);
}

static void an_engine_that_only_others_have_is_told(void **state)
{
    (void)state;
    assert_string_equal(picked("scrypt", "shani", NULL),
                        algo_impl_pick(algo_find("scrypt"), "auto", NULL)->name);
    assert_string_equal(missed, "shani");
    (void)picked("scrypt", "shani,scrypt=scalar", NULL);
    assert_string_equal(missed, "");
    (void)picked("scrypt", "scalar", NULL);
    assert_string_equal(missed, "");
}

static void good_settings_pass(void **state)
{
    static const char *const good[] = {
        "auto", "", "scalar", "scalar,scrypt=auto", "sha256d=scalar, scrypt=scalar", "AUTO"};

    (void)state;
    assert_int_equal(engine_check(NULL, NULL), 0);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(engine_check(good[i], NULL), 0);
}

static void a_wrong_name_is_refused_with_the_usable_ones(void **state)
{
    static const struct {
        const char *setting, *names;
    } bad[] = {
        {"abacus", "auto, "},
        {"avx512", "scalar"},
        {"scrypt=abacus", "scalar"},
        {"scrypt=avx512", "scalar"},
        {"abacus=scalar", "sha256d, scrypt"},
        {"scalar,scrypt=x", "scalar"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fault why = {0};
        assert_int_equal(engine_check(bad[i].setting, &why), ERR_CONFIG);
        assert_non_null(strstr(why.text, bad[i].names));
    }
}

static void what_was_measured_is_kept_for_this_machine_only(void **state)
{
    char dir[FOLDER_MAX], path[64], setting[ENGINE_SETTING_MAX];

    (void)state;
    assert_int_equal(folder_make(dir), 0);
    (void)snprintf(path, sizeof path, "%s/engines", dir);
    assert_false(engine_tuned_read(dir, 2, setting));
    assert_int_equal(engine_tuned_write(dir, 2, "scrypt=scalar"), 0);
    assert_true(engine_tuned_read(dir, 2, setting));
    assert_string_equal(setting, "scrypt=scalar");
    assert_false(engine_tuned_read(dir, 3, setting));
    assert_string_equal(setting, "");
    assert_int_equal(file_write(path, "other CPU\nscrypt=scalar\n", 24, 0644), 0);
    assert_false(engine_tuned_read(dir, 2, setting));
    assert_int_equal(folder_remove(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_is_the_rule_unless_something_was_measured),
        cmocka_unit_test(a_word_for_one_algorithm_goes_before_the_word_for_all),
        cmocka_unit_test(an_engine_that_only_others_have_is_told),
        cmocka_unit_test(good_settings_pass),
        cmocka_unit_test(a_wrong_name_is_refused_with_the_usable_ones),
        cmocka_unit_test(what_was_measured_is_kept_for_this_machine_only),
    };

    if (setenv("OTEDAMA_CPU_MASK", "avx512,avx2", 1)) /* before the first look */
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
