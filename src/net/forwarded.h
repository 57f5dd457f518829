/* SPDX-License-Identifier: MIT */
/* The PROXY protocol, versions 1 and 2: a load balancer's word for whom a connection is. Parsing
 * only; whose word counts is the listener's business. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { FORWARDED_MAX = 536 }; /* bytes of a header that is taken */

/* Reads the header at the start of a connection. Returns its length in bytes, and the client in
 * *peer (ss_family AF_UNSPEC when the balancer speaks for itself or does not know); 0 while more
 * bytes are needed; ERR_PROTOCOL when it is no such header. */
int forwarded_parse(const uint8_t *bytes, size_t len, struct sockaddr_storage *peer);
