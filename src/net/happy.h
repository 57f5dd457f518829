/* SPDX-License-Identifier: MIT */
/* In which order the addresses of a name are tried (RFC 8305). Any thread. */
#pragma once

#include <netdb.h>
#include <sys/socket.h>

enum { HAPPY_MAX = 16 };

/* Families take turns, beginning with that of the first address found (the system's preference);
 * then the whole is turned by `first`, so that a caller who got nowhere at one address begins with
 * the next. Doubles and other families are left out. Returns how many, at most HAPPY_MAX. */
unsigned happy_order(const struct addrinfo *found, unsigned first,
                     struct sockaddr_storage out[HAPPY_MAX]);
