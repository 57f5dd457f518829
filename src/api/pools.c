/* SPDX-License-Identifier: MIT */
/* GET /api/pools: the upstream pools. */
#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "hub/snapshot.h"

json_t *view_upstream(const struct snapshot *s, const struct upstream_view *u)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "number", json_integer(u->number));
    json_object_set_new(ret, "url", json_text(u->url));
    json_object_set_new(ret, "user", json_text_or_null(u->user));
    json_object_set_new(ret, "status", json_string(upstream_status_name(u->status)));
    json_object_set_new(ret, "active", json_boolean(u->active));
    json_object_set_new(ret, "since", view_wall(s, u->since_us));
    json_object_set_new(ret, "peer", json_text_or_null(u->client.peer));
    json_object_set_new(ret, "authorised", json_boolean(u->client.authorised));
    json_object_set_new(ret, "difficulty", json_known(u->client.difficulty));
    json_object_set_new(ret, "job_age_ms", json_age_ms(s->taken_us, u->client.last_job_us));
    json_object_set_new(ret, "heard_age_ms", json_age_ms(s->taken_us, u->client.last_line_us));
    json_object_set_new(ret, "unanswered", json_integer(u->client.unanswered));
    json_object_set_new(ret, "rtt_ms", json_known(u->client.rtt_ms));
    json_object_set_new(ret, "ack_ms_p50", json_known(u->ack_ms_p50));
    json_object_set_new(ret, "ack_ms_p95", json_known(u->ack_ms_p95));
    json_object_set_new(ret, "failures", json_integer(u->failures));
    json_object_set_new(ret, "last_error", json_text_or_null(u->last_error));
    json_object_set_new(ret, "shares", view_shares(&u->shares));
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
    reply_data(reply, request, data);
}
