/* SPDX-License-Identifier: MIT */
/* Virtual machines and the search with them. */
#include "kernels/randomx/vm.h"

#include <fenv.h>
#include <string.h>

#include "algo/cpu.h"
#include "algo/dataset.h"
#include "algo/scan.h"
#include "base/alloc.h"
#include "base/endian.h"
#include "kernels/randomx/ctx.h"
#include "kernels/randomx/pages.h"

static const int without[KINDS] = {
    [KIND_SOFT_AES] = RX_HARD_AES,
    [KIND_INTERPRETER] = RX_JIT | RX_SECURE,
};

/* --- machines -------------------------------------------------------------------------------- */

/* Scratchpads in explicit huge pages: pages of 1 GiB would be wasted on them. */
static struct rx_vm *create_large(struct rx_data *data, int flags, const struct rx_copy *copy)
{
    if (!data->huge_pages || pages_default_huge() != PAGE_2M ||
        !pages_explicit(PAGE_2M, RX_SCRATCHPAD))
        return NULL;
    return data->rx->create_vm(flags | RX_LARGE_PAGES, data->cache, copy ? copy->set : NULL);
}

/* `*pad` (may be NULL) takes the address of the scratchpad where it is known. */
static struct rx_vm *create_small(struct rx_data *data, int flags, const struct rx_copy *copy,
                                  uint8_t **pad)
{
    size_t bytes;

    pages_watch(data->huge_pages);
    struct rx_vm *vm = data->rx->create_vm(flags, data->cache, copy ? copy->set : NULL);
    void *at = pages_watched(&bytes);
    if (pad)
        *pad = vm && bytes >= RX_SCRATCHPAD ? at : NULL;
    return vm;
}

struct rx_vm *rx_vm_new(struct rx_data *data, int flags, const struct rx_copy *copy)
{
    struct rx_vm *vm = create_large(data, flags, copy);

    return vm ? vm : create_small(data, flags, copy, NULL);
}

bool rx_takes_machines(const struct algo_ctx *ctx)
{
    return ctx->copy && ctx->data->flags & RX_JIT && !(ctx->data->flags & RX_V2) &&
           cpu_features() & CPU_AES;
}

void rx_count_pads(struct algo_ctx *ctx, unsigned pads, unsigned huge)
{
    ctx->counted += pads;
    ctx->huge += huge;
    atomic_fetch_add(&ctx->data->vms, pads);
    atomic_fetch_add(&ctx->data->vms_huge, huge);
}

/* The machine that hashes; counted, while it lives, for what is said about pages. */
static struct rx_vm *first_vm(struct algo_ctx *ctx)
{
    struct rx_data *data = ctx->data;
    int flags = data->flags | (ctx->copy ? RX_FULL_MEM : 0);
    /* explicit huge pages are few: they are left to the machines that search */
    struct rx_vm *vm = rx_takes_machines(ctx) ? NULL : create_large(data, flags, ctx->copy);
    uint8_t *pad = NULL;

    if (vm) {
        rx_count_pads(ctx, 1, 1);
        return vm;
    }
    vm = create_small(data, flags, ctx->copy, &pad);
    if (pad) {
        *(volatile uint8_t *)pad = 0; /* here and now: near this thread, and there to be counted */
        rx_count_pads(ctx, 1, pages_huge_in(pad, RX_SCRATCHPAD) > 0);
    }
    return vm;
}

int rx_ctx_new(struct dataset *dataset, struct algo_ctx **ret, struct fault *why)
{
    if (!dataset)
        return fault_set(why, ERR_KEY, "RandomX hashes with a dataset made from a seed");
    struct algo_ctx *ctx = xcalloc(1, sizeof *ctx);
    ctx->data = dataset_memory(dataset);
    ctx->key = dataset_key(dataset);
    if (dataset_state(dataset) == DATASET_FULL)
        ctx->copy = rx_copy_here(ctx->data);
    ctx->vms[KIND_JIT] = first_vm(ctx);
    if (!ctx->vms[KIND_JIT]) {
        free(ctx);
        return fault_set(why, ERR_MEMORY, "RandomX needs 2 MiB of memory for each thread");
    }
    *ret = ctx;
    return 0;
}

void rx_ctx_free(struct algo_ctx *ctx)
{
    if (!ctx)
        return;
    for (unsigned i = 0; i < KINDS; i++)
        if (ctx->vms[i])
            ctx->data->rx->destroy_vm(ctx->vms[i]);
    for (unsigned i = 0; i < 2; i++)
        machine_free(ctx->machines[i]);
    atomic_fetch_sub(&ctx->data->vms, ctx->counted);
    atomic_fetch_sub(&ctx->data->vms_huge, ctx->huge);
    free(ctx);
}

/* The first machine stands in for one that cannot be had: the results are the same. */
static struct rx_vm *vm_of(struct algo_ctx *ctx, enum kind kind)
{
    int flags = ctx->data->flags & ~without[kind];

    if (!ctx->vms[kind])
        ctx->vms[kind] = rx_vm_new(ctx->data, flags | (ctx->copy ? RX_FULL_MEM : 0), ctx->copy);
    return ctx->vms[kind] ? ctx->vms[kind] : ctx->vms[KIND_JIT];
}

/* --- hashing --------------------------------------------------------------------------------- */

bool rx_is_of(const struct algo_ctx *ctx, const struct algo_key *key)
{
    return ctx && key && algo_key_has_seed(key) && key->seed_len == ctx->key->seed_len &&
           !memcmp(key->seed, ctx->key->seed, key->seed_len);
}

/* A full context hashes with the full dataset here too. From the cache it takes 25 to 40 ms instead
 * of 3, and pools check every share of every miner with it. What was wrong when the dataset was
 * made is found by rx_finish (a whole hash of it against the cache, and samples); an item that goes
 * bad later is read by one hash in two thousand (16384 of 34 million items).
 *
 * The library sets the thread's rounding mode and leaves it set: each search and hash puts the
 * caller's back. */
int rx_hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    fenv_t before;

    if (!rx_is_of(ctx, in->key))
        return ERR_KEY;
    (void)fegetenv(&before);
    const struct rx_lib *rx = ctx->data->rx;
    struct rx_vm *vm = ctx->vms[KIND_JIT];
    if (ctx->busy == vm)
        ctx->busy = NULL;
    rx->calculate_hash(vm, in->bytes, in->len, out->hash);
    (void)fesetenv(&before);
    memset(out->mix, 0, sizeof out->mix);
    if (ctx->data->flags & RX_V2) {
        memcpy(out->mix, out->hash, sizeof out->mix);
        rx->calculate_commitment(in->bytes, in->len, out->mix, out->hash);
    }
    return 0;
}

bool rx_meets(const uint8_t hash[32], const struct u256 *target)
{
    if (le64(hash + 24) > target->w[3])
        return false;
    struct u256 value = u256_from_le(hash);
    return u256_cmp(&value, target) <= 0;
}

/* --- searching ------------------------------------------------------------------------------- */

/* The library hashes in a row: handing in the next input gives the hash of the one before, whose
 * last pass over the scratchpad is the first of the next. The row goes on from scan to scan: a
 * slice of work is hardly more than one hash. */
static void begin(struct algo_ctx *ctx, struct rx_vm *vm, const uint8_t *input, uint16_t len)
{
    if (ctx->busy == vm && ctx->pending_len == len && !memcmp(ctx->pending, input, len))
        return;
    ctx->busy = vm;
    ctx->pending_len = len;
    memcpy(ctx->pending, input, len);
    ctx->data->rx->calculate_hash_first(vm, input, len);
}

/* The hash of what is pending, while `input` becomes it. */
static void step(struct algo_ctx *ctx, const uint8_t *input, uint8_t hash[32])
{
    const struct rx_lib *rx = ctx->data->rx;

    rx->calculate_hash_next(ctx->busy, input, ctx->pending_len, hash);
    if (ctx->data->flags & RX_V2) {
        uint8_t plain[32];
        memcpy(plain, hash, sizeof plain);
        rx->calculate_commitment(ctx->pending, ctx->pending_len, plain, hash);
    }
    memcpy(ctx->pending, input, ctx->pending_len);
}

static void search(struct algo_ctx *ctx, struct rx_vm *vm, struct scan *scan)
{
    const struct algo_input *in = &scan->in;
    uint8_t input[ALGO_INPUT_MAX], hash[32];

    memcpy(input, in->bytes, in->len);
    put_le32(input + in->nonce_at, (uint32_t)scan->first);
    begin(ctx, vm, input, in->len);
    while (scan->done < scan->count && !scan_is_stale(scan)) {
        uint64_t nonce = scan->first + scan->done;
        put_le32(input + in->nonce_at, (uint32_t)nonce + 1);
        step(ctx, input, hash);
        scan->done++;
        if (rx_meets(hash, &scan->target) && scan_found(scan, nonce))
            return;
    }
}

void rx_scan_by(struct algo_ctx *ctx, enum kind kind, struct scan *scan)
{
    fenv_t before;

    scan->done = 0;
    scan->found = 0;
    if (!rx_is_of(ctx, scan->in.key) || scan_is_stale(scan))
        return; /* never a hash with another seed's dataset */
    (void)fegetenv(&before);
    search(ctx, vm_of(ctx, kind), scan);
    (void)fesetenv(&before);
}

/* --- searching with the library -------------------------------------------------------------- */

void rx_scan_jit(struct algo_ctx *ctx, struct scan *scan)
{
    rx_scan_by(ctx, KIND_JIT, scan);
}

void rx_scan_soft_aes(struct algo_ctx *ctx, struct scan *scan)
{
    rx_scan_by(ctx, KIND_SOFT_AES, scan);
}

void rx_scan_interpreter(struct algo_ctx *ctx, struct scan *scan)
{
    rx_scan_by(ctx, KIND_INTERPRETER, scan);
}
