/* SPDX-License-Identifier: MIT */
/* Miners in plenty: connecting, logging in, sockets and epoll. */
#include "cli/bench_crowd.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/bench_guest.h"
#include "cli/bench_secret.h"
#include "net/address.h"

enum { EVENTS = 512, PATIENCE_S = 60 };

int64_t bench_now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* --- one socket ------------------------------------------------------------------------------ */

static void watch(struct guest *c, int how, bool writes)
{
    struct epoll_event e = {.events = EPOLLIN | (writes ? EPOLLOUT : 0), .data.ptr = c};

    (void)epoll_ctl(c->crowd->poll, how, c->fd, &e);
    c->waits = writes;
}

void guest_end(struct guest *c)
{
    if (c->state == GUEST_DEAD || c->state == GUEST_IDLE)
        return;
    c->crowd->up -= c->state == GUEST_UP;
    c->crowd->dead++;
    c->state = GUEST_DEAD;
    secret_free(c->secret);
    c->secret = NULL;
    (void)close(c->fd);
}

static int open_socket(const struct crowd *crowd)
{
    const struct linger reset = {.l_onoff = 1}; /* leaves no TIME_WAIT behind */
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return fd;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (crowd->stamps)
        (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    return fd;
}

static void begin(struct guest *c)
{
    c->state = GUEST_CONNECTS;
    c->began_ns = bench_now_ns();
    c->fd = open_socket(c->crowd);
    if (c->fd < 0 || (connect(c->fd, (struct sockaddr *)&c->crowd->at, sizeof c->crowd->at) &&
                      errno != EINPROGRESS))
        guest_end(c);
    else
        watch(c, EPOLL_CTL_ADD, true);
}

static void greet(struct guest *c)
{
    c->state = GUEST_GREETS;
    guest_greet(c);
}

static void shake(struct guest *c)
{
    int through = secret_shake(c->secret);

    if (through < 0) {
        (void)text_copy(c->crowd->refusal, sizeof c->crowd->refusal, "the TLS handshake failed");
        guest_end(c);
    } else if (through) {
        greet(c);
    }
}

static void connected(struct guest *c)
{
    int err = 0;
    socklen_t len = sizeof err;

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len) || err) {
        guest_end(c);
        return;
    }
    if (!c->crowd->secrets) {
        greet(c);
        return;
    }
    c->state = GUEST_SHAKES;
    c->secret = secret_new(c->crowd->secrets, c->fd);
    watch(c, EPOLL_CTL_MOD, false);
    shake(c);
}

/* --- writing --------------------------------------------------------------------------------- */

static ssize_t send_some(struct guest *c, const char *bytes, size_t len)
{
    return c->secret ? secret_send(c->secret, bytes, len) : send(c->fd, bytes, len, MSG_NOSIGNAL);
}

/* Sends; what does not fit waits. */
void guest_send(struct guest *c, const char *bytes, size_t len)
{
    ssize_t sent = 0;

    if (!c->unsent.len)
        sent = send_some(c, bytes, len);
    if (sent < 0 && errno != EAGAIN) {
        guest_end(c);
        return;
    }
    size_t done = sent < 0 ? 0 : (size_t)sent;
    if (done < len)
        str_add_n(&c->unsent, bytes + done, len - done);
    if (c->waits != (c->unsent.len > 0))
        watch(c, EPOLL_CTL_MOD, c->unsent.len > 0);
}

static void send_rest(struct guest *c)
{
    struct str rest = c->unsent;

    c->unsent = (struct str){0};
    guest_send(c, rest.s, rest.len);
    str_free(&rest);
}

/* --- reading --------------------------------------------------------------------------------- */

/* The kernel's time of arrival (Unix time), or 0. */
static int64_t stamp_of(struct msghdr *m)
{
    struct timespec t;

    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h))
        if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_TIMESTAMPNS) {
            memcpy(&t, CMSG_DATA(h), sizeof t);
            return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
        }
    return 0;
}

static ssize_t receive(struct crowd *crowd, const struct guest *c)
{
    char control[128];
    struct iovec to = {.iov_base = crowd->buffer, .iov_len = sizeof crowd->buffer};
    struct msghdr m = {
        .msg_iov = &to, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};

    if (c->secret)
        return secret_receive(c->secret, crowd->buffer, sizeof crowd->buffer);
    if (!crowd->stamps)
        return recv(c->fd, crowd->buffer, sizeof crowd->buffer, 0);
    ssize_t got = recvmsg(c->fd, &m, 0);
    crowd->stamp_ns = got > 0 ? stamp_of(&m) : 0;
    return got;
}

/* False: there is nothing more to be read. */
static bool read_some(struct guest *c)
{
    struct crowd *crowd = c->crowd;
    ssize_t got = receive(crowd, c);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    str_clear(&crowd->out);
    if (got <= 0 || lines_feed(&c->lines, crowd->buffer, (size_t)got, guest_line, c) < 0)
        guest_end(c);
    else if (crowd->out.len)
        guest_send(c, crowd->out.s, crowd->out.len);
    return c->secret != NULL; /* OpenSSL keeps records that the socket no longer tells of */
}

static void handle(struct guest *c, uint32_t events)
{
    if (c->state == GUEST_DEAD)
        return;
    if (c->state == GUEST_CONNECTS) {
        connected(c);
        return;
    }
    if (c->state == GUEST_SHAKES) {
        shake(c);
        return;
    }
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        while (read_some(c))
            ;
    if (c->state != GUEST_DEAD && events & EPOLLOUT && c->unsent.len)
        send_rest(c);
}

void crowd_turn(struct crowd *crowd, int ms)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(crowd->poll, events, EVENTS, ms);

    for (int i = 0; i < count; i++)
        handle(events[i].data.ptr, events[i].events);
}

void crowd_rest(struct crowd *crowd, double seconds)
{
    int64_t end = bench_now_ns() + (int64_t)(seconds * 1e9);

    while (bench_now_ns() < end)
        crowd_turn(crowd, 10);
}

/* --- everybody ------------------------------------------------------------------------------- */

int crowd_connect(struct crowd *crowd, unsigned parallel, double *seconds, struct fault *why)
{
    int64_t began = bench_now_ns(), last = began;
    unsigned up = 0;

    while (crowd->up + crowd->dead < crowd->count &&
           bench_now_ns() - last < PATIENCE_S * INT64_C(1000000000)) {
        while (crowd->started < crowd->count && crowd->started - crowd->up - crowd->dead < parallel)
            begin(&crowd->guests[crowd->started++]);
        crowd_turn(crowd, 1);
        if (crowd->up != up)
            last = bench_now_ns();
        up = crowd->up;
    }
    *seconds = (double)(last - began) / 1e9;
    if (crowd->up == crowd->count)
        return 0;
    return fault_set(why, ERR_CLOSED, "%u of %u connections came up%s%s", crowd->up, crowd->count,
                     *crowd->refusal ? ": " : "", crowd->refusal);
}

void crowd_listen(struct crowd *crowd)
{
    crowd->listening = true;
    crowd->told = 0;
    for (unsigned i = 0; i < crowd->count; i++)
        crowd->guests[i].told_ns = 0;
}

int crowd_new(const char *address, const struct crowd_plan *plan, struct crowd **ret,
              struct fault *why)
{
    struct endpoint at;
    struct sockaddr_storage sa;
    int err = endpoint_parse(address, 0, false, &at, why);

    if (err < 0 || (err = endpoint_literal(&at, &sa, why)) < 0)
        return err;
    struct crowd *crowd = xcalloc(1, sizeof *crowd);
    memcpy(&crowd->at, &sa, sizeof crowd->at);
    crowd->poll = epoll_create1(EPOLL_CLOEXEC);
    crowd->secrets = plan->tls ? secrets_new() : NULL;
    crowd->count = plan->count;
    crowd->window = plan->window;
    crowd->stamps = plan->stamps;
    crowd->latency = xcalloc(1, sizeof *crowd->latency);
    crowd->handshake = xcalloc(1, sizeof *crowd->handshake);
    crowd->guests = xcalloc(plan->count, sizeof *crowd->guests);
    for (unsigned i = 0; i < plan->count; i++) {
        struct guest *c = &crowd->guests[i];
        c->crowd = crowd;
        c->number = i;
        c->seed = (i + 1) * 2654435761u;
        c->lines.limit = CROWD_LINE_MAX;
        c->window = xcalloc(plan->window, sizeof *c->window);
    }
    *ret = crowd;
    return 0;
}

void crowd_free(struct crowd *crowd)
{
    if (!crowd)
        return;
    for (unsigned i = 0; i < crowd->count; i++) {
        guest_end(&crowd->guests[i]);
        lines_fini(&crowd->guests[i].lines);
        str_free(&crowd->guests[i].unsent);
        free(crowd->guests[i].window);
    }
    secrets_free(crowd->secrets);
    (void)close(crowd->poll);
    str_free(&crowd->out);
    str_free(&crowd->notify);
    free(crowd->latency);
    free(crowd->handshake);
    free(crowd->guests);
    free(crowd);
}
