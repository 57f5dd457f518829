/* SPDX-License-Identifier: MIT */
/* GET /api/rejects: the newest rejected shares. */
#include <string.h>

#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "hub/snapshot.h"

static json_t *view_reject(const struct rejected *r)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "time", json_wall(r->at_ms));
    json_object_set_new(ret, "pool", r->pool < 0 ? json_null() : json_integer(r->pool));
    json_object_set_new(ret, "device", json_text_or_null(r->device));
    json_object_set_new(ret, "algorithm", json_text_or_null(r->algo));
    json_object_set_new(ret, "kind", json_string(refusal_name(r->refusal)));
    json_object_set_new(ret, "reason", json_text_or_null(r->reason));
    json_object_set_new(ret, "difficulty", json_known(r->difficulty));
    json_object_set_new(ret, "job_age_ms", json_integer(r->job_age_ms));
    return ret;
}

static bool wanted(const struct rejected *r, bool of_pool, uint32_t pool, const char *device)
{
    return (!of_pool || r->pool == (int64_t)pool) && (!device || !strcmp(r->device, device));
}

void route_rejects(struct request *request, struct reply *reply)
{
    const struct rejects *all = request->snapshot->rejects;
    const char *device = request_param(request, "device");
    bool of_pool = request_param(request, "pool") != NULL;
    json_t *rows, *data;
    uint32_t limit, offset, number;
    size_t matching = 0;

    if (!request_uint(request, reply, "limit", 100, 1, REJECTS_KEPT, &limit) ||
        !request_uint(request, reply, "offset", 0, 0, REJECTS_KEPT, &offset) ||
        !request_uint(request, reply, "pool", 0, 0, UPSTREAM_MAX - 1, &number))
        return;
    rows = json_array();
    for (unsigned i = 0; all && i < all->count; i++) {
        const struct rejected *r = rejects_at(all, i);
        if (!wanted(r, of_pool, number, device))
            continue;
        if (matching >= offset && matching - offset < limit)
            json_array_append_new(rows, view_reject(r));
        matching++;
    }
    data = view_page("rejects", rows, matching, limit, offset);
    json_object_set_new(data, "ever", json_count(all ? all->total : 0));
    reply_data(reply, request, data);
}
