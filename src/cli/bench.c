/* SPDX-License-Identifier: MIT */
/* `otedama bench`: the hash rate of the engines. */
#include "algo/bench.h"

#include <stdio.h>
#include <string.h>

#include "algo/cpu.h"
#include "base/str.h"
#include "cli/cli.h"
#include "device/device.h"

struct wish { /* the command line */
    const char *algo, *impl;
    unsigned threads;
    double seconds;
    bool all_impls, json;
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

static void print_result(const struct bench *b, bool json)
{
    static const struct {
        double unit;
        const char *name;
    } scale[] = {{1e9, "GH/s"}, {1e6, "MH/s"}, {1e3, "kH/s"}, {0, "H/s"}};
    double per_cpu = b->cpu_seconds > 0 ? (double)b->hashes / b->cpu_seconds : 0;
    unsigned i = 0;

    if (json) {
        (void)printf("{\"algo\":\"%s\",\"device\":\"cpu0\",\"impl\":\"%s\",\"threads\":%u,"
                     "\"hashes\":%llu,\"seconds\":%.6f,\"cpu_seconds\":%.6f,\"hashrate\":%.3f}\n",
                     b->algo->name, b->impl->name, b->threads, (unsigned long long)b->hashes,
                     b->seconds, b->cpu_seconds, b->hashrate);
    } else {
        while (scale[i].unit > 0 && b->hashrate < scale[i].unit)
            i++;
        double unit = scale[i].unit > 0 ? scale[i].unit : 1;
        (void)printf("%-10s %-8s %7u %11.2f %s %11.2f %s\n", b->algo->name, b->impl->name,
                     b->threads, b->hashrate / unit, scale[i].name, per_cpu / unit, scale[i].name);
    }
    (void)fflush(stdout);
}

static int measure(const struct algo *algo, const struct algo_impl *impl, const struct wish *wish,
                   struct fault *why)
{
    struct bench b = {
        .algo = algo,
        .impl = impl,
        .versions = impl->versions,
        .threads = wish->threads,
        .seconds = wish->seconds,
    };

    if (bench_run(&b, why) < 0)
        return EXIT_RUNTIME;
    print_result(&b, wish->json);
    return EXIT_OK;
}

static int bench_algo(const struct algo *algo, const struct wish *wish, struct fault *why)
{
    int code = EXIT_OK;

    if (!wish->all_impls) {
        const struct algo_impl *impl = algo_impl_pick(algo, wish->impl, why);
        return impl ? measure(algo, impl, wish, why) : EXIT_BAD_USAGE;
    }
    for (const struct algo_impl *impl = algo->impls; impl->name && !code; impl++)
        if (!(impl->needs & ~cpu_features()))
            code = measure(algo, impl, wish, why);
    return code;
}

static int read_wish(int argc, char **argv, struct wish *wish, struct fault *why)
{
    const struct cli_option options[] = {
        {"--algo", CLI_TEXT, &wish->algo},
        {"--impl", CLI_TEXT, &wish->impl},
        {"--threads", CLI_UINT, &wish->threads},
        {"--seconds", CLI_REAL, &wish->seconds},
        {"--all-impls", CLI_FLAG, &wish->all_impls},
        {"--json", CLI_FLAG, &wish->json},
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
    if (!wish->threads)
        wish->threads = physical_cores();
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

int cli_bench(int argc, char **argv, struct fault *why)
{
    struct wish wish = {.algo = "all", .impl = "auto", .seconds = 3};
    int code = read_wish(argc, argv, &wish, why);

    if (code)
        return code;
    const struct algo *one = algo_find(wish.algo);
    if (!one && strcmp(wish.algo, "all") != 0)
        return unknown_algo(wish.algo, why);
    if (!wish.json)
        (void)printf("%s\n%-10s %-8s %7s %16s %16s\n", cpu_model(), "algorithm", "engine",
                     "threads", "rate", "per CPU second");
    for (const struct algo *const *at = algos; *at && !code; at++)
        if (!one || one == *at)
            code = bench_algo(*at, &wish, why);
    return code;
}
