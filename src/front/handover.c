/* SPDX-License-Identifier: MIT */
/* The hand-over's document: its descriptors. */
#include "front/handover.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const lists[] = {"listeners", "sessions"};

static int fd_of(const json_t *row)
{
    json_int_t fd = json_integer_value(json_object_get(row, "fd"));

    return json_is_integer(json_object_get(row, "fd")) && fd > 2 && fd < 1 << 30 ? (int)fd : -1;
}

/* Calls `each` for the descriptors that are there. */
static void walk(json_t *document, void (*each)(int fd))
{
    json_t *row;
    size_t i;

    for (unsigned k = 0; k < sizeof lists / sizeof *lists; k++) {
        json_array_foreach(json_object_get(document, lists[k]), i, row)
        {
            if (fd_of(row) >= 0)
                each(fd_of(row));
        }
    }
}

static bool is_socket(int fd, bool listening)
{
    int type = 0, accepts = 0, domain = 0;
    socklen_t len = sizeof(int);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &len) == 0 &&
           !accepts == !listening && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
           (domain == AF_INET || domain == AF_INET6) && !fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* True the first time. */
static bool is_new(json_t *known, int fd)
{
    char key[16];

    (void)snprintf(key, sizeof key, "%d", fd);
    bool fresh = !json_object_get(known, key);
    (void)json_object_set_new(known, key, json_true());
    return fresh;
}

/* A number that is named twice would be closed under somebody's hands. */
static void drop_false(json_t *document)
{
    json_t *known = json_object();

    for (unsigned k = 0; k < sizeof lists / sizeof *lists; k++) {
        json_t *rows = json_object_get(document, lists[k]), *good = json_array(), *row;
        size_t i;
        json_array_foreach(rows, i, row)
        {
            int fd = fd_of(row);
            if (fd >= 0 && is_new(known, fd) && is_socket(fd, k == 0))
                (void)json_array_append(good, row);
        }
        (void)json_object_set_new(document, lists[k], good);
    }
    json_decref(known);
}

int handover_check(json_t *document, struct fault *why)
{
    if (json_integer_value(json_object_get(document, "format")) != HANDOVER_FORMAT ||
        !json_is_string(json_object_get(document, "algorithm")) ||
        !json_is_array(json_object_get(document, lists[0])) ||
        !json_is_array(json_object_get(document, lists[1])))
        return fault_set(why, ERR_FIELD,
                         "the program before handed its connections over in a form that this one "
                         "does not know");
    drop_false(document);
    return 0;
}

static void keep_open(int fd)
{
    (void)fcntl(fd, F_SETFD, 0);
}

static void close_at_exec(int fd)
{
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void handover_inherit(json_t *document, bool on)
{
    walk(document, on ? keep_open : close_at_exec);
}

static void close_one(int fd)
{
    (void)close(fd);
}

void handover_free(json_t *document)
{
    if (document)
        walk(document, close_one);
    json_decref(document);
}

int handover_take(json_t *row)
{
    int fd = fd_of(row);

    if (fd >= 0)
        (void)json_object_set_new(row, "fd", json_integer(-1));
    return fd;
}
