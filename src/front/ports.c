/* SPDX-License-Identifier: MIT */
/* The sockets a front listens on: one for each port and loop. The hub binds them, and tells the
 * loops which to take and which to let go. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "front/loop.h"

enum { CLOSE_LIMIT_MS = 1000 };

/* --- sockets ------------------------------------------------------------------------------------
 */

/* A socket that listens on the address, or -errno. With `shared`, others may, too. */
static int bound(const struct sockaddr_storage *sa, bool shared, bool listening)
{
    static const int on = 1;
    socklen_t len =
        sa->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int fd = socket(sa->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on)) ||
        bind(fd, (const struct sockaddr *)sa, len) || (listening && listen(fd, FRONT_BACKLOG))) {
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
    int fd = bound(sa, false, !shared);

    if (fd < 0 || !shared) {
        if (fd >= 0)
            learn_port(fd, sa);
        return fd;
    }
    learn_port(fd, sa);
    (void)close(fd);
    return bound(sa, true, true);
}

/* The sockets of the address in a hand-over, at most one for each loop: the others would wait for
 * connections that nobody takes. */
static unsigned take_handed(const struct front *front, const char *address, int *fds)
{
    json_t *row;
    unsigned n = 0;
    size_t i;

    json_array_foreach(front->handed_listeners, i, row)
    {
        const char *of = json_string_value(json_object_get(row, "address"));
        int fd = of && !strcmp(of, address) ? handover_take(row) : -1;
        if (fd >= 0 && n < FRONT_LOOPS_MAX)
            fds[n++] = fd;
        else if (fd >= 0)
            (void)close(fd);
    }
    return n;
}

void ports_close_others(json_t *handed_listeners, const struct front_port *ports, unsigned count)
{
    json_t *row;
    size_t i;

    json_array_foreach(handed_listeners, i, row)
    {
        const char *of = json_string_value(json_object_get(row, "address"));
        unsigned k = 0;
        while (k < count && (!of || strcmp(of, ports[k].address) != 0))
            k++;
        int fd = k == count ? handover_take(row) : -1;
        if (fd >= 0)
            (void)close(fd);
    }
}

/* One for each loop, after those that are there already. 0, or an error with all closed. */
static int bind_all(struct sockaddr_storage *sa, unsigned loops, unsigned have,
                    int fds[FRONT_LOOPS_MAX])
{
    for (unsigned i = have; i < loops; i++) {
        fds[i] = i ? bound(sa, true, true) : bind_first(sa, loops > 1);
        if (fds[i] >= 0)
            continue;
        int err = fds[i];
        while (i)
            (void)close(fds[--i]);
        return err;
    }
    return 0;
}

/* --- orders -------------------------------------------------------------------------------------
 */

static void give_order(struct front_loop *f, const struct door *door, const struct door *instead,
                       int fd)
{
    struct order *order = xcalloc(1, sizeof *order), **end;

    *order = (struct order){.door = door, .instead = instead, .fd = fd};
    atomic_fetch_add(&f->front->orders_open, 1);
    uv_mutex_lock(&f->orders_lock);
    for (end = &f->orders; *end; end = &(*end)->next)
        ;
    *end = order;
    uv_mutex_unlock(&f->orders_lock);
    (void)uv_async_send(&f->wake);
}

static struct door *door_new(struct front *front, const struct front_port *port,
                             const char *address)
{
    struct door *g = xcalloc(1, sizeof *g);

    (void)text_copy(g->configured, sizeof g->configured, port->address);
    (void)text_copy(g->address, sizeof g->address, address);
    g->port = *port;
    g->port.address = g->address;
    if (g->port.share_interval_us <= 0)
        g->port.share_interval_us = 10 * SECOND_US;
    g->open = true;
    g->next = front->doors;
    front->doors = g;
    return g;
}

static int explain(const char *address, int err, struct fault *why)
{
    if (err == UV_EADDRINUSE)
        return fault_set(why, err,
                         "cannot listen on %.80s: the port is in use; stop the program that holds "
                         "it or choose another pool address",
                         address);
    return fault_set(why, err, "cannot listen on %.80s: %s", address, err_str(err));
}

int port_listen(struct front *front, const struct front_port *port, struct fault *why)
{
    struct endpoint at;
    struct sockaddr_storage sa = {0};
    char address[PEER_MAX];
    int fds[FRONT_LOOPS_MAX];
    int err = endpoint_parse(port->address, 0, true, &at, why);

    if (!err)
        err = endpoint_literal(&at, &sa, why);
    if (err < 0)
        return err;
    unsigned have = take_handed(front, port->address, fds), loops = front->loop_count;
    if (have)
        learn_port(fds[0], &sa);
    if ((err = bind_all(&sa, have == 1 ? 1 : loops, have, fds)) < 0)
        return explain(port->address, err, why);
    sockaddr_format((struct sockaddr *)&sa, address);
    struct door *door = door_new(front, port, address);
    unsigned count = have == 1 ? 1 : have > loops ? have : loops;
    for (unsigned i = 0; i < count; i++)
        give_order(&front->loops[i % loops], door, NULL, fds[i]);
    return 0;
}

/* --- the list -----------------------------------------------------------------------------------
 */

static struct door *open_door(const struct front *front, const char *configured)
{
    struct door *g = front->doors;

    while (g && (!g->open || strcmp(g->configured, configured) != 0))
        g = g->next;
    return g;
}

const char *front_address(const struct front *front)
{
    const char *address = "";

    for (const struct door *g = front->doors; g; g = g->next)
        if (g->open)
            address = g->address; /* the oldest stands last */
    return address;
}

const char *front_listens(const struct front *front, const char *address)
{
    const struct door *g = open_door(front, address);

    return g ? g->address : NULL;
}

static bool wanted(const struct door *g, const struct front_port *ports, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!strcmp(ports[i].address, g->configured))
            return true;
    return false;
}

/* The loops are quick, but a port may be needed at once for another address of it. */
static void wait_for_orders(struct front *front)
{
    for (unsigned ms = 0; atomic_load(&front->orders_open) && ms < CLOSE_LIMIT_MS; ms++)
        sleep_us(1000);
}

static void close_others(struct front *front, const struct front_port *ports, unsigned count)
{
    bool any = false;

    for (struct door *g = front->doors; g; g = g->next) {
        if (!g->open || wanted(g, ports, count))
            continue;
        g->open = false;
        any = true;
        for (unsigned i = 0; i < front->loop_count; i++)
            give_order(&front->loops[i], g, NULL, -1);
        log_info(POOL, "the pool no longer listens on %s", g->address);
    }
    if (any)
        wait_for_orders(front);
}

static bool same(const struct front_port *a, const struct front_port *b)
{
    return a->tls == b->tls && a->start_difficulty == b->start_difficulty &&
           a->min_difficulty == b->min_difficulty && a->max_difficulty == b->max_difficulty &&
           a->share_interval_us == b->share_interval_us;
}

/* Connections that are there keep what they came for. */
static void change(struct front *front, struct door *old, const struct front_port *port)
{
    old->open = false;
    struct door *fresh = door_new(front, port, old->address);
    for (unsigned i = 0; i < front->loop_count; i++)
        give_order(&front->loops[i], old, fresh, -1);
}

unsigned front_listen(struct front *front, const struct front_port *ports, unsigned count,
                      struct fault trouble[])
{
    unsigned failed = 0;

    close_others(front, ports, count);
    for (unsigned i = 0; i < count; i++) {
        struct door *g = open_door(front, ports[i].address);
        trouble[i].text[0] = 0;
        if (g && !same(&g->port, &ports[i]))
            change(front, g, &ports[i]);
        else if (!g)
            failed += port_listen(front, &ports[i], &trouble[i]) < 0;
    }
    return failed;
}

void ports_close(struct front *front)
{
    close_others(front, NULL, 0);
}

void ports_free(struct front *front)
{
    while (front->doors) {
        struct door *g = front->doors;
        front->doors = g->next;
        free(g);
    }
}

/* --- a loop's part ------------------------------------------------------------------------------
 */

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

static void take_socket(struct front_loop *f, const struct door *door, int fd)
{
    struct listener *l = xcalloc(1, sizeof *l);
    int err = uv_tcp_init(&f->loop, &l->tcp);

    if (!err && (err = uv_tcp_open(&l->tcp, fd)))
        (void)close(fd);
    l->loop = f;
    l->door = door;
    l->next = f->listeners;
    f->listeners = l;
    if (!err)
        err = uv_listen((uv_stream_t *)&l->tcp, FRONT_BACKLOG, front_accept);
    if (err)
        log_error(POOL, "cannot take connections on %s: %s", door->address, err_str(err));
}

static void change_listeners(struct front_loop *f, const struct order *order)
{
    for (struct listener **at = &f->listeners; *at;) {
        struct listener *l = *at;
        if (l->door != order->door) {
            at = &l->next;
        } else if (order->instead) {
            l->door = order->instead;
            at = &l->next;
        } else {
            *at = l->next;
            uv_close((uv_handle_t *)&l->tcp, on_closed);
        }
    }
}

static struct order *take_orders(struct front_loop *f)
{
    uv_mutex_lock(&f->orders_lock);
    struct order *orders = f->orders;
    f->orders = NULL;
    uv_mutex_unlock(&f->orders_lock);
    return orders;
}

void listeners_follow(struct front_loop *f)
{
    struct order *order = take_orders(f), *next;

    for (; order; order = next) {
        next = order->next;
        if (order->fd >= 0)
            take_socket(f, order->door, order->fd);
        else
            change_listeners(f, order);
        free(order);
        atomic_fetch_sub(&f->front->orders_open, 1);
    }
}

void orders_free(struct front_loop *f)
{
    struct order *order = take_orders(f), *next;

    for (; order; order = next) {
        next = order->next;
        if (order->fd >= 0)
            (void)close(order->fd);
        free(order);
    }
}

json_t *listeners_rows(struct front_loop *f)
{
    json_t *ret = json_array();
    uv_os_fd_t fd;

    listeners_follow(f);
    for (struct listener *l = f->listeners; l; l = l->next) {
        int copy = uv_fileno((uv_handle_t *)&l->tcp, &fd) ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (copy >= 0)
            (void)json_array_append_new(
                ret, json_pack("{s:s, s:i}", "address", l->door->configured, "fd", copy));
    }
    return ret;
}

void listeners_close(struct front_loop *f)
{
    listeners_follow(f);
    while (f->listeners) {
        struct listener *l = f->listeners;
        f->listeners = l->next;
        uv_close((uv_handle_t *)&l->tcp, on_closed);
    }
}
