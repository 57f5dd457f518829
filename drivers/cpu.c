/* SPDX-License-Identifier: MIT */
/* The CPU as one device: a hashing thread on each physical core this process may use, or on the
 * CPUs that an algorithm asks for; threads that an algorithm does not want idle meanwhile. */
#include "algo/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <hwloc.h>

#include "algo/engine.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/str.h"
#include "config/paths.h"
#include "device/driver.h"
#include "drivers/cpu_limits.h"
#include "drivers/cpu_sense.h"

enum { THREADS_MAX = 1024, PLACES_MAX = 4096, ALGOS = 16 };

/* Where threads can run: one processing unit of each core first, then the cores' other units. */
struct places {
    hwloc_topology_t topology;
    unsigned cores, count;
    unsigned pu[PLACES_MAX]; /* operating system's numbers */
};

struct cpu_state {
    struct places places;
    int nice;
    struct best { /* threads that an algorithm wants, 0 = all; and where, NULL = anywhere */
        const struct algo *algo;
        unsigned count, *cpus;
    } best[ALGOS];
    char engines[ENGINE_SETTING_MAX], tuned[ENGINE_SETTING_MAX];
    _Atomic bool missed_told;    /* that an algorithm lacks the engine that was asked for */
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

/* Enough for the algorithm that wants most: it may be changed to at run time. */
static unsigned thread_count(const struct config *config)
{
    unsigned threads = config->mining.cpu.threads, quota = cpu_quota();

    if (!threads) {
        threads = usual_count();
        for (const struct algo *const *a = algos; *a; a++) {
            unsigned best = (*a)->threads ? (*a)->threads(NULL, 0) : 0;
            threads = best > threads ? best : threads;
        }
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

/* Asked at opening: a bound thread would count its own CPU alone. A count that the configuration
 * gives holds for every algorithm. */
static void ask_algorithms(struct cpu_state *cpu)
{
    for (unsigned i = 0; i < ALGOS && algos[i]; i++) {
        struct best *best = &cpu->best[i];
        best->algo = algos[i];
        best->count = cpu->places.cores;
        if (!algos[i]->threads)
            continue;
        unsigned *cpus = xcalloc(THREADS_MAX, sizeof *cpus);
        unsigned count = algos[i]->threads(cpus, THREADS_MAX);
        if (count)
            best->count = count;
        if (count && count <= THREADS_MAX)
            best->cpus = cpus;
        else
            free(cpus);
    }
}

static int open_cpu(void *state, const struct device_info *info, const struct config *config,
                    struct fault *why)
{
    struct cpu_state *cpu = state;
    const char *engines = config->mining.cpu.impl ? config->mining.cpu.impl : "auto";
    char dir[4096];

    if (engine_check(engines, why) < 0)
        return ERR_CONFIG;
    (void)text_copy(cpu->engines, sizeof cpu->engines, engines);
    path_data_dir(config, dir, sizeof dir);
    (void)engine_tuned_read(dir, info->threads, cpu->tuned);
    cpu->nice = config->mining.cpu.priority;
    cpu_sensor_find(cpu->sensor);
    (void)places_init(&cpu->places); /* without it the threads are just not bound */
    if (!config->mining.cpu.threads)
        ask_algorithms(cpu);
    return 0;
}

static void close_cpu(void *state)
{
    struct cpu_state *cpu = state;

    places_fini(&cpu->places);
    for (unsigned i = 0; i < ALGOS; i++)
        free(cpu->best[i].cpus);
}

/* Makes the thread give way to others, best effort. */
static void enter(void *state, unsigned index)
{
    const struct cpu_state *cpu = state;

    (void)index;
    if (cpu->nice > 0)
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), cpu->nice);
}

static const struct algo_impl *pick(void *state, const struct algo *algo, struct fault *why)
{
    struct cpu_state *cpu = state;
    char missed[ENGINE_SETTING_MAX];
    const struct algo_impl *impl = engine_pick(algo, cpu->engines, cpu->tuned, missed);

    (void)why;
    if (*missed && !atomic_exchange(&cpu->missed_told, true))
        log_warn(DEVICE, "cpu0: %s has no engine %s (mining.cpu.impl): %s hashes it", algo->name,
                 missed, impl->name);
    return impl;
}

static const struct best *best_for(const struct cpu_state *cpu, const struct algo *algo)
{
    for (unsigned i = 0; i < ALGOS; i++)
        if (cpu->best[i].algo == algo && cpu->best[i].count)
            return &cpu->best[i];
    return NULL;
}

static unsigned threads_for(void *state, const struct algo *algo, unsigned threads)
{
    const struct best *best = best_for(state, algo);

    return best && best->count < threads ? best->count : threads;
}

static void bind_to(const struct cpu_state *cpu, unsigned unit)
{
    hwloc_bitmap_t set = hwloc_bitmap_alloc();

    (void)hwloc_bitmap_only(set, unit);
    (void)hwloc_set_cpubind(cpu->places.topology, set, HWLOC_CPUBIND_THREAD);
    hwloc_bitmap_free(set);
}

/* Binds the thread, best effort: where the algorithm's caches are, else a core for each. */
static void settle(void *state, unsigned index, const struct algo *algo)
{
    const struct cpu_state *cpu = state;
    const struct best *best = best_for(cpu, algo);

    if (!cpu->places.count)
        return;
    if (best && best->cpus && index < best->count)
        bind_to(cpu, best->cpus[index]);
    else
        bind_to(cpu, cpu->places.pu[index % cpu->places.count]);
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
    .threads = threads_for,
    .settle = settle,
    .busy = true,
    .scan = scan,
    .sense = sense,
};
