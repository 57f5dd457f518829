/* SPDX-License-Identifier: MIT */
/* Taking the snapshot: everything that faces read, in one immutable picture. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "core/target.h"
#include "hub/internal.h"

static void view_device(const struct hub *hub, const struct hub_device *d, struct device_view *view,
                        int64_t now)
{
    view->info = d->info;
    view->state = !d->device ? DEVICE_FAILED : device_state(d->device);
    for (unsigned w = 0; w < RATE_WINDOWS; w++)
        view->rate[w] = d->device ? rate_window(&d->rate, w, now) : NAN;
    view->average = d->device ? rate_average(&d->rate, now) : NAN;
    view->hashes = d->rate.total;
    view->shares = d->shares;
    view->telemetry = d->telemetry;
    view->telemetry_us = d->telemetry_us;
    (void)text_copy(view->error, sizeof view->error, d->error);
    memcpy(view->history, d->history, sizeof view->history);
    if (hub->feed.job)
        (void)text_copy(view->algo, sizeof view->algo, hub->feed.job->algo->name);
    if (d->device)
        (void)text_copy(view->impl, sizeof view->impl, device_impl(d->device));
}

static void view_job(const struct hub *hub, struct snapshot *s)
{
    const struct job *job = hub->feed.job;

    if (!job)
        return;
    s->job_height = job->height;
    s->job_us = job->born_us;
    s->job_difficulty = target_difficulty(&job->algo->diff1, &job->share_target);
    if (!u256_is_zero(&job->block_target))
        s->network_difficulty = target_difficulty(&job->algo->diff1, &job->block_target);
}

__attribute__((format(printf, 2, 3))) static void warn(struct snapshot *s, const char *format, ...)
{
    va_list args;

    if (s->warning_count == WARNINGS_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(s->warnings[s->warning_count++], sizeof s->warnings[0], format, args);
    va_end(args);
}

static void collect_warnings(const struct hub *hub, struct snapshot *s)
{
    for (unsigned i = 0; i < s->device_count; i++)
        if (*s->devices[i].error)
            warn(s, "%s: %s", s->devices[i].info.id, s->devices[i].error);
    if (!s->device_count)
        warn(s, "no device is enabled");
    if (*s->store.error)
        warn(s, "store: %s", s->store.error);
    if (*s->pool.problem)
        warn(s, "pool: %s", s->pool.problem);
    if (!s->pool.ledger_ok)
        warn(s, "the ledger does not add up: run `otedama ledger check`");
    for (unsigned i = 0; i < s->upstream_count; i++)
        if (s->upstreams[i].status == UPSTREAM_DEAD && hub->mining && !s->pool_on)
            warn(s, "pool %u: %s", i, s->upstreams[i].last_error);
    for (unsigned i = 0; i < s->pool.node_count; i++)
        if (!s->pool.nodes[i].up && (s->pool_on || !hub->config->upstreams.count))
            warn(s, "node %s: %s", s->pool.nodes[i].name, s->pool.nodes[i].error);
    if (*hub->feed.trouble)
        warn(s, "no work: %s", hub->feed.trouble);
    else if (s->state == MINING_WAITING)
        warn(s, "no work: %s",
             hub->config->upstreams.count ? "no pool serves jobs" : "no block template yet");
}

static void view_self(const struct hub *hub, struct snapshot *s)
{
    (void)text_copy(s->version, sizeof s->version, OTEDAMA_VERSION);
    (void)text_copy(s->host, sizeof s->host, hub->host);
    (void)text_copy(s->app_name, sizeof s->app_name, hub->config->app.name);
    (void)text_copy(s->algorithm, sizeof s->algorithm, hub->config->mining.algorithm);
    (void)text_copy(s->source, sizeof s->source, hub->feed.source);
    (void)text_copy(s->config_path, sizeof s->config_path,
                    hub->config->path ? hub->config->path : "");
    (void)text_copy(s->log_path, sizeof s->log_path, hub->log_path);
    s->started_us = hub->started_us;
    s->started_ms = hub->started_ms;
    s->hub_busy_ratio = hub->busy_ratio;
    s->rss_bytes = resident_bytes();
    s->hub_tick_ms_max = hub->tick_ms_max_last;
    s->hub_tick_us = hub->tick_us;
    s->log_dropped = log_dropped();
    for (unsigned i = 0; i < hub->device_count; i++)
        if (hub->devices[i].device)
            s->events_dropped += device_dropped(hub->devices[i].device);
}

void hub_take_snapshot(struct hub *hub)
{
    struct snapshot *s = snapshot_new(hub->device_count), *old = hub->snapshot;
    int64_t now = now_us();

    s->seq = ++hub->snapshot_seq;
    s->taken_us = now;
    s->taken_ms = wall_ms();
    s->state = !hub->mining ? MINING_STOPPED : hub->feed.job ? MINING_RUNNING : MINING_WAITING;
    for (unsigned w = 0; w < RATE_WINDOWS; w++)
        s->rate[w] = rate_window(&hub->rate, w, now);
    s->average = rate_average(&hub->rate, now);
    s->hashes = hub->rate.total;
    s->shares = hub->shares;
    memcpy(s->history, hub->history, sizeof s->history);
    s->history_count = hub->history_count;
    for (unsigned i = 0; i < hub->device_count; i++)
        view_device(hub, &hub->devices[i], &s->devices[i], now);
    s->upstream_count = upstreams_view(hub->upstreams, s->upstreams, UPSTREAM_MAX);
    s->pool.ledger_ok = true;
    if (hub->pool) {
        pool_view(hub->pool, &s->pool);
        s->pool_on = pool_serving(hub->pool);
    }
    store_view(hub->store, &s->store);
    view_job(hub, s);
    view_self(hub, s);
    collect_warnings(hub, s);
    hub->snapshot = s;
    for (unsigned i = 0; i < hub->watcher_count; i++)
        hub->watchers[i].fn(hub->watchers[i].arg, s);
    snapshot_unref(old);
}

static void on_soon(uv_timer_t *timer)
{
    hub_take_snapshot(timer->data);
}

void hub_snapshot_soon(struct hub *hub)
{
    if (!uv_is_active((uv_handle_t *)&hub->soon) && !uv_is_closing((uv_handle_t *)&hub->soon))
        (void)uv_timer_start(&hub->soon, on_soon, 100, 0);
}
