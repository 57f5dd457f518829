/* SPDX-License-Identifier: MIT */
/* Memory for cache and DAG: explicit huge pages, else transparent ones, else whatever there is. */
#include <errno.h>
#include <sys/mman.h>

#include "kernels/ethash/ethash.h"

enum { HUGE_PAGE = 2 << 20 };

static void *map(size_t bytes, int flags)
{
    void *at =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    return at == MAP_FAILED ? NULL : at;
}

int ethash_memory_get(struct ethash_memory *m, uint64_t bytes, bool huge, struct fault *why)
{
    size_t whole = (size_t)((bytes + HUGE_PAGE - 1) & ~(uint64_t)(HUGE_PAGE - 1));

    *m = (struct ethash_memory){.bytes = (size_t)bytes};
    if (huge && (m->map = map(whole, MAP_HUGETLB | (21 << MAP_HUGE_SHIFT)))) {
        m->map_bytes = whole;
        m->at = m->map;
        return 0;
    }
    m->map_bytes = whole + HUGE_PAGE;
    if (!(m->map = map(m->map_bytes, 0))) {
        int err = errno;
        *m = (struct ethash_memory){0};
        return fault_set(why, ERR_MEMORY, "%llu MiB of memory could not be had: %s",
                         (unsigned long long)(bytes >> 20), err_str(-err));
    }
    m->at = (char *)m->map + (HUGE_PAGE - (uintptr_t)m->map % HUGE_PAGE) % HUGE_PAGE;
    if (huge)
        (void)madvise(m->at, whole, MADV_HUGEPAGE); /* only a hint */
    return 0;
}

void ethash_memory_put(struct ethash_memory *m)
{
    if (m->map)
        (void)munmap(m->map, m->map_bytes);
    *m = (struct ethash_memory){0};
}
