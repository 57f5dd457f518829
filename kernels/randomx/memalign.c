/* SPDX-License-Identifier: MIT */
/* posix_memalign for the whole process: big blocks begin on 2 MiB and ask for huge pages.
 *
 * RandomX reads 2 MiB scratchpads and a 256 MiB cache at random: in 4 KiB pages a third of its time
 * goes to the page tables (docs/performance.md). librandomx takes that memory from posix_memalign
 * and never shows its address, so the one way to put it into transparent huge pages without root is
 * to be the posix_memalign it calls. A function of the executable comes before the C library's for
 * everybody, so this one keeps the contract for all sizes; below 1 MiB it adds nothing, and what it
 * returns is the C library's own block, which free() knows.
 *
 * Sanitizers bring an allocator of their own, which must see everything: they keep theirs. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "kernels/randomx/pages.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

enum { BIG = 1 << 20 };

static _Thread_local struct {
    void *at;
    size_t bytes;
} watched;

void pages_watch(void)
{
    watched.at = NULL;
    watched.bytes = 0;
}

void *pages_watched(size_t *bytes)
{
    *bytes = watched.bytes;
    return watched.at;
}

#ifndef SANITIZED
int posix_memalign(void **ret, size_t alignment, size_t size)
{
    const int before = errno;

    if (!alignment || alignment % sizeof(void *) || alignment & (alignment - 1))
        return EINVAL;
    if (size >= BIG && size <= SIZE_MAX - PAGE_2M) {
        alignment = alignment < PAGE_2M ? PAGE_2M : alignment;
        size = (size + PAGE_2M - 1) & ~(size_t)(PAGE_2M - 1);
    }
    void *at = memalign(alignment, size);
    if (!at) {
        errno = before;
        return ENOMEM;
    }
    if (size >= BIG) {
        pages_advise(at, size);
        errno = before; /* a refused hint is no error */
    }
    if (size > watched.bytes) {
        watched.at = at;
        watched.bytes = size;
    }
    *ret = at;
    return 0;
}
#endif
