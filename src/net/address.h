/* SPDX-License-Identifier: MIT */
/* "host:port" and "[::1]:3333": reading and writing network addresses. Any thread. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

enum { HOST_MAX = 254, PEER_MAX = 64 };

struct endpoint {
    char host[HOST_MAX]; /* name or address, IPv6 without brackets */
    uint16_t port;       /* 1..65535, or 0 where the caller allows it */
};

/* Reads "host:port", "1.2.3.4:5", "[v6]:port". A missing port takes `default_port`; when that is 0
 * too it is an error. 0, or ERR_CONFIG and `why`. Listeners may pass port 0 in the text ("any free
 * port") with `allow_zero`. */
int endpoint_parse(const char *text, uint16_t default_port, bool allow_zero, struct endpoint *ret,
                   struct fault *why);

/* "host:port", with brackets around IPv6. `out` holds PEER_MAX bytes; long names are cut. */
void endpoint_format(const struct endpoint *, char out[PEER_MAX]);

/* The same for a socket address. */
void sockaddr_format(const struct sockaddr *, char out[PEER_MAX]);

/* The socket address of an endpoint whose host is a literal address (or "localhost", "*"): for
 * listeners, which never ask DNS. 0, or ERR_CONFIG and `why`. */
int endpoint_literal(const struct endpoint *, struct sockaddr_storage *ret, struct fault *why);

/* Is the text an IPv4 or IPv6 address? */
bool host_is_literal(const char *host);
