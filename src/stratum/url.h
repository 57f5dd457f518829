/* SPDX-License-Identifier: MIT */
/* Pool URLs, and whether a pool may send us elsewhere. Any thread. */
#pragma once

#include <stdbool.h>

#include "net/address.h"
#include "stratum/dialect.h"

enum { URL_DIALECTS_MAX = 4 };

struct stratum_url {
    const struct dialect *dialects[URL_DIALECTS_MAX]; /* to be tried in this order; NULL behind */
    struct endpoint to;
    bool tls;
};

/* Reads "stratum+tcp://host:port", "stratum+ssl://host:port", "host:port", ... for an algorithm
 * (NULL: for any, to check the rest). A scheme that cannot be honoured is an error that says so:
 * nothing falls back to plain text. 0, or ERR_CONFIG and `why`. */
int stratum_url_parse(const char *url, const struct algo *, struct stratum_url *ret,
                      struct fault *why);

/* May a pool at `from` redirect us to `to`? The same host, a host under it, or another host under
 * the same registrable domain; never between addresses. */
bool redirect_allowed(const char *from, const char *to);
