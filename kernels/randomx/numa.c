/* SPDX-License-Identifier: MIT */
/* Memory nodes through /sys and the kernel's own calls. */
#include "kernels/randomx/numa.h"

#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "kernels/randomx/sysfs.h"

enum { POLICY_DEFAULT = 0, POLICY_PREFERRED = 1, MASK_BITS = 1024, WORD = 8 * sizeof(long) };

#define NODE_DIR "/sys/devices/system/node/"

struct numa_stay {
    cpu_set_t cpus; /* before */
    int bound;      /* whether they were changed */
};

struct mask {
    unsigned long word[MASK_BITS / WORD];
};

static struct mask mask_of(int node)
{
    struct mask m = {{0}};

    m.word[(unsigned)node / WORD] = 1ul << ((unsigned)node % WORD);
    return m;
}

/* Is there memory of this node for us? The kernel says so by taking it as a policy. */
static int usable(int node)
{
    struct mask m = mask_of(node);
    long err = syscall(SYS_set_mempolicy, POLICY_PREFERRED, m.word, MASK_BITS);

    (void)syscall(SYS_set_mempolicy, POLICY_DEFAULT, NULL, 0);
    return err == 0;
}

unsigned numa_nodes(int nodes[NODES_MAX])
{
    cpu_set_t with_cpus, with_memory;
    unsigned n = 0;

    if (sysfs_list(NODE_DIR "has_cpu", &with_cpus) &&
        sysfs_list(NODE_DIR "has_memory", &with_memory)) {
        CPU_AND(&with_cpus, &with_cpus, &with_memory);
        int several = CPU_COUNT(&with_cpus) > 1;
        for (int i = 0; i < CPU_SETSIZE && n < NODES_MAX; i++)
            if (CPU_ISSET(i, &with_cpus) && (!several || usable(i)))
                nodes[n++] = i;
    }
    if (!n)
        nodes[n++] = 0;
    return n;
}

int numa_here(void)
{
    unsigned cpu, node;

    return getcpu(&cpu, &node) == 0 ? (int)node : 0;
}

struct numa_stay *numa_enter(int node)
{
    struct numa_stay *stay = xcalloc(1, sizeof *stay);
    struct mask m = mask_of(node);
    cpu_set_t there;
    char path[64];

    (void)snprintf(path, sizeof path, NODE_DIR "node%d/cpulist", node);
    if (!sched_getaffinity(0, sizeof stay->cpus, &stay->cpus) && sysfs_list(path, &there)) {
        CPU_AND(&there, &there, &stay->cpus);
        stay->bound = CPU_COUNT(&there) && !sched_setaffinity(0, sizeof there, &there);
    }
    (void)syscall(SYS_set_mempolicy, POLICY_PREFERRED, m.word, MASK_BITS);
    return stay;
}

void numa_leave(struct numa_stay *stay)
{
    (void)syscall(SYS_set_mempolicy, POLICY_DEFAULT, NULL, 0);
    if (stay->bound)
        (void)sched_setaffinity(0, sizeof stay->cpus, &stay->cpus);
    free(stay);
}

void numa_place(void *at, size_t bytes, int node)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = ((uintptr_t)at + page - 1) & ~(page - 1);
    uintptr_t end = ((uintptr_t)at + bytes) & ~(page - 1);
    struct mask m = mask_of(node);

    if (begin < end)
        (void)syscall(SYS_mbind, (char *)at + (begin - (uintptr_t)at), end - begin,
                      POLICY_PREFERRED, m.word, MASK_BITS, 0);
}
