/* SPDX-License-Identifier: MIT */
/* The snapshot: one immutable picture of everything, that console, API and metrics all read. Taken
 * by the hub about once a second and after commands; counted; any thread may hold it. Unknown
 * numbers are NAN, unknown times 0. Times are monotonic microseconds unless named _ms (Unix). */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "core/rate.h"
#include "device/device.h"
#include "pool/pool.h"
#include "store/store.h"
#include "stratum/client.h"

enum mining_state { MINING_STOPPED, MINING_WAITING, MINING_RUNNING }; /* WAITING: on, but no job */

enum { HISTORY_POINTS = 360, UPSTREAM_MAX = 32, WARNINGS_MAX = 16 };

struct counters {   /* of shares; each share is in exactly one of the last four */
    uint64_t found; /* by devices, meeting the source's target */
    uint64_t accepted, rejected, stale, unanswered;
    uint64_t lost; /* found or sent, but the connection went before an answer */
    uint64_t hardware_errors;
    double difficulty_accepted; /* sum */
    double best_difficulty;     /* best hash ever seen; 0 = none */
};

struct device_view {
    struct device_info info;
    enum device_state state;
    char algo[24], impl[24];
    double rate[RATE_WINDOWS], average; /* hashes per second */
    double hashes;                      /* since start */
    struct counters shares;
    struct telemetry telemetry; /* NAN = not measured */
    int64_t telemetry_us;
    char error[160];               /* "" = none */
    float history[HISTORY_POINTS]; /* hashes per second, one point each 5 s; oldest first */
};

enum upstream_status {
    UPSTREAM_DISABLED,
    UPSTREAM_STANDBY, /* not connected: a better one serves, or the own pool does */
    UPSTREAM_DEAD,    /* tried and failed; retried with back-off */
    UPSTREAM_CONNECTING,
    UPSTREAM_ALIVE, /* authorised, jobs come */
};

struct upstream_view {
    unsigned number;          /* 0...: priority order */
    char url[160], user[128]; /* never a password */
    enum upstream_status status;
    bool active; /* devices work for it now */
    struct stratum_client_view client;
    struct counters shares;
    uint32_t failures; /* connections that failed in a row */
    char last_error[160];
    int64_t since_us; /* in this status */
    double ack_ms_p50, ack_ms_p95;
};

struct snapshot {
    _Atomic uint32_t refs;
    uint64_t seq;
    int64_t taken_us, taken_ms, started_us, started_ms;
    char version[32], host[64], app_name[64];
    enum mining_state state;
    char algorithm[24]; /* mining.algorithm */
    char source[64]; /* "local pool", "solo", "pool 0": what the devices work for; "" = nothing */
    bool pool_on;    /* pool mode */

    double rate[RATE_WINDOWS], average, hashes; /* all devices */
    struct counters shares;
    float history[HISTORY_POINTS];
    unsigned history_count;

    unsigned device_count;
    struct device_view *devices;
    unsigned upstream_count;
    struct upstream_view upstreams[UPSTREAM_MAX];
    struct pool_view pool;
    struct store_view store;

    uint64_t job_height;
    double job_difficulty, network_difficulty; /* share difficulty asked for; network's */
    int64_t job_us;                            /* when the current job came; 0 = none */

    unsigned warning_count;
    char warnings[WARNINGS_MAX][160];

    /* about the program itself */
    double hub_busy_ratio; /* CPU of everything but device threads, share of one core */
    uint64_t rss_bytes;
    double hub_tick_ms_max; /* longest loop iteration of the last second */
    uint64_t events_dropped, log_dropped;
    int64_t hub_tick_us;   /* last time the main loop ran */
    char config_path[256]; /* "" = embedded default */
    char log_path[256];
};

struct snapshot *snapshot_new(unsigned devices);  /* zeroed, one reference, NANs put in */
struct snapshot *snapshot_ref(struct snapshot *); /* any thread */
void snapshot_unref(struct snapshot *);           /* any thread; NULL is fine */
const char *mining_state_name(enum mining_state); /* "stopped", "waiting", "mining" */
const char *device_state_name(enum device_state); /* "off", "idle", "run", "paused", "failed" */
const char *upstream_status_name(enum upstream_status);
