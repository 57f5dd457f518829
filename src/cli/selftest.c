/* SPDX-License-Identifier: MIT */
/* `otedama selftest`: known answers, and every engine against its reference. */
#include <stdio.h>

#include "algo/algo.h"
#include "algo/known.h"
#include "cli/cli.h"
#include "cli/selftest_numbers.h"

enum { ROUNDS = 8 };

static void print_line(void *arg, const char *what, bool ok, const char *detail)
{
    (void)arg;
    (void)printf("%-4s %s%s%s\n", ok ? "ok" : "FAIL", what, detail ? ": " : "",
                 detail ? detail : "");
    (void)fflush(stdout); /* the next line may take seconds */
}

static void print_known(void *arg, const char *name, enum known_outcome outcome, const char *detail)
{
    static const char *const words[] = {
        [KNOWN_RIGHT] = "ok", [KNOWN_WRONG] = "FAIL", [KNOWN_LEFT_OUT] = "skip"};
    unsigned *left_out = arg;

    (void)printf("%-4s %s%s%s\n", words[outcome], name, *detail ? ": " : "", detail);
    (void)fflush(stdout);
    *left_out += outcome == KNOWN_LEFT_OUT;
}

int cli_selftest(int argc, char **argv, struct fault *why)
{
    const struct cli_option none[] = {{0}};
    unsigned failures = 0, left_out = 0;

    if (cli_options(argc, argv, none, why) < 0)
        return EXIT_BAD_USAGE;
    for (const struct algo *const *at = algos; *at; at++)
        failures += algo_selftest(*at, ROUNDS, true, print_line, NULL);
    for (const struct known_table *t = known_tables; t->file; t++)
        failures += known_check(t, true, print_known, &left_out);
    for (const struct known_table *t = selftest_numbers; t->file; t++)
        failures += known_check(t, true, print_known, &left_out);
    (void)printf("%u failed, %u left out\n", failures, left_out);
    return failures ? EXIT_FOUND_ERRORS : EXIT_OK;
}
