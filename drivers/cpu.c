/* SPDX-License-Identifier: MIT */
/* The CPU as one device: a hashing thread on each physical core this process may use, or on the
 * CPUs that an algorithm asks for. */
#include "algo/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <hwloc.h>

#include "base/alloc.h"
#include "base/str.h"
#include "device/driver.h"
#include "drivers/cpu_limits.h"
#include "drivers/cpu_sense.h"

enum { THREADS_MAX = 1024, PLACES_MAX = 4096 };

/* Where threads can run: one processing unit of each core first, then the cores' other units. */
struct places {
    hwloc_topology_t topology;
    unsigned cores, count;
    unsigned pu[PLACES_MAX]; /* operating system's numbers */
};

struct cpu_state {
    struct places places;
    int nice;
    char impl[32];
    char sensor[CPU_SENSOR_MAX]; /* "" = none */
};

static void add_units(struct places *p, hwloc_const_cpuset_t allowed, unsigned rank)
{
    int cores = hwloc_get_nbobjs_by_type(p->topology, HWLOC_OBJ_CORE);
    hwloc_bitmap_t set = hwloc_bitmap_alloc();

    for (int i = 0; i < cores; i++) {
        hwloc_obj_t core = hwloc_get_obj_by_type(p->topology, HWLOC_OBJ_CORE, (unsigned)i);
        (void)hwloc_bitmap_and(set, core->cpuset, allowed);
        int pu = hwloc_bitmap_first(set);
        for (unsigned skip = 0; skip < rank && pu >= 0; skip++)
            pu = hwloc_bitmap_next(set, pu);
        if (pu >= 0 && p->count < PLACES_MAX)
            p->pu[p->count++] = (unsigned)pu;
    }
    hwloc_bitmap_free(set);
}

static void find_units(struct places *p)
{
    hwloc_bitmap_t allowed = hwloc_bitmap_alloc(), bound = hwloc_bitmap_alloc();
    int pu;

    (void)hwloc_bitmap_copy(allowed, hwloc_topology_get_allowed_cpuset(p->topology));
    if (!hwloc_get_cpubind(p->topology, bound, HWLOC_CPUBIND_PROCESS))
        (void)hwloc_bitmap_and(allowed, allowed, bound);
    add_units(p, allowed, 0);
    p->cores = p->count;
    for (unsigned rank = 1, before = 0; before != p->count && rank < 8; rank++) {
        before = p->count;
        add_units(p, allowed, rank);
    }
    if (!p->count) /* the machine does not tell its cores apart */
        hwloc_bitmap_foreach_begin(pu, allowed) if (p->count < PLACES_MAX) p->pu[p->count++] =
            (unsigned)pu;
    hwloc_bitmap_foreach_end();
    if (!p->cores)
        p->cores = p->count;
    hwloc_bitmap_free(bound);
    hwloc_bitmap_free(allowed);
}

static int places_init(struct places *p)
{
    *p = (struct places){0};
    if (hwloc_topology_init(&p->topology) < 0)
        return -ENOMEM;
    if (hwloc_topology_load(p->topology) < 0) {
        hwloc_topology_destroy(p->topology);
        p->topology = NULL;
        return -EIO;
    }
    find_units(p);
    return 0;
}

static void places_fini(struct places *p)
{
    if (p->topology)
        hwloc_topology_destroy(p->topology);
    p->topology = NULL;
}

/* The CPUs that an algorithm's own rule names come first, so that its threads are spread over the
 * caches as it meant. */
static void prefer(struct places *p, const struct algo *algo)
{
    unsigned *first = xcalloc(PLACES_MAX, sizeof *first);
    unsigned named = algo->threads(first, PLACES_MAX), n = named < PLACES_MAX ? named : PLACES_MAX;

    for (unsigned i = 0, listed = n; i < p->count && n < PLACES_MAX; i++) {
        unsigned k = 0;
        while (k < listed && first[k] != p->pu[i])
            k++;
        if (k == listed)
            first[n++] = p->pu[i];
    }
    memcpy(p->pu, first, n * sizeof *first);
    p->count = n;
    free(first);
}

/* One for each core. */
static unsigned usual_count(void)
{
    struct places places;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = online > 0 ? (unsigned)online : 1;

    if (places_init(&places) == 0 && places.cores)
        threads = places.cores;
    places_fini(&places);
    return threads;
}

static unsigned thread_count(const struct config *config)
{
    const struct algo *algo = algo_find(config->mining.algorithm);
    unsigned threads = config->mining.cpu.threads, quota = cpu_quota();

    if (!threads) {
        if (algo && algo->threads)
            threads = algo->threads(NULL, 0);
        if (!threads)
            threads = usual_count();
        if (quota && quota < threads)
            threads = quota;
    }
    return threads < THREADS_MAX ? threads : THREADS_MAX;
}

static unsigned find(const struct config *config, struct device_info *out, unsigned max)
{
    if (!config->mining.enable_cpu || !max)
        return 0;
    *out = (struct device_info){.id = "cpu0", .kind = "cpu", .threads = thread_count(config)};
    (void)text_copy(out->name, sizeof out->name, *cpu_model() ? cpu_model() : "CPU");
    return 1;
}

static bool is_auto(const char *impl)
{
    return !impl || !*impl || !strcmp(impl, "auto");
}

static int open_cpu(void *state, const struct device_info *info, const struct config *config,
                    struct fault *why)
{
    struct cpu_state *cpu = state;
    const struct algo *algo = algo_find(config->mining.algorithm);
    const char *impl = config->mining.cpu.impl;

    (void)info;
    if (algo && !is_auto(impl) && !algo_impl_pick(algo, impl, why))
        return ERR_CONFIG;
    (void)text_copy(cpu->impl, sizeof cpu->impl, impl ? impl : "auto");
    cpu->nice = config->mining.cpu.priority;
    cpu_sensor_find(cpu->sensor);
    if (!places_init(&cpu->places) && algo && algo->threads && !config->mining.cpu.threads)
        prefer(&cpu->places, algo);
    return 0; /* without places the threads are just not bound */
}

static void close_cpu(void *state)
{
    places_fini(&((struct cpu_state *)state)->places);
}

/* Binds the thread and makes it give way to others. Both are best effort. */
static void enter(void *state, unsigned index)
{
    struct cpu_state *cpu = state;

    if (cpu->places.count) {
        hwloc_bitmap_t set = hwloc_bitmap_alloc();
        (void)hwloc_bitmap_only(set, cpu->places.pu[index % cpu->places.count]);
        (void)hwloc_set_cpubind(cpu->places.topology, set, HWLOC_CPUBIND_THREAD);
        hwloc_bitmap_free(set);
    }
    if (cpu->nice > 0)
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), cpu->nice);
}

/* A named implementation is for mining.algorithm (checked at opening); another algorithm that does
 * not have it runs its best one. */
static const struct algo_impl *pick(void *state, const struct algo *algo, struct fault *why)
{
    struct cpu_state *cpu = state;
    const struct algo_impl *impl = algo_impl_pick(algo, cpu->impl, NULL);

    return impl ? impl : algo_impl_pick(algo, "auto", why);
}

static void scan(void *state, unsigned index, const struct algo_impl *impl, struct algo_ctx *ctx,
                 struct scan *scan)
{
    (void)state;
    (void)index;
    impl->scan(ctx, scan);
}

static bool sense(void *state, struct telemetry *m)
{
    const struct cpu_state *cpu = state;

    return *cpu->sensor && cpu_sensor_read(cpu->sensor, &m->celsius[0]);
}

const struct driver driver_cpu = {
    .name = "cpu",
    .title = "CPU",
    .state_bytes = sizeof(struct cpu_state),
    .find = find,
    .open = open_cpu,
    .close = close_cpu,
    .enter = enter,
    .pick = pick,
    .scan = scan,
    .sense = sense,
};
