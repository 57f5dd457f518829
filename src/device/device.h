/* SPDX-License-Identifier: MIT */
/* Devices as the hub sees them: found, opened, given jobs by lane, heard through their ports. All
 * functions on the hub thread unless said otherwise; each device has its own threads inside. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/err.h"
#include "config/config.h"
#include "core/event.h"
#include "core/job.h"

enum { DEVICE_MAX = 256 };

struct driver;

enum device_state {
    DEVICE_OFF,
    DEVICE_IDLE,
    DEVICE_WAITING, /* has a job, and waits for its dataset */
    DEVICE_RUN,
    DEVICE_PAUSED,
    DEVICE_FAILED, /* cannot do the algorithm of its job; tried again after a stop or a pause */
};

struct device_info {
    uint16_t number;  /* 1...; stable in one run */
    char id[32];      /* "cpu0": stable over restarts */
    char name[64];    /* "AMD EPYC 7763" */
    char kind[8];     /* "cpu", "gpu", "asic", "sim" */
    char address[64]; /* driver's own: "" for the CPU */
    unsigned threads; /* scan threads = lanes the device takes */
    const struct driver *driver;
};

struct device;

/* Asks every driver of drivers/registry.c that the configuration enables, in order. Returns how
 * many were found (numbers 1... are given here). Finding nothing is not an error. */
unsigned devices_find(const struct config *, struct device_info *out, unsigned max);

/* Starts the device's threads, idle. `generation` is the hub's counter of published jobs; `bell`
 * is rung when an event waits in device_take. */
int device_open(const struct device_info *, const struct config *,
                const _Atomic uint32_t *generation, uv_async_t *bell, struct device **ret,
                struct fault *why);

/* Gives every thread a job and its lane: thread i works on lane `first + i` of `count`. NULL = stop
 * hashing and wait. Takes its own references; the hub bumps `generation` *after* assigning all
 * devices, and the threads have left the old job within 10 ms of that. */
void device_assign(struct device *, struct job *, uint32_t first, uint32_t count);

/* Can it do this algorithm? False and `why`. */
bool device_can(struct device *, const struct algo *, struct fault *why);

/* Why it failed, after EV_DEVICE_DOWN; "" = nothing more is known than the error. */
void device_failure(struct device *, char *out, size_t size);

/* How long its threads have hashed so far, and the CPU time they got in that time, summed over the
 * threads. False where the one says nothing about the other: the threads do not compute all the
 * time. */
bool device_cpu_time(const struct device *, int64_t *ran_us, int64_t *cpu_us);

/* Paused: threads wait whatever the job is; the newest assignment is kept for resuming. */
void device_pause(struct device *, bool paused);

/* One event of any of its threads. False when there is none. */
bool device_take(struct device *, struct event *);

enum device_state device_state(const struct device *);
const struct device_info *device_info(const struct device *);

/* Implementation in use ("sha256d" -> "avx512"); "" before the first job. */
const char *device_impl(const struct device *);

/* Events lost because a ring was full. */
uint64_t device_dropped(const struct device *);

/* Stops and joins the threads (within 100 ms for CPUs), frees all. NULL is fine. */
void device_free(struct device *);
