/* SPDX-License-Identifier: MIT */
/* The tightest limit on the way up from a process's control group is the one that counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/memory.h"
#include "tests/fake/folder.h"

static char root[FOLDER_MAX], membership[80];

static void put(const char *name, const char *text)
{
    folder_put(root, name, text);
}

static uint64_t left_of(const char *groups)
{
    put("groups", groups);
    return memory_group_left(membership, root);
}

static int set_up(void **state)
{
    (void)state;
    if (folder_make(root) < 0)
        return -1;
    (void)snprintf(membership, sizeof membership, "%s/groups", root);
    put("a/b/memory.max", "max\n");
    put("a/b/memory.current", "70\n");
    put("a/memory.max", "100\n");
    put("a/memory.current", "80\n");
    put("memory.max", "1000\n");
    put("memory.current", "500\n");
    put("full/memory.max", "10\n");
    put("full/memory.current", "11\n");
    put("memory/x/memory.limit_in_bytes", "50\n");
    put("memory/x/memory.usage_in_bytes", "45\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return folder_remove(root);
}

static void limit_of_a_group_above_counts(void **state)
{
    (void)state;
    assert_int_equal(left_of("0::/a/b\n"), 20);
}

static void group_past_its_limit_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(left_of("0::/full\n"), 0);
}

static void group_that_is_not_mounted_falls_back_to_the_root(void **state)
{
    (void)state;
    assert_int_equal(left_of("0::/elsewhere/c\n"), 500);
    assert_int_equal(left_of("0::/../a\n"), 500);
    assert_int_equal(left_of("0::/\n"), 500);
}

static void version_1_is_found_among_its_controllers(void **state)
{
    (void)state;
    assert_int_equal(left_of("7:cpu,memory:/x\n3:memoryx:/a\n"), 5);
    assert_true(left_of("7:cpu:/x\n") == UINT64_MAX);
}

static void lines_that_are_none_mean_no_limit(void **state)
{
    (void)state;
    assert_true(left_of("nonsense\n:\n0:\n\n") == UINT64_MAX);
    assert_true(memory_group_left("/nonexistent", root) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit_of_a_group_above_counts),
        cmocka_unit_test(group_past_its_limit_leaves_nothing),
        cmocka_unit_test(group_that_is_not_mounted_falls_back_to_the_root),
        cmocka_unit_test(version_1_is_found_among_its_controllers),
        cmocka_unit_test(lines_that_are_none_mean_no_limit),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
