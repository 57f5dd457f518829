/* SPDX-License-Identifier: MIT */
/* On processors that no code is generated for: librandomx makes the items and hashes. */
#include "kernels/randomx/items.h"
#include "kernels/randomx/machine.h"

struct rx_items *rx_items_new(const uint8_t *key, size_t len, const uint8_t *cache)
{
    (void)key;
    (void)len;
    (void)cache;
    return NULL;
}

void rx_items_free(struct rx_items *items)
{
    (void)items;
}

void rx_items_make(const struct rx_items *items, uint64_t first, uint64_t count, uint8_t *out)
{
    (void)items;
    (void)first;
    (void)count;
    (void)out;
}

struct machine *machine_new(unsigned count, const uint8_t *dataset, bool huge_pages, bool secure)
{
    (void)count;
    (void)dataset;
    (void)huge_pages;
    (void)secure;
    return NULL;
}

void machine_free(struct machine *machine)
{
    (void)machine;
}

void machine_begin(struct machine *machine, const uint8_t *const *inputs, size_t len)
{
    (void)machine;
    (void)inputs;
    (void)len;
}

bool machine_step(struct machine *machine, const uint8_t *const *next, size_t len,
                  uint8_t hash[][32])
{
    (void)machine;
    (void)next;
    (void)len;
    (void)hash;
    return false;
}

bool machine_agrees(struct machine *machine, const struct rx_lib *rx, struct rx_vm *vm)
{
    (void)machine;
    (void)rx;
    (void)vm;
    return false;
}

unsigned machine_count(const struct machine *machine)
{
    (void)machine;
    return 1;
}

bool machine_is_huge(const struct machine *machine)
{
    (void)machine;
    return false;
}
