/* SPDX-License-Identifier: MIT */
/* Devices under test: opened with a driver, given jobs, listened to. */
#pragma once

#include <stdint.h>

#include "device/device.h"
#include "device/driver.h"

enum { THREADS = 3, PATIENCE_US = 20000000 };

extern const struct driver driver_cpu;

/* A job whose target one hash in 2^bits meets. */
struct job *device_rig_job(const char *algo, unsigned bits);
/* What the device counts as the present job: open with it what device_rig_open does not. */
extern _Atomic uint32_t device_rig_generation;
struct device *device_rig_open(const struct driver *, unsigned threads);
/* The job is borrowed; NULL = none. */
void device_rig_publish(struct device *, struct job *);

/* The next event of a type; others are dropped. False: none came. */
bool device_rig_next(struct device *, enum event_type, struct event *, int64_t patience_us);
bool device_rig_all_hash(struct device *); /* waits until each of THREADS has */
void device_rig_wait_state(const struct device *, enum device_state);

/* Drivers' parts: any algorithm is done; every nonce is tried, and none is good. */
const struct algo_impl *pick_any(void *state, const struct algo *, struct fault *why);
void scan_skims(void *state, unsigned index, const struct algo_impl *, struct algo_ctx *,
                struct scan *);
