/* SPDX-License-Identifier: MIT */
/* GET /api/devices and /api/devices/{id}. */
#include <math.h>
#include <string.h>

#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "hub/snapshot.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static json_t *view_floats(const float *values, size_t count)
{
    json_t *ret = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(ret, view_number(values[i]));
    return ret;
}

static json_t *view_telemetry(const struct snapshot *s, const struct device_view *d)
{
    const struct telemetry *t = &d->telemetry;
    json_t *ret = json_object();

    json_object_set_new(ret, "temperature_c", view_floats(t->celsius, COUNT_OF(t->celsius)));
    json_object_set_new(ret, "power_w", view_number(t->watts));
    json_object_set_new(ret, "voltage_v", view_number(t->volts));
    json_object_set_new(ret, "fan_rpm", view_floats(t->fan_rpm, COUNT_OF(t->fan_rpm)));
    json_object_set_new(ret, "fan_ratio", view_number(t->fan_ratio));
    json_object_set_new(ret, "clock_hz", json_known((double)t->mhz * 1e6));
    json_object_set_new(ret, "age_ms", json_age_ms(s->taken_us, d->telemetry_us));
    return ret;
}

json_t *view_device(const struct snapshot *s, const struct device_view *d)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "id", json_text(d->info.id));
    json_object_set_new(ret, "number", json_integer(d->info.number));
    json_object_set_new(ret, "name", json_text(d->info.name));
    json_object_set_new(ret, "type", json_text(d->info.kind));
    json_object_set_new(ret, "address", json_text_or_null(d->info.address));
    json_object_set_new(ret, "threads", json_integer(d->info.threads));
    json_object_set_new(ret, "state", json_string(device_state_name(d->state)));
    json_object_set_new(ret, "algorithm", json_text_or_null(d->algo));
    json_object_set_new(ret, "implementation", json_text_or_null(d->impl));
    json_object_set_new(ret, "own_algorithm", json_text_or_null(d->line));
    json_object_set_new(ret, "dataset", view_dataset(&d->dataset));
    json_object_set_new(ret, "cpu_share", json_known(d->cpu_share));
    json_object_set_new(ret, "hashrate_hs", view_rates(d->rate, d->average));
    json_object_set_new(ret, "hashes", json_known(d->hashes));
    json_object_set_new(ret, "effective", view_effective(&d->effective));
    json_object_set_new(ret, "shares", view_shares(&d->shares));
    json_object_set_new(ret, "shares_by_algorithm", view_by_algorithm(d->by_algo));
    json_object_set_new(ret, "telemetry", view_telemetry(s, d));
    json_object_set_new(ret, "error", json_text_or_null(d->error));
    return ret;
}

void route_devices(struct request *request, struct reply *reply)
{
    const struct snapshot *s = request->snapshot;
    json_t *data = json_object(), *rows = json_array();

    for (unsigned i = 0; i < s->device_count; i++)
        json_array_append_new(rows, view_device(s, &s->devices[i]));
    json_object_set_new(data, "devices", rows);
    json_object_set_new(data, "total", json_integer(s->device_count));
    reply_data(reply, request, data);
}

void route_device(struct request *request, struct reply *reply)
{
    const struct snapshot *s = request->snapshot;

    for (unsigned i = 0; i < s->device_count; i++) {
        const struct device_view *d = &s->devices[i];
        json_t *data;
        if (strcmp(d->info.id, request->id) != 0)
            continue;
        data = view_device(s, d);
        json_object_set_new(data, "history_interval_s", json_integer(HISTORY_INTERVAL_S));
        json_object_set_new(
            data, "history_hs",
            view_floats(d->history + HISTORY_POINTS - s->history_count, s->history_count));
        reply_data(reply, request, data);
        return;
    }
    reply_error(reply, request->now_ms, 404, NULL,
                "there is no device %s; GET /api/devices lists them", request->id);
}
