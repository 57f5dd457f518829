/* SPDX-License-Identifier: MIT */
/* CPU quota of the control group: cpu.max (version 2) or cpu.cfs_quota_us (version 1). */
#include "drivers/cpu_limits.h"

#include <stdio.h>

/* Two numbers from one file or one each from two; false when there is no limit. */
static int read_numbers(const char *path, long long *first, long long *second)
{
    FILE *f = fopen(path, "re");
    int n = 0;

    if (!f)
        return 0;
    n = fscanf(f, "%lld %lld", first, second);
    (void)fclose(f);
    return n;
}

unsigned cpu_quota(void)
{
    long long quota = -1, period = 0, unused;

    if (read_numbers("/sys/fs/cgroup/cpu.max", &quota, &period) != 2 &&
        (read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", &quota, &unused) < 1 ||
         read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_period_us", &period, &unused) < 1))
        return 0;
    if (quota <= 0 || period <= 0)
        return 0;
    long long cpus = (quota + period - 1) / period;
    return cpus > 4096 ? 4096 : (unsigned)cpus;
}
