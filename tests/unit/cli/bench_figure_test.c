/* SPDX-License-Identifier: MIT */
/* Figures from files, and what counts as worse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/bench_figure.h"
#include "cli/cli.h"

static char path[] = "/tmp/otedama-figures-XXXXXX";

static void write_file(const char *text)
{
    FILE *f = fopen(path, "we");

    assert_non_null(f);
    (void)fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

#define ROW(figure, value)                                                                         \
    "{\"figure\":\"" figure "\",\"algo\":\"scrypt\",\"impl\":\"avx2\",\"mode\":\"\","              \
    "\"threads\":2,\"height\":0,\"value\":" value ",\"count\":100,\"cpu_seconds\":2}\n"

static void a_saved_run_is_read(void **state)
{
    struct figure *f = NULL;
    size_t count = 0;

    (void)state;
    write_file(ROW("hash", "25000.5") ROW("cache", "1.5"));
    assert_int_equal(figures_read(path, &f, &count, NULL), 0);
    assert_int_equal(count, 2);
    assert_int_equal(f[0].kind, FIGURE_HASH);
    assert_string_equal(f[0].algo, "scrypt");
    assert_string_equal(f[0].impl, "avx2");
    assert_int_equal(f[0].threads, 2);
    assert_true(f[0].value == 25000.5);
    assert_true(f[0].per_cpu == 50);
    assert_int_equal(f[1].kind, FIGURE_CACHE);
    assert_false(figure_same(&f[0], &f[1]));
    assert_true(figure_same(&f[0], &f[0]));
    free(f);
}

static void what_is_no_figure_is_named_by_its_line(void **state)
{
    static const char *const bad[] = {
        "",
        "x\n",
        "[]\n",
        "{}\n",
        ROW("speed", "1"),
        ROW("hash", "0"),
        ROW("hash", "-1"),
        ROW("hash", "\"9\""),
        "{\"figure\":\"hash\",\"algo\":\"a\",\"impl\":\"\",\"mode\":\"\",\"threads\":0,\"value\":1}"
        "\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct figure *f = NULL;
        size_t count;
        struct fault why = {0};
        write_file(bad[i]);
        assert_true(figures_read(path, &f, &count, &why) < 0);
        assert_null(f);
        assert_non_null(strstr(why.text, "line 1"));
    }
}

static int compare(const char *before, const char *now, const char *tolerance)
{
    char other[] = "/tmp/otedama-figures-XXXXXX";
    int fd = mkstemp(other);
    char words[][16] = {"compare", "--wall", "--tolerance"};
    char limit[16];
    char *argv[] = {words[0], path, other, words[1], words[2], limit, NULL};
    struct fault why = {0};

    assert_true(fd >= 0);
    (void)snprintf(limit, sizeof limit, "%s", tolerance);
    assert_int_equal(write(fd, now, strlen(now)), strlen(now));
    (void)close(fd);
    write_file(before);
    int code = cli_bench_compare(6, argv, &why);
    (void)unlink(other);
    return code;
}

static void a_rate_that_fell_by_more_than_the_tolerance_fails(void **state)
{
    (void)state;
    assert_int_equal(compare(ROW("hash", "100"), ROW("hash", "91"), "10"), EXIT_OK);
    assert_int_equal(compare(ROW("hash", "100"), ROW("hash", "89"), "10"), EXIT_RUNTIME);
    assert_int_equal(compare(ROW("hash", "100"), ROW("hash", "89"), "20"), EXIT_OK);
    assert_int_equal(compare(ROW("hash", "100"), ROW("hash", "500"), "10"), EXIT_OK);
}

static void seconds_are_worse_when_they_grow(void **state)
{
    (void)state;
    assert_int_equal(compare(ROW("cache", "1"), ROW("cache", "1.05"), "10"), EXIT_OK);
    assert_int_equal(compare(ROW("cache", "1"), ROW("cache", "1.3"), "10"), EXIT_RUNTIME);
    assert_int_equal(compare(ROW("cache", "1"), ROW("cache", "0.3"), "10"), EXIT_OK);
}

static void files_without_a_common_figure_fail(void **state)
{
    (void)state;
    assert_int_equal(compare(ROW("cache", "1"), ROW("hash", "1"), "10"), EXIT_RUNTIME);
}

static void rates_are_compared_by_cpu_time_unless_told_otherwise(void **state)
{
    struct figure before = {.value = 100, .per_cpu = 100}, now = {.value = 50, .per_cpu = 99};

    (void)state;
    assert_false(figure_compare(&before, &now, 0.1, false));
    assert_true(figure_compare(&before, &now, 0.1, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_saved_run_is_read),
        cmocka_unit_test(what_is_no_figure_is_named_by_its_line),
        cmocka_unit_test(a_rate_that_fell_by_more_than_the_tolerance_fails),
        cmocka_unit_test(seconds_are_worse_when_they_grow),
        cmocka_unit_test(files_without_a_common_figure_fail),
        cmocka_unit_test(rates_are_compared_by_cpu_time_unless_told_otherwise),
    };
    int fd = mkstemp(path);

    if (fd < 0)
        return 1;
    (void)close(fd);
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failures;
}
