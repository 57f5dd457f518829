/* SPDX-License-Identifier: MIT */
/* Addresses without ports, and the networks they are in ("203.0.113.0/24", "2001:db8::/48"). IPv4
 * has its place in IPv6 (::ffff:0:0/96), so that both are 16 bytes. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

struct address { /* zero (::) = none */
    uint8_t bytes[16];
};

struct cidr { /* bytes past the bits are zero */
    struct address base;
    uint8_t bits; /* 0..128; an IPv4 /24 is 120 */
};

enum { CIDR_MAX = 50, CIDR_IPV4 = 96 }; /* text with its NUL; bits before IPv4's own */

struct address address_of(const struct sockaddr *); /* neither IPv4 nor IPv6: none */
bool address_is_ipv4(const struct address *);
bool address_is_loopback(const struct address *);

/* The network of `bits` that the address is in. */
struct cidr cidr_of(const struct address *, unsigned bits);
bool cidr_has(const struct cidr *, const struct address *);

/* Reads an address or ADDRESS/BITS; bits past the mask must be zero. 0, or ERR_CONFIG and `why`. */
int cidr_parse(const char *text, struct cidr *ret, struct fault *why);
/* Writes it; a single address without "/32" or "/128". */
void cidr_format(const struct cidr *, char out[CIDR_MAX]);
