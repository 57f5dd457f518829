/* SPDX-License-Identifier: MIT */
/* `otedama tune`: measures the engines of each algorithm with all mining threads and keeps the
 * fastest, for `auto` to use from the next start on. Algorithms with a dataset are left alone:
 * memory decides their speed. */
#include <stdio.h>
#include <string.h>

#include "algo/bench.h"
#include "algo/cpu.h"
#include "algo/engine.h"
#include "base/str.h"
#include "cli/cli.h"
#include "config/paths.h"
#include "device/device.h"

enum { ROUNDS = 3 };

#define CLEARLY 1.03 /* times faster than the rule's choice, or it is noise */

struct tuning {
    const char *config_file;
    char dir[4096];
    unsigned threads;
    double seconds; /* of one round */
};

static unsigned mining_threads(const struct config *config)
{
    struct device_info info[DEVICE_MAX];
    unsigned found = devices_find(config, info, DEVICE_MAX);

    for (unsigned i = 0; i < found; i++)
        if (!strcmp(info[i].kind, "cpu"))
            return info[i].threads;
    return 0;
}

static int read_words(int argc, char **argv, struct tuning *t, struct fault *why)
{
    const struct cli_option rows[] = {
        {"--config", CLI_TEXT, &t->config_file}, {"--seconds", CLI_REAL, &t->seconds}, {0}};
    int words = cli_options(argc, argv, rows, why);

    if (words > 0)
        (void)fault_set(why, ERR_FIELD, "\"%.60s\" is not expected here", argv[1]);
    if (words)
        return EXIT_BAD_USAGE;
    if (!(t->seconds > 0 && t->seconds <= 60))
        return fault_set(why, EXIT_BAD_USAGE, "--seconds must be above 0 and at most 60");
    return EXIT_OK;
}

static int read_config(struct tuning *t, struct fault *why)
{
    const struct config_request request = {.file = t->config_file};
    struct config *config;

    if (config_load(&request, &config, why) < 0)
        return EXIT_BAD_CONFIG;
    path_data_dir(config, t->dir, sizeof t->dir);
    t->threads = mining_threads(config);
    config_unref(config);
    return t->threads ? EXIT_OK
                      : fault_set(why, EXIT_BAD_CONFIG, "the CPU does not mine: mining.enable_cpu");
}

/* The best of a few short rounds: what else runs only ever makes one slower. */
static double best_rate(const struct tuning *t, const struct algo *algo,
                        const struct algo_impl *impl)
{
    double best = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct bench b = {.algo = algo,
                          .impl = impl,
                          .versions = impl->versions,
                          .threads = t->threads,
                          .seconds = t->seconds};
        if (bench_run(&b, NULL) == 0 && b.cpu_seconds > 0) {
            double rate = (double)b.hashes / b.cpu_seconds;
            best = rate > best ? rate : best;
        }
    }
    return best;
}

static void tune_algo(const struct tuning *t, const struct algo *algo, struct str *setting)
{
    const struct algo_impl *fastest = NULL, *usual = algo_impl_pick(algo, "auto", NULL);
    double most = 0;

    for (const struct algo_impl *impl = algo->impls; impl->name; impl++) {
        if (impl->needs & ~cpu_features())
            continue;
        double rate = best_rate(t, algo, impl);
        (void)printf("%-9s %-10s %14.0f H/s per CPU second%s\n", algo->name, impl->name, rate,
                     impl == usual ? "  (auto by rule)" : "");
        (void)fflush(stdout);
        rate *= impl == usual ? CLEARLY : 1;
        if (rate > most) {
            most = rate;
            fastest = impl;
        }
    }
    if (fastest)
        str_addf(setting, "%s%s=%s", setting->len ? "," : "", algo->name, fastest->name);
}

int cli_tune(int argc, char **argv, struct fault *why)
{
    struct tuning t = {.seconds = 0.1};
    AUTO_STR struct str setting = {0};
    int code = read_words(argc, argv, &t, why);

    if (code || (code = read_config(&t, why)))
        return code;
    (void)printf("%s, %u threads\n", cpu_model(), t.threads);
    for (const struct algo *const *at = algos; *at; at++)
        if (!(*at)->dataset)
            tune_algo(&t, *at, &setting);
    int err = engine_tuned_write(t.dir, t.threads, str_text(&setting));
    if (err < 0)
        return fault_set(why, EXIT_CANNOT_WRITE, "%s/engines: %s", t.dir, err_str(err));
    (void)printf("auto uses %s from the next start on (%s/engines)\n", str_text(&setting), t.dir);
    return EXIT_OK;
}
