/* SPDX-License-Identifier: MIT */
/* Names and policies of events, from the table. */
#include "core/event.h"

#include <math.h>

const struct telemetry telemetry_unknown = {
    .celsius = {NAN, NAN, NAN, NAN},
    .watts = NAN,
    .volts = NAN,
    .fan_rpm = {NAN, NAN},
    .fan_ratio = NAN,
    .mhz = NAN,
};

static const struct {
    const char *name;
    enum event_policy policy;
} rows[EVENT_TYPES] = {
#define X(name, policy, help) {#name, policy},
#include "core/event.def"
#undef X
};

const char *event_name(enum event_type type)
{
    return type < EVENT_TYPES ? rows[type].name : "?";
}

enum event_policy event_policy(enum event_type type)
{
    return rows[type].policy;
}
