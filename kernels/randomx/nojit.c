/* SPDX-License-Identifier: MIT */
/* On processors that no code is generated for: librandomx makes the items. */
#include "kernels/randomx/items.h"

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
