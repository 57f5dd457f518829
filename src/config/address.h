/* SPDX-License-Identifier: MIT */
/* Addresses as people write them. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* "host:port", "1.2.3.4:port", "[v6]:port", ":port" (host ""). Port 0..65535 in decimal. The host
 * comes without brackets; it is a name or number by its letters, not looked up. */
bool address_split(const char *text, char *host, size_t size, unsigned *port);

/* 127.0.0.0/8, ::1 or "localhost". */
bool host_is_loopback(const char *host);

/* "[scheme://][user[:pass]@]host[:port][/path]": false with `*why`, a phrase that begins with a
 * verb. */
bool url_check(const char *text, const char **why);

/* "10.0.0.0/8", "2001:db8::/32" or a single address; no bits past the length. */
bool network_check(const char *text);
