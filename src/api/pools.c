/* SPDX-License-Identifier: MIT */
/* /api/pools: the upstream pools, the strategy, and what may be done with them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "base/str.h"
#include "hub/snapshot.h"

/* --- reading --------------------------------------------------------------------------------- */

static json_t *view_signals(const struct upstream_view *u)
{
    json_t *ret = json_array();

    for (unsigned i = 0; i < SIGNALS; i++) {
        const struct signal *signal = &u->signals[i];
        json_t *row = json_object();
        json_object_set_new(row, "name", json_string(signal_name(i)));
        json_object_set_new(row, "state", json_string(signal_state_name(signal->state)));
        json_object_set_new(row, "value", json_known(signal->value));
        json_object_set_new(row, "limit", json_known(signal->limit));
        json_object_set_new(row, "unit", json_text_or_null(signal_unit(i)));
        json_array_append_new(ret, row);
    }
    return ret;
}

static json_t *view_failovers(const struct upstream_view *u)
{
    json_t *ret = json_object();

    for (unsigned i = TROUBLE_NONE + 1; i < TROUBLES; i++)
        if (u->failovers[i])
            json_object_set_new(ret, trouble_name(i), json_count(u->failovers[i]));
    return ret;
}

static void add_connection(json_t *ret, const struct snapshot *s, const struct upstream_view *u)
{
    json_object_set_new(ret, "peer", json_text_or_null(u->client.peer));
    json_object_set_new(ret, "authorised", json_boolean(u->client.authorised));
    json_object_set_new(ret, "dialect",
                        u->client.dialect ? json_string(u->client.dialect) : json_null());
    json_object_set_new(ret, "tls", json_text_or_null(u->client.security));
    json_object_set_new(ret, "difficulty", json_known(u->client.difficulty));
    json_object_set_new(ret, "job_age_ms", json_age_ms(s->taken_us, u->client.last_job_us));
    json_object_set_new(ret, "job_interval_s", json_known(u->job_interval_s));
    json_object_set_new(ret, "heard_age_ms", json_age_ms(s->taken_us, u->client.last_line_us));
    json_object_set_new(ret, "unanswered", json_integer(u->client.unanswered));
    json_object_set_new(ret, "waiting_for_session", json_integer(u->pending));
    json_object_set_new(ret, "sessions_resumed", json_count(u->resumed));
    json_object_set_new(ret, "rtt_ms", json_known(u->client.rtt_ms));
    json_object_set_new(ret, "ack_ms_p50", json_known(u->ack_ms_p50));
    json_object_set_new(ret, "ack_ms_p95", json_known(u->ack_ms_p95));
}

json_t *view_upstream(const struct snapshot *s, const struct upstream_view *u)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "number", json_integer(u->number));
    json_object_set_new(ret, "url", json_text(u->url));
    json_object_set_new(ret, "user", json_text_or_null(u->user));
    json_object_set_new(ret, "algorithm", json_text_or_null(u->algo));
    json_object_set_new(ret, "status", json_string(upstream_status_name(u->status)));
    json_object_set_new(ret, "active", json_boolean(u->active));
    json_object_set_new(ret, "quota", json_integer(u->quota));
    json_object_set_new(ret, "part_of_work", json_known(u->part));
    json_object_set_new(ret, "since", view_wall(s, u->since_us));
    add_connection(ret, s, u);
    json_object_set_new(ret, "signals", view_signals(u));
    json_object_set_new(ret, "failures", json_integer(u->failures));
    json_object_set_new(ret, "left_because",
                        u->trouble ? json_string(trouble_name(u->trouble)) : json_null());
    json_object_set_new(ret, "left_at", u->trouble_us ? view_wall(s, u->trouble_us) : json_null());
    json_object_set_new(ret, "last_error", json_text_or_null(u->last_error));
    json_object_set_new(ret, "failovers", view_failovers(u));
    json_object_set_new(ret, "effective", view_effective(&u->effective));
    json_object_set_new(ret, "shares", view_shares(&u->shares));
    return ret;
}

static json_t *view_drill(const struct drill_view *d)
{
    json_t *ret = json_object();

    if (d->state == DRILL_NONE) {
        json_decref(ret);
        return json_null();
    }
    json_object_set_new(ret, "state", json_string(drill_state_name(d->state)));
    json_object_set_new(ret, "began", json_wall(d->began_ms));
    json_object_set_new(ret, "from", json_integer(d->from));
    json_object_set_new(ret, "to", d->to < 0 ? json_null() : json_integer(d->to));
    json_object_set_new(ret, "took_ms", json_known(d->took_ms));
    json_object_set_new(ret, "share_ms", json_known(d->share_ms));
    json_object_set_new(ret, "message", json_text(d->text));
    return ret;
}

void route_pools(struct request *request, struct reply *reply)
{
    const struct snapshot *s = request->snapshot;
    json_t *data = json_object(), *rows = json_array();

    for (unsigned i = 0; i < s->upstream_count; i++)
        json_array_append_new(rows, view_upstream(s, &s->upstreams[i]));
    json_object_set_new(data, "pools", rows);
    json_object_set_new(data, "total", json_integer(s->upstream_count));
    json_object_set_new(data, "strategy", json_string(strategy_name(s->strategy.strategy)));
    json_object_set_new(data, "rotate_s", json_integer(s->strategy.rotate_us / 1000000));
    json_object_set_new(data, "drill", view_drill(&s->strategy.drill));
    reply_data(reply, request, data);
}

/* --- acting: the same words as in console and command line ------------------------------------ */

static void refuse(struct request *request, struct reply *reply, const char *parameter,
                   const char *expected)
{
    json_t *details = json_object();

    json_object_set_new(details, "parameter", json_string(parameter));
    json_object_set_new(details, "expected", json_string(expected));
    reply_error(reply, request->now_ms, 400, details, "%s must be %s", parameter, expected);
}

/* The pool's number from the path; -1 and a 404. */
static int number_of(struct request *request, struct reply *reply)
{
    char *end;
    long n = strtol(request->id, &end, 10);

    if (*request->id && !*end && n >= 0 && n < (long)request->snapshot->upstream_count)
        return (int)n;
    reply_error(reply, request->now_ms, 404, NULL, "there is no pool \"%.40s\"", request->id);
    return -1;
}

static void act(struct request *request, struct reply *reply, const char *verb)
{
    int n = number_of(request, reply);

    if (n >= 0 && request_fields(request, reply, ""))
        (void)snprintf(reply->command, sizeof reply->command, "upstream %s %d", verb, n);
}

void route_pool_switch(struct request *request, struct reply *reply)
{
    act(request, reply, "switch");
}

void route_pool_enable(struct request *request, struct reply *reply)
{
    act(request, reply, "enable");
}

void route_pool_disable(struct request *request, struct reply *reply)
{
    act(request, reply, "disable");
}

/* A whole number among the body's fields; `absent` where it is not there. -1 and a 400. */
static json_int_t whole(struct request *request, struct reply *reply, const char *name,
                        json_int_t absent, json_int_t max, const char *expected)
{
    const json_t *field = json_object_get(request->json, name);

    if (!field && absent >= 0)
        return absent;
    if (json_is_integer(field) && json_integer_value(field) >= 0 &&
        json_integer_value(field) <= max)
        return json_integer_value(field);
    refuse(request, reply, name, expected);
    return -1;
}

void route_pool_quota(struct request *request, struct reply *reply)
{
    int n = number_of(request, reply);
    json_int_t quota;

    if (n < 0 || !request_fields(request, reply, "quota"))
        return;
    quota = whole(request, reply, "quota", -1, 1000000, "a whole number, 0 to 1000000");
    if (quota >= 0)
        (void)snprintf(reply->command, sizeof reply->command, "upstream quota %d %lld", n,
                       (long long)quota);
}

void route_pools_strategy(struct request *request, struct reply *reply)
{
    const char *word = json_string_value(json_object_get(request->json, "strategy"));
    enum strategy strategy;
    json_int_t minutes;

    if (!request_fields(request, reply, "strategy|minutes"))
        return;
    if (!word || !strategy_parse(word, &strategy)) {
        refuse(request, reply, "strategy", "failover, round-robin, rotate, balance or quota");
        return;
    }
    minutes = whole(request, reply, "minutes", 0, 10080, "a whole number, 1 to 10080");
    if (minutes > 0)
        (void)snprintf(reply->command, sizeof reply->command, "upstream strategy %s %lld", word,
                       (long long)minutes);
    else if (!minutes)
        (void)snprintf(reply->command, sizeof reply->command, "upstream strategy %s", word);
}

void route_pools_drill(struct request *request, struct reply *reply)
{
    json_int_t seconds;

    if (!request_fields(request, reply, "seconds"))
        return;
    seconds = whole(request, reply, "seconds", 30, 3600, "a whole number, 5 to 3600");
    if (seconds >= 0)
        (void)snprintf(reply->command, sizeof reply->command, "upstream drill %lld",
                       (long long)seconds);
}
