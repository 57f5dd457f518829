/* SPDX-License-Identifier: MIT */
/* `otedama bench`: which figures are wanted, and measuring them one after the other. */
#include "algo/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "algo/cpu.h"
#include "base/str.h"
#include "cli/bench_room.h"
#include "cli/cli.h"
#include "device/device.h"

enum { SWEEP_MAX = 16 };

struct wish { /* the command line */
    const char *algo, *impl, *height, *epoch;
    unsigned threads;
    double seconds;
    bool all_impls, sweep, light, full, no_versions, json;
};

struct run {
    const struct wish *wish;
    struct bench_room room;
    unsigned threads[SWEEP_MAX], thread_counts; /* of the sweep, or the one */
    uint64_t height;
    unsigned measured, failed;
};

static unsigned physical_cores(void)
{
    struct config config = {.mining = {.enable_cpu = true}};
    struct device_info info[DEVICE_MAX];
    unsigned found = devices_find(&config, info, DEVICE_MAX);

    for (unsigned i = 0; i < found; i++)
        if (!strcmp(info[i].kind, "cpu"))
            return info[i].threads;
    return 1;
}

/* Measures and prints one; what cannot be measured is told, and the rest goes on. */
static void measure(struct run *run, const struct algo *algo, enum figure_kind kind,
                    const char *impl, const char *mode, unsigned threads)
{
    struct figure f = {.kind = kind, .threads = threads, .height = run->height};
    struct fault why = {0};

    (void)text_copy(f.algo, sizeof f.algo, algo->name);
    (void)text_copy(f.impl, sizeof f.impl, impl);
    (void)text_copy(f.mode, sizeof f.mode, mode);
    int err = bench_measure(&run->room, &f, run->wish->seconds, &why);
    if (err < 0) {
        run->failed++;
        (void)fprintf(stderr, "otedama: %s %s not measured: %s\n", algo->name, figure_name(kind),
                      *why.text ? why.text : err_str(err));
        return;
    }
    run->measured++;
    figure_print(&f, run->wish->json);
}

/* Hash rates of the wanted engines with every count of threads. */
static void measure_hashes(struct run *run, const struct algo *algo, const char *mode)
{
    const struct algo_impl *chosen = algo_impl_pick(algo, run->wish->impl, NULL);

    for (const struct algo_impl *impl = algo->impls; impl->name; impl++) {
        bool wanted = run->wish->all_impls ? !(impl->needs & ~cpu_features()) : impl == chosen;
        bool fixed = run->wish->no_versions && impl->versions;
        for (unsigned i = 0; wanted && i < run->thread_counts; i++)
            measure(run, algo, FIGURE_HASH, impl->name, fixed ? FIGURE_ONE_VERSION : mode,
                    run->threads[i]);
    }
}

static void bench_algo(struct run *run, const struct algo *algo)
{
    const struct wish *wish = run->wish;
    unsigned most = run->threads[run->thread_counts - 1];
    bool light = wish->light || !wish->full;

    if (!algo->dataset) {
        measure_hashes(run, algo, "");
        measure(run, algo, FIGURE_CHECK, "", "", 1);
        return;
    }
    if (light) {
        measure(run, algo, FIGURE_CACHE, "", "light", 1);
        measure_hashes(run, algo, "light");
        measure(run, algo, FIGURE_CHECK, "", "light", 1);
        for (unsigned i = 0; i < run->thread_counts; i++)
            measure(run, algo, FIGURE_ITEMS, "", "light", run->threads[i]);
    }
    if (wish->full) {
        measure(run, algo, FIGURE_DATASET, "", "full", most);
        measure_hashes(run, algo, "full");
        measure(run, algo, FIGURE_CHECK, "", "full", 1);
    }
    bench_room_free(&run->room);
}

/* --- the command line ------------------------------------------------------------------------ */

/* 1, 2, 4, ... below the cores, the cores, and all hardware threads. */
static void plan_threads(struct run *run)
{
    unsigned cores = run->wish->threads ? run->wish->threads : physical_cores();
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    for (unsigned n = 1; run->wish->sweep && n < cores && run->thread_counts < SWEEP_MAX - 2;
         n *= 2)
        run->threads[run->thread_counts++] = n;
    run->threads[run->thread_counts++] = cores;
    if (run->wish->sweep && !run->wish->threads && online > (long)cores &&
        online <= BENCH_THREADS_MAX)
        run->threads[run->thread_counts++] = (unsigned)online;
}

static int read_height(struct run *run, const struct algo *algo, struct fault *why)
{
    const struct wish *wish = run->wish;
    const char *text = wish->height ? wish->height : wish->epoch;
    char *end = NULL;

    run->height = 0;
    if (!text)
        return EXIT_OK;
    unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end)
        return fault_set(why, EXIT_BAD_USAGE, "\"%s\" is not a height or epoch", text);
    run->height = number;
    if (wish->epoch && bench_epoch_height(algo, number, &run->height) < 0)
        return fault_set(why, EXIT_BAD_USAGE, "%s has no epoch %s", algo->name, text);
    return EXIT_OK;
}

static int read_wish(int argc, char **argv, struct wish *wish, struct fault *why)
{
    const struct cli_option options[] = {
        {"--algo", CLI_TEXT, &wish->algo},
        {"--impl", CLI_TEXT, &wish->impl},
        {"--threads", CLI_UINT, &wish->threads},
        {"--sweep", CLI_FLAG, &wish->sweep},
        {"--seconds", CLI_REAL, &wish->seconds},
        {"--all-impls", CLI_FLAG, &wish->all_impls},
        {"--light", CLI_FLAG, &wish->light},
        {"--full", CLI_FLAG, &wish->full},
        {"--height", CLI_TEXT, &wish->height},
        {"--epoch", CLI_TEXT, &wish->epoch},
        {"--json", CLI_FLAG, &wish->json},
        {"--no-versions", CLI_FLAG, &wish->no_versions},
        {0},
    };
    int words = cli_options(argc, argv, options, why);

    if (words < 0)
        return EXIT_BAD_USAGE;
    if (words > 0)
        return fault_set(why, EXIT_BAD_USAGE, "bench takes options only, not \"%s\"", argv[1]);
    if (!(wish->seconds > 0 && wish->seconds <= 86400))
        return fault_set(why, EXIT_BAD_USAGE, "--seconds must be above 0 and at most 86400");
    if (wish->threads > BENCH_THREADS_MAX)
        return fault_set(why, EXIT_BAD_USAGE, "--threads must be at most %d", BENCH_THREADS_MAX);
    if (wish->height && wish->epoch)
        return fault_set(why, EXIT_BAD_USAGE, "--height or --epoch, not both");
    return EXIT_OK;
}

static int unknown_algo(const char *name, struct fault *why)
{
    AUTO_STR struct str names = {0};

    for (const struct algo *const *at = algos; *at; at++)
        str_addf(&names, ", %s", (*at)->name);
    return fault_set(why, EXIT_BAD_USAGE, "unknown algorithm \"%s\": use all%s", name,
                     str_text(&names));
}

/* Everything that one algorithm is measured with, checked before any of it runs. */
static int check_wish(struct run *run, const struct algo *one, struct fault *why)
{
    const struct wish *wish = run->wish;

    if (!one && strcmp(wish->algo, "all") != 0)
        return unknown_algo(wish->algo, why);
    if (!one && (wish->epoch || wish->height))
        return fault_set(why, EXIT_BAD_USAGE, "--height and --epoch need --algo NAME");
    if (one && !algo_impl_pick(one, wish->impl, why))
        return EXIT_BAD_USAGE;
    return one ? read_height(run, one, why) : EXIT_OK;
}

int cli_bench(int argc, char **argv, struct fault *why)
{
    struct wish wish = {.algo = "all", .impl = "auto", .seconds = 3};
    struct run run = {.wish = &wish};
    int code = read_wish(argc, argv, &wish, why);
    const struct algo *one = algo_find(wish.algo);

    if (code || (code = check_wish(&run, one, why)))
        return code;
    plan_threads(&run);
    if (!wish.json)
        figure_head();
    for (const struct algo *const *at = algos; *at; at++)
        if (!one || one == *at)
            bench_algo(&run, *at);
    return run.measured && !(one && run.failed) ? EXIT_OK : EXIT_RUNTIME;
}
