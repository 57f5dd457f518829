/* SPDX-License-Identifier: MIT */
/* The table of routes, and the way from a request to its handler. */
#include "api/routes.h"

#include <stdio.h>
#include <string.h>

#include "api/json.h"

enum {
    ON_API = 1 << LISTENER_API,
    ON_METRICS = 1 << LISTENER_METRICS,
    ON_HEALTH = 1 << LISTENER_HEALTH,
};

const struct route api_routes[] = {
    {METHOD_GET, "/api/status", SCOPE_VIEWER, ON_API, route_status, "",
     "State, hash rate, shares, pool link and warnings"},
    {METHOD_GET, "/api/stats", SCOPE_VIEWER, ON_API, route_stats,
     "period=15m|1h|24h|7d, interval=60s", "Hash rate over time, total and per device"},
    {METHOD_GET, "/api/workers", SCOPE_VIEWER, ON_API, route_workers,
     "status=, type=, limit=, offset=, sort=name|-hashrate|...",
     "Local devices and workers connected to the embedded pool"},
    {METHOD_GET, "/api/devices", SCOPE_VIEWER, ON_API, route_devices, "", "All local devices"},
    {METHOD_GET, "/api/devices/{id}", SCOPE_VIEWER, ON_API, route_device, "",
     "One local device with its history"},
    {METHOD_GET, "/api/pools", SCOPE_VIEWER, ON_API, route_pools, "",
     "Upstream pools in order, the strategy and the newest failover drill"},
    {METHOD_POST, "/api/pools/strategy", SCOPE_OPERATOR, ON_API, route_pools_strategy,
     "{\"strategy\": NAME, \"minutes\": N}",
     "Which pools work is done for: failover, round-robin, rotate, balance or quota, until the "
     "program ends"},
    {METHOD_POST, "/api/pools/drill", SCOPE_OPERATOR, ON_API, route_pools_drill, "{\"seconds\": N}",
     "Leaves the pool in use alone for a while (30 s), to see that another one takes over"},
    {METHOD_POST, "/api/pools/{id}/switch", SCOPE_OPERATOR, ON_API, route_pool_switch, "",
     "Uses this pool until it fails"},
    {METHOD_POST, "/api/pools/{id}/enable", SCOPE_OPERATOR, ON_API, route_pool_enable, "",
     "Allows this pool"},
    {METHOD_POST, "/api/pools/{id}/disable", SCOPE_OPERATOR, ON_API, route_pool_disable, "",
     "Does not use this pool"},
    {METHOD_POST, "/api/pools/{id}/quota", SCOPE_OPERATOR, ON_API, route_pool_quota,
     "{\"quota\": N}", "The part of the work that this pool gets by the strategy quota"},
    {METHOD_GET, "/api/rejects", SCOPE_VIEWER, ON_API, route_rejects,
     "pool=, device=, limit=, offset=", "The newest 1000 rejected shares, newest first"},
    {METHOD_GET, "/api/pool/info", SCOPE_VIEWER, ON_API, route_pool_info, "",
     "The embedded pool: work, shares, balances and coin daemons"},
    {METHOD_GET, "/api/pool/blocks", SCOPE_VIEWER, ON_API, route_pool_blocks,
     "limit=, offset=", "Blocks found by the embedded pool, newest first"},
    {METHOD_POST, "/api/pool/mode", SCOPE_OPERATOR, ON_API, route_pool_mode,
     "{\"enabled\": true|false, \"drain\": true|false}",
     "Opens or closes the embedded pool's Stratum server; without drain, at once"},
    {METHOD_GET, "/api/pool/bans", SCOPE_VIEWER, ON_API, route_bans,
     "limit=, offset=", "Addresses that may not connect to the embedded pool, newest first"},
    {METHOD_POST, "/api/pool/bans", SCOPE_OPERATOR, ON_API, route_ban_add,
     "{\"address\": ADDRESS|NETWORK, \"time\": DURATION|\"forever\"}",
     "Bans an address or a network; its connections are closed"},
    {METHOD_DELETE, "/api/pool/bans/{address}", SCOPE_OPERATOR, ON_API, route_ban_remove, "",
     "Ends a ban; the address may be a network with its slash"},
    {METHOD_POST, "/api/mining/start", SCOPE_OPERATOR, ON_API, route_mining_start, "",
     "Starts hashing on all devices that are not paused"},
    {METHOD_POST, "/api/mining/stop", SCOPE_OPERATOR, ON_API, route_mining_stop, "",
     "Stops hashing; the program and the pool go on"},
    {METHOD_POST, "/api/program/upgrade", SCOPE_OPERATOR, ON_API, route_upgrade, "",
     "Checks the program's file as it is now, and goes on as that one without dropping miners"},
    {METHOD_POST, "/api/mining/algorithm", SCOPE_OPERATOR, ON_API, route_mining_algorithm,
     "{\"algorithm\": NAME|\"auto\", \"device\": ID|\"all\"}",
     "Lets the devices, or one of them, do another algorithm, until the program ends"},
    {METHOD_GET, "/api/algorithms", SCOPE_VIEWER, ON_API, route_algorithms, "",
     "Algorithms with their work sources, known hash rates and dataset sizes"},
    {METHOD_POST, "/api/algorithms/switch", SCOPE_OPERATOR, ON_API, route_mining_algorithm,
     "{\"algorithm\": NAME|\"auto\", \"device\": ID|\"all\"}", "The same as /api/mining/algorithm"},
    {METHOD_GET, "/api/health", SCOPE_OPEN, ON_API, route_health, "", "The same as /health"},
    {METHOD_GET, "/health", SCOPE_OPEN, ON_API | ON_HEALTH, route_health, "",
     "All checks with values and limits, a score and its reasons"},
    {METHOD_GET, "/health/live", SCOPE_OPEN, ON_API | ON_HEALTH, route_live, "",
     "200 while the main loop runs"},
    {METHOD_GET, "/healthz", SCOPE_OPEN, ON_API | ON_HEALTH, route_live, "",
     "The same as /health/live"},
    {METHOD_GET, "/health/ready", SCOPE_OPEN, ON_API | ON_HEALTH, route_ready, "",
     "200 when it can serve: listeners, store, coin daemon, work"},
    {METHOD_GET, "/readyz", SCOPE_OPEN, ON_API | ON_HEALTH, route_ready, "",
     "The same as /health/ready"},
    {METHOD_GET, "/ready", SCOPE_OPEN, ON_API | ON_HEALTH, route_ready, "",
     "The same as /health/ready"},
    {METHOD_GET, "/health/startup", SCOPE_OPEN, ON_API | ON_HEALTH, route_startup, "",
     "200 when the start is complete"},
    {METHOD_GET, "/metrics", SCOPE_OPEN, ON_METRICS, route_metrics, "",
     "Prometheus text format 0.0.4"},
    {0},
};

const struct field api_fields[] = {
#define X(route, path, type, null, help) {route, path, type, null, help},
#include "api/fields.def"
#undef X
    {0},
};

const char *listener_name(enum listener listener)
{
    static const char *const names[LISTENERS] = {"api", "metrics", "health"};

    return names[listener];
}

const char *method_name(enum http_method method)
{
    static const char *const names[] = {"GET", "POST", "DELETE", "other"};

    return names[method];
}

/* Whether the path matches the row; the {id} part, one segment ({address}: all that is left), goes
 * into `id`. */
static bool path_matches(const char *pattern, const char *path, char *id, size_t id_size)
{
    const char *brace = strchr(pattern, '{');
    size_t len, id_len;

    if (!brace)
        return strcmp(pattern, path) == 0;
    len = (size_t)(brace - pattern);
    if (strncmp(pattern, path, len) != 0)
        return false;
    id_len = strncmp(brace, "{address}", 9) == 0 ? strlen(path + len) : strcspn(path + len, "/");
    if (!id_len || id_len >= id_size || strcmp(strchr(brace, '}') + 1, path + len + id_len) != 0)
        return false;
    snprintf(id, id_size, "%.*s", (int)id_len, path + len);
    return true;
}

/* The body as a JSON object, when there is one. False: a 400 was written. */
static bool read_body(struct request *request, struct reply *reply)
{
    char why[256];

    if (!request->body_len)
        return true;
    request->json =
        json_read_object(request->body, request->body_len, ROUTE_JSON_DEPTH, why, sizeof why);
    if (!request->json)
        reply_error(reply, request->now_ms, 400, NULL, "%s", why);
    return request->json != NULL;
}

static void run_route(const struct route *route, struct request *request, struct reply *reply)
{
    if (!read_body(request, reply))
        return;
    if (!request->snapshot && route->scope != SCOPE_OPEN)
        reply_unavailable(reply, request->now_ms, "the program is starting; ask again in a second");
    else
        route->handle(request, reply);
    json_decref(request->json);
    request->json = NULL;
}

/* "/api/v1/x" and "/api/x" are the same. */
static const char *skip_version(const char *path, char *out, size_t size)
{
    if (strncmp(path, "/api/v1/", 8) != 0)
        return path;
    snprintf(out, size, "/api/%s", path + 8);
    return out;
}

/* Of bits 1 << enum http_method. */
static const char *allowed(unsigned methods)
{
    static const struct {
        unsigned methods;
        const char *names;
    } rows[] = {
        {1 << METHOD_GET, "GET, HEAD"}, {1 << METHOD_POST, "POST"}, {1 << METHOD_DELETE, "DELETE"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].methods == methods)
            return rows[i].names;
    return "GET, HEAD, POST";
}

void api_answer(struct request *request, struct reply *reply)
{
    char plain[512];
    const char *path = skip_version(request->path, plain, sizeof plain);
    const struct route *other = NULL;
    unsigned methods = 0;

    *reply = (struct reply){.route = "none"};
    for (const struct route *route = api_routes; route->path; route++) {
        if (!(route->listeners & 1u << request->listener) ||
            !path_matches(route->path, path, request->id, sizeof request->id))
            continue;
        reply->route = route->path;
        if (route->method == request->method) {
            run_route(route, request, reply);
            return;
        }
        other = route;
        methods |= 1u << route->method;
    }
    if (!other) {
        reply_error(reply, request->now_ms, 404, NULL, "there is nothing at %.200s", request->path);
        return;
    }
    reply->allow = allowed(methods);
    reply_error(reply, request->now_ms, 405, NULL, "%s answers to %s only", other->path,
                reply->allow);
}

void api_count(struct api_counts *counts, const char *route, const char *method, int status)
{
    unsigned i = 0;

    while (i < counts->row_count &&
           (counts->rows[i].status != status || strcmp(counts->rows[i].route, route) != 0 ||
            strcmp(counts->rows[i].method, method) != 0))
        i++;
    if (i == COUNT_ROWS_MAX)
        return;
    if (i == counts->row_count) {
        counts->row_count++;
        counts->rows[i].route = route;
        counts->rows[i].method = method;
        counts->rows[i].status = status;
    }
    counts->rows[i].requests++;
}
