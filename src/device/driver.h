/* SPDX-License-Identifier: MIT */
/* The driver: one kind of device as a const descriptor at the end of its file, listed in
 * drivers/registry.c. A driver that computes here and now (CPU, GPU, sim) fills `scan`; its
 * threads, jobs, verification and events are device.c's and scan_loop.c's business. */
#pragma once

#include <stddef.h>

#include "algo/algo.h"
#include "config/config.h"
#include "core/event.h"
#include "device/device.h"

struct driver {
    const char *name;   /* "cpu": the word in messages and labels */
    const char *title;  /* "CPU": for people */
    size_t state_bytes; /* private state of one device: zeroed and freed by device.c */

    /* Writes what the configuration enables and the machine has, all but `number` and `driver`.
     * Returns how many, at most max. Hub thread. */
    unsigned (*find)(const struct config *, struct device_info *out, unsigned max);

    /* Optional pair, hub thread; close comes after a failed open too. */
    int (*open)(void *state, const struct device_info *, const struct config *, struct fault *why);
    void (*close)(void *state);

    /* Optional: thread `index` begins; binding and priority are set here. On that thread. */
    void (*enter)(void *state, unsigned index);

    /* The implementation for an algorithm. NULL and `why` when the device cannot do it. On the
     * first thread that meets the algorithm, or on several at once. */
    const struct algo_impl *(*pick)(void *state, const struct algo *, struct fault *why);

    /* Optional: how many of the device's `threads` hash this algorithm; the rest help to make its
     * dataset and then idle. NULL = all. Any thread. */
    unsigned (*threads)(void *state, const struct algo *, unsigned threads);

    /* Optional: thread `index` goes over to an algorithm. On that thread. */
    void (*settle)(void *state, unsigned index, const struct algo *);

    /* Its threads compute all the time: much less CPU time than that is starvation. */
    bool busy;

    /* Tries nonces as algo_scan_fn does. On thread `index`. */
    void (*scan)(void *state, unsigned index, const struct algo_impl *, struct algo_ctx *,
                 struct scan *);

    /* Optional, about once a second on the device's first thread: measures into a struct that is
     * all NAN. False = nothing to tell. */
    bool (*sense)(void *state, struct telemetry *);
};

extern const struct driver
    *const drivers[]; /* drivers/registry.c, in probe order; ends with NULL */
