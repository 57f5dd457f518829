/* SPDX-License-Identifier: MIT */
/* GET /api/algorithms, POST /api/mining/algorithm, and the lines of the status. */
#include <stdio.h>
#include <string.h>

#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "hub/snapshot.h"

json_t *view_dataset(const struct dataset_brief *d)
{
    json_t *ret;

    if (!d->known)
        return json_null();
    ret = json_object();
    json_object_set_new(ret, "title", json_text_or_null(d->title));
    json_object_set_new(ret, "state", json_string(d->state));
    json_object_set_new(ret, "progress", json_known(d->making ? d->progress : 1));
    json_object_set_new(ret, "eta_s", json_known(d->eta_s));
    json_object_set_new(ret, "bytes", json_count(d->bytes));
    json_object_set_new(ret, "pages", json_text_or_null(d->pages));
    json_object_set_new(ret, "error", json_text_or_null(d->error));
    return ret;
}

static const char *stage_name(enum change_stage stage)
{
    static const char *const names[] = {"none", "preparing", "trial"};

    return names[stage];
}

static json_t *view_change(const struct line_view *line)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "stage", json_string(stage_name(line->stage)));
    json_object_set_new(ret, "to", json_text_or_null(line->next));
    json_object_set_new(ret, "before", json_text_or_null(line->before));
    json_object_set_new(ret, "returns_in_s", json_known(line->return_in_s));
    json_object_set_new(ret, "gap_ms", json_known(line->gap_ms));
    json_object_set_new(ret, "note", json_text_or_null(line->note));
    json_object_set_new(ret, "dataset", view_dataset(&line->next_dataset));
    return ret;
}

json_t *view_lines(const struct snapshot *s)
{
    json_t *ret = json_array();

    for (unsigned i = 0; i < s->line_count; i++) {
        const struct line_view *line = &s->lines[i];
        json_t *row = json_object();
        json_object_set_new(row, "device", json_text_or_null(line->name));
        json_object_set_new(row, "devices", json_integer(line->devices));
        json_object_set_new(row, "algorithm", json_text_or_null(line->algo));
        json_object_set_new(row, "wanted", json_text_or_null(line->wish));
        json_object_set_new(row, "source", json_text_or_null(line->source));
        json_object_set_new(row, "hashrate_hs", json_known(line->rate[RATE_1M]));
        json_object_set_new(row, "dataset", view_dataset(&line->dataset));
        json_object_set_new(row, "change", view_change(line));
        json_array_append_new(ret, row);
    }
    return ret;
}

void route_algorithms(struct request *request, struct reply *reply)
{
    const struct snapshot *s = request->snapshot;
    json_t *data = json_object(), *rows = json_array();

    for (unsigned i = 0; i < s->algo_count; i++) {
        const struct algo_view *a = &s->algos[i];
        json_t *row = json_object();
        json_object_set_new(row, "name", json_text(a->name));
        json_object_set_new(row, "title", json_text(a->title));
        json_object_set_new(row, "source", json_text_or_null(a->source));
        json_object_set_new(row, "devices", json_integer(a->devices));
        json_object_set_new(row, "hashrate_hs", json_known(a->rate));
        json_object_set_new(row, "light_bytes", json_nonzero(a->light_bytes));
        json_object_set_new(row, "full_bytes", json_nonzero(a->full_bytes));
        json_array_append_new(rows, row);
    }
    json_object_set_new(data, "algorithms", rows);
    json_object_set_new(data, "total", json_integer(s->algo_count));
    reply_data(reply, request, data);
}

/* A word that stands in a command as it is. */
static const char *word(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));

    return text && *text && strlen(text) < 32 && !strpbrk(text, " \t\r\n") ? text : NULL;
}

void route_mining_algorithm(struct request *request, struct reply *reply)
{
    const char *algorithm = word(request->json, "algorithm"),
               *device = word(request->json, "device");
    bool device_given = json_object_get(request->json, "device") != NULL;

    if (!request_fields(request, reply, "algorithm|device"))
        return;
    if (!algorithm || (device_given && !device)) {
        json_t *details = json_object();
        json_object_set_new(details, "parameter", json_string(algorithm ? "device" : "algorithm"));
        json_object_set_new(details, "expected",
                            json_string(algorithm ? "the id of a device, or all"
                                                  : "the name of an algorithm, or auto"));
        reply_error(reply, request->now_ms, 400, details,
                    "the body must say {\"algorithm\": NAME} or "
                    "{\"algorithm\": NAME, \"device\": ID}");
        return;
    }
    (void)snprintf(reply->command, sizeof reply->command, "algorithm %s%s%s", algorithm,
                   device ? " " : "", device ? device : "");
}
