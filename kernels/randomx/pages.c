/* SPDX-License-Identifier: MIT */
/* Huge pages, as /proc and /sys tell of them. */
#include "kernels/randomx/pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

size_t pages_default_huge(void)
{
    FILE *f = fopen("/proc/meminfo", "re");
    unsigned long kib = 0;
    char line[128];

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "Hugepagesize: %lu kB", &kib) == 1)
            break;
    if (f)
        (void)fclose(f);
    return (size_t)kib << 10;
}

static bool read_number(const char *path, uint64_t *ret)
{
    FILE *f = fopen(path, "re");
    bool ok = f && fscanf(f, "%" SCNu64, ret) == 1; /* "max" is no number: no limit */

    if (f)
        (void)fclose(f);
    return ok;
}

/* One of the counters of a page size; 0 when it cannot be read. */
static uint64_t counter(size_t page, const char *name)
{
    char path[96];
    uint64_t n;

    (void)snprintf(path, sizeof path, "/sys/kernel/mm/hugepages/hugepages-%zukB/%s", page >> 10,
                   name);
    return read_number(path, &n) ? n : 0;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static bool group_allows(size_t page, size_t bytes)
{
    static const char *const words[] = {"max", "rsvd.max"};
    char path[96];
    uint64_t limit;

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        const char *size = page == PAGE_2M ? "2MB" : "1GB";
        (void)snprintf(path, sizeof path, "/sys/fs/cgroup/hugetlb.%s.%s", size, words[i]);
        if (read_number(path, &limit) && limit < bytes)
            return false;
    }
    return true;
}

bool pages_explicit(size_t page, size_t bytes)
{
    uint64_t there = less(counter(page, "free_hugepages"), counter(page, "resv_hugepages"));
    uint64_t more =
        less(counter(page, "nr_overcommit_hugepages"), counter(page, "surplus_hugepages"));

    return there + more >= (bytes + page - 1) / page && group_allows(page, bytes);
}

void pages_advise(void *at, size_t bytes)
{
    uintptr_t begin = ((uintptr_t)at + PAGE_2M - 1) & ~(uintptr_t)(PAGE_2M - 1);
    uintptr_t end = ((uintptr_t)at + bytes) & ~(uintptr_t)(PAGE_2M - 1);

    if (begin < end)
        (void)madvise((char *)at + (begin - (uintptr_t)at), end - begin, MADV_HUGEPAGE);
}

/* KiB of huge pages that one line of smaps tells of. */
static unsigned long huge_kib(const char *line)
{
    unsigned long kib;

    return sscanf(line, "AnonHugePages: %lu", &kib) == 1 ||
                   sscanf(line, "Private_Hugetlb: %lu", &kib) == 1
               ? kib
               : 0;
}

unsigned pages_huge_in(const void *at, size_t bytes)
{
    const unsigned all = (unsigned)((bytes + PAGE_2M - 1) / PAGE_2M);
    FILE *f = fopen("/proc/self/smaps", "re");
    uintptr_t first = (uintptr_t)at, last = first + bytes, from, to;
    unsigned long kib = 0;
    char line[512];
    bool inside = false;

    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
            inside = from < last && to > first;
        else if (inside)
            kib += huge_kib(line);
    }
    if (f)
        (void)fclose(f);
    kib /= PAGE_2M >> 10;
    return kib < all ? (unsigned)kib : all;
}
