/* SPDX-License-Identifier: MIT */
/* Bans of the embedded pool: GET and POST /api/pool/bans, DELETE /api/pool/bans/{address}. */
#include <stdio.h>
#include <string.h>

#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "front/cause.h"
#include "hub/snapshot.h"
#include "net/peer.h"

static json_t *view_ban(const struct pool_ban_view *b)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "address", json_text(b->network));
    json_object_set_new(ret, "cause", json_string(cause_name(b->cause)));
    json_object_set_new(ret, "reason", json_string(cause_text(b->cause)));
    json_object_set_new(ret, "count", json_integer(b->count));
    json_object_set_new(ret, "since", json_wall(b->since_ms));
    json_object_set_new(ret, "until", json_wall(b->until_ms));
    return ret;
}

void route_bans(struct request *request, struct reply *reply)
{
    const struct pool_view *p = &request->snapshot->pool;
    uint32_t limit, offset;

    if (!request_uint(request, reply, "limit", POOL_BANS_SHOWN, 1, POOL_BANS_SHOWN, &limit) ||
        !request_uint(request, reply, "offset", 0, 0, 1000000, &offset))
        return;
    json_t *rows = json_array();
    for (unsigned i = offset; i < p->ban_count && i - offset < limit; i++)
        json_array_append_new(rows, view_ban(&p->ban[i]));
    reply_data(reply, request, view_page("bans", rows, p->bans, limit, offset));
}

static void refuse(const struct request *request, struct reply *reply, const char *parameter,
                   const char *expected)
{
    json_t *details = json_object();

    json_object_set_new(details, "parameter", json_string(parameter));
    json_object_set_new(details, "expected", json_string(expected));
    reply_error(reply, request->now_ms, 400, details, "%s must be %s", parameter, expected);
}

/* The text as the guard writes it. False: a 400 was written. */
static bool read_network(const struct request *request, struct reply *reply, const char *text,
                         char out[PEER_MAX])
{
    struct prefix prefix;

    if (prefix_parse(text, &prefix, NULL) < 0) {
        refuse(request, reply, "address",
               "an address or a network, such as 203.0.113.7 or 203.0.113.0/24");
        return false;
    }
    prefix_format(&prefix, out);
    return true;
}

void route_ban_add(struct request *request, struct reply *reply)
{
    const char *address = json_string_value(json_object_get(request->json, "address"));
    json_t *time = json_object_get(request->json, "time");
    const char *word = json_string_value(time);
    char network[PEER_MAX];

    if (!request_fields(request, reply, "address|time") ||
        !read_network(request, reply, address ? address : "", network))
        return;
    if (time && (!word || !*word || strlen(word) > 20 ||
                 strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789.") != strlen(word))) {
        refuse(request, reply, "time", "a duration such as 30m, 2h or 7d, or forever");
        return;
    }
    (void)snprintf(reply->command, sizeof reply->command, "ban add %s%s%s", network,
                   word ? " " : "", word ? word : "");
}

void route_ban_remove(struct request *request, struct reply *reply)
{
    char network[PEER_MAX];

    if (read_network(request, reply, request->id, network))
        (void)snprintf(reply->command, sizeof reply->command, "ban remove %s", network);
}
