/* SPDX-License-Identifier: MIT */
/* One scene of the pool's benchmarks: a server in its process, a crowd that is logged in, and the
 * row that tells of them. */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/bench_crowd.h"
#include "cli/bench_row.h"
#include "cli/bench_stage.h"

struct scene_plan {
    unsigned connections, window, loops, parallel, rounds;
    double rate; /* shares a second; 0 = as many as can be */
    double seconds;
    bool tls, json;
    cpu_set_t cores;
};

struct scene {
    const struct scene_plan *plan;
    struct bench_row row;
    struct stage stage;
    struct crowd *crowd;
    struct stage_memory empty; /* before anybody came */
    double connect_s, connect_cpu_s;
    uint64_t lost_syns; /* that the kernel had no place for while they came, on this machine */
};

/* Takes the cores that there are, and as many files as the hard limit lets it. */
void scene_prepare(struct scene_plan *);

/* Starts both and logs everybody in. `stamps`: receive times are the kernel's. */
int scene_open(struct scene *, const struct scene_plan *, const char *bench, const char *what,
               bool stamps, struct fault *why);
/* Prints the row, or why there is none, and ends both. Returns `err`. */
int scene_close(struct scene *, int err, const struct fault *why);

/* The figures, one row each. 0, or negative when it could not be had. */
int scene_submits(const struct scene_plan *);
int scene_handshakes(const struct scene_plan *);
int scene_fanout(const struct scene_plan *);
