/* SPDX-License-Identifier: MIT */
/* posix_memalign, for the blocks in which librandomx reads at random.
 *
 * RandomX works in scratchpads of 2 MiB and a cache of 256 MiB: in 4 KiB pages a third of its time
 * goes to the page tables (docs/performance.md). The library takes that memory from posix_memalign
 * and never shows its address, so the one way to put it into transparent huge pages without root is
 * to be the posix_memalign it calls. A function of the executable comes before the C library's for
 * everybody, so this one keeps the contract; it differs only for big blocks, on a thread that is
 * inside pages_watch, and what it returns is the C library's own block, which free() knows.
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
    bool on, huge;
    void *at; /* the largest block so far */
    size_t bytes;
} watch;

void pages_watch(bool huge)
{
    watch.on = true;
    watch.huge = huge;
    watch.at = NULL;
    watch.bytes = 0;
}

void *pages_watched(size_t *bytes)
{
    watch.on = false;
    *bytes = watch.bytes;
    return watch.at;
}

#ifndef SANITIZED
static void *big_block(size_t alignment, size_t size)
{
    size = (size + PAGE_2M - 1) & ~(size_t)(PAGE_2M - 1);
    void *at = memalign(alignment < PAGE_2M ? PAGE_2M : alignment, size);

    if (at && watch.huge)
        pages_advise(at, size);
    if (at && size > watch.bytes) {
        watch.at = at;
        watch.bytes = size;
    }
    return at;
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
    const bool big = watch.on && size >= BIG && size <= SIZE_MAX - PAGE_2M;
    const int before = errno;

    if (!alignment || alignment % sizeof(void *) || alignment & (alignment - 1))
        return EINVAL;
    void *at = big ? big_block(alignment, size) : memalign(alignment, size);
    errno = before; /* the contract: errno stays */
    if (!at)
        return ENOMEM;
    *ret = at;
    return 0;
}
#endif
