/* SPDX-License-Identifier: MIT */
/* `otedama bench pool` and `otedama bench fanout`: the command lines, and which figures are wanted.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "algo/cpu.h"
#include "cli/bench_scene.h"
#include "cli/bench_template.h"
#include "cli/cli.h"
#include "front/front.h"
#include "net/stream.h"

enum { PARALLEL = 64, ROUNDS = 5 };

struct scene_row { /* one line of the table */
    int (*run)(const struct scene_plan *);
    unsigned connections, window, parallel;
    double rate, seconds;
};

static const struct scene_row short_table[] = {
    {scene_submits, 100, 1, PARALLEL, 0, 3},      {scene_submits, 100, 8, PARALLEL, 0, 3},
    {scene_submits, 10000, 1, PARALLEL, 0, 5},    {scene_submits, 1000, 1, PARALLEL, 5000, 4},
    {scene_handshakes, 10000, 1, PARALLEL, 0, 0}, {scene_handshakes, 10000, 1, 1000, 0, 0},
    {scene_fanout, 10000, 1, PARALLEL, 0, 0},     {0},
};

static const struct scene_row full_table[] = {
    {scene_submits, 100, 1, PARALLEL, 0, 8},
    {scene_submits, 100, 8, PARALLEL, 0, 8},
    {scene_submits, 1000, 1, PARALLEL, 0, 8},
    {scene_submits, 10000, 1, PARALLEL, 0, 8},
    {scene_submits, 19000, 1, PARALLEL, 0, 8},
    {scene_submits, 100, 1, PARALLEL, 1000, 8},
    {scene_submits, 1000, 1, PARALLEL, 5000, 8},
    {scene_handshakes, 1000, 1, PARALLEL, 0, 0},
    {scene_handshakes, 10000, 1, PARALLEL, 0, 0},
    {scene_handshakes, 19000, 1, PARALLEL, 0, 0},
    {scene_handshakes, 10000, 1, 1000, 0, 0},
    {scene_fanout, 1000, 1, PARALLEL, 0, 0},
    {scene_fanout, 10000, 1, PARALLEL, 0, 0},
    {scene_fanout, 19000, 1, PARALLEL, 0, 0},
    {0},
};

/* --- the command line ------------------------------------------------------------------------ */

static int check_plan(const struct scene_plan *p, struct fault *why)
{
    if (p->connections > CROWD_CONNECTIONS_MAX || p->window > CROWD_WINDOW_MAX || !p->window ||
        !p->loops || p->loops > FRONT_LOOPS_MAX || !p->parallel || !p->rounds)
        return fault_set(why, EXIT_BAD_USAGE,
                         "--connections takes 1..%d, --window 1..%d, --loops 1..%d; --parallel and "
                         "--rounds at least 1",
                         CROWD_CONNECTIONS_MAX, CROWD_WINDOW_MAX, FRONT_LOOPS_MAX);
    if (!(p->rate >= 0 && p->rate <= 1e7) || !(p->seconds >= 0 && p->seconds <= 3600))
        return fault_set(why, EXIT_BAD_USAGE, "--rate takes up to 1e7, --seconds up to 3600");
    return 0;
}

static void print_head(const struct scene_plan *p)
{
    unsigned cores = (unsigned)CPU_COUNT(&p->cores);
    unsigned used = p->loops < cores ? p->loops : cores;

    (void)printf(
        "%s, SHA-256d, %d transactions, %d Merkle levels%s; %u front loop%s on %u core%s, the "
        "load on %s\n",
        cpu_model(), BENCH_TRANSACTIONS, BENCH_MERKLE_LEVELS, p->tls ? ", TLS" : "", p->loops,
        p->loops > 1 ? "s" : "", used, used > 1 ? "s" : "",
        used < cores ? "another" : "the same: not comparable");
    (void)fflush(stdout);
}

static int run_table(const struct scene_plan *asked, const struct scene_row *rows)
{
    int failed = 0;

    for (; rows->run; rows++) {
        if (asked->tls && rows->run == scene_fanout) /* the bare loop beside it cannot speak TLS */
            continue;
        struct scene_plan p = *asked;
        p.connections = rows->connections;
        p.window = rows->window;
        p.parallel = rows->parallel;
        p.rate = rows->rate;
        p.seconds = asked->seconds > 0 ? asked->seconds : rows->seconds;
        failed |= rows->run(&p) < 0;
    }
    return failed;
}

/* --- a server alone -------------------------------------------------------------------------- */

/* For a load program of one's own: until it is interrupted. */
static int serve_alone(const struct scene_plan *p, const char *address, struct fault *why)
{
    const struct stage_plan plan = {.address = address,
                                    .connections = CROWD_CONNECTIONS_MAX,
                                    .loops = p->loops,
                                    .tls = p->tls,
                                    .cores = p->cores};
    struct stage stage;
    int err = stage_open(&stage, &plan, why);
    char text[16];

    if (err < 0)
        return EXIT_RUNTIME;
    (void)printf("serving on %s as process %d; Enter: a new block; end of input: stop\n",
                 stage.first.address, (int)stage.pid);
    (void)fflush(stdout);
    while (!err && fgets(text, sizeof text, stdin)) {
        struct stage_answer answer;
        err = stage_order(&stage, STAGE_JOB, NULL, 0, &answer, why);
    }
    stage_close(&stage);
    return err < 0 ? EXIT_RUNTIME : EXIT_OK;
}

int cli_bench_pool(int argc, char **argv, struct fault *why)
{
    struct scene_plan p = {.window = 1, .loops = 1, .parallel = PARALLEL, .rounds = ROUNDS};
    const char *listen = NULL;
    bool full = false;
    const struct cli_option options[] = {{"--connections", CLI_UINT, &p.connections},
                                         {"--window", CLI_UINT, &p.window},
                                         {"--rate", CLI_REAL, &p.rate},
                                         {"--parallel", CLI_UINT, &p.parallel},
                                         {"--seconds", CLI_REAL, &p.seconds},
                                         {"--loops", CLI_UINT, &p.loops},
                                         {"--full", CLI_FLAG, &full},
                                         {"--listen", CLI_TEXT, &listen},
                                         {"--tls", CLI_FLAG, &p.tls},
                                         {"--json", CLI_FLAG, &p.json},
                                         {0}};

    if (cli_options(argc, argv, options, why) < 0 || check_plan(&p, why))
        return EXIT_BAD_USAGE;
    scene_prepare(&p);
    if (listen)
        return serve_alone(&p, listen, why);
    if (!p.json)
        print_head(&p);
    if (!p.connections)
        return run_table(&p, full ? full_table : short_table) ? EXIT_RUNTIME : EXIT_OK;
    p.seconds = p.seconds > 0 ? p.seconds : 5;
    int failed = scene_submits(&p) < 0;
    failed |= scene_handshakes(&p) < 0;
    return failed ? EXIT_RUNTIME : EXIT_OK;
}

int cli_bench_fanout(int argc, char **argv, struct fault *why)
{
    struct scene_plan p = {
        .connections = 10000, .window = 1, .loops = 1, .parallel = PARALLEL, .rounds = ROUNDS};
    const struct cli_option options[] = {{"--connections", CLI_UINT, &p.connections},
                                         {"--rounds", CLI_UINT, &p.rounds},
                                         {"--loops", CLI_UINT, &p.loops},
                                         {"--json", CLI_FLAG, &p.json},
                                         {0}};

    if (cli_options(argc, argv, options, why) < 0 || check_plan(&p, why) || !p.connections)
        return EXIT_BAD_USAGE;
    scene_prepare(&p);
    if (!p.json)
        print_head(&p);
    return scene_fanout(&p) < 0 ? EXIT_RUNTIME : EXIT_OK;
}
