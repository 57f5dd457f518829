/* SPDX-License-Identifier: MIT */
/* The doctor's checks on folders as Linux lays them out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/doctor.h"
#include "tests/fake/folder.h"

static char root[FOLDER_MAX];

static void put(const char *name, const char *text)
{
    folder_put(root, name, text);
}

static void drop(const char *name)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s%s", root, name);
    (void)remove(path);
}

static struct finding look(const char *name)
{
    struct finding f = {0};

    for (const struct doctor_check *check = doctor_cpu; check->name; check++)
        if (!strcmp(check->name, name)) {
            check->look(root, &f);
            assert_true(*f.now);
            return f;
        }
    fail_msg("no check %s", name);
    return f;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

#define THP  "/sys/kernel/mm/transparent_hugepage/enabled"
#define HUGE "/sys/kernel/mm/hugepages/hugepages-2048kB/"

static void pages_that_can_be_had_are_fine(void **state)
{
    (void)state;
    put(HUGE "nr_hugepages", "0\n");
    put(HUGE "free_hugepages", "0\n");
    put(THP, "always [madvise] never\n");
    assert_int_equal(look("huge-pages").state, FINDING_OK);
    put(THP, "[always] madvise never\n");
    assert_int_equal(look("huge-pages").state, FINDING_OK);
}

static void pages_that_are_switched_off_have_a_command(void **state)
{
    (void)state;
    put(THP, "always madvise [never]\n");
    struct finding f = look("huge-pages");
    assert_int_equal(f.state, FINDING_GAIN);
    has(f.command, "transparent_hugepage/enabled");
    has(f.gain, "10-50 %");
    put(HUGE "free_hugepages", "1300\n");
    put(HUGE "nr_hugepages", "1300\n");
    f = look("huge-pages");
    assert_int_equal(f.state, FINDING_OK);
    has(f.now, "1300 free of 1300");
}

static void a_kernel_without_transparent_pages_is_given_a_count(void **state)
{
    (void)state;
    drop(THP);
    put(HUGE "free_hugepages", "12\n");
    put("/sys/devices/system/node/online", "0-1\n");
    put("/sys/devices/system/cpu/online", "0-15\n");
    has(look("huge-pages").command, "vm.nr_hugepages=2352"); /* 2 x 1168 + 16 */
}

static void a_second_node_asks_for_balancing_to_stop(void **state)
{
    (void)state;
    put("/sys/devices/system/node/online", "0\n");
    put("/proc/sys/kernel/numa_balancing", "1\n");
    assert_int_equal(look("numa").state, FINDING_OK);
    put("/sys/devices/system/node/online", "0-1\n");
    assert_int_equal(look("numa").state, FINDING_GAIN);
    put("/proc/sys/kernel/numa_balancing", "0\n");
    assert_int_equal(look("numa").state, FINDING_OK);
}

static void cpu(const char *vendor, int family, int model, const char *flags)
{
    char text[256];

    (void)snprintf(text, sizeof text,
                   "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %d\nmodel\t\t: %d\nmodel "
                   "name\t: X\nflags\t\t: %s\n",
                   vendor, family, model, flags);
    put("/proc/cpuinfo", text);
}

static void registers_are_those_of_the_cpu_family(void **state)
{
    static const struct {
        const char *vendor;
        int family, model;
        const char *title, *command;
    } known[] = {
        {"AuthenticAMD", 0x17, 0x71, "Zen 1, Zen 2", "wrmsr -a 0xc0011022 0x1510000\n"},
        {"AuthenticAMD", 0x19, 0x21, "Zen 3", "wrmsr -a 0xc001102b 0x2000cc10"},
        {"AuthenticAMD", 0x19, 0x50, "Zen 3", "0x1c000200000040 | 0x$(rdmsr 0xc0011021) & 0x20"},
        {"AuthenticAMD", 0x19, 0x61, "Zen 4", "wrmsr -a 0xc001102b 0x2040cc10"},
        {"AuthenticAMD", 0x19, 0x11, "Zen 4", "wrmsr -a 0xc0011022 0x8680000401570000"},
        {"AuthenticAMD", 0x1a, 0x44, "Zen 4, Zen 5", "wrmsr -a 0xc0011020 0x4400000000000"},
        {"GenuineIntel", 6, 0x9e, "Intel", "wrmsr -a 0x1a4 0xf"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        cpu(known[i].vendor, known[i].family, known[i].model, "fpu sse2");
        struct finding f = look("msr");
        assert_int_equal(f.state, FINDING_GAIN);
        has(f.now, known[i].title);
        has(f.command, known[i].command);
        has(f.command, "modprobe msr");
        assert_true(strlen(f.command) < sizeof f.command - 1);
    }
}

static void registers_out_of_reach_have_no_command(void **state)
{
    (void)state;
    cpu("AuthenticAMD", 0x19, 0x61, "fpu hypervisor sse2");
    assert_int_equal(look("msr").state, FINDING_NOTE);
    assert_string_equal(look("msr").command, "");
    cpu("AuthenticAMD", 0x19, 0x61, "fpu");
    put("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
    has(look("msr").now, "locked down");
    put("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
    assert_int_equal(look("msr").state, FINDING_GAIN);
    cpu("Strange", 1, 1, "");
    assert_int_equal(look("msr").state, FINDING_NOTE);
}

#define FREQ "/sys/devices/system/cpu/cpu0/cpufreq/"

static void a_governor_that_holds_the_clock_down_is_named(void **state)
{
    static const struct {
        const char *driver, *governor;
        enum finding_state state;
    } rows[] = {
        {"acpi-cpufreq\n", "powersave\n", FINDING_GAIN},
        {"acpi-cpufreq\n", "conservative\n", FINDING_GAIN},
        {"acpi-cpufreq\n", "performance\n", FINDING_OK},
        {"intel_pstate\n", "powersave\n", FINDING_OK},
        {"amd-pstate-epp\n", "powersave\n", FINDING_OK},
        {"amd-pstate\n", "schedutil\n", FINDING_OK},
    };

    (void)state;
    assert_int_equal(look("governor").state, FINDING_OK); /* no such folder */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put(FREQ "scaling_driver", rows[i].driver);
        put(FREQ "scaling_governor", rows[i].governor);
        assert_int_equal(look("governor").state, rows[i].state);
    }
}

static void a_quota_below_the_cpus_is_told(void **state)
{
    (void)state;
    put("/sys/devices/system/cpu/online", "0-3\n");
    assert_int_equal(look("quota").state, FINDING_OK);
    put("/sys/fs/cgroup/cpu.max", "max 100000\n");
    assert_int_equal(look("quota").state, FINDING_OK);
    put("/sys/fs/cgroup/cpu.max", "150000 100000\n");
    has(look("quota").now, "1.50 of 4 CPUs");
    put("/sys/fs/cgroup/cpu.max", "400000 100000\n");
    assert_int_equal(look("quota").state, FINDING_OK);
}

static void waiting_and_stolen_time_are_told(void **state)
{
    (void)state;
    put("/proc/loadavg", "0.10 0.10 0.10 1/100 1\n");
    put("/proc/stat", "cpu  100 0 0 900 0 0 0 0 0 0\n");
    put("/proc/pressure/cpu", "some avg10=0.00 avg60=1.50 avg300=0.00 total=1\n");
    assert_int_equal(look("load").state, FINDING_OK);
    put("/proc/pressure/cpu", "some avg10=0.00 avg60=61.50 avg300=0.00 total=1\n");
    has(look("load").now, "62 %");
    assert_int_equal(look("load").state, FINDING_NOTE);
    put("/proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
    put("/proc/stat", "cpu  100 0 0 600 0 0 0 300 0 0\n");
    has(look("load").now, "30 %");
    assert_int_equal(look("load").state, FINDING_NOTE);
}

static void full_datasets_are_compared_with_what_is_available(void **state)
{
    (void)state;
    put("/proc/meminfo", "MemTotal:       8000000 kB\nMemAvailable:   1572864 kB\n");
    struct finding f = look("memory");
    has(f.now, "1536 MiB available");
    has(f.now, "that do not: randomx");
    assert_int_equal(f.state, FINDING_NOTE);
    put("/proc/meminfo", "MemTotal:       80000000 kB\nMemAvailable:   72864000 kB\n");
    assert_int_equal(look("memory").state, FINDING_OK);
}

static void nonsense_in_the_files_is_survived(void **state)
{
    static const char *const files[] = {
        THP,
        HUGE "nr_hugepages",
        HUGE "free_hugepages",
        "/sys/devices/system/node/online",
        "/sys/devices/system/cpu/online",
        "/proc/cpuinfo",
        "/proc/stat",
        "/proc/loadavg",
        "/proc/pressure/cpu",
        "/proc/meminfo",
        "/sys/fs/cgroup/cpu.max",
        FREQ "scaling_governor",
        "/proc/sys/kernel/numa_balancing",
        "/sys/devices/system/cpu/smt/active",
    };
    static const char *const texts[] = {
        "",        "\n",      "[",           "999999999999999999999999\n",
        "-1 -1\n", "9-0,,5-", "cpu 1 2 3\n", "\x1b[31m\xff\xfe\n"};

    (void)state;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        for (size_t i = 0; i < sizeof files / sizeof *files; i++)
            put(files[i], texts[t]);
        for (const struct doctor_check *check = doctor_cpu; check->name; check++) {
            struct finding f = look(check->name);
            assert_null(strchr(f.now, '\x1b'));
        }
    }
}

static void lists_are_counted(void **state)
{
    (void)state;
    assert_int_equal(doctor_list("0"), 1);
    assert_int_equal(doctor_list("0-3,8,10-11\n"), 7);
    assert_int_equal(doctor_list(""), 0);
    assert_int_equal(doctor_list("3-1"), 0);
    assert_int_equal(doctor_list("0-999999999"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_that_can_be_had_are_fine),
        cmocka_unit_test(pages_that_are_switched_off_have_a_command),
        cmocka_unit_test(a_kernel_without_transparent_pages_is_given_a_count),
        cmocka_unit_test(a_second_node_asks_for_balancing_to_stop),
        cmocka_unit_test(registers_are_those_of_the_cpu_family),
        cmocka_unit_test(registers_out_of_reach_have_no_command),
        cmocka_unit_test(a_governor_that_holds_the_clock_down_is_named),
        cmocka_unit_test(a_quota_below_the_cpus_is_told),
        cmocka_unit_test(waiting_and_stolen_time_are_told),
        cmocka_unit_test(full_datasets_are_compared_with_what_is_available),
        cmocka_unit_test(nonsense_in_the_files_is_survived),
        cmocka_unit_test(lists_are_counted),
    };

    if (folder_make(root) < 0)
        return 1;
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    return folder_remove(root) < 0 ? 1 : failures;
}
