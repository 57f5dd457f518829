/* SPDX-License-Identifier: MIT */
/* What the program costs besides hashing, from /proc/self. Hashing threads are those whose name
 * begins with THREAD_HASH_PREFIX (device/scan_loop.c gives it). */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "algo/dataset.h"
#include "hub/internal.h"

/* User + system time of one thread in clock ticks; -1 when it hashes or cannot be read. */
static int64_t thread_ticks(const char *tid)
{
    char path[300], line[512];
    unsigned long user, system;

    (void)snprintf(path, sizeof path, "/proc/self/task/%s/stat", tid);
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    size_t len = fread(line, 1, sizeof line - 1, file);
    (void)fclose(file);
    line[len] = 0;
    char *name = strchr(line, '('), *end = strrchr(line, ')');
    if (!name || !end || !strncmp(name + 1, THREAD_HASH_PREFIX, strlen(THREAD_HASH_PREFIX)))
        return -1;
    /* after ")": state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime
     */
    if (sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) !=
        2)
        return -1;
    return (int64_t)(user + system);
}

int64_t other_cpu_us(void)
{
    DIR *dir = opendir("/proc/self/task");
    int64_t ticks = 0;

    if (!dir)
        return -1;
    for (struct dirent *e; (e = readdir(dir));) {
        int64_t one = e->d_name[0] == '.' ? -1 : thread_ticks(e->d_name);
        if (one > 0)
            ticks += one;
    }
    (void)closedir(dir);
    return ticks * 1000000 / sysconf(_SC_CLK_TCK);
}

uint64_t resident_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file)
        return 0;
    if (fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    (void)fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
