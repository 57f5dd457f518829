/* SPDX-License-Identifier: MIT */
/* The rules of health, and their routes. */
#include "api/health.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "api/json.h"
#include "api/routes.h"
#include "base/alloc.h"
#include "hub/snapshot.h"

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"ok", "degraded", "fail"};

    return names[verdict];
}

static struct health_check *add(struct health *h, const char *name, enum verdict verdict, int cost,
                                const char *format, ...) __attribute__((format(printf, 5, 6)));
static struct health_check *add(struct health *h, const char *name, enum verdict verdict, int cost,
                                const char *format, ...)
{
    struct health_check *check = &h->checks[h->count++];
    va_list args;

    *check = (struct health_check){.name = name, .verdict = verdict, .unit = ""};
    check->value = check->limit = NAN;
    check->cost = verdict == VERDICT_OK ? 0 : cost;
    va_start(args, format);
    vsnprintf(check->detail, sizeof check->detail, format, args);
    va_end(args);
    return check;
}

static void measured(struct health_check *check, double value, double limit, const char *unit)
{
    check->value = value;
    check->limit = limit;
    check->unit = unit;
}

static double age_s(int64_t now_us, int64_t at_us)
{
    return at_us && now_us > at_us ? (double)(now_us - at_us) / 1e6 : 0;
}

static bool check_main_loop(struct health *h, const struct snapshot *s, int64_t now_us)
{
    double age = age_s(now_us, s->hub_tick_us ? s->hub_tick_us : s->taken_us);
    bool ok = age < HUB_TICK_LIMIT_S;

    measured(add(h, "main_loop", ok ? VERDICT_OK : VERDICT_FAIL, 10, "%s",
                 ok ? "" : "the main loop hangs"),
             age, HUB_TICK_LIMIT_S, "s");
    return ok;
}

static bool check_store(struct health *h, const struct snapshot *s)
{
    bool ok = !*s->store.error;

    measured(add(h, "store", ok ? VERDICT_OK : VERDICT_FAIL, 5, "%s", s->store.error),
             (double)s->store.queued, NAN, "batches");
    return ok;
}

static bool check_listener(struct health *h, const struct snapshot *s)
{
    if (!s->pool_on)
        return true;
    add(h, "stratum_listener", s->pool.serving ? VERDICT_OK : VERDICT_FAIL, 5, "%s",
        s->pool.serving ? "" : "pool mode is on, but the Stratum port is not open");
    return s->pool.serving;
}

static bool check_node(struct health *h, const struct snapshot *s)
{
    unsigned up = 0;

    if (!s->pool_on)
        return true;
    for (unsigned i = 0; i < s->pool.node_count; i++)
        up += s->pool.nodes[i].up;
    measured(add(h, "coin_daemon",
                 !up                       ? VERDICT_FAIL
                 : up < s->pool.node_count ? VERDICT_DEGRADED
                                           : VERDICT_OK,
                 up ? 1 : 4, "%s",
                 up == s->pool.node_count && up ? "" : "a daemon does not answer"),
             up, s->pool.node_count, "daemons");
    return up > 0;
}

/* A quiet chain gives a new template only with a new block: several spacings are normal. */
static double template_limit_s(const struct snapshot *s)
{
    double normal = s->pool.coin ? (double)s->pool.coin->block_s * TEMPLATE_SPACINGS : 0;

    return normal > TEMPLATE_LIMIT_S ? normal : TEMPLATE_LIMIT_S;
}

static bool check_template(struct health *h, const struct snapshot *s, int64_t now_us)
{
    double age = age_s(now_us, s->pool.template_us), limit = template_limit_s(s);
    bool ok = s->pool.template_us && age < limit;

    if (!s->pool_on)
        return true;
    measured(add(h, "block_template", ok ? VERDICT_OK : VERDICT_FAIL, 4, "%s",
                 ok                    ? ""
                 : s->pool.template_us ? "the block template is old"
                                       : "there is no block template yet"),
             s->pool.template_us ? age : NAN, limit, "s");
    return ok;
}

static unsigned upstreams_alive(const struct snapshot *s)
{
    unsigned alive = 0;

    for (unsigned i = 0; i < s->upstream_count; i++)
        alive += s->upstreams[i].status == UPSTREAM_ALIVE;
    return alive;
}

/* Mining must have a job, or a pool that gives one soon. Stopped on purpose is well. */
static bool check_work(struct health *h, const struct snapshot *s)
{
    bool ok = s->state != MINING_WAITING || upstreams_alive(s) > 0;

    add(h, "work", ok ? VERDICT_OK : VERDICT_FAIL, 3, "%s",
        ok ? "" : "mining is on, but neither a pool nor the chain gives a job");
    return ok;
}

static void check_upstreams(struct health *h, const struct snapshot *s)
{
    unsigned alive = upstreams_alive(s), wanted = 0;

    for (unsigned i = 0; i < s->upstream_count; i++)
        wanted += s->upstreams[i].status == UPSTREAM_DEAD || s->upstreams[i].active ||
                  s->upstreams[i].status == UPSTREAM_ALIVE;
    if (!wanted)
        return;
    measured(add(h, "upstream_pools", alive == wanted ? VERDICT_OK : VERDICT_DEGRADED,
                 alive ? 1 : 3, "%s", alive == wanted ? "" : "an upstream pool does not answer"),
             alive, wanted, "pools");
}

static void check_devices(struct health *h, const struct snapshot *s)
{
    unsigned failed = 0;
    const char *first = "";

    for (unsigned i = 0; i < s->device_count; i++)
        if (s->devices[i].state == DEVICE_FAILED) {
            first = failed++ ? first : s->devices[i].info.id;
        }
    measured(add(h, "devices", failed ? VERDICT_DEGRADED : VERDICT_OK, 2, "%s%s", first,
                 failed ? " failed" : ""),
             s->device_count - failed, s->device_count, "devices");
}

static void check_ledger(struct health *h, const struct snapshot *s)
{
    if (s->pool_on)
        add(h, "ledger", s->pool.ledger_ok ? VERDICT_OK : VERDICT_DEGRADED, 5, "%s",
            s->pool.ledger_ok ? "" : "the ledger's sums do not reconcile: hold payouts");
}

static void sum_up(struct health *h)
{
    bool degraded = false;

    h->score = 10;
    for (unsigned i = 0; i < h->count; i++) {
        h->score -= h->checks[i].cost;
        degraded |= h->checks[i].verdict != VERDICT_OK;
    }
    if (h->score < 0)
        h->score = 0;
    h->status = !h->live || !h->ready ? VERDICT_FAIL : degraded ? VERDICT_DEGRADED : VERDICT_OK;
}

void health_judge(const struct snapshot *s, int64_t now_us, struct health *ret)
{
    *ret = (struct health){.live = true};
    if (!s) {
        add(ret, "start", VERDICT_FAIL, 10, "the program is starting");
        sum_up(ret);
        return;
    }
    ret->started = true;
    ret->live = check_main_loop(ret, s, now_us);
    ret->ready = ret->live;
    ret->ready &= check_store(ret, s);
    ret->ready &= check_listener(ret, s);
    ret->ready &= check_node(ret, s);
    ret->ready &= check_template(ret, s, now_us);
    ret->ready &= check_work(ret, s);
    check_upstreams(ret, s);
    check_devices(ret, s);
    check_ledger(ret, s);
    sum_up(ret);
}

static json_t *view_check(const struct health_check *c)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "name", json_string(c->name));
    json_object_set_new(ret, "status", json_string(verdict_name(c->verdict)));
    json_object_set_new(ret, "value", json_known(c->value));
    json_object_set_new(ret, "limit", json_known(c->limit));
    json_object_set_new(ret, "unit", json_text_or_null(c->unit));
    json_object_set_new(ret, "cost", json_integer(c->cost));
    json_object_set_new(ret, "detail", json_text_or_null(c->detail));
    return ret;
}

void route_health(struct request *request, struct reply *reply)
{
    json_t *data = json_object(), *checks = json_array();
    struct health h;

    health_judge(request->snapshot, request->now_us, &h);
    for (unsigned i = 0; i < h.count; i++)
        json_array_append_new(checks, view_check(&h.checks[i]));
    json_object_set_new(data, "status", json_string(verdict_name(h.status)));
    json_object_set_new(data, "live", json_boolean(h.live));
    json_object_set_new(data, "ready", json_boolean(h.ready));
    json_object_set_new(data, "started", json_boolean(h.started));
    json_object_set_new(data, "score", json_integer(h.score));
    json_object_set_new(data, "score_max", json_integer(10));
    json_object_set_new(data, "checks", checks);
    json_object_set_new(data, "time", json_wall(request->now_ms));
    reply_text(reply, h.status == VERDICT_FAIL ? 503 : 200, "application/json", json_print(data));
    json_decref(data);
}

/* Probes: one word, or what failed. */
static void reply_probe(const struct request *request, struct reply *reply, bool well,
                        const struct health *h)
{
    const char *why = "";

    for (unsigned i = 0; !well && i < h->count && !*why; i++)
        if (h->checks[i].verdict == VERDICT_FAIL)
            why = h->checks[i].detail;
    if (request->wants_json) {
        json_t *data = json_object();
        json_object_set_new(data, "status", json_string(well ? "ok" : "fail"));
        json_object_set_new(data, "detail", json_text_or_null(why));
        reply_text(reply, well ? 200 : 503, "application/json", json_print(data));
        json_decref(data);
        return;
    }
    reply_text(reply, well ? 200 : 503, "text/plain; charset=utf-8",
               well ? xstrdup("ok\n") : xasprintf("fail: %s\n", why));
}

void route_live(struct request *request, struct reply *reply)
{
    struct health h;

    health_judge(request->snapshot, request->now_us, &h);
    reply_probe(request, reply, h.live, &h);
}

void route_ready(struct request *request, struct reply *reply)
{
    struct health h;

    health_judge(request->snapshot, request->now_us, &h);
    reply_probe(request, reply, h.ready, &h);
}

void route_startup(struct request *request, struct reply *reply)
{
    struct health h;

    health_judge(request->snapshot, request->now_us, &h);
    reply_probe(request, reply, h.started, &h);
}
