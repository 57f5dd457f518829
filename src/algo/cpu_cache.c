/* SPDX-License-Identifier: MIT */
/* Cache sizes from Linux's /sys/devices/system/cpu (Documentation/ABI, sysfs-devices-system-cpu).
 */
#include "algo/cpu_cache.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { INDEXES = 10 };

static int first_cpu(void)
{
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            if (CPU_ISSET(cpu, &allowed))
                return cpu;
    return 0;
}

/* One line of a file below the CPU's folder; "" when it is not there. */
static void read_line(const char *root, int cpu, const char *name, char *out, int len)
{
    char path[4200];

    *out = '\0';
    (void)snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%d/%s", root, cpu, name);
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    if (!fgets(out, len, f))
        *out = '\0';
    (void)fclose(f);
}

/* How many CPUs a list such as "0-3,8" names; at least 1. */
static unsigned count_list(const char *list)
{
    unsigned count = 0;
    char *end;

    for (const char *at = list; *at; at = *end == ',' ? end + 1 : end) {
        unsigned long first = strtoul(at, &end, 10), last = first;
        if (end == at)
            break;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        if (last >= first && last - first < CPU_SETSIZE)
            count += (unsigned)(last - first) + 1;
        if (*end != ',')
            break;
    }
    return count ? count : 1;
}

static unsigned count_of(const char *root, int cpu, const char *name)
{
    char list[4096];

    read_line(root, cpu, name, list, sizeof list);
    return count_list(list);
}

/* "1024K", "32M" */
static size_t size_of(const char *text)
{
    char *end;
    size_t size = strtoul(text, &end, 10);

    return *end == 'K' ? size << 10 : *end == 'M' ? size << 20 : size;
}

struct cpu_caches cpu_caches(const char *root)
{
    struct cpu_caches caches = {0};
    int cpu = first_cpu();
    unsigned siblings = count_of(root, cpu, "topology/thread_siblings_list");

    for (int i = 0; i < INDEXES; i++) {
        char name[64], level[16], size[32];
        (void)snprintf(name, sizeof name, "cache/index%d/level", i);
        read_line(root, cpu, name, level, sizeof level);
        (void)snprintf(name, sizeof name, "cache/index%d/size", i);
        read_line(root, cpu, name, size, sizeof size);
        (void)snprintf(name, sizeof name, "cache/index%d/shared_cpu_list", i);
        unsigned cores = count_of(root, cpu, name) / siblings;
        if (*level == '2')
            caches.l2 = size_of(size) / (cores ? cores : 1);
        else if (*level == '3')
            caches.l3 = size_of(size) / (cores ? cores : 1);
    }
    return caches;
}
