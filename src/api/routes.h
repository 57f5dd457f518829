/* SPDX-License-Identifier: MIT */
/* Requests and their answers, without sockets: the table of routes and what their handlers need.
 * The API's thread (or any one thread). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "api/api.h"

struct snapshot;
struct api_counts;

enum http_method { METHOD_GET, METHOD_POST, METHOD_DELETE, METHOD_OTHER }; /* HEAD is GET */
const char *method_name(enum http_method);

/* Who may: read, or act. Nobody is told apart before there is authentication; the listeners are
 * loopback only until then. */
enum scope { SCOPE_OPEN, SCOPE_VIEWER, SCOPE_OPERATOR };

enum listener { LISTENER_API, LISTENER_METRICS, LISTENER_HEALTH, LISTENERS };
const char *listener_name(enum listener); /* "api", "metrics", "health" */

enum { PARAMS_MAX = 16, ROUTE_BODY_MAX = 64 * 1024, ROUTE_JSON_DEPTH = 16 };

struct request {
    enum http_method method;
    enum listener listener;
    const char *path; /* decoded, without the query */
    struct param {
        const char *name, *value;
    } params[PARAMS_MAX]; /* of the query, decoded */
    unsigned param_count;
    const char *body; /* body_len bytes, not NUL-terminated */
    size_t body_len;
    bool wants_json; /* Accept names application/json */

    const struct snapshot *snapshot; /* NULL before the first */
    const struct api_counts *counts;
    int64_t now_us, now_ms; /* monotonic, Unix */

    /* filled on the way to the handler */
    char id[64];  /* the {id} of the path */
    json_t *json; /* the body; NULL when there is none */
};

struct reply {
    int status;
    const char *content_type; /* static text */
    char *body;               /* NUL-terminated, owned; NULL when `command` waits */
    const char *allow;        /* for 405: "GET, HEAD"; NULL otherwise */
    const char *route;        /* the row's path; "" = no row. For counting */
    char command[256];        /* "" or words for the hub: reply_command_done makes the body */
};

typedef void route_fn(struct request *, struct reply *);

struct route {
    enum http_method method;
    const char *path; /* "{id}" takes one path segment, "{address}" all that is left */
    enum scope scope;
    unsigned listeners; /* bits 1 << enum listener */
    route_fn *handle;
    const char *params; /* query or body fields for people; "" = none */
    const char *help;   /* one sentence */
};
extern const struct route api_routes[]; /* ends with {0} */

/* Documented fields of the answers: rows of fields.def, ends with {0}. */
struct field {
    const char *route; /* path of the route; "POST /x" where GET /x is another */
    const char *path;  /* "data" left out: "shares.accepted", "workers[].id" */
    const char *type;  /* "integer", "number", "string", "boolean", "object", "array" */
    bool nullable;
    const char *help;
};
extern const struct field api_fields[];

/* Finds the route and answers. Always fills `reply`. */
void api_answer(struct request *, struct reply *);
void reply_fini(struct reply *);

/* For handlers. `take`s the data; the envelope is put around it. */
void reply_data(struct reply *, const struct request *, json_t *take);
void reply_text(struct reply *, int status, const char *content_type, char *take);
/* An error in the envelope; its code follows from the HTTP status. `details` may be NULL. */
void reply_error(struct reply *, int64_t now_ms, int status, json_t *take_details,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
/* What the hub said to reply->command. */
struct command_reply;
void reply_command_done(struct reply *, int64_t now_ms, const struct command_reply *);
/* The hub did not answer in time, or is going down. */
void reply_unavailable(struct reply *, int64_t now_ms, const char *why);

/* Query parameters. NULL when absent. */
const char *request_param(const struct request *, const char *name);
/* A whole number between min and max, `absent` when it is not there. False: a 400 was written. */
bool request_uint(const struct request *, struct reply *, const char *name, uint32_t absent,
                  uint32_t min, uint32_t max, uint32_t *ret);
/* One of the words ("a|b|c"). NULL value when absent. False: a 400 was written. */
bool request_word(const struct request *, struct reply *, const char *name, const char *words,
                  const char **ret);
/* Refuses body fields other than those named ("enabled|drain"). False: a 400 was written. */
bool request_fields(const struct request *, struct reply *, const char *names);

/* What the API counts about itself; on the API's thread. */
enum { COUNT_ROWS_MAX = 192 };
struct api_counts {
    unsigned row_count, connections[LISTENERS];
    struct {
        const char *route, *method;
        int status;
        uint64_t requests;
    } rows[COUNT_ROWS_MAX];
};
void api_count(struct api_counts *, const char *route, const char *method, int status);

/* Handlers, by area. */
route_fn route_status, route_stats, route_workers, route_devices, route_device, route_pools,
    route_pool_switch, route_pool_enable, route_pool_disable, route_pool_quota,
    route_pools_strategy, route_pools_drill, route_rejects, route_pool_info, route_pool_blocks,
    route_pool_mode, route_bans, route_ban_add, route_ban_remove, route_mining_start,
    route_mining_stop, route_upgrade, route_mining_algorithm, route_algorithms, route_metrics,
    route_health, route_live, route_ready, route_startup;
