/* SPDX-License-Identifier: MIT */
/* Subcommands: one row each in commands.c, one file each (bench.c, config.c, ...). */
#pragma once

#include "base/err.h"

/* Exit codes (design: sysexits where they fit). */
enum exit_code {
    EXIT_OK = 0,
    EXIT_RUNTIME = 1,
    EXIT_FOUND_ERRORS = 2, /* validate, doctor, selftest */
    EXIT_NO_DAEMON = 3,    /* the service does not answer */
    EXIT_NOT_FOUND = 5,
    EXIT_BAD_USAGE = 64,
    EXIT_INTERNAL = 70,
    EXIT_CANNOT_WRITE = 73,
    EXIT_BAD_CONFIG = 78,
};

struct cli_command {
    const char *name; /* "bench"; "config show" */
    const char *args; /* "[--algo A|all] [--threads N]" */
    const char *help; /* one sentence */
    /* argv[0] is the command's own word. Returns an exit code; with `why` written for failures:
     * the caller prints "otedama: TEXT" on stderr. */
    int (*main)(int argc, char **argv, struct fault *why);
};
extern const struct cli_command cli_commands[]; /* ends with {0} */

/* The subcommands' functions, each in the file of its name. */
int cli_start(int argc, char **argv, struct fault *why); /* run.c: console or headless */
int cli_serve(int argc, char **argv, struct fault *why);
int cli_status(int argc, char **argv, struct fault *why);
int cli_health(int argc, char **argv, struct fault *why);
int cli_api(int argc, char **argv, struct fault *why);
int cli_mining(int argc, char **argv, struct fault *why);
int cli_poolmode(int argc, char **argv, struct fault *why);
int cli_upgrade(int argc, char **argv, struct fault *why);
int cli_algorithm(int argc, char **argv, struct fault *why);
int cli_pools(int argc, char **argv, struct fault *why);
int cli_bans(int argc, char **argv, struct fault *why);
int cli_devices(int argc, char **argv, struct fault *why);
int cli_bench(int argc, char **argv, struct fault *why);
int cli_bench_compare(int argc, char **argv, struct fault *why);
int cli_bench_pool(int argc, char **argv, struct fault *why);
int cli_bench_fanout(int argc, char **argv, struct fault *why);
int cli_tune(int argc, char **argv, struct fault *why);
int cli_doctor(int argc, char **argv, struct fault *why);
int cli_selftest(int argc, char **argv, struct fault *why);
int cli_config_init(int argc, char **argv, struct fault *why);
int cli_config_validate(int argc, char **argv, struct fault *why);
int cli_config_show(int argc, char **argv, struct fault *why);
int cli_config_explain(int argc, char **argv, struct fault *why);
int cli_config_example(int argc, char **argv, struct fault *why);
int cli_ledger_check(int argc, char **argv, struct fault *why);
int cli_ledger_balances(int argc, char **argv, struct fault *why);
int cli_blocks(int argc, char **argv, struct fault *why);
int cli_record(int argc, char **argv, struct fault *why);
int cli_replay(int argc, char **argv, struct fault *why);
int cli_describe(int argc, char **argv, struct fault *why);
int cli_version(int argc, char **argv, struct fault *why);
int cli_help(int argc, char **argv, struct fault *why);

/* Finds the subcommand, runs it, prints its fault. Returns the exit code. */
int cli_run(int argc, char **argv);

/* A small option reader shared by the subcommands: rows of what is accepted. */
struct cli_option {
    const char *name; /* "--threads" */
    enum { CLI_FLAG, CLI_TEXT, CLI_UINT, CLI_REAL } type;
    void *at; /* bool *, const char **, unsigned *, double * */
};
/* Reads options; others that do not begin with "-" are moved to the front of argv (argv[1]...).
 * Returns how many of those there are, or -1 with `why` (unknown option, nearest name, missing or
 * bad value). */
int cli_options(int argc, char **argv, const struct cli_option *, struct fault *why);
