/* SPDX-License-Identifier: MIT */
/* Opening librandomx and finding out whether it has RandomX v2. */
#include "kernels/randomx/lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "kernels/randomx/data.h"

/* Set once, then read only. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct rx_lib lib;
static struct fault missing; /* why there is none; empty text = there is one */

static void *open_library(void)
{
    static const char *const files[] = {"librandomx.so.0", "librandomx.so"};
    const char *named = getenv("OTEDAMA_LIBRANDOMX");
    void *handle = NULL;

    if (named && *named)
        return dlopen(named, RTLD_NOW | RTLD_LOCAL);
    for (unsigned i = 0; !handle && i < sizeof files / sizeof *files; i++)
        handle = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
    return handle;
}

static bool find(void *handle, const char *name, void *to)
{
    void *symbol = dlsym(handle, name);

    memcpy(to, &symbol, sizeof symbol); /* POSIX: functions fit a void pointer */
    return symbol != NULL;
}

static void load(void)
{
    void *handle = open_library(); /* stays open: code of it may run until the very end */

    if (!handle) {
        (void)fault_set(&missing, ERR_CONFIG,
                        "RandomX needs librandomx, which cannot be opened: install the package "
                        "librandomx0 (Debian, Ubuntu) and start again (%s)",
                        dlerror());
        return;
    }
#define RX_FIND(type, name, parameters)                                                            \
    if (!find(handle, "randomx_" #name, &lib.name))                                                \
        (void)fault_set(&missing, ERR_CONFIG,                                                      \
                        "the librandomx that is installed lacks randomx_" #name                    \
                        ": install version 1.1.10 or newer");
    RX_FUNCTIONS(RX_FIND)
#undef RX_FIND
    (void)find(handle, "randomx_get_cache_memory", &lib.get_cache_memory);
    (void)find(handle, "randomx_calculate_commitment", &lib.calculate_commitment);
}

const struct rx_lib *rx_lib(struct fault *why)
{
    (void)pthread_once(&once, load);
    if (!*missing.text)
        return &lib;
    if (why)
        *why = missing;
    return NULL;
}

/* --- the lines of a cache -------------------------------------------------------------------- */

/* Is every page of the range there to be read? */
static bool is_mapped(uint8_t *at, size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t before = (uintptr_t)at % page;
    AUTO_FREE unsigned char *resident = xmalloc(bytes / page + 2);

    return mincore(at - before, bytes + before, resident) == 0;
}

uint8_t *rx_cache_memory(const struct rx_lib *rx, struct rx_cache *cache)
{
    uint8_t *at;

    if (rx->get_cache_memory)
        return rx->get_cache_memory(cache);
    memcpy(&at, cache, sizeof at);
    /* no page for a null pointer: nothing begins there */
    return (uintptr_t)at >= RX_CACHE_BYTES && is_mapped(at, RX_CACHE_BYTES) ? at : NULL;
}

/* --- code made at run time ------------------------------------------------------------------- */

/* May a page that was written be given this protection? */
static bool may_become(int protection)
{
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return false;
    *(volatile char *)page = 1; /* some rules are about pages that were changed */
    bool may = mprotect(page, size, protection) == 0;
    (void)munmap(page, size);
    return may;
}

int rx_flags(const struct rx_lib *rx)
{
    int flags = rx->get_flags();

    if (!(flags & RX_JIT) || !may_become(PROT_READ | PROT_EXEC))
        return flags & ~(RX_JIT | RX_SECURE);
    return may_become(PROT_READ | PROT_WRITE | PROT_EXEC) ? flags : flags | RX_SECURE;
}

/* --- variants -------------------------------------------------------------------------------- */

/* One light hash with RX_V2 set. False when memory is short. */
static bool hash_v2(const struct rx_lib *rx, const char *key, const char *input, uint8_t out[32])
{
    int flags = rx_flags(rx) | RX_V2;
    struct rx_cache *cache = rx->alloc_cache(flags);
    struct rx_vm *vm = NULL;

    if (cache) {
        rx->init_cache(cache, key, strlen(key));
        vm = rx->create_vm(flags, cache, NULL);
    }
    if (vm) {
        rx->calculate_hash(vm, input, strlen(input), out);
        rx->destroy_vm(vm);
    }
    if (cache)
        rx->release_cache(cache);
    return vm != NULL;
}

/* Source of the answer: tevador/RandomX v2.0, test vectors. */
static int probe_v2(const struct rx_lib *rx, struct fault *why)
{
    static const uint8_t answer[32] = {
        0x22, 0xec, 0x6b, 0x86, 0x1b, 0x3e, 0xb2, 0x36, 0x86, 0xb2, 0xef,
        0xba, 0xd6, 0x95, 0x13, 0xc9, 0x67, 0xec, 0xfc, 0xe8, 0x09, 0x83,
        0xdf, 0x66, 0xc9, 0xc5, 0xb4, 0xfb, 0xfb, 0x4c, 0xdb, 0x6f,
    };
    uint8_t got[32];

    if (rx->calculate_commitment && !hash_v2(rx, "test key 000", "This is a test", got))
        return fault_set(why, ERR_MEMORY, "no memory to try whether librandomx has RandomX v2");
    if (!rx->calculate_commitment || memcmp(got, answer, sizeof answer) != 0)
        return fault_set(why, ERR_CONFIG,
                         "the librandomx that is installed has no RandomX v2, which came with "
                         "version 2.0: use v1, or name a newer library in OTEDAMA_LIBRANDOMX");
    return RX_V2;
}

int rx_variant(const struct rx_lib *rx, const char *variant, struct fault *why)
{
    static _Atomic bool proved; /* a pure function of the library: any thread may find it out */

    if (!variant || !*variant || !strcmp(variant, "v1"))
        return 0;
    if (strcmp(variant, "v2") != 0)
        return fault_set(why, ERR_CONFIG, "there is no RandomX \"%s\": use v1 or v2", variant);
    if (atomic_load(&proved))
        return RX_V2;
    int flag = probe_v2(rx, why);
    if (flag == RX_V2)
        atomic_store(&proved, true);
    return flag;
}
