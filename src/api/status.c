/* SPDX-License-Identifier: MIT */
/* GET /api/status: the whole program at a glance. */
#include <math.h>

#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "hub/snapshot.h"

json_t *view_rates(const double *rate, double average)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "10s", json_known(rate[RATE_10S]));
    json_object_set_new(ret, "1m", json_known(rate[RATE_1M]));
    json_object_set_new(ret, "15m", json_known(rate[RATE_15M]));
    json_object_set_new(ret, "average", json_known(average));
    return ret;
}

static json_t *view_refusals(const struct counters *c)
{
    json_t *ret = json_object();

    for (unsigned i = 0; i < REFUSALS; i++)
        json_object_set_new(ret, refusal_name(i), json_count(c->refused[i]));
    return ret;
}

json_t *view_shares(const struct counters *c)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "found", json_count(c->found));
    json_object_set_new(ret, "sent", json_count(c->sent));
    json_object_set_new(ret, "accepted", json_count(c->accepted));
    json_object_set_new(ret, "rejected", json_count(c->rejected));
    json_object_set_new(ret, "stale", json_count(c->stale));
    json_object_set_new(ret, "unanswered", json_count(c->unanswered));
    json_object_set_new(ret, "lost", json_count(c->lost));
    json_object_set_new(ret, "unacknowledged", json_count(c->unacknowledged));
    json_object_set_new(ret, "reasons", view_refusals(c));
    json_object_set_new(ret, "hardware_errors", json_count(c->hardware_errors));
    json_object_set_new(ret, "difficulty_accepted", json_known(c->difficulty_accepted));
    json_object_set_new(ret, "best_difficulty",
                        c->best_difficulty > 0 ? json_known(c->best_difficulty) : json_null());
    return ret;
}

json_t *view_by_algorithm(const struct counters *by)
{
    json_t *ret = json_array(), *row;

    for (unsigned i = 0; i < ALGOS_MAX && algos[i]; i++) {
        if (!by[i].found && !by[i].hardware_errors)
            continue;
        row = view_shares(&by[i]);
        json_object_set_new(row, "algorithm", json_string(algos[i]->name));
        json_array_append_new(ret, row);
    }
    return ret;
}

json_t *view_effective(const struct effective_rate *e)
{
    json_t *ret;

    if (!isfinite(e->rate))
        return json_null();
    ret = json_object();
    json_object_set_new(ret, "hashrate_hs", json_known(e->rate));
    json_object_set_new(ret, "low_hs", json_known(e->low));
    json_object_set_new(ret, "high_hs", json_known(e->high));
    json_object_set_new(ret, "shares", json_count(e->shares));
    json_object_set_new(ret, "window_s", json_known(e->seconds));
    return ret;
}

json_t *view_number(float value)
{
    return isfinite(value) ? json_real(round((double)value * 1e4) / 1e4) : json_null();
}

json_t *view_wall(const struct snapshot *s, int64_t at_us)
{
    return json_wall(at_us ? s->taken_ms - (s->taken_us - at_us) / 1000 : 0);
}

static json_t *view_job(const struct snapshot *s, int64_t now_us)
{
    json_t *ret;

    if (!s->job_us)
        return json_null();
    ret = json_object();
    json_object_set_new(ret, "height", json_nonzero(s->job_height));
    json_object_set_new(ret, "difficulty", json_known(s->job_difficulty));
    json_object_set_new(ret, "network_difficulty", json_known(s->network_difficulty));
    json_object_set_new(ret, "age_ms", json_age_ms(now_us, s->job_us));
    return ret;
}

static json_t *view_active_upstream(const struct snapshot *s)
{
    for (unsigned i = 0; i < s->upstream_count; i++) {
        const struct upstream_view *u = &s->upstreams[i];
        json_t *ret;
        if (!u->active)
            continue;
        ret = json_object();
        json_object_set_new(ret, "number", json_integer(u->number));
        json_object_set_new(ret, "url", json_text(u->url));
        json_object_set_new(ret, "status", json_string(upstream_status_name(u->status)));
        json_object_set_new(ret, "difficulty", json_known(u->client.difficulty));
        json_object_set_new(ret, "rtt_ms", json_known(u->client.rtt_ms));
        return ret;
    }
    return json_null();
}

static json_t *view_device_counts(const struct snapshot *s)
{
    unsigned running = 0, failed = 0;
    json_t *ret = json_object();

    for (unsigned i = 0; i < s->device_count; i++) {
        running += s->devices[i].state == DEVICE_RUN;
        failed += s->devices[i].state == DEVICE_FAILED;
    }
    json_object_set_new(ret, "total", json_integer(s->device_count));
    json_object_set_new(ret, "running", json_integer(running));
    json_object_set_new(ret, "failed", json_integer(failed));
    return ret;
}

static json_t *view_pool_mode(const struct snapshot *s)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "serving", json_boolean(s->pool.serving));
    json_object_set_new(ret, "connections", json_integer(s->pool.connections));
    json_object_set_new(ret, "workers", json_integer(s->pool.workers));
    json_object_set_new(ret, "hashrate_hs", json_known(s->pool.rate_1m));
    json_object_set_new(ret, "height", json_nonzero(s->pool.height));
    json_object_set_new(ret, "listeners", view_listeners(&s->pool));
    json_object_set_new(ret, "tls_fingerprint", json_text_or_null(s->pool.tls_fingerprint));
    return ret;
}

static json_t *view_program(const struct snapshot *s)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "busy_ratio", json_known(s->hub_busy_ratio));
    json_object_set_new(ret, "memory_bytes", json_nonzero(s->rss_bytes));
    json_object_set_new(ret, "tick_ms_max", json_known(s->hub_tick_ms_max));
    json_object_set_new(ret, "events_dropped", json_count(s->events_dropped));
    json_object_set_new(ret, "log_dropped", json_count(s->log_dropped));
    json_object_set_new(ret, "config_path", json_text_or_null(s->config_path));
    json_object_set_new(ret, "log_path", json_text_or_null(s->log_path));
    json_object_set_new(ret, "store_bytes", json_nonzero(s->store.bytes));
    json_object_set_new(ret, "store_queued", json_count(s->store.queued));
    json_object_set_new(ret, "store_error", json_text_or_null(s->store.error));
    return ret;
}

static json_t *view_warnings(const struct snapshot *s)
{
    json_t *ret = json_array();

    for (unsigned i = 0; i < s->warning_count; i++)
        json_array_append_new(ret, json_text(s->warnings[i]));
    return ret;
}

void route_status(struct request *request, struct reply *reply)
{
    const struct snapshot *s = request->snapshot;
    json_t *data = json_object();

    json_object_set_new(data, "state", json_string(mining_state_name(s->state)));
    json_object_set_new(data, "app", json_text_or_null(s->app_name));
    json_object_set_new(data, "version", json_text(s->version));
    json_object_set_new(data, "host", json_text_or_null(s->host));
    json_object_set_new(data, "started", json_wall(s->started_ms));
    json_object_set_new(data, "uptime_s",
                        json_integer((request->now_us - s->started_us) / 1000000));
    json_object_set_new(data, "algorithm", json_text_or_null(s->algorithm));
    json_object_set_new(data, "lines", view_lines(s));
    json_object_set_new(data, "source", json_text_or_null(s->source));
    json_object_set_new(data, "pool_mode", json_boolean(s->pool_on));
    json_object_set_new(data, "hashrate_hs", view_rates(s->rate, s->average));
    json_object_set_new(data, "hashes", json_known(s->hashes));
    json_object_set_new(data, "effective", view_effective(&s->effective));
    json_object_set_new(data, "shares", view_shares(&s->shares));
    json_object_set_new(data, "shares_by_algorithm", view_by_algorithm(s->by_algo));
    json_object_set_new(data, "job", view_job(s, request->now_us));
    json_object_set_new(data, "upstream", view_active_upstream(s));
    json_object_set_new(data, "strategy", json_string(strategy_name(s->strategy.strategy)));
    json_object_set_new(data, "devices", view_device_counts(s));
    json_object_set_new(data, "pool", view_pool_mode(s));
    json_object_set_new(data, "program", view_program(s));
    json_object_set_new(data, "warnings", view_warnings(s));
    json_object_set_new(data, "snapshot_age_ms", json_age_ms(request->now_us, s->taken_us));
    reply_data(reply, request, data);
}
