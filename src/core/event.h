/* SPDX-License-Identifier: MIT */
/* Events: what other threads tell the hub, one cache line each. */
#pragma once

#include <stdint.h>

enum event_policy { EV_KEEP, EV_DROP };

enum event_type {
#define X(name, policy, help) EV_##name,
#include "core/event.def"
#undef X
    EVENT_TYPES
};

struct telemetry { /* NAN = not measured */
    float celsius[4], watts, volts, fan_rpm[2], fan_ratio, mhz;
};
extern const struct telemetry telemetry_unknown; /* nothing measured */

struct share;
struct algo;

struct event {
    uint16_t type;   /* enum event_type */
    uint16_t device; /* 1...; 0 = not a device */
    uint16_t worker; /* thread of the device */
    uint16_t extra;
    int64_t at_us; /* monotonic */
    union {
        struct share *share; /* the receiver owns it */
        struct telemetry telemetry;
        struct {
            const struct algo *algo;
            union {
                uint64_t hashes; /* HASHES_DONE */
                int64_t gap_us;  /* ALGO_CHANGED: time without hashing, on that thread */
            };
        };
        int err;
        void *p; /* FRONT_*, STORE_DONE, COMMAND: owned by the receiver, type by event type */
    };
};

_Static_assert(sizeof(struct event) <= 64, "an event is one cache line");

const char *event_name(enum event_type);
enum event_policy event_policy(enum event_type);
