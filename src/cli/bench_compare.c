/* SPDX-License-Identifier: MIT */
/* `otedama bench compare OLD [NEW]`: figures of a saved run beside new ones, measured now or from a
 * second file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/bench_room.h"
#include "cli/cli.h"

struct compare { /* the command line */
    const char *old_path, *new_path;
    double tolerance, seconds; /* tolerance in per cent */
    bool wall;
};

struct tally {
    unsigned compared, worse, missing;
};

static int read_words(int argc, char **argv, struct compare *c, struct fault *why)
{
    const struct cli_option options[] = {
        {"--tolerance", CLI_REAL, &c->tolerance},
        {"--seconds", CLI_REAL, &c->seconds},
        {"--wall", CLI_FLAG, &c->wall},
        {0},
    };
    int words = cli_options(argc, argv, options, why);

    if (words < 0)
        return EXIT_BAD_USAGE;
    if (words < 1 || words > 2)
        return fault_set(why, EXIT_BAD_USAGE, "usage: otedama bench compare OLD [NEW]");
    if (!(c->tolerance >= 0 && c->tolerance < 100))
        return fault_set(why, EXIT_BAD_USAGE, "--tolerance is per cent: 0 or more, below 100");
    if (!(c->seconds > 0 && c->seconds <= 86400))
        return fault_set(why, EXIT_BAD_USAGE, "--seconds must be above 0 and at most 86400");
    c->old_path = argv[1];
    c->new_path = words > 1 ? argv[2] : NULL;
    return EXIT_OK;
}

static void missing(const struct figure *f, const char *why, struct tally *tally)
{
    (void)fprintf(stderr, "otedama: %s %s %s not compared: %s\n", f->algo, figure_name(f->kind),
                  f->impl, why);
    tally->missing++;
}

static void compare_one(const struct figure *before, const struct figure *now,
                        const struct compare *c, struct tally *tally)
{
    tally->compared++;
    tally->worse += figure_compare(before, now, c->tolerance / 100, c->wall);
}

static void with_file(const struct figure *before, size_t count, const struct figure *now,
                      size_t now_count, const struct compare *c, struct tally *tally)
{
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < now_count && !figure_same(&before[i], &now[k]))
            k++;
        if (k < now_count)
            compare_one(&before[i], &now[k], c, tally);
        else
            missing(&before[i], "not in the second file", tally);
    }
}

static void with_machine(const struct figure *before, size_t count, const struct compare *c,
                         struct tally *tally)
{
    struct bench_room room = {0};

    for (size_t i = 0; i < count; i++) {
        struct figure now = before[i];
        struct fault why = {0};
        if (!algo_find(now.algo)) {
            missing(&now, "no such algorithm here", tally);
            continue;
        }
        int err = bench_measure(&room, &now, c->seconds, &why);
        if (err < 0)
            missing(&now, *why.text ? why.text : err_str(err), tally);
        else
            compare_one(&before[i], &now, c, tally);
    }
    bench_room_free(&room);
}

int cli_bench_compare(int argc, char **argv, struct fault *why)
{
    struct compare c = {.tolerance = 10, .seconds = 3};
    AUTO_FREE struct figure *before = NULL;
    AUTO_FREE struct figure *now = NULL;
    size_t count = 0, now_count = 0;
    struct tally tally = {0};
    int code = read_words(argc, argv, &c, why);

    if (code)
        return code;
    if (figures_read(c.old_path, &before, &count, why) < 0 ||
        (c.new_path && figures_read(c.new_path, &now, &now_count, why) < 0))
        return EXIT_BAD_USAGE;
    (void)printf("%-9s %-8s %-10s %-6s %7s %14s %14s %8s\n", "algorithm", "figure", "engine",
                 "mode", "threads", "old", "new", "new/old");
    if (c.new_path)
        with_file(before, count, now, now_count, &c, &tally);
    else
        with_machine(before, count, &c, &tally);
    (void)printf("%u compared, %u worse by more than %g %%, %u not compared\n", tally.compared,
                 tally.worse, c.tolerance, tally.missing);
    return tally.worse || !tally.compared ? EXIT_RUNTIME : EXIT_OK;
}
