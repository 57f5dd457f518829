/* SPDX-License-Identifier: MIT */
/* The server's process of the pool's benchmarks: the front, and who takes the hub's place. */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <uv.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/bench_secret.h"
#include "cli/bench_stage.h"
#include "cli/bench_template.h"
#include "coin/coin.h"
#include "core/share.h"
#include "front/front.h"

struct server {
    const struct stage_plan *plan;
    uv_loop_t loop;
    uv_async_t bell;
    uv_poll_t poll;
    int wire;
    struct front *front;
    struct bench_template template;
    struct stage_answer answer;
};

static int64_t unix_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* --- the hub's place ------------------------------------------------------------------------- */

static void take_event(struct server *s, struct event *ev)
{
    const struct front_shares *shares = ev->p;

    if (ev->type == EV_FRONT_SHARES)
        for (uint32_t i = 0; i < shares->count; i++)
            s->answer.credited += shares->items[i].count;
    if (ev->type == EV_FRONT_BLOCK)
        share_free(((struct front_block *)ev->p)->share);
    if (ev->type != EV_FRONT_STOPPED)
        free(ev->p);
}

static void on_bell(uv_async_t *bell)
{
    struct server *s = bell->data;
    struct event ev;

    while (s->front && front_take(s->front, &ev))
        take_event(s, &ev);
}

/* --- orders ---------------------------------------------------------------------------------- */

static void publish(struct server *s, const char *bytes, size_t len, struct fault *why)
{
    struct job *job;

    int64_t cpu = thread_cpu_us();

    (void)bytes;
    (void)len;
    bench_template_next(&s->template);
    s->answer.began_ns = unix_ns();
    if (bench_template_job(&s->template, &job, why) < 0)
        return;
    s->answer.handed_ns = unix_ns();
    front_publish(s->front, job);
    s->answer.ended_ns = unix_ns();
    job_unref(job);
    s->answer.cpu_us = thread_cpu_us() - cpu;
}

static bool is_connection(int fd, uint16_t port)
{
    struct sockaddr_in us = {0}, them;
    socklen_t len = sizeof us, their_len = sizeof them;

    return !getsockname(fd, (struct sockaddr *)&us, &len) && us.sin_family == AF_INET &&
           ntohs(us.sin_port) == port && !getpeername(fd, (struct sockaddr *)&them, &their_len);
}

/* The connections of the front, which has nothing to do meanwhile. */
static unsigned find_connections(const struct server *s, int *fds, unsigned max)
{
    struct rlimit limit = {0};
    struct endpoint at = {0};
    unsigned count = 0;

    (void)endpoint_parse(s->answer.address, 0, false, &at, NULL);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 3; (rlim_t)fd < limit.rlim_cur && count < max; fd++)
        if (is_connection(fd, at.port))
            fds[count++] = fd;
    return count;
}

/* What nobody can undercut: the same bytes to the same sockets, one write() each. */
static void write_bare(struct server *s, const char *bytes, size_t len, struct fault *why)
{
    unsigned max = s->plan->connections, count;
    int *fds = calloc(max, sizeof *fds);

    if (!fds)
        abort();
    count = find_connections(s, fds, max);
    s->answer.sockets = 0;
    s->answer.began_ns = s->answer.handed_ns = unix_ns();
    int64_t cpu = thread_cpu_us();
    for (unsigned i = 0; i < count; i++)
        s->answer.sockets += write(fds[i], bytes, len) == (ssize_t)len;
    s->answer.cpu_us = thread_cpu_us() - cpu;
    s->answer.ended_ns = unix_ns();
    free(fds);
    if (s->answer.sockets != count)
        (void)fault_set(why, ERR_CLOSED, "%u of %u sockets did not take a job at once",
                        count - s->answer.sockets, count);
}

static void only_say(struct server *s, const char *bytes, size_t len, struct fault *why)
{
    (void)s;
    (void)bytes;
    (void)len;
    (void)why;
}

static void say(struct server *s, const struct fault *why)
{
    (void)text_copy(s->answer.trouble, sizeof s->answer.trouble, why->text);
    (void)send(s->wire, &s->answer, sizeof s->answer, MSG_NOSIGNAL);
}

static void on_order(uv_poll_t *poll, int status, int events)
{
    static void (*const orders[STAGE_ORDERS])(struct server *, const char *, size_t,
                                              struct fault *) = {
        [STAGE_JOB] = publish, [STAGE_WRITE] = write_bare, [STAGE_COUNT] = only_say};
    struct server *s = poll->data;
    char message[1 + STAGE_BYTES_MAX];
    struct fault why = {0};

    (void)status;
    (void)events;
    ssize_t got = recv(s->wire, message, sizeof message, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || (unsigned char)message[0] >= STAGE_ORDERS) {
        uv_stop(&s->loop);
        return;
    }
    orders[(unsigned char)message[0]](s, message + 1, (size_t)got - 1, &why);
    say(s, &why);
}

/* --- life ------------------------------------------------------------------------------------ */

static int open_front(struct server *s, struct fault *why)
{
    struct tls_context *tls = NULL;

    if (s->plan->tls && secret_server(&tls, why) < 0)
        return ERR_CONFIG;
    /* at 2^-40 every hash is a share; none is a block */
    const struct front_options options = {
        .ports[0] = {.address = s->plan->address ? s->plan->address : "127.0.0.1:0",
                     .tls = tls ? FRONT_TLS : FRONT_PLAIN,
                     .start_difficulty = 0x1p-40,
                     .min_difficulty = 0x1p-40,
                     .max_difficulty = 0x1p-40},
        .port_count = 1,
        .loops = s->plan->loops,
        .max_connections = s->plan->connections,
        .coin = coin_find("devnet"),
        .algo = algo_find("sha256d"),
        .bell = &s->bell,
        .tls = tls,
    };
    struct job *job;
    int err = front_start(&options, &s->front, why);

    tls_context_unref(tls);
    if (err < 0 || (err = bench_template_job(&s->template, &job, why)) < 0)
        return err;
    front_publish(s->front, job);
    job_unref(job);
    (void)text_copy(s->answer.address, sizeof s->answer.address, front_address(s->front));
    return 0;
}

void stage_serve(const struct stage_plan *plan, int wire)
{
    static struct server server;
    struct server *s = &server;
    struct fault why = {0};

    s->plan = plan;
    s->wire = wire;
    stage_pin(&plan->cores, 0, plan->loops);
    bench_template_init(&s->template);
    (void)uv_loop_init(&s->loop);
    (void)uv_async_init(&s->loop, &s->bell, on_bell);
    (void)uv_poll_init(&s->loop, &s->poll, wire);
    s->bell.data = s->poll.data = s;
    int err = open_front(s, &why);
    say(s, &why);
    (void)uv_poll_start(&s->poll, UV_READABLE, on_order);
    if (!err)
        (void)uv_run(&s->loop, UV_RUN_DEFAULT);
    _exit(err ? 1 : 0); /* with all its sockets at once */
}
