/* SPDX-License-Identifier: MIT */
/* GET /api/workers: local devices and workers of the embedded pool in one list of equal rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "base/alloc.h"
#include "hub/snapshot.h"

struct row { /* borrowed from the snapshot */
    const char *kind, *type, *id, *name, *address, *peer, *status, *error;
    double rate[RATE_WINDOWS], difficulty;
    const uint64_t *share_value; /* NULL = unknown */
    uint64_t accepted, rejected, stale, hardware_errors;
    int64_t seen_us;
    uint32_t connections;
    bool local;
};

static struct row row_of_device(const struct device_view *d)
{
    return (struct row){
        .kind = "device",
        .type = d->info.kind,
        .id = d->info.id,
        .name = d->info.name,
        .address = d->info.address,
        .peer = "",
        .status = device_state_name(d->state),
        .error = d->error,
        .rate = {d->rate[RATE_10S], d->rate[RATE_1M], d->rate[RATE_15M]},
        .difficulty = NAN,
        .accepted = d->shares.accepted,
        .rejected = d->shares.rejected,
        .stale = d->shares.stale,
        .hardware_errors = d->shares.hardware_errors,
        .local = true,
    };
}

static struct row row_of_worker(const struct pool_worker_view *w)
{
    return (struct row){
        .kind = "worker",
        .type = "stratum",
        .id = w->name,
        .name = w->name,
        .address = w->address,
        .peer = w->peer,
        .status = w->connections || w->local ? "online" : "offline",
        .error = "",
        .rate = {NAN, w->rate_1m, w->rate_15m},
        .difficulty = w->difficulty,
        .share_value = w->valued ? &w->share_value : NULL,
        .accepted = w->accepted,
        .rejected = w->rejected,
        .stale = w->stale,
        .seen_us = w->seen_us,
        .connections = w->connections,
        .local = w->local,
    };
}

static json_t *view_row(const struct snapshot *s, const struct row *r)
{
    json_t *ret = json_object(), *rates = json_object();
    bool device = strcmp(r->kind, "device") == 0;

    json_object_set_new(rates, "10s", json_known(r->rate[RATE_10S]));
    json_object_set_new(rates, "1m", json_known(r->rate[RATE_1M]));
    json_object_set_new(rates, "15m", json_known(r->rate[RATE_15M]));
    json_object_set_new(ret, "kind", json_string(r->kind));
    json_object_set_new(ret, "type", json_text(r->type));
    json_object_set_new(ret, "id", json_text_or_null(r->id));
    json_object_set_new(ret, "name", json_text_or_null(r->name));
    json_object_set_new(ret, "address", json_text_or_null(r->address));
    json_object_set_new(ret, "peer", json_text_or_null(r->peer));
    json_object_set_new(ret, "status", json_string(r->status));
    json_object_set_new(ret, "error", json_text_or_null(r->error));
    json_object_set_new(ret, "hashrate_hs", rates);
    json_object_set_new(ret, "difficulty", json_known(r->difficulty));
    json_object_set_new(ret, "share_value",
                        r->share_value ? json_money_micro(*r->share_value, s->pool.coin)
                                       : json_null());
    json_object_set_new(ret, "accepted", json_count(r->accepted));
    json_object_set_new(ret, "rejected", json_count(r->rejected));
    json_object_set_new(ret, "stale", json_count(r->stale));
    json_object_set_new(ret, "hardware_errors",
                        device ? json_count(r->hardware_errors) : json_null());
    json_object_set_new(ret, "last_share", view_wall(s, r->seen_us));
    json_object_set_new(ret, "last_share_age_ms", json_age_ms(s->taken_us, r->seen_us));
    json_object_set_new(ret, "connections", device ? json_null() : json_integer(r->connections));
    json_object_set_new(ret, "local", json_boolean(r->local));
    return ret;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static int by_status(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->status, ((const struct row *)b)->status);
}

static int by_hashrate(const void *a, const void *b)
{
    double x = ((const struct row *)a)->rate[RATE_1M], y = ((const struct row *)b)->rate[RATE_1M];

    x = isnan(x) ? -1 : x; /* unknown is less than nothing */
    y = isnan(y) ? -1 : y;
    return (x > y) - (x < y);
}

static int by_accepted(const void *a, const void *b)
{
    uint64_t x = ((const struct row *)a)->accepted, y = ((const struct row *)b)->accepted;

    return (x > y) - (x < y);
}

static const struct order {
    const char *word;
    int (*compare)(const void *, const void *);
} orders[] = {
    {"name", by_name},
    {"hashrate", by_hashrate},
    {"accepted", by_accepted},
    {"status", by_status},
};

#define ORDER_WORDS "name|hashrate|accepted|status|-name|-hashrate|-accepted|-status"

static void sort_rows(struct row *rows, size_t count, const char *word)
{
    bool falling = *word == '-';

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (count && strcmp(orders[i].word, word + falling) == 0)
            qsort(rows, count, sizeof *rows, orders[i].compare);
    for (size_t i = 0; falling && i < count / 2; i++) {
        struct row swap = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = swap;
    }
}

/* Rows that pass the filters (NULL = any), into `rows`. */
static size_t collect(const struct snapshot *s, const char *status, const char *type,
                      struct row *rows)
{
    size_t count = 0;

    for (unsigned i = 0; i < s->device_count + s->pool.worker_count; i++) {
        struct row r = i < s->device_count ? row_of_device(&s->devices[i])
                                           : row_of_worker(&s->pool.worker[i - s->device_count]);
        if ((!status || strcmp(status, r.status) == 0) &&
            (!type || strcmp(type, r.type) == 0 || strcmp(type, r.kind) == 0))
            rows[count++] = r;
    }
    return count;
}

json_t *view_page(const char *key, json_t *take_rows, size_t total, size_t limit, size_t offset)
{
    json_t *ret = json_object();

    json_object_set_new(ret, key, take_rows);
    json_object_set_new(ret, "total", json_integer((json_int_t)total));
    json_object_set_new(ret, "limit", json_integer((json_int_t)limit));
    json_object_set_new(ret, "offset", json_integer((json_int_t)offset));
    return ret;
}

void route_workers(struct request *request, struct reply *reply)
{
    const struct snapshot *s = request->snapshot;
    const char *status, *type, *sort;
    AUTO_FREE struct row *rows = NULL;
    uint32_t limit, offset;
    size_t total;
    json_t *shown;

    if (!request_word(request, reply, "status", "off|idle|waiting|run|paused|failed|online|offline",
                      &status) ||
        !request_word(request, reply, "type", "device|worker|cpu|gpu|asic|sim|stratum", &type) ||
        !request_word(request, reply, "sort", ORDER_WORDS, &sort) ||
        !request_uint(request, reply, "limit", 100, 1, 1000, &limit) ||
        !request_uint(request, reply, "offset", 0, 0, 1000000, &offset))
        return;
    rows = xcalloc(s->device_count + s->pool.worker_count + 1, sizeof *rows);
    total = collect(s, status, type, rows);
    if (sort)
        sort_rows(rows, total, sort);
    shown = json_array();
    for (size_t i = offset; i < total && i - offset < limit; i++)
        json_array_append_new(shown, view_row(s, &rows[i]));
    reply_data(reply, request, view_page("workers", shown, total, limit, offset));
}
