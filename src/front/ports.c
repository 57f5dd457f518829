/* SPDX-License-Identifier: MIT */
/* The sockets a front listens on: one for each port and loop. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "front/loop.h"

/* A socket bound to the address, or -errno. With `shared`, others may be bound to it, too. */
static int bound(const struct sockaddr_storage *sa, bool shared)
{
    static const int on = 1;
    socklen_t len =
        sa->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int fd = socket(sa->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on)) ||
        bind(fd, (const struct sockaddr *)sa, len)) {
        int err = -errno;
        (void)close(fd);
        return err;
    }
    return fd;
}

/* The address with the port that the system chose for it. */
static void learn_port(int fd, struct sockaddr_storage *sa)
{
    socklen_t len = sizeof *sa;

    (void)getsockname(fd, (struct sockaddr *)sa, &len);
}

/* The kernel spreads connections over sockets that share an address. Programs of the same user
 * could share it, too: so it is tried without sharing first, which fails when anybody has it. */
static int bind_first(struct sockaddr_storage *sa, bool shared)
{
    int fd = bound(sa, false);

    if (fd < 0 || !shared) {
        if (fd >= 0)
            learn_port(fd, sa);
        return fd;
    }
    learn_port(fd, sa);
    (void)close(fd);
    return bound(sa, true);
}

static int listen_in(struct front_loop *f, unsigned port, int fd)
{
    struct listener *l = &f->listeners[port];
    int err = uv_tcp_init(&f->loop, &l->tcp);

    if (err) {
        (void)close(fd);
        return err;
    }
    l->loop = f;
    l->port = &f->options->ports[port];
    if ((err = uv_tcp_open(&l->tcp, fd))) {
        (void)close(fd);
        return err;
    }
    return uv_listen((uv_stream_t *)&l->tcp, FRONT_BACKLOG, front_accept);
}

static int listen_all(struct front *front, unsigned port, struct sockaddr_storage *sa)
{
    int fd = bind_first(sa, front->loop_count > 1);
    int err = fd < 0 ? fd : 0;

    for (unsigned i = 0; i < front->loop_count && !err; i++) {
        if (i > 0 && (fd = bound(sa, true)) < 0)
            return fd;
        err = listen_in(&front->loops[i], port, fd);
    }
    return err;
}

int port_listen(struct front *front, unsigned port, struct fault *why)
{
    const char *address = front->options.ports[port].address;
    struct endpoint at;
    struct sockaddr_storage sa;
    int err = endpoint_parse(address, 0, true, &at, why);

    if (!err)
        err = endpoint_literal(&at, &sa, why);
    if (err < 0)
        return err;
    err = listen_all(front, port, &sa);
    if (err == UV_EADDRINUSE)
        return fault_set(why, err,
                         "cannot listen on %.80s: the port is in use; stop the program that holds "
                         "it or choose another pool address",
                         address);
    if (err)
        return fault_set(why, err, "cannot listen on %.80s: %s", address, err_str(err));
    sockaddr_format((struct sockaddr *)&sa, front->address[port]);
    return 0;
}
