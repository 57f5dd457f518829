/* SPDX-License-Identifier: MIT */
/* Going through a proxy: SOCKS5 (RFC 1928, 1929; the proxy resolves names) and HTTP CONNECT. What
 * is said, without a socket; connect.c says it. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/address.h"

enum { PROXY_WORD_MAX = 256, PROXY_SAY_MAX = 2048, PROXY_HEAR_MAX = 4096 };

enum proxy_kind { PROXY_NONE, PROXY_SOCKS5, PROXY_HTTP };

struct proxy {
    enum proxy_kind kind;
    struct endpoint at;
    char user[PROXY_WORD_MAX], pass[PROXY_WORD_MAX]; /* both "" = without */
};

/* Reads "socks5://[user:pass@]host:port" (socks5h is the same) or "http://[user:pass@]host:port";
 * "" is none. User and password may hold %XX. 0, or ERR_CONFIG and `why`, which repeats no
 * password. */
int proxy_parse(const char *url, struct proxy *ret, struct fault *why);

struct proxy_talk {
    const struct proxy *proxy;
    struct endpoint to;
    unsigned step;
    size_t have;
    uint8_t heard[PROXY_HEAR_MAX];
};

/* The first bytes to send: `out` holds PROXY_SAY_MAX. Returns how many. */
size_t proxy_begin(struct proxy_talk *, const struct proxy *, const struct endpoint *to,
                   uint8_t *out);

/* Takes what the proxy answers. 1 = the way is free; 0 = go on, after sending *out_len bytes; or
 * ERR_REJECTED, ERR_PROTOCOL with the reason in words. */
int proxy_take(struct proxy_talk *, const uint8_t *bytes, size_t len, uint8_t *out, size_t *out_len,
               char *reason, size_t reason_size);
