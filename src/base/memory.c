/* SPDX-License-Identifier: MIT */
/* Free memory: /proc/meminfo, and the limits of the control groups (versions 2 and 1). */
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

/* --- control groups -------------------------------------------------------------------------- */

enum { GROUP_MAX = 512 }; /* bytes of a path; longer ones count as the root */

struct hierarchy {
    const char *controllers; /* as /proc/self/cgroup has them: "" is version 2 */
    const char *mount, *limit, *used;
};

static const struct hierarchy hierarchies[] = {
    {"", "", "memory.max", "memory.current"},
    {"", "/unified", "memory.max", "memory.current"},
    {"memory", "/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"},
};

/* What the limit of one group leaves; UINT64_MAX = it has none. */
static uint64_t left_in(const struct hierarchy *h, const char *root, const char *group)
{
    char path[2 * GROUP_MAX];
    uint64_t limit, used;

    (void)snprintf(path, sizeof path, "%s%s%s/%s", root, h->mount, group, h->limit);
    if (!read_number(path, &limit))
        return UINT64_MAX;
    (void)snprintf(path, sizeof path, "%s%s%s/%s", root, h->mount, group, h->used);
    if (!read_number(path, &used))
        return UINT64_MAX;
    return limit > used ? limit - used : 0;
}

/* The least of a group and of those above it, up to the root of what is mounted. */
static uint64_t left_up(const struct hierarchy *h, const char *root, char *group)
{
    uint64_t least = UINT64_MAX;

    for (char *end = group + strlen(group);; end = strrchr(group, '/')) {
        if (end)
            *end = '\0';
        uint64_t left = left_in(h, root, group);
        least = left < least ? left : least;
        if (!end || end == group)
            return least;
    }
}

/* Does the list of controllers ("cpu,memory") hold the hierarchy's? */
static bool lists(const char *controllers, const char *wanted)
{
    size_t len = strlen(wanted);

    if (!len)
        return !*controllers;
    for (const char *at = controllers; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (!strncmp(at, wanted, len) && (at[len] == ',' || !at[len]))
            return true;
    }
    return false;
}

/* The group of a line "4:cpu,memory:/path", the controllers cut off before it. NULL: no such line.
 */
static char *split(char *line, const char **controllers)
{
    char *first = strchr(line, ':'), *second = first ? strchr(first + 1, ':') : NULL;

    if (!second)
        return NULL;
    *second = '\0';
    *controllers = first + 1;
    second[1 + strcspn(second + 1, "\n")] = '\0';
    return second + 1;
}

uint64_t memory_group_left(const char *membership, const char *root)
{
    FILE *f = fopen(membership, "re");
    char line[GROUP_MAX], group[GROUP_MAX];
    const char *controllers;
    uint64_t least = UINT64_MAX;

    while (f && fgets(line, sizeof line, f)) {
        char *at = split(line, &controllers);
        for (unsigned i = 0; at && i < sizeof hierarchies / sizeof *hierarchies; i++) {
            if (!lists(controllers, hierarchies[i].controllers))
                continue;
            bool inside = *at == '/' && at[1] && !strstr(at, "/.."); /* ".." is outside the mount */
            (void)snprintf(group, sizeof group, "%s", inside ? at : "");
            uint64_t left = left_up(&hierarchies[i], root, group);
            least = left < least ? left : least;
        }
    }
    if (f)
        (void)fclose(f);
    return least;
}

uint64_t memory_available(void)
{
    uint64_t a = system_available();
    uint64_t b = memory_group_left("/proc/self/cgroup", "/sys/fs/cgroup");

    return a < b ? a : b;
}
