/* SPDX-License-Identifier: MIT */
/* `otedama describe WHAT`: the program's tables as roff, for the manuals (scripts/manuals). */
#include "api/describe.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/flags.h"
#include "config/emit.h"
#include "hub/command.h"
#include "metrics/metrics.h"

static void item(const char *name, const char *args, const char *help)
{
    printf(".TP\n.B %s", name);
    if (*args)
        printf(" \\fR%s", args);
    printf("\n%s.\n", help);
}

static void commands(FILE *out)
{
    (void)out;
    for (const struct cli_command *c = cli_commands; c->name; c++)
        item(c->name, c->args, c->help);
}

static void words(FILE *out)
{
    (void)out;
    for (const struct command_info *c = command_table; c->name; c++)
        item(c->name, c->args, c->help);
}

static const struct {
    const char *what;
    void (*print)(FILE *);
} tables[] = {
    {"commands", commands},       {"words", words},
    {"flags", flags_roff},        {"options", config_emit_roff},
    {"routes", api_print_routes}, {"fields", api_print_fields},
    {"metrics", metrics_print},
};

int cli_describe(int argc, char **argv, struct fault *why)
{
    for (unsigned i = 0; argc == 2 && i < sizeof tables / sizeof *tables; i++) {
        if (strcmp(argv[1], tables[i].what) != 0)
            continue;
        tables[i].print(stdout);
        return EXIT_OK;
    }
    (void)fault_set(why, ERR_FIELD,
                    "describe commands, words, flags, options, routes, fields or metrics");
    return EXIT_BAD_USAGE;
}
