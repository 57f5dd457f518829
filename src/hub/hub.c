/* SPDX-License-Identifier: MIT */
/* The hub's life: opening, the loop, signals, and a clean end. */
#include "hub/hub.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "config/paths.h"
#include "front/handover.h"
#include "hub/internal.h"
#include "hub/notify.h"

enum {
    FLUSH_LIMIT_MS = 2000, /* how long open shares may take to be answered at the end */
    CLOSE_LIMIT_MS = 1000, /* and what is left on the loop to end */
};

/* --- what the parts report -----------------------------------------------------------------------
 */

static void take_requests(struct hub *hub, struct port *port)
{
    struct command_reply reply;
    struct event ev;

    while (port_take(port, &ev)) {
        struct command_request *request = ev.p;
        if (ev.type != EV_COMMAND)
            continue;
        if (ev.extra) {
            hub_stop(hub);
        } else if (request) {
            hub_command(hub, request->words, &reply);
            if (request->reply)
                request->reply(request->arg, &reply);
        }
        free(request);
    }
}

static void on_bell(uv_async_t *bell)
{
    struct hub *hub = bell->data;

    hub_devices_drain(hub);
    store_drain(hub->store);
    if (atomic_exchange(&hub->datasets_changed, false)) {
        hub_publish(hub);
        hub_snapshot_soon(hub);
    }
    hub_pools_drain(hub);
    if (hub->front_due_us)
        hub_front_follow(hub);
    for (unsigned i = 0; i < hub->port_count; i++)
        take_requests(hub, hub->ports[i]);
}

static void on_upstream_changed(void *arg)
{
    struct hub *hub = arg;

    if (hub->upstreams)
        hub_publish(hub);
}

static void on_upstream_note(void *arg, const struct share_note *note)
{
    hub_tally_note(arg, note);
}

static void on_upstream_rejected(void *arg, unsigned device, struct rejected *reject)
{
    hub_tally_reject(arg, device, reject);
}

static double on_upstream_rate(void *arg, const struct algo *algo)
{
    return hub_algo_rate(arg, algo);
}

/* --- once a second -------------------------------------------------------------------------------
 */

static void push_history(float *history, double value)
{
    memmove(history, history + 1, (HISTORY_POINTS - 1) * sizeof *history);
    history[HISTORY_POINTS - 1] = (float)value;
}

static void keep_history(struct hub *hub, int64_t now)
{
    if (++hub->ticks % HISTORY_STEP_S)
        return;
    push_history(hub->history, rate_window(&hub->rate, RATE_10S, now));
    for (unsigned i = 0; i < hub->device_count; i++)
        push_history(hub->devices[i].history, rate_window(&hub->devices[i].rate, RATE_10S, now));
    if (hub->history_count < HISTORY_POINTS)
        hub->history_count++;
}

static void measure_self(struct hub *hub, int64_t now)
{
    if (now - hub->cpu_at_us < 10 * SECOND_US)
        return;
    int64_t used = other_cpu_us();
    if (hub->cpu_at_us && used >= 0)
        hub->busy_ratio = (double)(used - hub->cpu_used_us) / (double)(now - hub->cpu_at_us);
    hub->cpu_at_us = now;
    hub->cpu_used_us = used;
}

static void on_tick(uv_timer_t *timer)
{
    struct hub *hub = timer->data;
    int64_t now = now_us();

    hub->tick_us = now;
    source_demand(hub);
    hub_devices_tick(hub);
    hub_publish(hub);
    hub_pools_tick(hub);
    keep_history(hub, now);
    measure_self(hub, now);
    hub->tick_ms_max_last = hub->tick_ms_max;
    hub->tick_ms_max = 0;
    hub_take_snapshot(hub);
    if (hub->watchdog_us && now - hub->watchdog_at_us >= hub->watchdog_us) {
        hub->watchdog_at_us = now;
        notify_send("WATCHDOG=1\nSTATUS=%s, %.4g H/s", mining_state_name(hub->snapshot->state),
                    hub->snapshot->rate[RATE_10S]);
    }
}

static void on_before_poll(uv_prepare_t *handle)
{
    struct hub *hub = handle->data;
    double ms = (double)(now_us() - hub->busy_since_us) / 1000;

    if (hub->busy_since_us && ms > hub->tick_ms_max)
        hub->tick_ms_max = ms;
}

static void on_after_poll(uv_check_t *handle)
{
    struct hub *hub = handle->data;

    hub->busy_since_us = now_us();
}

/* --- signals -------------------------------------------------------------------------------------
 */

static void on_signal(uv_signal_t *handle, int number)
{
    struct hub *hub = handle->data;
    struct command_reply reply;

    switch (number) {
    case SIGHUP:
        hub_reload(hub, &reply);
        break;
    case SIGUSR1:
        log_reopen();
        break;
    case SIGUSR2:
        hub_command(hub, "upgrade", &reply);
        break;
    default:
        if (hub->upgrading) {
            log_info(CORE, "asked to end: no other program goes on");
            hub->upgrading = false;
            return;
        }
        if (hub->stopping) {
            if (hub->before_abort)
                hub->before_abort(hub->abort_arg);
            _exit(130);
        }
        log_info(CORE, "%s: stopping", number == SIGINT ? "interrupt" : "asked to end");
        hub_stop(hub);
    }
}

static void listen_to_signals(struct hub *hub)
{
    static const int numbers[HUB_SIGNALS] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
    sigset_t held; /* by the program before this one, while nobody listened */

    (void)signal(SIGPIPE, SIG_IGN);
    for (unsigned i = 0; i < HUB_SIGNALS; i++) {
        (void)uv_signal_init(&hub->loop, &hub->signals[i]);
        hub->signals[i].data = hub;
        (void)uv_signal_start(&hub->signals[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)&hub->signals[i]);
    }
    (void)sigemptyset(&held);
    for (unsigned i = 0; i < HUB_SIGNALS; i++)
        (void)sigaddset(&held, numbers[i]);
    (void)pthread_sigmask(SIG_UNBLOCK, &held, NULL);
}

/* --- opening and closing -------------------------------------------------------------------------
 */

static void open_loop(struct hub *hub)
{
    (void)uv_loop_init(&hub->loop);
    (void)uv_async_init(&hub->loop, &hub->bell, on_bell);
    (void)uv_timer_init(&hub->loop, &hub->tick);
    (void)uv_timer_init(&hub->loop, &hub->soon);
    (void)uv_prepare_init(&hub->loop, &hub->before_poll);
    (void)uv_check_init(&hub->loop, &hub->after_poll);
    hub->bell.data = hub->tick.data = hub->soon.data = hub;
    hub->before_poll.data = hub->after_poll.data = hub;
    (void)uv_prepare_start(&hub->before_poll, on_before_poll);
    (void)uv_check_start(&hub->after_poll, on_after_poll);
    listen_to_signals(hub);
}

static int open_store(struct hub *hub, struct fault *why)
{
    char dir[512], path[600];
    int err;

    path_data_dir(hub->config, dir, sizeof dir);
    path_database(hub->config, path, sizeof path);
    if ((err = path_make_dir(dir, why)) < 0)
        return err;
    return store_open(path, &hub->bell, &hub->store, why);
}

int hub_new(const struct hub_options *options, struct hub **ret, struct fault *why)
{
    struct hub *hub = xcalloc(1, sizeof *hub);
    struct upstream_hooks hooks = {.changed = on_upstream_changed,
                                   .note = on_upstream_note,
                                   .rejected = on_upstream_rejected,
                                   .rate = on_upstream_rate,
                                   .arg = hub};
    int err;

    hub->config = config_ref(options->config);
    hub->request = options->request;
    (void)text_copy(hub->log_path, sizeof hub->log_path, options->log_path);
    (void)text_copy(hub->program, sizeof hub->program, options->program ? options->program : "");
    hub->handed = options->handed;
    (void)gethostname(hub->host, sizeof hub->host - 1);
    hub->started_us = now_us();
    hub->started_ms = wall_ms();
    hub->busy_ratio = NAN;
    hub->line = (struct line){.wish.follows = true, .gap_told = true};
    rate_reset(&hub->rate, hub->started_us);
    effective_reset(&hub->effective, hub->started_us);
    hub->rejects = rejects_new();
    open_loop(hub);
    hub->upstreams = upstreams_new(hub->config, &hub->loop, &hooks);
    if ((err = open_store(hub, why)) < 0)
        goto fail;
    hub_datasets_open(hub);
    if ((err = hub_pools_open(hub, why)) < 0)
        goto fail;
    handover_free(hub->handed); /* what nobody took */
    hub->handed = NULL;
    hub_devices_open(hub);
    if ((err = hub_devices_fix(hub, why)) < 0)
        goto fail;
    hub->mining = hub->config->mining.autostart;
    hub_take_snapshot(hub);
    *ret = hub;
    return 0;

fail:
    (void)hub_free(hub);
    return err;
}

static void on_flush_limit(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static bool devices_busy(const struct hub *hub)
{
    for (unsigned i = 0; i < hub->device_count; i++)
        if (hub->devices[i].device && device_state(hub->devices[i].device) == DEVICE_RUN)
            return true;
    return false;
}

/* Are shares to come from the devices, or to be answered or written? */
static bool shares_open(struct hub *hub)
{
    bool busy = devices_busy(hub); /* read first: what was found before it ended is in its port */

    hub_devices_drain(hub);
    return busy || hub_tally_sum(hub->shares, NULL).unanswered || hub_pools_settling(hub) ||
           hub_pools_leaving(hub);
}

/* Lets shares that are on their way be answered, for a while. */
static void flush_shares(struct hub *hub)
{
    bool late = false;
    uv_timer_t limit;

    hub_pools_leave(hub);
    hub_publish(hub); /* stopping: the devices get nothing more */
    (void)uv_timer_init(&hub->loop, &limit);
    limit.data = &late;
    (void)uv_timer_start(&limit, on_flush_limit, FLUSH_LIMIT_MS, 0);
    while (shares_open(hub) && !late)
        (void)uv_run(&hub->loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&limit, NULL);
    (void)uv_run(&hub->loop, UV_RUN_NOWAIT);
}

void hub_begin(struct hub *hub)
{
    hub->watchdog_us = notify_watchdog_us();
    (void)uv_timer_start(&hub->tick, on_tick, 0, 1000);
    notify_send("READY=1");
}

void hub_run(struct hub *hub)
{
    hub_begin(hub);
    while (!hub->stopping)
        (void)uv_run(&hub->loop, UV_RUN_ONCE);
    if (hub->upgrading) /* "stopping" would be the service's end: it would be killed after a while
                         */
        notify_send("RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_us());
    else
        notify_send("STOPPING=1");
    flush_shares(hub);
    if (hub->upgrading)
        hub_pools_handed(hub);
    (void)uv_timer_stop(&hub->tick);
}

bool hub_upgrading(struct hub *hub, json_t **handed)
{
    if (hub->upgrading) /* a word to end may have come meanwhile */
        (void)uv_run(&hub->loop, UV_RUN_NOWAIT);
    *handed = hub->handing;
    hub->handing = NULL;
    return hub->upgrading;
}

void hub_stop(struct hub *hub)
{
    hub->stopping = true;
    uv_async_send(&hub->bell);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* A lookup in the name service cannot be cut short: it is not waited for. */
static bool end_loop(struct hub *hub)
{
    int64_t until = now_us() + CLOSE_LIMIT_MS * INT64_C(1000);

    uv_walk(&hub->loop, close_handle, NULL);
    while (uv_run(&hub->loop, UV_RUN_NOWAIT) && now_us() < until)
        sleep_us(1000);
    return uv_loop_close(&hub->loop) == 0;
}

bool hub_free(struct hub *hub)
{
    if (!hub)
        return true;
    hub_upgrade_cancel(hub);
    handover_free(hub->handed);
    handover_free(hub->handing);
    hub_devices_close(hub);
    upstreams_free(hub->upstreams);
    hub->upstreams = NULL;
    line_clear(&hub->line);
    hub_pools_close(hub);
    store_close(hub->store);
    hub_datasets_close(hub);
    snapshot_unref(hub->snapshot);
    rejects_unref(hub->rejects);
    bool ended = end_loop(hub);
    config_unref(hub->config);
    if (!ended)
        return false; /* its memory is still in use */
    free(hub);
    return true;
}

uv_loop_t *hub_loop(struct hub *hub)
{
    return &hub->loop;
}

uv_async_t *hub_bell(struct hub *hub)
{
    return &hub->bell;
}

const struct snapshot *hub_snapshot(const struct hub *hub)
{
    return hub->snapshot;
}

void hub_watch(struct hub *hub, hub_watch_fn *fn, void *arg)
{
    if (hub->watcher_count < HUB_WATCHERS)
        hub->watchers[hub->watcher_count++] = (struct hub_watcher){fn, arg};
}

void hub_add_port(struct hub *hub, struct port *port)
{
    if (hub->port_count < HUB_PORTS)
        hub->ports[hub->port_count++] = port;
}

void hub_before_abort(struct hub *hub, void (*fn)(void *arg), void *arg)
{
    hub->before_abort = fn;
    hub->abort_arg = arg;
}
