/* SPDX-License-Identifier: MIT */
/* Threads by cache sizes, on machines made of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "kernels/randomx/sysfs.h"
#include "kernels/randomx/threads.h"
#include "tests/fake/folder.h"

static char root[FOLDER_MAX];

static void put(const char *text, const char *name, unsigned cpu)
{
    char path[256];

    (void)snprintf(path, sizeof path, "cpu%u/%s", cpu, name);
    folder_put(root, path, text);
}

/* One CPU: its L2 and L3 with their sharers, its core's CPUs. NULL leaves a cache out. */
static void add_cpu(unsigned cpu, const char *core, const char *l2, const char *l3,
                    const char *l3_shared)
{
    put("1\n", "cache/index0/level", cpu);
    put("32K\n", "cache/index0/size", cpu);
    put(core, "cache/index0/shared_cpu_list", cpu);
    put("2\n", "cache/index1/level", cpu);
    put(l2, "cache/index1/size", cpu);
    put(core, "cache/index1/shared_cpu_list", cpu);
    put(core, "topology/thread_siblings_list", cpu);
    if (!l3)
        return;
    put("3\n", "cache/index2/level", cpu);
    put(l3, "cache/index2/size", cpu);
    put(l3_shared, "cache/index2/shared_cpu_list", cpu);
}

static cpu_set_t first(unsigned n)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    for (unsigned i = 0; i < n; i++)
        CPU_SET(i, &set);
    return set;
}

/* n cores of two units each: unit i and unit i + n. */
static void add_cores(unsigned n, const char *l2, const char *l3, const char *l3_shared)
{
    char core[16];

    for (unsigned i = 0; i < n; i++) {
        (void)snprintf(core, sizeof core, "%u,%u\n", i, i + n);
        add_cpu(i, core, l2, l3, l3_shared);
        add_cpu(i + n, core, l2, l3, l3_shared);
    }
}

static void a_big_l3_feeds_every_unit(void **state)
{
    unsigned cpus[32];
    cpu_set_t all = first(16);

    (void)state;
    add_cores(8, "1024K\n", "32768K\n", "0-15\n");
    assert_int_equal(rx_threads_of(root, &all, cpus, 32), 16);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(cpus[i], i); /* each core once before the siblings */
        assert_int_equal(cpus[8 + i], 8 + i);
    }
}

static void a_small_l3_feeds_some_cores(void **state)
{
    unsigned cpus[32];
    cpu_set_t all = first(8);

    (void)state;
    add_cores(4, "256K\n", "6144K\n", "0-7\n");
    assert_int_equal(rx_threads_of(root, &all, cpus, 32), 3);
    assert_int_equal(cpus[2], 2);
}

static void l2_is_a_bound_too(void **state)
{
    unsigned cpus[32];
    cpu_set_t all = first(8);

    (void)state;
    add_cores(4, "256K\n", "32M\n", "0-7\n");
    assert_int_equal(rx_threads_of(root, &all, cpus, 32), 4);
}

static void each_l3_has_its_own_share(void **state)
{
    unsigned cpus[32];
    cpu_set_t all = first(8);

    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        char core[16];
        (void)snprintf(core, sizeof core, "%u\n", i);
        add_cpu(i, core, "512K\n", "4096K\n", i < 4 ? "0-3\n" : "4-7\n");
    }
    assert_int_equal(rx_threads_of(root, &all, cpus, 32), 4);
    assert_int_equal(cpus[0], 0);
    assert_int_equal(cpus[1], 1);
    assert_int_equal(cpus[2], 4);
    assert_int_equal(cpus[3], 5);
}

static void only_cpus_of_this_process_count(void **state)
{
    unsigned cpus[2] = {99, 99};
    cpu_set_t some;

    (void)state;
    add_cores(8, "1024K\n", "32768K\n", "0-15\n");
    CPU_ZERO(&some);
    CPU_SET(3, &some);
    CPU_SET(11, &some);
    CPU_SET(5, &some);
    assert_int_equal(rx_threads_of(root, &some, cpus, 2), 3);
    assert_int_equal(cpus[0], 3);
    assert_int_equal(cpus[1], 5);
}

static void without_an_l3_each_core_has_a_thread(void **state)
{
    unsigned cpus[8];
    cpu_set_t all = first(4);

    (void)state;
    add_cores(2, "1024K\n", NULL, NULL);
    assert_int_equal(rx_threads_of(root, &all, cpus, 8), 2);
    assert_int_equal(rx_threads_of("/nonexistent", &all, cpus, 8), 4);
}

static void a_tiny_l3_still_feeds_one(void **state)
{
    unsigned cpus[8];
    cpu_set_t all = first(2);

    (void)state;
    add_cores(1, "128K\n", "1024K\n", "0-1\n");
    assert_int_equal(rx_threads_of(root, &all, cpus, 8), 1);
}

static void this_machine_has_an_answer(void **state)
{
    unsigned cpus[4096];

    (void)state;
    assert_in_range(rx_threads(cpus, 4096), 1, 4096);
}

static void lists_are_read_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *text;
        int count;
    } rows[] = {{"0\n", 1},  {"0-3,8\n", 5}, {"", -1},    {"\n", -1},
                {"x\n", -1}, {"3-1\n", -1},  {"1;2", -1}, {"0-99999999\n", CPU_SETSIZE}};
    cpu_set_t set;
    char path[128];

    (void)state;
    put("", "x", 0);
    (void)snprintf(path, sizeof path, "%s/cpu0/x", root);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put(rows[i].text, "x", 0);
        assert_int_equal(sysfs_list(path, &set), rows[i].count > 0);
        if (rows[i].count > 0)
            assert_int_equal(CPU_COUNT(&set), rows[i].count);
    }
}

static int set_up(void **state)
{
    (void)state;
    return folder_make(root);
}

static int tear_down(void **state)
{
    (void)state;
    return folder_remove(root);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_big_l3_feeds_every_unit),
        TEST(a_small_l3_feeds_some_cores),
        TEST(l2_is_a_bound_too),
        TEST(each_l3_has_its_own_share),
        TEST(only_cpus_of_this_process_count),
        TEST(without_an_l3_each_core_has_a_thread),
        TEST(a_tiny_l3_still_feeds_one),
        TEST(this_machine_has_an_answer),
        TEST(lists_are_read_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
