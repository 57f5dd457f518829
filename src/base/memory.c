/* SPDX-License-Identifier: MIT */
/* Free memory: /proc/meminfo, and the control group's limit (version 2, then version 1). */
#include "base/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool read_number(const char *path, uint64_t *ret)
{
    FILE *f = fopen(path, "re");
    unsigned long long n;
    bool ok = f && fscanf(f, "%llu", &n) == 1; /* "max" is no number: no limit */

    if (f)
        (void)fclose(f);
    if (ok)
        *ret = n;
    return ok;
}

static uint64_t system_available(void)
{
    FILE *f = fopen("/proc/meminfo", "re");
    unsigned long long kib;
    char line[128];
    uint64_t bytes = UINT64_MAX;

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
            bytes = (uint64_t)kib << 10;
    if (f)
        (void)fclose(f);
    return bytes;
}

static uint64_t group_available(void)
{
    static const char *const files[][2] = {
        {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
        {"/sys/fs/cgroup/memory/memory.limit_in_bytes",
         "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
    };
    uint64_t limit, used;

    for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
        if (read_number(files[i][0], &limit) && read_number(files[i][1], &used))
            return limit > used ? limit - used : 0;
    return UINT64_MAX;
}

uint64_t memory_available(void)
{
    uint64_t a = system_available(), b = group_available();

    return a < b ? a : b;
}
