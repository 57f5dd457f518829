/* SPDX-License-Identifier: MIT */
/* Stratum client: one connection to one pool. Hub thread (or any one uv loop). Credentials belong
 * to the connection; shares go only to the connection whose job they answer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "algo/algo.h"
#include "base/err.h"
#include "core/job.h"
#include "core/share.h"
#include "net/address.h"
#include "net/proxy.h"
#include "net/tls.h"

struct stratum_client;

enum client_state {
    CLIENT_CLOSED,
    CLIENT_CONNECTING,
    CLIENT_HANDSHAKE, /* connected; not yet subscribed and authorised */
    CLIENT_READY,     /* subscribed and authorised; jobs may come */
};

/* What a pool may do with client.reconnect. */
enum reconnect_policy {
    RECONNECT_NEVER,
    RECONNECT_SAME_DOMAIN, /* the same host, or another one under the same registered domain */
    RECONNECT_ANY,         /* anywhere: user and password go there */
};

/* A session that a pool may take up again, so that shares of its jobs stay valid. */
struct stratum_session {
    char id[160];
    struct u256 target; /* of its next job; dialects that do not say it again need it */
    uint8_t extranonce1[EXTRANONCE_MAX];
    uint8_t extranonce1_len, extranonce2_len;
};

struct stratum_client_options {
    const char *url; /* "stratum+tcp://host:port", "host:port" */
    const char *user, *pass;
    const char *agent; /* "otedama/0.1.0" */
    const struct algo *algo;
    const char *coin; /* "" = unknown */
    uint32_t source;  /* goes into every job */
    enum reconnect_policy reconnect;
    const struct stratum_session *resume; /* copied; NULL = a new session */
    unsigned first_address;               /* as net_connect: how often it was tried before */
    struct tls_client_options tls;        /* where the URL asks for TLS */
    const struct proxy *proxy;            /* copied; NULL = straight */
    int64_t connect_timeout_us, handshake_timeout_us; /* 0 = 10 s */
};

struct stratum_client_events {            /* all on the loop's thread */
    void (*job)(void *arg, struct job *); /* borrowed; difficulty and extranonce applied */
    void (*answer)(void *arg, uint64_t ticket, int err, const char *reason, double ms);
    /* err 0 = accepted; ERR_STALE, ERR_DUPLICATE, ERR_LOW_DIFF, ERR_UNAUTHORIZED, ERR_REJECTED;
       ERR_CLOSED when the connection went before the answer */
    void (*state)(void *arg, enum client_state, int err, const char *reason); /* CLOSED: why */
    void (*message)(void *arg, const char *text); /* client.show_message */
    /* May the pool send us there? NULL, or why not. May be NULL itself. */
    const char *(*may_move)(void *arg, const struct endpoint *to);
    void *arg;
};

/* Starts connecting (DNS, all addresses in turn). A URL that cannot be honoured is an error here.
 */
int stratum_client_open(uv_loop_t *, const struct stratum_client_options *,
                        const struct stratum_client_events *, struct stratum_client **ret,
                        struct fault *why);

/* Sends a share; its answer comes with the returned ticket (> 0). Negative: ERR_CLOSED, ERR_NO_JOB
 * (the job is not of this connection, nor of the session it resumed). */
int64_t stratum_client_submit(struct stratum_client *, const struct share *);

/* Sends a harmless request (mining.ping): any answer, an error too, is a line and proves life. */
void stratum_client_probe(struct stratum_client *);

/* Closes and frees; may be called from any of the callbacks; state() is not called any more, open
 * answers come as ERR_CLOSED before return.
 */
void stratum_client_close(struct stratum_client *);

struct stratum_client_view {
    enum client_state state;
    char peer[64];                     /* "127.0.0.1:3333"; "" before */
    const char *dialect;               /* its title */
    char security[16];                 /* "TLSv1.3"; "" = plain */
    double difficulty;                 /* of the newest job; NAN unknown */
    int64_t last_line_us, last_job_us; /* monotonic; 0 = never */
    uint32_t unanswered;               /* submits waiting */
    double rtt_ms;                     /* last answered request; NAN unknown */
    bool authorised, resumed;          /* resumed: the session that was asked for goes on */
};
/* The session of a READY client, where the pool gave it a name. */
bool stratum_client_session(const struct stratum_client *, struct stratum_session *ret);

void stratum_client_view(const struct stratum_client *, struct stratum_client_view *);

/* Checks a pool URL without connecting: 0, or ERR_CONFIG and `why`. */
int stratum_url_check(const char *url, struct fault *why);
