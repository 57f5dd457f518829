/* SPDX-License-Identifier: MIT */
/* Threads by cache sizes, from /sys/devices/system/cpu. */
#include "kernels/randomx/threads.h"

#include <stdio.h>
#include <string.h>

#include "kernels/randomx/sysfs.h"

enum { INDEXES = 8, L3_EACH = 2 << 20, L2_EACH = 256 << 10 };

struct domain { /* the CPUs that share an L3 */
    cpu_set_t cpus;
    size_t l3, l2; /* bytes; l2: of all cores together */
};

struct pick {
    unsigned *cpus, max, count;
};

/* Size and sharers of a CPU's cache of a level that holds data. False when there is none. */
static bool cache_of(const char *root, unsigned cpu, int level, size_t *size, cpu_set_t *shared)
{
    char path[512], word[32];

    for (int i = 0; i < INDEXES; i++) {
        int base = snprintf(path, sizeof path, "%s/cpu%u/cache/index%d/", root, cpu, i);
        char *leaf = path + base;
        size_t left = sizeof path - (size_t)base;
        (void)snprintf(leaf, left, "level");
        if (!sysfs_line(path, word, sizeof word))
            return false;
        if (word[0] != '0' + level || word[1])
            continue;
        (void)snprintf(leaf, left, "size");
        *size = sysfs_size(path);
        (void)snprintf(leaf, left, "shared_cpu_list");
        return *size && sysfs_list(path, shared);
    }
    return false;
}

/* A CPU is the first of its core when no lower one of `allowed` shares the core; `rank` counts the
 * lower ones. */
static unsigned rank_in_core(const char *root, unsigned cpu, const cpu_set_t *allowed)
{
    cpu_set_t siblings;
    char path[512];
    unsigned rank = 0;

    (void)snprintf(path, sizeof path, "%s/cpu%u/topology/thread_siblings_list", root, cpu);
    if (!sysfs_list(path, &siblings))
        return 0;
    for (unsigned i = 0; i < cpu; i++)
        rank += CPU_ISSET(i, &siblings) && CPU_ISSET(i, allowed);
    return rank;
}

/* Takes `want` CPUs of a set: first units of the cores before second ones. */
static void take(const char *root, const cpu_set_t *set, unsigned want, struct pick *to)
{
    unsigned taken = 0;

    for (unsigned rank = 0; taken < want && rank < CPU_SETSIZE; rank++)
        for (unsigned cpu = 0; taken < want && cpu < CPU_SETSIZE; cpu++) {
            if (!CPU_ISSET(cpu, set) || rank_in_core(root, cpu, set) != rank)
                continue;
            if (to->count < to->max)
                to->cpus[to->count] = cpu;
            to->count++;
            taken++;
        }
}

static unsigned fits(const struct domain *d)
{
    unsigned cpus = (unsigned)CPU_COUNT(&d->cpus);
    size_t n = d->l3 / L3_EACH, by_l2 = d->l2 / L2_EACH;

    n = d->l2 && by_l2 < n ? by_l2 : n;
    n = n < cpus ? n : cpus;
    return n ? (unsigned)n : 1;
}

/* All L2 caches of the domain's CPUs, each counted once. */
static size_t l2_of(const char *root, const cpu_set_t *cpus)
{
    cpu_set_t seen, shared;
    size_t sum = 0, size;

    CPU_ZERO(&seen);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, cpus) || CPU_ISSET(cpu, &seen) ||
            !cache_of(root, cpu, 2, &size, &shared))
            continue;
        sum += size;
        CPU_OR(&seen, &seen, &shared);
    }
    return sum;
}

static unsigned first_units(const char *root, const cpu_set_t *set)
{
    unsigned n = 0;

    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
        n += CPU_ISSET(cpu, set) && rank_in_core(root, cpu, set) == 0;
    return n;
}

unsigned rx_threads_of(const char *root, const cpu_set_t *allowed, unsigned *cpus, unsigned max)
{
    struct pick pick = {cpus, max, 0};
    cpu_set_t left = *allowed;

    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        struct domain d;
        if (!CPU_ISSET(cpu, &left) || !cache_of(root, cpu, 3, &d.l3, &d.cpus))
            continue;
        CPU_SET(cpu, &d.cpus);
        CPU_AND(&d.cpus, &d.cpus, &left);
        CPU_XOR(&left, &left, &d.cpus);
        d.l2 = l2_of(root, &d.cpus);
        take(root, &d.cpus, fits(&d), &pick);
    }
    take(root, &left, first_units(root, &left), &pick); /* without an L3 */
    return pick.count;
}

unsigned rx_threads(unsigned *cpus, unsigned max)
{
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
        return 0;
    return rx_threads_of("/sys/devices/system/cpu", &allowed, cpus, max);
}
