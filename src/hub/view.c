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

static void view_device(const struct hub *hub, struct hub_device *d, struct device_view *view,
                        int64_t now)
{
    view->info = d->info;
    view->state = !d->device ? DEVICE_FAILED : device_state(d->device);
    for (unsigned w = 0; w < RATE_WINDOWS; w++)
        view->rate[w] = d->device ? rate_window(&d->rate, w, now) : NAN;
    view->average = d->device ? rate_average(&d->rate, now) : NAN;
    view->hashes = d->rate.total;
    view->shares = hub_tally_sum(d->shares, d->algo);
    memcpy(view->by_algo, d->shares, sizeof view->by_algo);
    view->effective = effective_rate(&d->effective, now);
    view->telemetry = d->telemetry;
    view->telemetry_us = d->telemetry_us;
    (void)text_copy(view->error, sizeof view->error, d->error);
    memcpy(view->history, d->history, sizeof view->history);
    hub_view_device_line(hub, d, view);
    if (d->device)
        (void)text_copy(view->impl, sizeof view->impl, device_impl(d->device));
}

/* The default line, or the first device's own when each has one. */
static const struct line *main_line(const struct hub *hub)
{
    if (line_used(hub, &hub->line) || !hub->device_count)
        return &hub->line;
    return hub->devices[0].line;
}

static void view_job(const struct hub *hub, struct snapshot *s)
{
    const struct job *job = main_line(hub)->feed.job;

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

static void warn_of_line(const struct hub *hub, struct snapshot *s, const struct line_view *line)
{
    const char *name = *line->name ? line->name : "work", *error = line->dataset.error;

    if (!strcmp(line->dataset.state, "failed"))
        warn(s, "%s: %s cannot be mined: %.100s", name, *line->algo ? line->algo : "the job",
             error);
    else if (*error)
        warn(s, "%s: %s with the light dataset: %.100s", name, line->algo, error);
    if (*line->note)
        warn(s, "%s: %s", *line->name ? line->name : "devices", line->note);
    if (*line->name && !*line->source && hub->mining)
        warn(s, "%s: no work of %s", line->name, line->wish);
}

/* A drill that failed, and what makes a pool sick before it is left. */
static void warn_of_pools(struct snapshot *s)
{
    const struct drill_view *drill = &s->strategy.drill;

    if (drill->state == DRILL_FAILED)
        warn(s, "the last failover drill failed: %s", drill->text);
    for (unsigned i = 0; i < s->upstream_count; i++)
        for (unsigned k = 0; k < SIGNALS; k++) {
            const struct signal *signal = &s->upstreams[i].signals[k];
            if (signal->state == SIGNAL_WARN && s->upstreams[i].active)
                warn(s, "pool %u: %s is %.4g %s, and %.4g would be too much", i, signal_name(k),
                     signal->value, signal_unit(k), signal->limit);
        }
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
    if (*hub->upgrade_problem && now_us() - hub->upgrade_problem_us < NOTE_LIFE_S * SECOND_US)
        warn(s, "not upgraded: %.140s", hub->upgrade_problem);
    if (*s->pool.problem)
        warn(s, "pool: %s", s->pool.problem);
    for (unsigned i = 0; i < s->pool.listener_count; i++)
        if (*s->pool.listener[i].problem)
            warn(s, "pool: %.150s", s->pool.listener[i].problem);
    if (*s->pool.tls_problem)
        warn(s, "pool: %.150s", s->pool.tls_problem);
    if (!s->pool.ledger_ok)
        warn(s, "the ledger does not add up: run `otedama ledger check`");
    for (unsigned i = 0; i < s->upstream_count; i++)
        if (s->upstreams[i].status == UPSTREAM_DEAD && hub->mining && !s->pool_on)
            warn(s, "pool %u: %s", i, s->upstreams[i].last_error);
    warn_of_pools(s);
    for (unsigned i = 0; i < s->pool.node_count; i++)
        if (!s->pool.nodes[i].up && (s->pool_on || !hub->config->upstreams.count))
            warn(s, "node %s: %s", s->pool.nodes[i].name, s->pool.nodes[i].error);
    for (unsigned i = 0; i < s->line_count; i++)
        warn_of_line(hub, s, &s->lines[i]);
    for (unsigned i = 0; i < s->device_count; i++)
        if (hub->devices[i].starved >= 30)
            warn(s, "%s gets only %.0f %% of the CPU time it could use", s->devices[i].info.id,
                 s->devices[i].cpu_share * 100);
    if (s->state == MINING_WAITING && !*main_line(hub)->feed.trouble)
        warn(s, "no work: %s",
             hub->config->upstreams.count ? "no pool serves jobs" : "no block template yet");
}

static void view_self(const struct hub *hub, struct snapshot *s)
{
    (void)text_copy(s->version, sizeof s->version, OTEDAMA_VERSION);
    (void)text_copy(s->host, sizeof s->host, hub->host);
    (void)text_copy(s->app_name, sizeof s->app_name, hub->config->app.name);
    const struct algo *algo = line_algo(main_line(hub));
    (void)text_copy(s->algorithm, sizeof s->algorithm,
                    algo ? algo->name : wish_name(hub, main_line(hub)->wish));
    (void)text_copy(s->source, sizeof s->source, main_line(hub)->feed.source);
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

/* Of the work that pools of an algorithm acknowledged, the part of each. */
static void view_parts(struct snapshot *s)
{
    for (unsigned i = 0; i < s->upstream_count; i++) {
        double sum = 0;
        for (unsigned k = 0; k < s->upstream_count; k++)
            if (!strcmp(s->upstreams[i].algo, s->upstreams[k].algo) &&
                s->upstreams[k].effective.rate > 0)
                sum += s->upstreams[k].effective.rate;
        double own = s->upstreams[i].effective.rate;
        s->upstreams[i].part = sum > 0 ? (own > 0 ? own / sum : 0) : NAN;
    }
}

void hub_take_snapshot(struct hub *hub)
{
    struct snapshot *s = snapshot_new(hub->device_count), *old = hub->snapshot;
    int64_t now = now_us();

    s->seq = ++hub->snapshot_seq;
    s->taken_us = now;
    s->taken_ms = wall_ms();
    s->state = !hub->mining               ? MINING_STOPPED
               : main_line(hub)->feed.job ? MINING_RUNNING
                                          : MINING_WAITING;
    for (unsigned w = 0; w < RATE_WINDOWS; w++)
        s->rate[w] = rate_window(&hub->rate, w, now);
    s->average = rate_average(&hub->rate, now);
    s->hashes = hub->rate.total;
    s->shares = hub_tally_sum(hub->shares, hub->rate_algo);
    memcpy(s->by_algo, hub->shares, sizeof s->by_algo);
    s->effective = effective_rate(&hub->effective, now);
    s->rejects = rejects_ref(hub->rejects);
    memcpy(s->history, hub->history, sizeof s->history);
    s->history_count = hub->history_count;
    for (unsigned i = 0; i < hub->device_count; i++)
        view_device(hub, &hub->devices[i], &s->devices[i], now);
    s->upstream_count = upstreams_view(hub->upstreams, s->upstreams, UPSTREAM_MAX);
    upstreams_view_strategy(hub->upstreams, &s->strategy);
    view_parts(s);
    s->pool.ledger_ok = true;
    if (hub->pool) {
        pool_view(hub->pool, &s->pool);
        s->pool_on = hub->pool_mode;
    }
    store_view(hub->store, &s->store);
    hub_view_lines(hub, s);
    hub_view_algos(hub, s);
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
