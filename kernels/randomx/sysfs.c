/* SPDX-License-Identifier: MIT */
/* Reading the kernel's one-line files. */
#include "kernels/randomx/sysfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sysfs_line(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "re");
    bool ok = f && fgets(out, (int)size, f);

    if (f)
        (void)fclose(f);
    if (ok)
        out[strcspn(out, "\n")] = '\0';
    return ok;
}

static void add_range(cpu_set_t *set, unsigned long first, unsigned long last)
{
    for (unsigned long i = first; i <= last && i < CPU_SETSIZE; i++)
        CPU_SET(i, set);
}

static bool parse_list(const char *text, cpu_set_t *set)
{
    while (*text) {
        char *end;
        unsigned long first = strtoul(text, &end, 10), last = first;
        if (end == text)
            return false;
        if (*end == '-') {
            text = end + 1;
            last = strtoul(text, &end, 10);
            if (end == text || last < first)
                return false;
        }
        add_range(set, first, last);
        if (*end && *end != ',')
            return false;
        text = end + (*end == ',');
    }
    return true;
}

bool sysfs_list(const char *path, cpu_set_t *ret)
{
    char line[4096];

    CPU_ZERO(ret);
    return sysfs_line(path, line, sizeof line) && parse_list(line, ret) && CPU_COUNT(ret) > 0;
}

size_t sysfs_size(const char *path)
{
    char line[32], unit = 0;
    unsigned long n;

    if (!sysfs_line(path, line, sizeof line) || sscanf(line, "%lu%c", &n, &unit) < 1)
        return 0;
    return n << (unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 0);
}
