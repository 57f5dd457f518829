/* SPDX-License-Identifier: MIT */
/* A raw TCP peer for tests. */
#include "tests/fake/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int wire_listen(uint16_t *port)
{
    struct sockaddr_in at = loopback(0);
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 16) ||
        getsockname(fd, (struct sockaddr *)&at, &len))
        return -1;
    *port = ntohs(at.sin_port);
    return fd;
}

bool wire_accept(struct wire *w, int listener)
{
    w->len = 0;
    w->fd = accept(listener, NULL, NULL);
    return w->fd >= 0;
}

bool wire_connect(struct wire *w, uint16_t port)
{
    struct sockaddr_in to = loopback(port);

    w->len = 0;
    w->fd = socket(AF_INET, SOCK_STREAM, 0);
    return !connect(w->fd, (struct sockaddr *)&to, sizeof to);
}

bool wire_connect_from(struct wire *w, uint8_t host, uint16_t port)
{
    struct sockaddr_in to = loopback(port), from = loopback(0);

    from.sin_addr.s_addr = htonl((127u << 24) | host);
    w->len = 0;
    w->fd = socket(AF_INET, SOCK_STREAM, 0);
    return !bind(w->fd, (struct sockaddr *)&from, sizeof from) &&
           !connect(w->fd, (struct sockaddr *)&to, sizeof to);
}

bool wire_send(struct wire *w, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len) {
        ssize_t n = send(w->fd, at, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool wire_say(struct wire *w, const char *format, ...)
{
    char text[8192];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(text, sizeof text - 1, format, args);
    va_end(args);
    text[len++] = '\n';
    return wire_send(w, text, (size_t)len);
}

/* More bytes: 1 = some, 0 = end or error, -1 = none in time. */
static int more(struct wire *w, int64_t until_us)
{
    int64_t left = (until_us - now_us()) / 1000;
    struct pollfd p = {.fd = w->fd, .events = POLLIN};

    if (poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
        return -1;
    ssize_t n = recv(w->fd, w->buffer + w->len, sizeof w->buffer - w->len, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return -1;
    if (n <= 0)
        return 0;
    w->len += (size_t)n;
    return 1;
}

static __thread char line[1 << 16];

const char *wire_line(struct wire *w, int ms)
{
    int64_t until = now_us() + ms * INT64_C(1000);

    for (;;) {
        char *lf = memchr(w->buffer, '\n', w->len);
        if (lf) {
            size_t len = (size_t)(lf - w->buffer);
            memcpy(line, w->buffer, len);
            line[len] = 0;
            w->len -= len + 1;
            memmove(w->buffer, lf + 1, w->len);
            return line;
        }
        if (more(w, until) <= 0)
            return NULL;
    }
}

const char *wire_expect(struct wire *w, const char *word, int ms)
{
    int64_t until = now_us() + ms * INT64_C(1000);

    for (;;) {
        int64_t left = (until - now_us()) / 1000;
        const char *got = wire_line(w, left > 0 ? (int)left : 0);
        if (!got || strstr(got, word))
            return got;
    }
}

bool wire_closed(struct wire *w, int ms)
{
    int64_t until = now_us() + ms * INT64_C(1000);
    int got;

    while ((got = more(w, until)) > 0)
        w->len = 0;
    return !got;
}

void wire_close(struct wire *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    w->fd = -1;
    w->len = 0;
}
