/* SPDX-License-Identifier: MIT */
/* The recording proxy: it stands between miners and a pool, passes every byte on as it is, and
 * writes what was said, redacted, into a transcript. Runs its own loop on the calling thread. */
#pragma once

#include <stdbool.h>

#include "net/proxy.h"
#include "net/tls.h"
#include "stratum/url.h"
#include "transcript/transcript.h"

enum { RECORDER_CONNECTIONS_MAX = 1000 };

struct recorder_options {
    const char *listen; /* "127.0.0.1:3333"; port 0 = any free one */
    struct stratum_url to;
    struct proxy proxy;      /* on the way to the pool; kind PROXY_NONE = none */
    struct tls_context *tls; /* for `to.tls`; NULL = verified by the system's authorities */
    unsigned connections;    /* ends after so many; 0 = at a signal */
    void (*listening)(void *arg, const char *address);
    void *arg;
};

struct recorder_result {
    unsigned connections; /* that miners opened */
    unsigned messages;    /* written */
    unsigned left_out;    /* lines that are no messages, too long, or past the file's limit */
};

/* Returns when told to (SIGINT, SIGTERM, `connections`): 0, or a negative error and `why`. */
int recorder_run(const struct recorder_options *, struct transcript_writer *,
                 struct recorder_result *ret, struct fault *why);
