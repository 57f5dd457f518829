/* SPDX-License-Identifier: MIT */
/* `otedama help`, `otedama version`: from the command table and the build. */
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>
#include <sqlite3.h>
#include <uv.h>

#include "algo/algo.h"
#include "cli/cli.h"
#include "cli/flags.h"

static void print_commands(const char *only)
{
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        char usage[96];
        if (only && strncmp(c->name, only, strlen(only)))
            continue;
        (void)snprintf(usage, sizeof usage, "%s %s", c->name, c->args);
        printf("  %-58s %s\n", usage, c->help);
    }
}

int cli_help(int argc, char **argv, struct fault *why)
{
    (void)why;
    if (argc > 1) {
        print_commands(argv[1]);
        return EXIT_OK;
    }
    printf("otedama %s: mining console and pool\n\n"
           "  otedama [FLAGS]              console; without a terminal, plain lines\n"
           "  otedama COMMAND ...\n\nCommands:\n",
           OTEDAMA_VERSION);
    print_commands(NULL);
    printf("\nFlags of otedama and otedama serve:\n");
    flags_print(stdout);
    printf("\nManuals: otedama(1), otedama.yaml(5). Settings: otedama config explain KEY\n");
    return EXIT_OK;
}

int cli_version(int argc, char **argv, struct fault *why)
{
    bool json = false;
    const struct cli_option options[] = {{"--json", CLI_FLAG, &json}, {0}};

    if (cli_options(argc, argv, options, why) < 0)
        return EXIT_BAD_USAGE;
    if (json) {
        printf("{\"version\":\"%s\",\"compiler\":\"%s\",\"libuv\":\"%s\",\"sqlite\":\"%s\"}\n",
               OTEDAMA_VERSION, __VERSION__, uv_version_string(), sqlite3_libversion());
        return EXIT_OK;
    }
    printf("otedama %s\ncompiled with %s; libuv %s, SQLite %s, %s\nalgorithms:", OTEDAMA_VERSION,
           __VERSION__, uv_version_string(), sqlite3_libversion(), curl_version());
    for (const struct algo *const *algo = algos; *algo; algo++)
        printf(" %s", (*algo)->name);
    printf("\n");
    return EXIT_OK;
}
