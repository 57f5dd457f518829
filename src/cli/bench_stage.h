/* SPDX-License-Identifier: MIT */
/* The server's side of the pool's benchmarks: a process of its own on cores of its own that runs a
 * front as `otedama serve` does, so that its CPU time, memory and files are counted apart from
 * those of the load. The calling process must have no threads. */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "net/address.h"

struct stage_plan {
    const char *address; /* where it listens; NULL = a free port of 127.0.0.1 */
    unsigned connections;
    unsigned loops;
    bool tls;
    cpu_set_t cores; /* all that the benchmark may use; the server's come first, the load has the
                        last */
};

enum stage_order {
    STAGE_JOB,   /* a new tip: reads its template, hands its job to the front */
    STAGE_WRITE, /* writes the bytes that come with it to every connection, in a bare loop */
    STAGE_COUNT, /* only says how things stand */
    STAGE_ORDERS
};

enum { STAGE_BYTES_MAX = 16 * 1024 }; /* that come with an order */

struct stage_answer {
    char address[PEER_MAX];
    /* Unix time, nanoseconds: when the work of an order began (the template's text is there), when
     * the job was handed to the front, when it ended */
    int64_t began_ns, handed_ns, ended_ns;
    int64_t cpu_us;    /* that the order took here, the front's threads left out */
    uint64_t credited; /* shares that the hub's place was told to credit, so far */
    uint32_t sockets;  /* that were written to */
    char trouble[256]; /* "" = none */
};

struct stage {
    pid_t pid;
    int wire;
    clockid_t clock; /* CPU time of the process */
    struct stage_answer first;
};

struct stage_memory {
    double rss_kib, pss_kib;
    unsigned files;
};

/* Starts the process; it listens and has published a job when this returns. */
int stage_open(struct stage *, const struct stage_plan *, struct fault *why);
int stage_order(const struct stage *, enum stage_order, const void *bytes, size_t len,
                struct stage_answer *, struct fault *why);
double stage_cpu_s(const struct stage *);
struct stage_memory stage_memory(const struct stage *);
void stage_close(struct stage *);

/* In the server's process: answers orders on `wire` until its other end is closed. */
void stage_serve(const struct stage_plan *, int wire) __attribute__((noreturn));

/* Keeps the calling process to cores [from, from + count) of those. */
void stage_pin(const cpu_set_t *cores, unsigned from, unsigned count);
