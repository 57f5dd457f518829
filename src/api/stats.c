/* SPDX-License-Identifier: MIT */
/* GET /api/stats: hash rate over time, as far back as the snapshot's history reaches. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "hub/snapshot.h"

enum { PERIOD_MAX_S = 30 * 86400, PERIOD_DEFAULT_S = 3600 };

/* "90s", "15m", "1h", "7d" in seconds; 0 when it is not one. */
static uint32_t read_duration(const char *text)
{
    static const struct {
        char letter;
        uint32_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    size_t digits = strspn(text, "0123456789");

    if (!digits || digits > 6 || !text[digits] || text[digits + 1])
        return 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].letter == text[digits])
            return (uint32_t)strtoul(text, NULL, 10) * units[i].seconds;
    return 0;
}

static bool duration_param(const struct request *request, struct reply *reply, const char *name,
                           uint32_t absent, uint32_t min, uint32_t *ret)
{
    const char *text = request_param(request, name);

    *ret = text ? read_duration(text) : absent;
    if (*ret >= min && *ret <= PERIOD_MAX_S)
        return true;
    reply_error(reply, request->now_ms, 400, NULL,
                "%s must be a duration such as 90s, 15m, 1h or 7d: at least %u s, at most 30d",
                name, min);
    return false;
}

/* Mean of the known points in [first, first + count); NAN when none is known. */
static double mean(const float *points, unsigned first, unsigned count)
{
    double sum = 0;
    unsigned known = 0;

    for (unsigned i = first; i < first + count; i++)
        if (isfinite(points[i])) {
            sum += (double)points[i];
            known++;
        }
    return known ? sum / known : NAN;
}

struct span { /* of the history: points `first`... in groups of `step` */
    unsigned first, end, step;
};

static json_t *series(const float *history, const struct span *span)
{
    json_t *ret = json_array();

    for (unsigned i = span->first; i < span->end; i += span->step) {
        unsigned n = span->end - i < span->step ? span->end - i : span->step;
        double value = mean(history, i, n);
        json_array_append_new(ret, json_known(isfinite(value) ? round(value) : value));
    }
    return ret;
}

/* Unix ms of each group's end; the newest point is as old as the snapshot. */
static json_t *times(const struct snapshot *s, const struct span *span)
{
    json_t *ret = json_array();

    for (unsigned i = span->first; i < span->end; i += span->step) {
        unsigned last = span->end - i < span->step ? span->end : i + span->step;
        int64_t age_ms = (int64_t)(span->end - last) * HISTORY_INTERVAL_S * 1000;
        json_array_append_new(ret, json_integer(s->taken_ms - age_ms));
    }
    return ret;
}

static json_t *device_series(const struct snapshot *s, const struct span *span)
{
    json_t *ret = json_array();

    for (unsigned i = 0; i < s->device_count; i++) {
        json_t *row = json_object();
        json_object_set_new(row, "id", json_text(s->devices[i].info.id));
        json_object_set_new(row, "hashrate_hs", series(s->devices[i].history, span));
        json_array_append_new(ret, row);
    }
    return ret;
}

void route_stats(struct request *request, struct reply *reply)
{
    const struct snapshot *s = request->snapshot;
    uint32_t period, interval, wanted;
    struct span span;
    json_t *data;

    if (!duration_param(request, reply, "period", PERIOD_DEFAULT_S, HISTORY_INTERVAL_S, &period) ||
        !duration_param(request, reply, "interval", HISTORY_INTERVAL_S, HISTORY_INTERVAL_S,
                        &interval))
        return;
    wanted = period / HISTORY_INTERVAL_S;
    span.end = HISTORY_POINTS; /* the newest point stands last */
    span.first = HISTORY_POINTS - (wanted < s->history_count ? wanted : s->history_count);
    span.step = interval / HISTORY_INTERVAL_S;
    data = json_object();
    json_object_set_new(data, "period_s", json_integer(period));
    json_object_set_new(data, "interval_s", json_integer(span.step * HISTORY_INTERVAL_S));
    json_object_set_new(data, "covered_s",
                        json_integer((span.end - span.first) * HISTORY_INTERVAL_S));
    json_object_set_new(data, "times_ms", times(s, &span));
    json_object_set_new(data, "hashrate_hs", series(s->history, &span));
    json_object_set_new(data, "devices", device_series(s, &span));
    json_object_set_new(data, "current_hs", view_rates(s->rate, s->average));
    json_object_set_new(data, "shares", view_shares(&s->shares));
    reply_data(reply, request, data);
}
