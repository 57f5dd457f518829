/* SPDX-License-Identifier: MIT */
/* A new block told to everybody: from the daemon's answer to the first and to the last miner,
 * beside a bare loop of write() of the same bytes to the same sockets. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/bench_scene.h"

enum { ROUNDS_MAX = 64 };

#define PATIENCE_S 10.0
#define PAUSE_S    0.3

struct round { /* milliseconds */
    double parse, first, p50, p99, last, spread, bare_spread, bare_loop;
    double cpu, template_cpu, bare_cpu; /* of the front, of reading, of the loop */
};

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Waits until everybody got the job; their times in order. */
static int64_t *told_times(struct crowd *crowd, struct fault *why)
{
    int64_t end = bench_now_ns() + (int64_t)(PATIENCE_S * 1e9);

    while (crowd->told < crowd->up && bench_now_ns() < end)
        crowd_turn(crowd, 10);
    if (crowd->told < crowd->count) {
        (void)fault_set(why, ERR_SILENT, "%u of %u miners got the new job", crowd->told,
                        crowd->count);
        return NULL;
    }
    int64_t *times = xcalloc(crowd->count, sizeof *times);
    for (unsigned i = 0; i < crowd->count; i++)
        times[i] = crowd->guests[i].told_ns;
    qsort(times, crowd->count, sizeof *times, by_time);
    return times;
}

static double ms(int64_t from_ns, int64_t to_ns)
{
    return (double)(to_ns - from_ns) / 1e6;
}

static int tell_job(struct scene *s, struct round *r, struct fault *why)
{
    struct stage_answer a;
    unsigned count = s->plan->connections;

    crowd_listen(s->crowd);
    double cpu = stage_cpu_s(&s->stage);
    int err = stage_order(&s->stage, STAGE_JOB, NULL, 0, &a, why);
    AUTO_FREE int64_t *at = err < 0 ? NULL : told_times(s->crowd, why);
    if (!at)
        return ERR_SILENT;
    r->template_cpu = (double)a.cpu_us / 1e3;
    r->cpu = (stage_cpu_s(&s->stage) - cpu) * 1e3 - r->template_cpu;
    r->parse = ms(a.began_ns, a.handed_ns);
    r->first = ms(a.handed_ns, at[0]);
    r->p50 = ms(a.handed_ns, at[count / 2]);
    r->p99 = ms(a.handed_ns, at[count - 1 - count / 100]);
    r->last = ms(a.handed_ns, at[count - 1]);
    r->spread = ms(at[0], at[count - 1]);
    return 0;
}

/* The job that everybody has just got, once more. */
static int tell_bare(struct scene *s, struct round *r, struct fault *why)
{
    struct stage_answer a;
    const struct str *line = &s->crowd->notify;

    crowd_listen(s->crowd);
    s->crowd->listening = true;
    AUTO_FREE char *bytes = xstrndup(line->s, line->len);
    int err = stage_order(&s->stage, STAGE_WRITE, bytes, line->len, &a, why);
    AUTO_FREE int64_t *at = err < 0 ? NULL : told_times(s->crowd, why);
    if (!at)
        return ERR_SILENT;
    r->bare_cpu = (double)a.cpu_us / 1e3;
    r->bare_spread = ms(at[0], at[s->plan->connections - 1]);
    r->bare_loop = ms(a.began_ns, a.ended_ns);
    return 0;
}

static double median(const struct round *rounds, unsigned count, size_t at)
{
    double v[ROUNDS_MAX];

    for (unsigned i = 0; i < count; i++)
        memcpy(&v[i], (const char *)&rounds[i] + at, sizeof v[i]);
    qsort(v, count, sizeof *v, by_value);
    return count & 1 ? v[count / 2] : (v[count / 2 - 1] + v[count / 2]) / 2;
}

static void add_rounds(struct bench_row *row, const struct round *rounds, unsigned count)
{
    static const struct {
        const char *key, *label;
        size_t at;
    } cells[] = {
        {"template_ms", "ms to read the template", offsetof(struct round, parse)},
        {"first_ms", "ms job to first", offsetof(struct round, first)},
        {"p50_ms", NULL, offsetof(struct round, p50)},
        {"p99_ms", NULL, offsetof(struct round, p99)},
        {"last_ms", NULL, offsetof(struct round, last)},
        {"spread_ms", "ms first to last", offsetof(struct round, spread)},
        {"bare_spread_ms", "ms bare write()", offsetof(struct round, bare_spread)},
        {"bare_loop_ms", NULL, offsetof(struct round, bare_loop)},
        {"template_cpu_ms", NULL, offsetof(struct round, template_cpu)},
        {"front_cpu_ms", "ms CPU", offsetof(struct round, cpu)},
        {"bare_cpu_ms", "ms CPU bare", offsetof(struct round, bare_cpu)},
    };

    row_add(row, "rounds", NULL, count, 0);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        row_add(row, cells[i].key, cells[i].label, median(rounds, count, cells[i].at), 3);
    row_add(row, "ratio", "x",
            median(rounds, count, offsetof(struct round, spread)) /
                median(rounds, count, offsetof(struct round, bare_spread)),
            2);
}

/* The first round warms up both. */
static int measure(struct scene *s, struct fault *why)
{
    struct round rounds[1 + ROUNDS_MAX] = {0};
    unsigned count = s->plan->rounds < ROUNDS_MAX ? s->plan->rounds : ROUNDS_MAX;

    for (unsigned i = 0; i <= count; i++) {
        crowd_rest(s->crowd, PAUSE_S);
        if (tell_job(s, &rounds[i], why) < 0)
            return ERR_SILENT;
        crowd_rest(s->crowd, PAUSE_S);
        if (tell_bare(s, &rounds[i], why) < 0)
            return ERR_SILENT;
    }
    add_rounds(&s->row, rounds + 1, count);
    row_add(&s->row, "notify_bytes", NULL, (double)s->crowd->notify.len, 0);
    return 0;
}

int scene_fanout(const struct scene_plan *plan)
{
    struct fault why = {0};
    struct scene s;
    int err = scene_open(&s, plan, "fanout", "new block", true, &why);

    if (!err)
        err = measure(&s, &why);
    return scene_close(&s, err, &why);
}
