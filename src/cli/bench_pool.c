/* SPDX-License-Identifier: MIT */
/* `otedama bench pool`: share checks per second through a real front on a loopback socket, against
 * a fixed job with 11 Merkle levels. Two cases: every share is refused as low difficulty (what a
 * flood does), and every share is accepted (what a fleet does). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"
#include "coin/coin.h"
#include "core/target.h"
#include "front/front.h"
#include "net/lines.h"
#include "net/stream.h"

enum {
    MERKLE_LEVELS = 11,
    READ_BYTES = 64 * 1024,
    WINDOW_MAX = 256,
    CONNECTIONS_MAX = 60000,
    HANDSHAKE_S = 30
};

struct wish {
    unsigned connections, window;
    double seconds;
    bool json;
};

struct load {
    const struct wish *wish;
    uv_loop_t loop;
    uv_async_t bell;
    uv_timer_t timer;
    struct front *front;
    struct link *links;
    unsigned ready; /* connections that have a job */
    bool measuring, over;
    uint64_t answered, accepted, broken;
    uint64_t extranonce2;
    int64_t begin_us, end_us, begin_cpu_us, cpu_us;
    char buffer[READ_BYTES];
    struct str out;
};

struct link {
    struct load *load;
    struct stream *stream;
    uv_connect_t connect;
    struct lines lines;
    char job[32], ntime[16];
    bool started;
};

/* --- the fixed job ------------------------------------------------------------------------------
 */

static struct job *fixed_job(const struct algo *algo)
{
    struct job *job = job_new(algo);
    struct block_plan *plan = &job->plan;

    plan->coinb1_len = 62; /* with the extranonces and the rest: 250 bytes, as coinbases are */
    plan->coinb2_len = 176;
    plan->coinb1 = xcalloc(1, plan->coinb1_len);
    plan->coinb2 = xcalloc(1, plan->coinb2_len);
    plan->extranonce1_len = FRONT_EXTRANONCE1;
    plan->extranonce2_len = FRONT_EXTRANONCE2;
    plan->branch_count = MERKLE_LEVELS;
    for (unsigned i = 0; i < MERKLE_LEVELS; i++)
        memset(plan->branch[i], (int)i + 1, 32);
    plan->version = 0x20000000;
    plan->version_mask = 0x1fffe000;
    plan->bits = 0x17034219;
    (void)target_from_bits(plan->bits, &job->block_target);
    plan->ntime = plan->ntime_min = wall_s();
    plan->ntime_max = plan->ntime + 7000;
    job->height = 1;
    job->clean = true;
    return job;
}

/* --- the load ------------------------------------------------------------------------------------
 */

/* CPU time of all threads but this one: the front's, and the log's little. */
static int64_t server_cpu_us(void)
{
    struct rusage u;

    (void)getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * SECOND_US + u.ru_utime.tv_usec +
           u.ru_stime.tv_usec - thread_cpu_us();
}

static void add_submit(struct load *load, const struct link *link)
{
    uint64_t n = load->extranonce2++;

    str_addf(&load->out,
             "{\"id\":%u,\"method\":\"mining.submit\",\"params\":[\"bench.1\",\"%s\",\"%016llx\","
             "\"%s\",\"%08x\"]}\n",
             (unsigned)(n & 0xffff), link->job, (unsigned long long)n, link->ntime,
             (uint32_t)(n * 2654435761u));
}

static void send_out(struct link *link)
{
    struct load *load = link->load;
    uv_buf_t buf = uv_buf_init(load->out.s, (unsigned)load->out.len);

    if (stream_send(link->stream, &buf, 1) < 0)
        load->broken++;
    str_clear(&load->out);
}

static void begin_when_all_ready(struct load *load)
{
    if (++load->ready != load->wish->connections)
        return;
    load->measuring = true;
    load->begin_us = now_us();
    load->begin_cpu_us = server_cpu_us();
    for (unsigned i = 0; i < load->wish->connections; i++) {
        for (unsigned k = 0; k < load->wish->window; k++)
            add_submit(load, &load->links[i]);
        send_out(&load->links[i]);
    }
}

static void read_job(struct link *link, const char *line)
{
    const char *id = strstr(line, "\"params\":[\""), *tail = strrchr(line, ',');

    if (!id || !tail || tail - line < 10)
        return;
    (void)snprintf(link->job, sizeof link->job, "%.*s", (int)strcspn(id + 11, "\""), id + 11);
    (void)snprintf(link->ntime, sizeof link->ntime, "%.8s", tail - 9);
    if (!link->started)
        begin_when_all_ready(link->load);
    link->started = true;
}

static int on_line(void *arg, char *line, size_t len)
{
    struct link *link = arg;
    struct load *load = link->load;

    (void)len;
    if (strstr(line, "mining.notify\",\"params\"")) {
        read_job(link, line);
    } else if (load->measuring && !load->over && !strstr(line, "\"method\"")) {
        load->answered++;
        load->accepted += strstr(line, "\"result\":true") != NULL;
        add_submit(load, link);
    }
    return 0;
}

static void on_data(void *arg, char *bytes, size_t len)
{
    struct link *link = arg;

    if (lines_feed(&link->lines, bytes, len, on_line, link) < 0)
        link->load->broken++;
    if (link->load->out.len)
        send_out(link);
}

static void on_ended(void *arg, int err)
{
    struct link *link = arg;

    (void)err;
    link->load->broken += !link->load->over;
}

static const struct stream_events stream_events = {.data = on_data, .ended = on_ended};

static void on_connected(uv_connect_t *req, int status)
{
    static char hello[] = "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"bench\"]}\n"
                          "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"bench.1\",\"\"]}"
                          "\n";
    struct link *link = req->data;
    uv_buf_t buf = uv_buf_init(hello, sizeof hello - 1);

    if (status < 0 ||
        stream_start(link->stream, link->load->buffer, READ_BYTES, 1 << 20, &stream_events, link) ||
        stream_send(link->stream, &buf, 1) < 0)
        link->load->broken++;
}

/* --- one case ------------------------------------------------------------------------------------
 */

static void on_bell(uv_async_t *bell)
{
    struct load *load = bell->data;
    struct event ev;

    while (load->front && front_take(load->front, &ev)) {
        if (ev.type == EV_FRONT_BLOCK)
            share_free(((struct front_block *)ev.p)->share);
        if (ev.type != EV_FRONT_STOPPED)
            free(ev.p);
    }
}

static void on_time(uv_timer_t *timer)
{
    struct load *load = timer->data;
    double waited = (double)(now_us() - load->begin_us) / 1e6;

    if (!load->measuring && !load->broken && waited > HANDSHAKE_S)
        load->broken = load->wish->connections - load->ready;
    if (!load->broken && (!load->measuring || waited < load->wish->seconds))
        return;
    load->over = true;
    load->end_us = now_us();
    load->cpu_us = server_cpu_us() - load->begin_cpu_us;
    uv_stop(&load->loop);
}

static int connect_all(struct load *load, struct fault *why)
{
    struct endpoint at;
    struct sockaddr_storage sa;
    int err = endpoint_parse(front_address(load->front), 0, false, &at, why);

    if (!err)
        err = endpoint_literal(&at, &sa, why);
    for (unsigned i = 0; i < load->wish->connections && !err; i++) {
        struct link *link = &load->links[i];
        link->load = load;
        link->lines.limit = READ_BYTES;
        link->connect.data = link;
        link->stream = stream_new(&load->loop);
        err = uv_tcp_connect(&link->connect, &link->stream->tcp, (struct sockaddr *)&sa,
                             on_connected);
        if (err)
            (void)fault_set(why, err, "cannot open %u connections: %s", load->wish->connections,
                            err_str(err));
    }
    return err;
}

static void finish(struct load *load)
{
    for (unsigned i = 0; i < load->wish->connections; i++) {
        stream_close(load->links[i].stream);
        lines_fini(&load->links[i].lines);
    }
    front_free(load->front);
    load->front = NULL;
    uv_close((uv_handle_t *)&load->bell, NULL);
    uv_close((uv_handle_t *)&load->timer, NULL);
    (void)uv_run(&load->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&load->loop);
    str_free(&load->out);
    free(load->links);
}

static void print_result(const struct load *load, const char *name)
{
    double seconds = (double)(load->end_us - load->begin_us) / 1e6;
    double rate = seconds > 0 ? (double)load->answered / seconds : 0;
    double cpu = load->answered ? (double)load->cpu_us / (double)load->answered : 0;

    if (load->wish->json)
        (void)printf("{\"bench\":\"pool\",\"case\":\"%s\",\"connections\":%u,\"window\":%u,"
                     "\"merkle_levels\":%d,\"seconds\":%.6f,\"shares\":%llu,\"accepted\":%llu,"
                     "\"shares_per_second\":%.3f,\"server_cpu_us_per_share\":%.3f}\n",
                     name, load->wish->connections, load->wish->window, MERKLE_LEVELS, seconds,
                     (unsigned long long)load->answered, (unsigned long long)load->accepted, rate,
                     cpu);
    else
        (void)printf("pool, shares %-8s  %10.0f checks/s  %6.2f us of server CPU each\n", name,
                     rate, cpu);
    (void)fflush(stdout);
}

static int measure(const struct wish *wish, const char *name, double difficulty, struct fault *why)
{
    const struct algo *algo = algo_find("sha256d");
    AUTO_FREE struct load *load = xcalloc(1, sizeof *load);
    struct front_options options = {.ports[0].address = "127.0.0.1:0",
                                    .port_count = 1,
                                    .max_connections = wish->connections,
                                    .coin = coin_find("devnet"),
                                    .algo = algo,
                                    .ports[0].start_difficulty = difficulty,
                                    .ports[0].min_difficulty = difficulty,
                                    .ports[0].max_difficulty = difficulty,
                                    .bell = &load->bell};

    load->wish = wish;
    load->begin_us = now_us();
    load->links = xcalloc(wish->connections, sizeof *load->links);
    (void)uv_loop_init(&load->loop);
    (void)uv_async_init(&load->loop, &load->bell, on_bell);
    (void)uv_timer_init(&load->loop, &load->timer);
    load->bell.data = load->timer.data = load;
    int err = front_start(&options, &load->front, why);
    if (!err) {
        struct job *job = fixed_job(algo);
        front_publish(load->front, job);
        job_unref(job);
        (void)uv_timer_start(&load->timer, on_time, 10, 10);
        err = connect_all(load, why);
    }
    if (!err)
        (void)uv_run(&load->loop, UV_RUN_DEFAULT);
    if (!err && load->broken)
        err = fault_set(why, ERR_CLOSED, "%llu connections of the benchmark broke",
                        (unsigned long long)load->broken);
    finish(load);
    if (!err)
        print_result(load, name);
    return err;
}

int cli_bench_pool(int argc, char **argv, struct fault *why)
{
    struct wish wish = {.connections = 100, .window = 8, .seconds = 3};
    const struct cli_option options[] = {{"--connections", CLI_UINT, &wish.connections},
                                         {"--window", CLI_UINT, &wish.window},
                                         {"--seconds", CLI_REAL, &wish.seconds},
                                         {"--json", CLI_FLAG, &wish.json},
                                         {0}};

    if (cli_options(argc, argv, options, why) < 0)
        return EXIT_BAD_USAGE;
    if (!wish.connections || wish.connections > CONNECTIONS_MAX || !wish.window ||
        wish.window > WINDOW_MAX || !(wish.seconds > 0 && wish.seconds <= 3600)) {
        (void)fault_set(why, ERR_CONFIG,
                        "--connections takes 1..%d, --window 1..%d, --seconds up to 3600",
                        CONNECTIONS_MAX, WINDOW_MAX);
        return EXIT_BAD_USAGE;
    }
    net_block_sigpipe();
    /* difficulty 1000: no random share meets it; 2^-40: every one does */
    if (measure(&wish, "refused", 1000, why) < 0 || measure(&wish, "accepted", 0x1p-40, why) < 0)
        return EXIT_RUNTIME;
    return EXIT_OK;
}
