/* SPDX-License-Identifier: MIT */
/* A core's share of the caches, from folders as Linux lays them out. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "algo/cpu_cache.h"
#include "tests/fake/folder.h"

static char root[FOLDER_MAX];
static int cpu;

static void put(const char *name, const char *text)
{
    char path[256];

    (void)snprintf(path, sizeof path, "sys/devices/system/cpu/cpu%d/%s", cpu, name);
    folder_put(root, path, text);
}

static void unknown_caches_are_zero(void **state)
{
    struct cpu_caches caches = cpu_caches(root);

    (void)state;
    assert_int_equal(caches.l2, 0);
    assert_int_equal(caches.l3, 0);
}

static void cores_share_and_their_hardware_threads_do_not(void **state)
{
    (void)state;
    put("topology/thread_siblings_list", "0,8\n");
    put("cache/index0/level", "1\n");
    put("cache/index0/size", "32K\n");
    put("cache/index0/shared_cpu_list", "0,8\n");
    put("cache/index1/level", "2\n");
    put("cache/index1/size", "1024K\n");
    put("cache/index1/shared_cpu_list", "0,8\n");
    put("cache/index2/level", "3\n");
    put("cache/index2/size", "32768K\n");
    put("cache/index2/shared_cpu_list", "0-7,8-15\n");
    struct cpu_caches caches = cpu_caches(root);
    assert_int_equal(caches.l2, 1 << 20);
    assert_int_equal(caches.l3, 4 << 20);
}

static void a_cluster_of_small_cores_divides_its_second_level(void **state)
{
    (void)state;
    put("topology/thread_siblings_list", "0\n");
    put("cache/index1/size", "4M\n");
    put("cache/index1/shared_cpu_list", "0-3\n");
    assert_int_equal(cpu_caches(root).l2, 1 << 20);
}

static void nonsense_is_survived(void **state)
{
    (void)state;
    put("topology/thread_siblings_list", "-\n");
    put("cache/index1/size", "big");
    put("cache/index1/shared_cpu_list", "9-0,,x");
    put("cache/index2/level", "");
    struct cpu_caches caches = cpu_caches(root);
    assert_int_equal(caches.l2, 0);
    assert_int_equal(caches.l3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_caches_are_zero),
        cmocka_unit_test(cores_share_and_their_hardware_threads_do_not),
        cmocka_unit_test(a_cluster_of_small_cores_divides_its_second_level),
        cmocka_unit_test(nonsense_is_survived),
    };
    cpu_set_t allowed;

    if (folder_make(root) < 0 || sched_getaffinity(0, sizeof allowed, &allowed))
        return 1;
    while (!CPU_ISSET(cpu, &allowed))
        cpu++;
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    return folder_remove(root) < 0 ? 1 : failures;
}
