/* SPDX-License-Identifier: MIT */
/* A hub made of a loop and a canned snapshot, with the API open on free ports; and raw clients. */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/server.h"
#include "base/alloc.h"
#include "base/str.h"
#include "canned.h"

struct fixture {
    pthread_t thread;
    uv_loop_t loop;
    uv_async_t stop;
    struct config config;
    struct api *api;
    struct snapshot snapshot, later; /* later: what fixture_change makes of it */
    struct snapshot *_Atomic now;    /* what the hub shows */
    struct device_view devices[2];
    char last_command[256];
    int command_err; /* what the hub answers */
    int64_t hang_us; /* how long a command takes */
    int opened;
    uv_sem_t ready;
    int port[LISTENERS];
};

static char fixture_any[] = "127.0.0.1:0";

static const struct snapshot *fixture_snapshot(void *arg)
{
    return ((struct fixture *)arg)->now;
}

/* The next picture, for the caller to change and then to show with fixture_show. */
static inline struct snapshot *fixture_change(struct fixture *f)
{
    memcpy(&f->later, &f->snapshot, sizeof f->later);
    f->later.seq++;
    return &f->later;
}

static inline void fixture_show(struct fixture *f)
{
    f->now = &f->later;
}

static void fixture_command(void *arg, const char *words, struct command_reply *reply)
{
    struct fixture *f = arg;

    text_copy(f->last_command, sizeof f->last_command, words);
    if (f->hang_us)
        sleep_us(f->hang_us);
    reply->err = f->command_err;
    snprintf(reply->text, sizeof reply->text, "did: %s", words);
}

static void fixture_on_stop(uv_async_t *stop)
{
    struct fixture *f = stop->data;

    api_close(f->api);
    f->api = NULL;
    uv_close((uv_handle_t *)stop, NULL);
}

static void *fixture_hub(void *arg)
{
    struct fixture *f = arg;
    struct api_hooks hooks = {fixture_snapshot, fixture_command, f};

    uv_loop_init(&f->loop);
    uv_async_init(&f->loop, &f->stop, fixture_on_stop);
    f->stop.data = f;
    f->opened = api_open(&f->config, &f->loop, &hooks, &f->api, NULL);
    for (unsigned i = 0; f->opened == 0 && i < LISTENERS; i++)
        f->port[i] = api_port(f->api, i);
    uv_sem_post(&f->ready);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    uv_loop_close(&f->loop);
    return NULL;
}

static inline int fixture_open(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);

    canned_snapshot(&f->snapshot, f->devices);
    f->now = &f->snapshot;
    f->config.api.enable = true;
    f->config.monitoring.metrics.enabled = f->config.monitoring.health.enabled = true;
    f->config.api.address = fixture_any;
    f->config.monitoring.metrics.address = f->config.monitoring.health.address = fixture_any;
    uv_sem_init(&f->ready, 0);
    pthread_create(&f->thread, NULL, fixture_hub, f);
    uv_sem_wait(&f->ready);
    *state = f;
    return f->opened;
}

static inline int fixture_close(void **state)
{
    struct fixture *f = *state;

    uv_async_send(&f->stop);
    pthread_join(f->thread, NULL);
    uv_sem_destroy(&f->ready);
    free(f);
    return 0;
}

static inline int client_open(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline bool client_send_n(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static inline bool client_send(int fd, const char *text)
{
    return client_send_n(fd, text, strlen(text));
}

/* Reads until `marker` came `times`, the peer closes, or 5 s. The caller frees `ret`.
 * True when the markers came. */
static inline bool client_read(int fd, const char *marker, unsigned times, struct str *ret)
{
    int64_t end = now_us() + 5 * SECOND_US;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    char buffer[4096];

    for (;;) {
        unsigned found = 0;
        ssize_t n;
        for (const char *at = str_text(ret); (at = strstr(at, marker)); at++)
            found++;
        if (found >= times)
            return true;
        if (now_us() > end || poll(&wait, 1, 5000) <= 0)
            return false;
        n = recv(fd, buffer, sizeof buffer, 0);
        if (n <= 0)
            return false;
        str_add_n(ret, buffer, (size_t)n);
    }
}

/* True when the peer closes within `ms`; what it sends before is dropped. */
static inline bool client_closed(int fd, int ms)
{
    int64_t end = now_us() + (int64_t)ms * 1000;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    char buffer[4096];

    while (now_us() < end)
        if (poll(&wait, 1, 50) > 0 && recv(fd, buffer, sizeof buffer, 0) <= 0)
            return true;
    return false;
}

/* One request on a connection of its own; everything up to the close. The caller frees it. */
static inline struct str client_ask_n(int port, const char *bytes, size_t len)
{
    struct str ret = {0};
    int fd = client_open(port);

    if (fd >= 0 && client_send_n(fd, bytes, len))
        (void)client_read(fd, "\x01never", 1, &ret);
    if (fd >= 0)
        close(fd);
    return ret;
}

static inline struct str client_ask(int port, const char *request)
{
    return client_ask_n(port, request, strlen(request));
}
