/* SPDX-License-Identifier: MIT */
/* `otedama status`: what the running program does, asked by its API. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/status_print.h"

static int print_json(const struct client_options *options, struct fault *why)
{
    json_t *status;
    int code = client_data(options, "/api/status", NULL, &status, why);

    if (code != EXIT_OK)
        return code;
    json_dumpf(status, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    putchar('\n');
    json_decref(status);
    return EXIT_OK;
}

static int print_table(const struct client_options *options, bool redraw, struct fault *why)
{
    json_t *status = NULL, *devices = NULL, *pools = NULL;
    int code;

    if ((code = client_data(options, "/api/status", NULL, &status, why)) == EXIT_OK &&
        (code = client_data(options, "/api/devices", NULL, &devices, why)) == EXIT_OK &&
        (code = client_data(options, "/api/pools", NULL, &pools, why)) == EXIT_OK) {
        if (redraw)
            fputs("\033[H\033[2J", stdout);
        status_print(stdout, status, devices, pools);
    }
    json_decref(status);
    json_decref(devices);
    json_decref(pools);
    return code;
}

int cli_status(int argc, char **argv, struct fault *why)
{
    struct client_options options = {0};
    bool json = false, watch = false;
    const struct cli_option rows[] = {{"--config", CLI_TEXT, &options.config},
                                      {"--api", CLI_TEXT, &options.api},
                                      {"--json", CLI_FLAG, &json},
                                      {"--watch", CLI_FLAG, &watch},
                                      {0}};
    int words = cli_options(argc, argv, rows, why), code;

    if (words != 0) {
        if (words > 0)
            (void)fault_set(why, ERR_FIELD,
                            "use: otedama status [--json] [--watch] [--api URL] [--config FILE]");
        return EXIT_BAD_USAGE;
    }
    for (;;) {
        code = json ? print_json(&options, why)
                    : print_table(&options, watch && isatty(STDOUT_FILENO), why);
        if (!watch || code != EXIT_OK || fflush(stdout) == EOF)
            return code;
        sleep_us(2 * SECOND_US);
    }
}
