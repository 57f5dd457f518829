/* SPDX-License-Identifier: MIT */
/* Memory for the code that makes items, its check, and ranges of them. */
#include "kernels/randomx/items.h"

#include <cpuid.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "algo/cpu.h"
#include "base/alloc.h"
#include "base/rand.h"
#include "kernels/randomx/items_jit.h"

struct rx_items {
    const uint8_t *cache;
    items_fn *make;
    uint8_t *code;
    uint64_t constants[ITEMS_CONSTANTS];
};

enum { CHECKS = 8 };

static bool has_quad_multiply(void)
{
    enum { LEAF7_EBX_AVX512DQ = 1 << 17 };
    unsigned a, b, c, d;

    return cpu_features() & CPU_AVX512 && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
           b & LEAF7_EBX_AVX512DQ;
}

/* Writes first, then makes executable: never both at once. */
static bool place(struct rx_items *items, const struct super_program *programs)
{
    union {
        uint8_t *bytes;
        items_fn *make;
    } at;
    void *pages =
        mmap(NULL, ITEMS_CODE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        return false;
    items->code = at.bytes = pages;
    items->make = at.make;
    return items_write(programs, items->code, ITEMS_CODE_BYTES, items->constants) &&
           mprotect(pages, ITEMS_CODE_BYTES, PROT_READ | PROT_EXEC) == 0;
}

static bool agrees(const struct rx_items *items, const struct super_program *programs)
{
    _Alignas(SUPER_LINE_BYTES) uint8_t got[ITEMS_AT_ONCE * SUPER_LINE_BYTES];
    uint8_t want[SUPER_LINE_BYTES];

    for (unsigned i = 0; i < CHECKS; i++) {
        uint64_t first = i ? rand_u32() : 0;
        rx_items_make(items, first, ITEMS_AT_ONCE, got);
        for (unsigned k = 0; k < ITEMS_AT_ONCE; k++) {
            super_item(programs, items->cache, first + k, want);
            if (memcmp(want, got + (size_t)k * SUPER_LINE_BYTES, sizeof want) != 0)
                return false;
        }
    }
    return true;
}

struct rx_items *rx_items_new(const uint8_t *key, size_t len, const uint8_t *cache)
{
    if (!has_quad_multiply())
        return NULL;
    AUTO_FREE struct super_program *programs = xcalloc(SUPER_PROGRAMS, sizeof *programs);
    struct rx_items *items = xcalloc(1, sizeof *items);
    items->cache = cache;
    super_generate(key, len, programs);
    if (place(items, programs) && agrees(items, programs))
        return items;
    rx_items_free(items);
    return NULL;
}

void rx_items_free(struct rx_items *items)
{
    if (!items)
        return;
    if (items->code)
        (void)munmap(items->code, ITEMS_CODE_BYTES);
    free(items);
}

static void make_eight(const struct rx_items *items, uint64_t first, uint8_t *out)
{
    _Alignas(64) uint64_t number[ITEMS_AT_ONCE];

    for (unsigned i = 0; i < ITEMS_AT_ONCE; i++)
        number[i] = first + i;
    items->make(items->cache, items->constants, number, out);
}

void rx_items_make(const struct rx_items *items, uint64_t first, uint64_t count, uint8_t *out)
{
    _Alignas(SUPER_LINE_BYTES) uint8_t rest[ITEMS_AT_ONCE * SUPER_LINE_BYTES];

    for (; count >= ITEMS_AT_ONCE; count -= ITEMS_AT_ONCE, first += ITEMS_AT_ONCE) {
        make_eight(items, first, out);
        out += sizeof rest;
    }
    if (!count)
        return;
    make_eight(items, first, rest);
    memcpy(out, rest, count * SUPER_LINE_BYTES);
}
