/* SPDX-License-Identifier: MIT */
/* What slows hashing on the CPU: pages, clocks, and who else takes time. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "algo/algo.h"
#include "algo/dataset_ops.h"
#include "base/str.h"
#include "cli/doctor.h"

enum {
    RANDOMX_PAGES = 1040 + 128, /* of 2 MiB: dataset and cache */
    STARVED_PERCENT = 10,
};

static unsigned cpus(const char *root)
{
    char list[4096];

    (void)doctor_line(root, "/sys/devices/system/cpu/online", list, sizeof list);
    unsigned count = doctor_list(list);
    return count ? count : 1;
}

static unsigned nodes(const char *root)
{
    char list[4096];

    (void)doctor_line(root, "/sys/devices/system/node/online", list, sizeof list);
    unsigned count = doctor_list(list);
    return count ? count : 1;
}

/* --- pages ----------------------------------------------------------------------------------- */

/* The chosen word of "always [madvise] never". */
static void chosen(const char *line, char *out, size_t size)
{
    const char *from = strchr(line, '[');
    size_t len = from ? strcspn(from + 1, "]") : 0;

    *out = '\0';
    if (from && len < size) {
        memcpy(out, from + 1, len);
        out[len] = '\0';
    }
}

static void look_at_huge_pages(const char *root, struct finding *f)
{
    static const char two[] = "/sys/kernel/mm/hugepages/hugepages-2048kB/";
    char path[128], line[128], mode[32];
    unsigned wanted = RANDOMX_PAGES * nodes(root) + cpus(root);

    (void)snprintf(path, sizeof path, "%sfree_hugepages", two);
    long long free_pages = doctor_number(root, path);
    (void)snprintf(path, sizeof path, "%snr_hugepages", two);
    long long all = doctor_number(root, path);
    long long big =
        doctor_number(root, "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages");
    (void)doctor_line(root, "/sys/kernel/mm/transparent_hugepage/enabled", line, sizeof line);
    chosen(line, mode, sizeof mode);
    (void)snprintf(f->now, sizeof f->now,
                   "2 MiB: %lld free of %lld; 1 GiB: %lld; transparent huge pages: %s",
                   free_pages < 0 ? 0 : free_pages, all < 0 ? 0 : all, big < 0 ? 0 : big,
                   *mode ? mode : "not in this kernel");
    if (free_pages >= (long long)wanted || !strcmp(mode, "madvise") || !strcmp(mode, "always"))
        return;
    f->state = FINDING_GAIN;
    (void)text_copy(f->gain, sizeof f->gain,
                    "RandomX, Ethash and KawPow with a full dataset: typically 10-50 %; SHA-256d "
                    "and scrypt: nothing to little");
    if (*mode)
        (void)text_copy(f->command, sizeof f->command,
                        "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
    else
        (void)snprintf(f->command, sizeof f->command, "sysctl -w vm.nr_hugepages=%u", wanted);
}

/* --- memory ---------------------------------------------------------------------------------- */

static void look_at_memory(const char *root, struct finding *f)
{
    const struct algo_key first = {.seed_len = 1};
    long long available = doctor_field(root, "/proc/meminfo", "MemAvailable") >> 10;
    AUTO_STR struct str fits = {0};
    AUTO_STR struct str not = {0};

    for (const struct algo *const *at = algos; *at; at++) {
        struct dataset_plan plan;
        if (!(*at)->dataset || (*at)->dataset->plan(&first, &plan, NULL) < 0)
            continue;
        unsigned long long mib = (plan.light_bytes + plan.full_bytes) >> 20;
        struct str *list = available < 0 || mib <= (unsigned long long)available ? &fits : &not ;
        str_addf(list, "%s%s %llu", list->len ? ", " : "", (*at)->name, mib);
    }
    (void)snprintf(f->now, sizeof f->now,
                   "%lld MiB available; full datasets that fit, in MiB, by epoch 0: %s%s%s",
                   available, fits.len ? fits.s : "none", not .len ? "; that do not: " : "",
                   str_text(&not ));
    if (not .len)
        f->state = FINDING_NOTE;
}

static void look_at_numa(const char *root, struct finding *f)
{
    unsigned count = nodes(root);
    long long balancing = doctor_number(root, "/proc/sys/kernel/numa_balancing");

    (void)snprintf(f->now, sizeof f->now, "%u node%s%s", count, count == 1 ? "" : "s",
                   count > 1 && balancing > 0 ? "; the kernel moves pages between them" : "");
    if (count < 2 || balancing <= 0)
        return;
    f->state = FINDING_GAIN;
    (void)text_copy(f->gain, sizeof f->gain,
                    "a few per cent at most: the hashing threads are bound, their memory lies on "
                    "their node already");
    (void)text_copy(f->command, sizeof f->command, "sysctl -w kernel.numa_balancing=0");
}

/* --- cores and clocks ------------------------------------------------------------------------ */

static void look_at_threads(const char *root, struct finding *f)
{
    const struct algo *randomx = algo_find("randomx");
    long long smt = doctor_number(root, "/sys/devices/system/cpu/smt/active");
    unsigned fed = !*root && randomx && randomx->threads ? randomx->threads(NULL, 0) : 0;
    char more[64] = "";

    if (fed)
        (void)snprintf(more, sizeof more, "; the third cache level feeds %u RandomX threads", fed);
    (void)snprintf(f->now, sizeof f->now, "%u CPUs, hardware threads %s%s", cpus(root),
                   smt < 0    ? "unknown"
                   : smt == 1 ? "on"
                              : "off",
                   more);
}

static void look_at_governor(const char *root, struct finding *f)
{
    static const char at[] = "/sys/devices/system/cpu/cpu0/cpufreq/";
    char path[96], governor[64], driver[64];

    (void)snprintf(path, sizeof path, "%sscaling_driver", at);
    (void)doctor_line(root, path, driver, sizeof driver);
    (void)snprintf(path, sizeof path, "%sscaling_governor", at);
    if (!doctor_line(root, path, governor, sizeof governor)) {
        (void)text_copy(f->now, sizeof f->now,
                        "the clock is not under this system's control (virtual machine, or set "
                        "by the firmware)");
        return;
    }
    (void)snprintf(f->now, sizeof f->now, "%s (%s)", governor, *driver ? driver : "driver unknown");
    /* pstate drivers in their active mode call the usual governor powersave: it clocks up */
    bool active = !strcmp(driver, "intel_pstate") || !strcmp(driver, "amd-pstate-epp");
    if (!strcmp(governor, "performance") || !strcmp(governor, "schedutil") ||
        !strcmp(governor, "ondemand") || (active && !strcmp(governor, "powersave")))
        return;
    f->state = FINDING_GAIN;
    (void)snprintf(f->gain, sizeof f->gain,
                   "%s can hold the clock down: the rate grows with the clock, and so do power "
                   "and heat",
                   governor);
    (void)text_copy(f->command, sizeof f->command,
                    "echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
}

/* --- who else takes time --------------------------------------------------------------------- */

/* Quota of the control group in hundredths of a CPU; -1 = none. */
static long long quota_percent(const char *root)
{
    char line[64];
    long long quota = -1, period = -1;

    if (doctor_line(root, "/sys/fs/cgroup/cpu.max", line, sizeof line)) {
        if (sscanf(line, "%18lld %18lld", &quota, &period) != 2)
            return -1;
    } else {
        quota = doctor_number(root, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
        period = doctor_number(root, "/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    }
    return quota > 0 && period > 0 && quota < 1000000000000 ? quota * 100 / period : -1;
}

static void look_at_quota(const char *root, struct finding *f)
{
    long long percent = quota_percent(root), all = 100LL * cpus(root);
    bool idle = !*root && sched_getscheduler(0) == SCHED_IDLE;

    if (idle) {
        f->state = FINDING_GAIN;
        (void)text_copy(f->now, sizeof f->now,
                        "started under SCHED_IDLE: anything else that runs comes first");
        (void)text_copy(f->gain, sizeof f->gain,
                        "everything, on a machine that is not idle; mining.cpu.priority gives way "
                        "politely without it");
        (void)snprintf(f->command, sizeof f->command, "chrt --other --pid 0 %d", (int)getppid());
    } else if (percent >= 0 && percent < all) {
        f->state = FINDING_NOTE;
        (void)snprintf(f->now, sizeof f->now,
                       "the control group grants %lld.%02lld of %lld CPUs: set by who started "
                       "this, in the service or the container",
                       percent / 100, percent % 100, all / 100);
    } else {
        (void)text_copy(f->now, sizeof f->now, "no quota, usual scheduling");
    }
}

/* Share of time, since boot, that the host of a virtual machine gave to others. */
static long long stolen_percent(const char *root)
{
    char line[256];
    unsigned long long t[8] = {0}, all = 0;

    (void)doctor_line(root, "/proc/stat", line, sizeof line);
    if (sscanf(line, "cpu %18llu %18llu %18llu %18llu %18llu %18llu %18llu %18llu", &t[0], &t[1],
               &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) != 8)
        return 0;
    for (unsigned i = 0; i < 8; i++)
        all += t[i];
    return all ? (long long)(t[7] * 100 / all) : 0;
}

static void look_at_load(const char *root, struct finding *f)
{
    char line[128];
    double pressure = 0, load = 0;
    long long stolen = stolen_percent(root);

    (void)doctor_line(root, "/proc/pressure/cpu", line, sizeof line);
    bool known = sscanf(line, "some avg10=%*f avg60=%lf", &pressure) == 1;
    (void)doctor_line(root, "/proc/loadavg", line, sizeof line);
    (void)sscanf(line, "%lf", &load);
    (void)snprintf(f->now, sizeof f->now,
                   "load %.1f on %u CPUs; in the last minute something waited for a CPU %.0f %% of "
                   "the time%s; the host took %lld %% since boot",
                   load, cpus(root), pressure, known ? "" : " (not measured here)", stolen);
    if (pressure < STARVED_PERCENT && stolen < STARVED_PERCENT)
        return;
    f->state = FINDING_NOTE;
    (void)text_copy(f->gain, sizeof f->gain,
                    "hashing gets what other programs leave: `otedama bench` shows the rate per "
                    "CPU second beside the rate");
}

/* --- all of them ----------------------------------------------------------------------------- */

const struct doctor_check doctor_cpu[] = {
    {"huge-pages", "huge pages", look_at_huge_pages},
    {"memory", "memory", look_at_memory},
    {"numa", "NUMA", look_at_numa},
    {"msr", "prefetchers", doctor_look_at_msr},
    {"threads", "threads", look_at_threads},
    {"governor", "clock", look_at_governor},
    {"quota", "scheduling", look_at_quota},
    {"load", "other load", look_at_load},
    {0},
};
