/* SPDX-License-Identifier: MIT */
/* Inside of a device: its threads, and what they share with the hub. Only device.c and scan_loop.c
 * include this. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "algo/algo.h"
#include "base/slot.h"
#include "core/port.h"
#include "core/work.h"
#include "device/driver.h"

struct assignment {  /* what a slot carries */
    struct job *job; /* owned; NULL = stop hashing */
    struct lane lane;
};

enum { LANE_JOBS = 8 }; /* that a thread may come back to */

/* How far a job was tried before a change: it may come back. */
struct left {
    uint64_t mark; /* of what the job says; 0 = none */
    struct lane lane;
    struct work work;
    bool used_up;
    uint64_t turn; /* when it was left: a count */
};

/* One hashing thread. */
struct lane_thread {
    struct device *device;
    unsigned index;
    pthread_t thread;
    bool started;         /* hub thread: is there something to join */
    struct slot slot;     /* of struct assignment: the hub puts, the thread takes */
    struct port *port;    /* the thread posts, the hub takes */
    pthread_mutex_t lock; /* for sleeping only: all data is in atomics and the slot */
    pthread_cond_t wake;
    _Atomic bool running;           /* has a job and hashes */
    _Atomic bool waiting;           /* has a job whose dataset is not there yet */
    _Atomic int64_t ran_us, cpu_us; /* time hashed, and CPU time in it; written here alone */

    /* the thread's own */
    struct assignment now;
    struct work work;
    bool used_up; /* the lane of the job has been tried completely */
    struct left left[LANE_JOBS];
    uint64_t left_turn;      /* of the newest of them */
    const struct algo *algo; /* what dataset, ctx and impl belong to */
    struct dataset *dataset; /* a reference; NULL where there is none */
    bool full;               /* ctx was made with the full dataset */
    const struct algo_impl *impl;
    struct algo_ctx *ctx;
    bool benched;    /* more threads than this algorithm is to have: helps with the dataset only */
    unsigned turn;   /* counts turns while a dataset is filled */
    uint64_t slice;  /* nonces of the next scan: about SLICE_US of work */
    uint64_t hashes; /* done and not yet reported */
    int64_t told_us, sensed_us;
    const struct algo *scanned; /* the last slice was of it, and ended */
    int64_t scanned_us;         /* then */
    bool timing;                /* hashing since timed_us, with timed_cpu_us of CPU time then */
    int64_t timed_us, timed_cpu_us;
};

struct device {
    struct device_info info;
    const _Atomic uint32_t *generation;
    void *state; /* the driver's */
    _Atomic bool stop, paused;
    const struct algo *_Atomic failed; /* the algorithm it cannot do; NULL = none */
    const struct algo *assigned;       /* hub thread: of the newest job */
    pthread_mutex_t lock;              /* failure */
    char failure[160];
    const char *_Atomic impl; /* name of the implementation in use */
    unsigned next;            /* hub thread: whose port device_take looks at next */
    unsigned count;
    struct lane_thread lanes[];
};

void *scan_loop(void *lane_thread); /* the thread's main function */
bool lane_post(struct lane_thread *, struct event);

/* lane_algo.c: what the thread hashes with. */
bool lane_ready(struct lane_thread *); /* can the job be hashed now? */
void lane_drop_ctx(struct lane_thread *);

/* lane_job.c: the newest assignment, gone on with where it was left. */
void lane_take_assignment(struct lane_thread *);

void assignment_free(struct assignment *); /* NULL is fine */
