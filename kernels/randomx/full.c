/* SPDX-License-Identifier: MIT */
/* The full dataset: memory on each node, items, the check of samples. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/rand.h"
#include "kernels/randomx/data.h"
#include "kernels/randomx/file.h"
#include "kernels/randomx/items.h"
#include "kernels/randomx/pages.h"

enum { SAMPLES = 16, PAGE_1G = 1 << 30 };

/* Left free when the items are copied to another node. */
#define SPARE_BYTES (UINT64_C(512) << 20)

uint8_t *rx_items(const struct rx_data *data, const struct rx_copy *copy)
{
    return data->rx->get_dataset_memory(copy->set);
}

/* --- items ----------------------------------------------------------------------------------- */

/* The library makes items in their place alone. */
static bool agrees_at(const struct rx_data *data, const struct rx_items *maker, uint64_t number)
{
    _Alignas(RX_ITEM_BYTES) uint8_t made[RX_ITEM_BYTES];
    const uint8_t *item = rx_items(data, &data->copies[0]) + number * RX_ITEM_BYTES;

    rx_items_make(maker, number, 1, made);
    data->rx->init_dataset(data->copies[0].set, data->cache, number, 1);
    return !memcmp(made, item, sizeof made);
}

struct rx_items *rx_maker_new(const struct rx_data *data)
{
    const uint8_t *lines = rx_cache_memory(data->rx, data->cache);
    bool aligned = (uintptr_t)rx_items(data, &data->copies[0]) % RX_ITEM_BYTES == 0;
    struct rx_items *maker =
        lines && aligned ? rx_items_new(data->seed, data->seed_len, lines) : NULL;

    for (unsigned i = 0; maker && i < SAMPLES; i++)
        if (!agrees_at(data, maker, i ? rand_u32() % data->items : 0)) {
            log_warn(DEVICE, "RandomX: the items that our code makes differ from librandomx's, "
                             "which makes them instead");
            rx_items_free(maker);
            maker = NULL;
        }
    return maker;
}

/* --- memory ---------------------------------------------------------------------------------- */

/* Explicit huge pages of the system's default size, if the items fill them well: 1040 of 2 MiB or 3
 * of 1 GiB. */
static bool alloc_large(const struct rx_data *data, struct rx_copy *copy)
{
    size_t page = pages_default_huge();

    if (!data->huge_pages || (page != PAGE_2M && page != PAGE_1G) ||
        !pages_explicit(page, RX_SET_BYTES))
        return false;
    copy->set = data->rx->alloc_dataset(RX_LARGE_PAGES);
    copy->page = copy->set ? page : 0;
    return copy->set != NULL;
}

static bool alloc_copy(const struct rx_data *data, struct rx_copy *copy)
{
    if (alloc_large(data, copy))
        return true;
    size_t bytes;
    pages_watch(data->huge_pages);
    copy->set = data->rx->alloc_dataset(0);
    (void)pages_watched(&bytes);
    if (copy->set && data->huge_pages)
        pages_advise(rx_items(data, copy), RX_SET_BYTES); /* before the first touch */
    return copy->set != NULL;
}

static void release(const struct rx_data *data, struct rx_copy *copy)
{
    const size_t page = copy->page;
    void *items = page ? rx_items(data, copy) : NULL;

    data->rx->release_dataset(copy->set);
    /* the library unmaps the bytes of the items, which the kernel refuses for pages of 1 GiB */
    if (page && RX_SET_BYTES % page)
        (void)munmap(items, (RX_SET_BYTES + page - 1) / page * page);
    copy->set = NULL;
}

void rx_release_copies(struct rx_data *data)
{
    while (data->copy_count)
        release(data, &data->copies[--data->copy_count]);
}

int rx_reserve(void *state, const _Atomic bool *cancel, bool *complete, struct fault *why)
{
    struct rx_data *data = state;
    int nodes[NODES_MAX];
    unsigned count = numa_nodes(nodes);
    struct numa_stay *stay = count > 1 ? numa_enter(nodes[0]) : NULL;

    if (!data->copy_count) {
        data->copies[0] = (struct rx_copy){.node = nodes[0]};
        data->copy_count = alloc_copy(data, &data->copies[0]);
    }
    if (stay)
        numa_leave(stay);
    if (!data->copy_count)
        return fault_set(why, ERR_MEMORY,
                         "the RandomX dataset of %" PRIu64 " MiB could not be allocated",
                         RX_SET_BYTES >> 20);
    if (count > 1) /* all threads fill it, from every node */
        numa_place(rx_items(data, &data->copies[0]), RX_SET_BYTES, nodes[0]);
    *complete = rx_read(data, cancel);
    if (!*complete && !data->maker)
        data->maker = rx_maker_new(data);
    return atomic_load(cancel) ? ERR_CLOSED : 0;
}

void rx_fill(void *state, uint64_t first, uint64_t count)
{
    const struct rx_data *data = state;

    if (data->maker) {
        rx_items_make(data->maker, first, count,
                      rx_items(data, &data->copies[0]) + first * RX_ITEM_BYTES);
        return;
    }
    data->rx->init_dataset(data->copies[0].set, data->cache, first, count);
}

/* --- checking -------------------------------------------------------------------------------- */

/* The first, the last and some random items are made again and compared. They are made in their
 * place: nobody hashes with them yet, and what was there is put back if it was right. */
static bool items_agree(const struct rx_data *data)
{
    uint8_t *items = rx_items(data, &data->copies[0]);
    uint8_t was[RX_ITEM_BYTES];

    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t random = (uint64_t)rand_u32() << 32 | rand_u32();
        uint64_t at = i == 0 ? 0 : i == 1 ? data->items - 1 : random % data->items;
        memcpy(was, items + at * RX_ITEM_BYTES, sizeof was);
        data->rx->init_dataset(data->copies[0].set, data->cache, at, 1);
        if (memcmp(was, items + at * RX_ITEM_BYTES, sizeof was) != 0)
            return false;
    }
    return true;
}

/* One random input: sixteen thousand items of the full dataset against the cache. 0, ERR_CHECK or
 * ERR_MEMORY. */
static int hashes_agree(struct rx_data *data, const struct rx_copy *copy)
{
    uint8_t input[76], light[32], full[32];
    struct rx_vm *small = rx_vm_new(data, data->flags, NULL);
    struct rx_vm *big = rx_vm_new(data, data->flags | RX_FULL_MEM, copy);
    int err = small && big ? 0 : ERR_MEMORY;

    rand_bytes(input, sizeof input);
    if (!err) {
        data->rx->calculate_hash(small, input, sizeof input, light);
        data->rx->calculate_hash(big, input, sizeof input, full);
        err = memcmp(light, full, sizeof full) != 0 ? ERR_CHECK : 0;
    }
    if (small)
        data->rx->destroy_vm(small);
    if (big)
        data->rx->destroy_vm(big);
    return err;
}

/* --- copies for other nodes ------------------------------------------------------------------ */

bool rx_copy_to(struct rx_data *data, int node)
{
    struct rx_copy copy = {.node = node};
    struct numa_stay *stay = numa_enter(node);
    bool ok = alloc_copy(data, &copy);

    if (ok) {
        numa_place(rx_items(data, &copy), RX_SET_BYTES, node);
        memcpy(rx_items(data, &copy), rx_items(data, &data->copies[0]), RX_SET_BYTES);
        ok = hashes_agree(data, &copy) == 0;
        if (!ok)
            release(data, &copy);
    }
    numa_leave(stay);
    if (ok)
        data->copies[data->copy_count++] = copy;
    return ok;
}

/* A copy for each node that has the memory; threads elsewhere share the first. */
static void copy_to_nodes(struct rx_data *data)
{
    int nodes[NODES_MAX];
    unsigned count = numa_nodes(nodes);

    for (unsigned i = 0; i < count; i++) {
        if (nodes[i] == data->copies[0].node)
            continue;
        if (memory_available() < RX_SET_BYTES + SPARE_BYTES || !rx_copy_to(data, nodes[i]))
            log_warn(DEVICE,
                     "RandomX: no memory for a dataset on node %d: its threads read that of node "
                     "%d, which is slower",
                     nodes[i], data->copies[0].node);
    }
}

static void count_pages(struct rx_data *data)
{
    for (unsigned i = 0; i < data->copy_count; i++)
        data->set_huge[i] = pages_huge_in(rx_items(data, &data->copies[i]), RX_SET_BYTES);
    /* pairs with the acquire in describe */
    atomic_store_explicit(&data->set_counted, true, memory_order_release);
}

int rx_finish(void *state, struct fault *why)
{
    struct rx_data *data = state;
    int err = items_agree(data) ? hashes_agree(data, &data->copies[0]) : ERR_CHECK;

    if (err == ERR_CHECK)
        return fault_set(why, err,
                         "the RandomX dataset differs from its cache: bad memory, an overclock "
                         "that is not stable, or a bad file");
    if (err < 0)
        return fault_set(why, err, "no memory to check the RandomX dataset");
    copy_to_nodes(data);
    count_pages(data);
    return 0;
}

const struct rx_copy *rx_copy_here(const struct rx_data *data)
{
    int here = data->copy_count > 1 ? numa_here() : data->copies[0].node;

    for (unsigned i = 0; i < data->copy_count; i++)
        if (data->copies[i].node == here)
            return &data->copies[i];
    return &data->copies[0];
}
