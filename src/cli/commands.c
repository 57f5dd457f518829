/* SPDX-License-Identifier: MIT */
/* The subcommand table, and finding the one that is meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/cli.h"

const struct cli_command cli_commands[] = {
    {"serve", "--config FILE", "run without a console, as a service", cli_serve},
    {"status", "[--watch] [--json]", "what the running program does", cli_status},
    {"mining", "start|stop", "start or stop hashing", cli_mining},
    {"poolmode", "on|off|status", "open or close the embedded pool", cli_poolmode},
    {"upgrade", "", "let the running program go on as the one that is installed now", cli_upgrade},
    {"algorithm", "[NAME|auto [DEVICE|all]]", "let the devices, or one, do another algorithm",
     cli_algorithm},
    {"pools",
     "[switch|enable|disable N | quota N Q | strategy NAME | drill [S] | rejects] [--json]",
     "the upstream pools, how they are, and what may be done with them", cli_pools},
    {"bans", "[add ADDRESS|NETWORK [TIME|forever] | remove ADDRESS|NETWORK] [--json]",
     "who may not connect to the embedded pool; ban by hand, and end a ban", cli_bans},
    {"devices", "[--json]", "the devices that are found", cli_devices},
    {"bench pool",
     "[--full] [--connections N] [--window N] [--rate R] [--loops N] [--tls] [--json]",
     "shares, miners and memory of the pool's server, over real sockets", cli_bench_pool},
    {"bench fanout", "[--connections N] [--rounds N] [--loops N] [--json]",
     "how fast a new block reaches every miner", cli_bench_fanout},
    {"bench compare", "OLD [NEW] [--tolerance PERCENT]",
     "figures of a saved bench --json beside new ones; exit 1 when one fell", cli_bench_compare},
    {"bench", "[--algo A] [--threads N|--sweep] [--full] [--json]",
     "hash rates, share checks, dataset builds", cli_bench},
    {"tune", "[--config FILE]", "measure the engines; auto then uses the fastest", cli_tune},
    {"doctor", "[cpu] [--json]", "what would make this machine hash faster; exit 1 when something",
     cli_doctor},
    {"selftest", "", "known answers, a line for each, and every engine against its reference",
     cli_selftest},
    {"config init", "[--config FILE]", "write a commented configuration file", cli_config_init},
    {"config validate", "[--config FILE] [--strict]", "check a configuration file",
     cli_config_validate},
    {"config show", "[--origin]", "every setting and where it comes from", cli_config_show},
    {"config explain", "KEY", "what a setting means", cli_config_explain},
    {"config example", "", "print the commented example", cli_config_example},
    {"ledger check", "[--json]", "reconcile the pool's money", cli_ledger_check},
    {"ledger balances", "[--json]", "what the pool owes to whom", cli_ledger_balances},
    {"blocks", "[--json]", "blocks that the pool found", cli_blocks},
    {"record", "--to URL -o FILE [--listen HOST:PORT]",
     "stand between miners and a pool and write down, redacted, what they say", cli_record},
    {"replay", "FILE --as pool|miner [--listen|--to HOST:PORT]",
     "play one end of a transcript; exit 1 when the other end differs", cli_replay},
    {"api get", "PATH", "ask the running program's API", cli_api},
    {"health", "", "exit 0 when the running program is healthy", cli_health},
    {"describe", "commands|words|flags|options|routes|fields|metrics",
     "print reference tables (roff)", cli_describe},
    {"version", "[--json]", "version and build", cli_version},
    {"help", "[COMMAND]", "this list", cli_help},
    {0},
};

/* How many words of argv the command's name takes; 0 when it is another one. */
static int words_matched(const char *name, int argc, char **argv)
{
    int used = 0;

    for (const char *at = name; *at; used++) {
        size_t len = strcspn(at, " ");
        if (used >= argc || strlen(argv[used]) != len || strncmp(argv[used], at, len))
            return 0;
        at += len + (at[len] == ' ');
    }
    return used;
}

static int unknown(const char *word)
{
    const char *best = cli_commands[0].name;
    unsigned least = 1000;

    for (const struct cli_command *c = cli_commands; c->name; c++) {
        unsigned d = text_distance(word, c->name);
        if (d < least)
            least = d, best = c->name;
    }
    (void)fprintf(stderr, "otedama: \"%s\" is not a command; did you mean \"%s\"? `otedama help`\n",
                  word, best);
    return EXIT_BAD_USAGE;
}

static int run(int (*command)(int, char **, struct fault *), int argc, char **argv)
{
    struct fault why = {0};
    int code = command(argc, argv, &why);

    if (!*why.text)
        return code;
    (void)fflush(stdout);
    if (*why.file && why.line)
        (void)fprintf(stderr, "%s:%d:%d: ", why.file, why.line, why.column);
    else
        (void)fprintf(stderr, "otedama: ");
    (void)fprintf(stderr, "%s\n", why.text);
    return code;
}

int cli_run(int argc, char **argv)
{
    if (argc < 2)
        return run(cli_start, argc, argv);
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
        return run(cli_version, argc - 1, argv + 1);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return run(cli_help, argc - 1, argv + 1);
    if (*argv[1] == '-')
        return run(cli_start, argc, argv);
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        int used = words_matched(c->name, argc - 1, argv + 1);
        if (used)
            return run(c->main, argc - used, argv + used);
    }
    return unknown(argv[1]);
}
