/* SPDX-License-Identifier: MIT */
/* What the files of this folder share: the hub's state. Nobody outside includes it. */
#pragma once

#include <limits.h>
#include <stdatomic.h>

#include "hub/command.h"
#include "hub/hub.h"
#include "hub/line.h"
#include "hub/upstream.h"

enum { HUB_SIGNALS = 5 };

enum { HUB_PORTS = 4, HUB_WATCHERS = 4, HUB_POOLS = 8, HISTORY_STEP_S = 5, SOURCE_POOL = 0 };

struct hub_device {
    struct device *device; /* NULL = could not be opened */
    struct device_info info;
    struct line *line; /* where it stands: the default one or `own` */
    struct line own;
    struct job *assigned;                     /* a reference */
    const struct algo *algo;                  /* that it hashed last */
    struct rate rate;                         /* of that */
    double done[ALGOS_MAX], known[ALGOS_MAX]; /* by place in algos[]: hashes; last rate, 0 = none */
    int64_t ran_us, cpu_us;                   /* as last asked for */
    double cpu_share;
    unsigned starved;                  /* seconds in a row */
    struct counters shares[ALGOS_MAX]; /* by place in algos[] */
    struct effective effective;        /* of `algo` */
    struct slice slice;                /* where the strategy spreads work: its pool */
    struct telemetry telemetry;
    int64_t telemetry_us;
    bool paused;
    char error[160];
    float history[HISTORY_POINTS];
};

struct hub_pool {
    const struct algo *algo;
    struct pool *pool;
    int64_t used_us;
};

struct hub_watcher {
    hub_watch_fn *fn;
    void *arg;
};

struct hub {
    uv_loop_t loop;
    uv_async_t bell;
    uv_timer_t tick, soon;
    uv_signal_t signals[HUB_SIGNALS];
    uv_prepare_t before_poll;
    uv_check_t after_poll;

    struct config *config;
    const struct config_request *request;
    char log_path[256], host[64];
    int64_t started_us, started_ms;

    struct store *store;
    struct bans_book *bans; /* of all pools: they share the Stratum port */
    struct hub_pool pools[HUB_POOLS];
    unsigned pool_count;
    struct pool *pool;           /* the default line's: with the Stratum server */
    bool pool_mode;              /* wanted */
    int64_t front_due_us;        /* its Stratum server is to open until then; 0 = nothing is due */
    bool coin_open;              /* pool.coin leaves the algorithm open */
    const struct algo *own_algo; /* of pool.coin, else mining.algorithm */
    struct upstreams *upstreams;

    struct hub_device *devices;
    unsigned device_count;
    _Atomic uint32_t generation; /* bumped after each publish; pairs with the devices' reads */

    bool publishing; /* hub_publish is at it */
    bool mining;     /* wanted by the user */
    bool stopping;
    char program[PATH_MAX];  /* what "upgrade" starts; "" = it cannot */
    struct upgrade *upgrade; /* being checked; NULL = none is */
    bool upgrading;          /* it was found good: it goes on in this process */
    char upgrade_problem[200];
    int64_t upgrade_problem_us;
    json_t *handed;  /* by the program before, until the pools are open */
    json_t *handing; /* for the next one */
    struct datasets *datasets;
    _Atomic bool datasets_changed; /* set on any thread, before the bell */
    struct line line;              /* the default one */
    struct switch_count switches[SWITCHES_MAX];
    unsigned switch_count;

    struct counters shares[ALGOS_MAX]; /* by place in algos[] */
    struct effective effective;        /* of rate_algo */
    struct rejects *rejects;
    struct rate rate; /* of the devices that do rate_algo */
    const struct algo *rate_algo;
    float history[HISTORY_POINTS];
    unsigned history_count, ticks;

    struct port *ports[HUB_PORTS];
    unsigned port_count;
    struct hub_watcher watchers[HUB_WATCHERS];
    unsigned watcher_count;
    void (*before_abort)(void *arg);
    void *abort_arg;

    struct snapshot *snapshot;
    uint64_t snapshot_seq;
    int64_t tick_us, busy_since_us;
    double tick_ms_max, tick_ms_max_last;
    int64_t cpu_at_us, cpu_used_us; /* when other_cpu was last read, and what it said */
    double busy_ratio;
    int64_t watchdog_us, watchdog_at_us; /* the service manager's; 0 = not wanted */
};

/* hub.c: what hub_run begins with; the loop may then be run by others (tests). */
void hub_begin(struct hub *);

/* devices.c */
void hub_devices_open(struct hub *);
void hub_devices_drain(struct hub *);
void hub_devices_close(struct hub *);
void hub_devices_tick(struct hub *); /* once a second: what is measured over time */
int hub_devices_fix(struct hub *, struct fault *why); /* mining.device_algorithms */
struct hub_device *hub_device_find(struct hub *, const char *id);
void hub_device_pause(struct hub *, struct hub_device *, bool paused);

/* publish.c: the newest jobs for all lines, handed to the devices. */
void hub_publish(struct hub *);
void hub_share_found(struct hub *, struct share *); /* takes it */

/* tally.c: each share is counted once, with its device, its upstream and the total. */
void hub_tally_found(struct hub *, unsigned device, const struct algo *, double difficulty);
void hub_tally_note(struct hub *, const struct share_note *);
void hub_tally_reject(struct hub *, unsigned device, struct rejected *); /* puts the device in */
void hub_tally_hardware_error(struct hub *, struct hub_device *);
struct counters hub_tally_sum(const struct counters shares[ALGOS_MAX], const struct algo *shown);
unsigned hub_algo_place(const struct algo *); /* in algos[]; ALGOS_MAX = not there */
double hub_algo_rate(const struct hub *,
                     const struct algo *); /* over a minute; NAN = none does it */

/* view_lines.c */
enum { NOTE_LIFE_S = 3600 };
void hub_view_device_line(const struct hub *, const struct hub_device *, struct device_view *);
void hub_view_lines(const struct hub *, struct snapshot *);
void hub_view_algos(struct hub *, struct snapshot *);

/* view.c */
void hub_take_snapshot(struct hub *);
void hub_snapshot_soon(struct hub *); /* within 100 ms, once for many changes */

/* upgrade.c */
void hub_upgrade(struct hub *, struct command_reply *); /* checks the program, then ends for it */
void hub_upgrade_cancel(struct hub *);

/* reload.c */
void hub_reload(struct hub *, struct command_reply *);

/* commands.c: writes the reply. */
void command_say(struct command_reply *, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

typedef void command_fn(struct hub *, const char *args, struct command_reply *);
command_fn hub_upstream_switch, hub_upstream_enable, hub_upstream_disable, hub_upstream_strategy,
    hub_upstream_quota, hub_upstream_drill;                 /* command_upstream.c */
command_fn hub_ban_add, hub_ban_remove;                     /* command_ban.c */
command_fn hub_device_pause_words, hub_device_resume_words; /* command_device.c */

/* cpu_time.c: CPU time of all threads but the hashing ones, microseconds; -1 = unknown. */
int64_t other_cpu_us(void);
uint64_t resident_bytes(void);
