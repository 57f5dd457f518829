/* SPDX-License-Identifier: MIT */
/* The snapshot: one immutable picture of everything, that console, API and metrics all read. Taken
 * by the hub about once a second and after commands; counted; any thread may hold it. Unknown
 * numbers are NAN, unknown times 0. Times are monotonic microseconds unless named _ms (Unix). */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/effective.h"
#include "core/event.h"
#include "core/rate.h"
#include "device/device.h"
#include "hub/fates.h"
#include "hub/pool_health.h"
#include "hub/rejects.h"
#include "pool/pool.h"
#include "store/store.h"
#include "stratum/client.h"

enum mining_state { MINING_STOPPED, MINING_WAITING, MINING_RUNNING }; /* WAITING: on, but no job */

enum {
    HISTORY_POINTS = 360,
    UPSTREAM_MAX = 32,
    WARNINGS_MAX = 16,
    ALGOS_MAX = 16,
    HUB_LINES_MAX = 16,
    SWITCHES_MAX = 32,
};

struct dataset_brief { /* the memory that a job's hash needs */
    bool known;        /* false: none is needed, or there is no job */
    char title[32];    /* "epoch 598" */
    char state[16];    /* "preparing", "light", "full", "failed" */
    bool making;       /* a part is being made: */
    double progress;   /* 0..1 of it */
    double eta_s;      /* NAN unknown */
    uint64_t bytes;    /* held in memory */
    char pages[96];    /* how, "" = nothing to say */
    char error[160];   /* why it failed, or why it stays light */
};

struct device_view {
    struct device_info info;
    enum device_state state;
    char algo[24], impl[24];
    char line[32];                      /* its own algorithm; "" = follows the default line */
    double rate[RATE_WINDOWS], average; /* hashes per second of that algorithm */
    double hashes;                      /* since it does that algorithm */
    double done[ALGOS_MAX];             /* since start, by place in algos[] */
    double cpu_share;                   /* CPU time of its hashing threads / time hashed; NAN = does
                                           not apply */
    struct dataset_brief dataset;
    struct counters shares;             /* all; difficulties of the present algorithm */
    struct counters by_algo[ALGOS_MAX]; /* by place in algos[] */
    struct effective_rate effective;    /* of the present algorithm */
    struct telemetry telemetry;         /* NAN = not measured */
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

#define STRATEGIES_LIST(X)                                                                         \
    X(STRATEGY_FAILOVER, "failover", "the first that serves; back to it when it is well again")    \
    X(STRATEGY_ROUND_ROBIN, "round-robin", "one until it fails, then the next")                    \
    X(STRATEGY_ROTATE, "rotate", "each in turn for some time")                                     \
    X(STRATEGY_BALANCE, "balance", "all at once, the same work for each")                          \
    X(STRATEGY_QUOTA, "quota", "all at once, work by quota")

enum strategy {
#define X(name, word, help) name,
    STRATEGIES_LIST(X)
#undef X
        STRATEGIES
};
const char *strategy_name(enum strategy);
bool strategy_parse(const char *word, enum strategy *ret);

enum drill_state { DRILL_NONE, DRILL_RUNNING, DRILL_OK, DRILL_FAILED };
const char *drill_state_name(enum drill_state); /* "none", "running", "passed", "failed" */

struct drill_view { /* the newest failover drill */
    enum drill_state state;
    int from, to; /* numbers of pools; to -1 = nobody took over */
    int64_t began_us, began_ms, until_us;
    double took_ms, share_ms; /* until another pool had the work, and accepted a share; NAN */
    char text[160];
};

struct strategy_view {
    enum strategy strategy;
    int64_t rotate_us, turn_us; /* rotate: the next turn; 0 = not known */
    struct drill_view drill;
};

struct upstream_view {
    unsigned number;          /* 0...: priority order */
    char url[160], user[128]; /* never a password */
    enum upstream_status status;
    bool active;  /* devices work for it now */
    bool drilled; /* left alone by a drill */
    char algo[24];
    struct stratum_client_view client;
    struct counters shares;
    struct effective_rate effective;
    uint32_t quota;
    double part; /* of the work that pools of its algorithm acknowledged, 0..1; NAN = unknown */
    uint32_t pending;  /* shares that wait for the session to be resumed */
    uint64_t resumed;  /* sessions */
    uint32_t failures; /* connections that failed in a row */
    struct signal signals[SIGNALS];
    double job_interval_s; /* its habit */
    enum trouble trouble;  /* why it was left last */
    int64_t trouble_us;
    uint64_t failovers[TROUBLES]; /* times that work went elsewhere because of it */
    char last_error[160];
    int64_t since_us; /* in this status */
    double ack_ms_p50, ack_ms_p95;
};

enum change_stage {
    CHANGE_NONE,
    CHANGE_PREPARING, /* the devices go on with what they do */
    CHANGE_TRIAL,     /* changed over; nothing is accepted yet */
};

/* Devices that do the same algorithm. */
struct line_view {
    char name[32];    /* device; "" = the default line */
    unsigned devices; /* that stand in it */
    char algo[24];    /* of its work; "" = no work */
    char wish[24];    /* asked for by command or configuration; "" = whatever the source has */
    char source[64];
    double rate[RATE_WINDOWS];
    enum change_stage stage;
    char next[24];      /* PREPARING: where to */
    char before[24];    /* TRIAL: where it would return to */
    double return_in_s; /* TRIAL: unless a share is accepted; NAN = never */
    double gap_ms;      /* without hashing at the last change; NAN unknown */
    int64_t changed_us; /* last change; 0 = none */
    char note[200];     /* why the last change was undone; "" = it was not */
    struct dataset_brief dataset, next_dataset;
};

struct algo_view {
    char name[24], title[32];
    char source[64]; /* where work would come from: "pool 1", "own chain"; "" = nowhere */
    unsigned devices;
    double rate; /* of all devices that have ever done it here, as last measured; NAN = none has */
    uint64_t light_bytes, full_bytes; /* of its dataset, for the newest key known; 0 = none */
};

struct switch_count {
    char from[24], to[24];
    const char *cause; /* "command", "return" */
    uint64_t count;
};

struct snapshot {
    _Atomic uint32_t refs;
    uint64_t seq;
    int64_t taken_us, taken_ms, started_us, started_ms;
    char version[32], host[64], app_name[64];
    enum mining_state state;
    char algorithm[24]; /* of the default line; of mining.algorithm while it has no work */
    char source[64]; /* "local pool", "solo", "pool 0": what the devices work for; "" = nothing */
    bool pool_on;    /* pool mode */

    double rate[RATE_WINDOWS], average, hashes; /* all devices that do `algorithm` */
    struct counters shares;                     /* all; difficulties of `algorithm` */
    struct counters by_algo[ALGOS_MAX];         /* by place in algos[] */
    struct effective_rate effective;            /* of `algorithm` */
    struct rejects *rejects;                    /* a reference; NULL = none yet */
    float history[HISTORY_POINTS];
    unsigned history_count;

    unsigned device_count;
    struct device_view *devices;
    unsigned line_count; /* those with devices */
    struct line_view lines[HUB_LINES_MAX];
    unsigned algo_count;
    struct algo_view algos[ALGOS_MAX];
    unsigned switch_count;
    struct switch_count switches[SWITCHES_MAX];
    unsigned upstream_count;
    struct upstream_view upstreams[UPSTREAM_MAX];
    struct strategy_view strategy;
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
const char *
    device_state_name(enum device_state); /* "off", "idle", "waiting", "run", "paused", "failed" */
const char *upstream_status_name(enum upstream_status);
