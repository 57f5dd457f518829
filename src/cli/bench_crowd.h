/* SPDX-License-Identifier: MIT */
/* The load of the pool's benchmarks: many miners on one thread and epoll, over real sockets. They
 * speak the Bitcoin dialect with version rolling, and every share they submit is another one. One
 * owner thread. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/bench_histogram.h"
#include "net/lines.h"

enum {
    CROWD_WINDOW_MAX = 256,
    CROWD_CONNECTIONS_MAX = 60000, /* of one address and port there are no more */
    CROWD_LINE_MAX = 16 * 1024,
};

struct crowd;
struct secret;
struct secrets;

enum guest_state { GUEST_IDLE, GUEST_CONNECTS, GUEST_SHAKES, GUEST_GREETS, GUEST_UP, GUEST_DEAD };

struct guest {
    struct crowd *crowd;
    int fd;
    struct secret *secret; /* NULL = plain */
    enum guest_state state;
    bool waits, subscribed, authorised, worked; /* waits: for room to write */
    uint32_t number, sent, open;                /* shares sent so far; not answered yet */
    uint32_t seed;
    uint8_t extranonce2_len;
    char job[24], ntime[9];
    struct lines lines;
    struct str unsent;
    int64_t began_ns, told_ns; /* when it began to connect; kernel's time of the newest job */
    struct submitted {
        uint32_t id; /* 0 = free */
        int64_t at_ns;
    } * window;
};

struct crowd {
    struct sockaddr_in at;
    int poll;
    struct secrets *secrets; /* NULL = plain */
    bool stamps;             /* receive times are the kernel's */
    bool hungry;             /* every answer makes the next share */
    bool counting;           /* answers count */
    unsigned count, started, up, dead, window;
    unsigned told; /* got a job since crowd_listen */
    bool listening;
    struct guest *guests;
    struct histogram *latency, *handshake;
    uint64_t sent, answered, accepted, refused;
    int64_t stamp_ns; /* of what is being read */
    unsigned turn;    /* whose share is next, at a given rate */
    struct str out, notify;
    char refusal[128]; /* the first one's text */
    char buffer[64 * 1024];
};

struct crowd_plan {
    unsigned count, window;
    bool tls, stamps;
};
int crowd_new(const char *address, const struct crowd_plan *, struct crowd **ret,
              struct fault *why);
void crowd_free(struct crowd *); /* resets all connections. NULL is fine */

/* Connects everybody and logs everybody in, `parallel` at a time. ERR_CLOSED when not all came up.
 */
int crowd_connect(struct crowd *, unsigned parallel, double *seconds, struct fault *why);

/* Reads and writes for a time of at most `ms`, or until something happened. */
void crowd_turn(struct crowd *, int ms);
void crowd_rest(struct crowd *, double seconds); /* turns for that long */

/* Everybody fills its window, and every answer is followed by the next share. */
void crowd_feed(struct crowd *);
/* Up to `count` shares, going round. Returns how many there was room for. */
unsigned crowd_submit(struct crowd *, uint64_t count);

/* Forgets who was told a job. */
void crowd_listen(struct crowd *);

int64_t bench_now_ns(void); /* monotonic */
