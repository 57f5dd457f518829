/* SPDX-License-Identifier: MIT */
/* `otedama selftest`: known answers, and every engine against its reference. */
#include <stdio.h>

#include "algo/algo.h"
#include "cli/cli.h"

enum { ROUNDS = 8 };

static void print_line(void *arg, const char *what, bool ok, const char *detail)
{
    (void)arg;
    (void)printf("%-4s %s%s%s\n", ok ? "ok" : "FAIL", what, detail ? ": " : "",
                 detail ? detail : "");
}

int cli_selftest(int argc, char **argv, struct fault *why)
{
    const struct cli_option none[] = {{0}};
    unsigned failures = 0;

    if (cli_options(argc, argv, none, why) < 0)
        return EXIT_BAD_USAGE;
    for (const struct algo *const *at = algos; *at; at++)
        failures += algo_selftest(*at, ROUNDS, true, print_line, NULL);
    (void)printf("%u failed\n", failures);
    return failures ? EXIT_FOUND_ERRORS : EXIT_OK;
}
