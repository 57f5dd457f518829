/* SPDX-License-Identifier: MIT */
/* Who is at the other end of a connection, in little room, and groups of such addresses. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/address.h"

struct peer {
    uint8_t ip[16]; /* IPv4 as ::ffff:a.b.c.d, so that one address has one form */
    uint16_t port;
    bool known;
};

/* Neither IPv4 nor IPv6: not known. */
void peer_from_sockaddr(struct peer *, const struct sockaddr *);
void peer_format(const struct peer *, char out[PEER_MAX]); /* "1.2.3.4:5", "[2001:db8::1]:5" */
bool peer_is_ipv4(const struct peer *);
bool peer_is_loopback(const struct peer *);

/* All addresses that begin alike. */
struct prefix {
    uint8_t ip[16]; /* in a peer's form; zero past `bits` */
    uint8_t bits;   /* 0..128, of that form */
};

/* Reads "10.0.0.0/8", "2001:db8::/32" or a single address. 0, or ERR_CONFIG and `why` (bits that
 * are set past the length, too). */
int prefix_parse(const char *text, struct prefix *ret, struct fault *why);
bool prefix_has(const struct prefix *, const struct peer *);
/* The one of `bits`, 0..128, that the address lies in. */
struct prefix prefix_of(const struct peer *, unsigned bits);
/* "10.0.0.0/8"; one address without a length. */
void prefix_format(const struct prefix *, char out[PEER_MAX]);
