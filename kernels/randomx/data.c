/* SPDX-License-Identifier: MIT */
/* Making a cache from a seed, and what is said about the memory of it all. */
#include "kernels/randomx/data.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "kernels/randomx/file.h"
#include "kernels/randomx/items.h"
#include "kernels/randomx/pages.h"

enum { POLL_US = 5000, STEP = 4096 };

static int plan(const struct algo_key *key, struct dataset_plan *plan, struct fault *why)
{
    char hex[2 * ALGO_SEED_MAX + 1];

    if (!algo_key_has_seed(key))
        return fault_set(why, ERR_KEY,
                         "RandomX hashes with a dataset made from a seed, and the job names none");
    if (key->seed_len > ALGO_SEED_MAX)
        return fault_set(why, ERR_KEY, "a RandomX seed has at most %d bytes, this one has %u",
                         ALGO_SEED_MAX, key->seed_len);
    hex_encode(key->seed, key->seed_len, hex);
    *plan = (struct dataset_plan){
        .light_bytes = RX_CACHE_BYTES, .full_bytes = RX_SET_BYTES, .items = RX_ITEMS};
    (void)snprintf(plan->name, sizeof plan->name, "seed-%s", hex);
    (void)snprintf(plan->title, sizeof plan->title, "seed %.8s", *hex ? hex : "(empty)");
    return 0;
}

/* --- cache ----------------------------------------------------------------------------------- */

/* Explicit huge pages serve what fills them well: with a default of 1 GiB the cache does not. */
static bool wants_large(const struct rx_data *data, uint64_t bytes)
{
    return data->huge_pages && pages_default_huge() == PAGE_2M && pages_explicit(PAGE_2M, bytes);
}

/* `*memory` is NULL where its address is not known. */
static int alloc_cache(struct rx_data *data, void **memory, struct fault *why)
{
    size_t bytes = 0;

    *memory = NULL;
    if (wants_large(data, RX_CACHE_BYTES))
        data->cache = data->rx->alloc_cache(data->flags | RX_LARGE_PAGES);
    data->cache_large = data->cache != NULL;
    if (data->cache)
        return 0;
    pages_watch(data->huge_pages);
    data->cache = data->rx->alloc_cache(data->flags);
    *memory = pages_watched(&bytes);
    if (bytes < RX_CACHE_BYTES)
        *memory = NULL;
    return data->cache
               ? 0
               : fault_set(why, ERR_MEMORY, "the RandomX cache of %llu MiB could not be allocated",
                           (unsigned long long)(RX_CACHE_BYTES >> 20));
}

static void data_free(void *state)
{
    struct rx_data *data = state;

    if (!data)
        return;
    rx_release_copies(data);
    rx_items_free(data->maker);
    if (data->cache)
        data->rx->release_cache(data->cache);
    free(data->dir);
    free(data);
}

/* Argon2 runs to its end once it began, so it has a thread of its own that can be left behind; it
 * then frees what it worked on. */
enum argon_state { ARGON_RUNS, ARGON_DONE, ARGON_LEFT };

struct argon {
    struct rx_data *data;
    _Atomic int state;
};

static void *run_argon(void *arg)
{
    struct argon *a = arg;
    struct rx_data *data = a->data;

    (void)pthread_setname_np(pthread_self(), THREAD_HASH_PREFIX "argon2");
    data->rx->init_cache(data->cache, data->seed, data->seed_len);
    /* release: the cache is visible to who sees it done; pairs with fill_cache */
    if (atomic_exchange_explicit(&a->state, ARGON_DONE, memory_order_acq_rel) == ARGON_LEFT) {
        data_free(data);
        free(a);
    }
    return NULL;
}

static int start_argon(struct argon *a)
{
    sigset_t every, before;
    pthread_attr_t attr;
    pthread_t thread;

    (void)sigfillset(&every); /* signals are the main thread's */
    (void)pthread_sigmask(SIG_SETMASK, &every, &before);
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    int err = pthread_create(&thread, &attr, run_argon, a);
    (void)pthread_attr_destroy(&attr);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -err;
}

/* 0, or an error; `*data` is NULL then where it was left to the thread. */
static int fill_cache(struct rx_data **data, const _Atomic bool *cancel)
{
    struct argon *a = xcalloc(1, sizeof *a);
    int err;

    a->data = *data;
    if ((err = start_argon(a)) < 0) {
        free(a);
        return err;
    }
    while (atomic_load_explicit(&a->state, memory_order_acquire) != ARGON_DONE) {
        int runs = ARGON_RUNS;
        /* only from RUNS: a thread that is done is gone, and nobody else would free */
        if (atomic_load(cancel) && atomic_compare_exchange_strong(&a->state, &runs, ARGON_LEFT)) {
            *data = NULL;
            return ERR_CLOSED;
        }
        sleep_us(POLL_US);
    }
    free(a);
    return atomic_load(cancel) ? ERR_CLOSED : 0;
}

static struct rx_data *data_new(const struct rx_lib *rx, const struct algo_key *key,
                                const struct dataset_plan *plan,
                                const struct dataset_choices *choices, int variant)
{
    struct rx_data *data = xcalloc(1, sizeof *data);

    data->rx = rx;
    memcpy(data->name, plan->name, sizeof data->name);
    data->dir = choices->dir && *choices->dir ? xstrdup(choices->dir) : NULL;
    memcpy(data->seed, key->seed, key->seed_len);
    data->seed_len = key->seed_len;
    data->huge_pages = choices->huge_pages;
    data->items = plan->items;
    data->flags = rx_flags(rx) | variant;
    if (choices->secure_jit && data->flags & RX_JIT)
        data->flags |= RX_SECURE;
    if (!(data->flags & RX_JIT) && rx->get_flags() & RX_JIT)
        log_warn(DEVICE,
                 "RandomX: the system forbids code made at run time (systemd "
                 "MemoryDenyWriteExecute, SELinux execmem): the interpreter hashes, several "
                 "times slower");
    return data;
}

static int light(const struct algo_key *key, const struct dataset_plan *plan,
                 const struct dataset_choices *choices, const _Atomic bool *cancel,
                 _Atomic uint32_t *permille, void **state, struct fault *why)
{
    const struct rx_lib *rx = rx_lib(why);
    struct rx_data *data;
    void *memory;
    int err;

    if (!rx)
        return ERR_CONFIG;
    if ((err = rx_variant(rx, choices->randomx, why)) < 0)
        return err;
    data = data_new(rx, key, plan, choices, err);
    if ((err = alloc_cache(data, &memory, why)) < 0 || (err = fill_cache(&data, cancel)) < 0) {
        data_free(data);
        return err;
    }
    data->cache_huge_known = memory || data->cache_large;
    data->cache_huge = data->cache_large ? RX_CACHE_BYTES / PAGE_2M
                       : memory          ? pages_huge_in(memory, RX_CACHE_BYTES)
                                         : 0;
    atomic_store(permille, 1000);
    *state = data;
    return 0;
}

/* --- words ----------------------------------------------------------------------------------- */

static void count_words(char *out, size_t len, const char *what, uint64_t huge, uint64_t all)
{
    size_t used = strlen(out);

    (void)snprintf(out + used, len - used, "%s%s %llu of %llu", used ? ", " : "", what,
                   (unsigned long long)huge, (unsigned long long)all);
}

static void describe(const void *state, char *out, size_t len)
{
    const struct rx_data *data = state;
    unsigned vms = atomic_load(&data->vms);

    *out = '\0';
    /* pairs with the release in rx_finish */
    if (atomic_load_explicit(&data->set_counted, memory_order_acquire))
        for (unsigned i = 0; i < data->copy_count; i++)
            count_words(out, len, i ? "copy" : "dataset", data->set_huge[i],
                        (RX_SET_BYTES + PAGE_2M - 1) / PAGE_2M);
    if (data->cache_huge_known)
        count_words(out, len, "cache", data->cache_huge, RX_CACHE_BYTES / PAGE_2M);
    if (vms)
        count_words(out, len, "scratchpads", atomic_load(&data->vms_huge), vms);
    size_t used = strlen(out);
    if (used)
        (void)snprintf(out + used, len - used, " in huge pages");
}

const struct dataset_ops rx_dataset_ops = {
    .plan = plan,
    .light = light,
    .reserve = rx_reserve,
    .fill = rx_fill,
    .step = STEP,
    .finish = rx_finish,
    .keep = rx_keep,
    .describe = describe,
    .free = data_free,
};
