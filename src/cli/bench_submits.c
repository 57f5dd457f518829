/* SPDX-License-Identifier: MIT */
/* Shares answered, flat out or at a given rate; and handshakes, with what a connection costs. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cli/bench_scene.h"

#define WARM_UP_S 0.5
#define SETTLE_S  1.5 /* the front's batches and counters come within a second */

enum { SETTLE_TRIES = 80 };

/* --- shares ---------------------------------------------------------------------------------- */

/* Sends what is due at every look, once a millisecond. Returns how many found every window full. */
static uint64_t pace(struct crowd *crowd, double rate, double seconds)
{
    int64_t began = bench_now_ns(), now = began, end = began + (int64_t)(seconds * 1e9);
    uint64_t due, done = 0, missed = 0;

    while (now < end) {
        due = (uint64_t)((double)(now - began) / 1e9 * rate);
        if (due > done) {
            uint64_t room = crowd_submit(crowd, due - done);
            missed += due - done - room;
            done = due;
        }
        crowd_turn(crowd, 1);
        now = bench_now_ns();
    }
    return missed;
}

static void load(struct crowd *crowd, const struct scene_plan *plan, double seconds,
                 uint64_t *missed)
{
    if (plan->rate > 0)
        *missed = pace(crowd, plan->rate, seconds);
    else
        crowd_rest(crowd, seconds);
}

/* Every accepted share must have reached the hub's place, once. A busy machine needs its time. */
static int check_credit(struct scene *s, struct fault *why)
{
    struct crowd *crowd = s->crowd;
    struct stage_answer answer = {0};
    int err = 0;

    crowd->hungry = false;
    for (unsigned i = 0; i < SETTLE_TRIES && !err; i++) {
        crowd_rest(crowd, SETTLE_S / 4);
        err = stage_order(&s->stage, STAGE_COUNT, NULL, 0, &answer, why);
        if (i >= 3 && answer.credited == crowd->accepted)
            break;
    }
    if (err < 0)
        return err;
    row_add(&s->row, "credited", NULL, (double)answer.credited, 0);
    if (answer.credited != crowd->accepted)
        return fault_set(why, ERR_CHECK, "%llu shares were accepted, %llu credited",
                         (unsigned long long)crowd->accepted, (unsigned long long)answer.credited);
    if (crowd->refused)
        return fault_set(why, ERR_REJECTED, "%llu shares were refused: %.120s",
                         (unsigned long long)crowd->refused, crowd->refusal);
    return crowd->dead ? fault_set(why, ERR_CLOSED, "%u connections were lost", crowd->dead) : 0;
}

static void add_delays(struct bench_row *row, const struct histogram *h)
{
    row_add(row, "p50_ms", "ms p50", histogram_ms(h, 0.5), 3);
    row_add(row, "p99_ms", "ms p99", histogram_ms(h, 0.99), 3);
    row_add(row, "max_ms", "ms max", histogram_ms(h, 1), 3);
}

static int measure_submits(struct scene *s, struct fault *why)
{
    const struct scene_plan *plan = s->plan;
    struct crowd *crowd = s->crowd;
    uint64_t missed = 0, answered, accepted;

    crowd->counting = true;
    if (!(plan->rate > 0))
        crowd_feed(crowd);
    load(crowd, plan, WARM_UP_S, &missed);
    answered = crowd->answered;
    accepted = crowd->accepted;
    memset(crowd->latency, 0, sizeof *crowd->latency);
    double cpu = stage_cpu_s(&s->stage);
    int64_t own_cpu = thread_cpu_us(), began = bench_now_ns();
    load(crowd, plan, plan->seconds, &missed);
    double seconds = (double)(bench_now_ns() - began) / 1e9;
    double own = (double)(thread_cpu_us() - own_cpu) / 1e6;
    cpu = stage_cpu_s(&s->stage) - cpu;
    answered = crowd->answered - answered;
    accepted = crowd->accepted - accepted;
    if (!answered)
        return fault_set(why, ERR_SILENT, "no share was answered");
    row_add(&s->row, "answered_per_second", "answered/s", (double)answered / seconds, 1);
    row_add(&s->row, "server_cpu_us", "us CPU each", cpu * 1e6 / (double)answered, 2);
    add_delays(&s->row, crowd->latency);
    row_add(&s->row, "answered", NULL, (double)answered, 0);
    row_add(&s->row, "accepted", NULL, (double)accepted, 0);
    row_add(&s->row, "missed", NULL, (double)missed, 0);
    row_add(&s->row, "seconds", NULL, seconds, 6);
    row_add(&s->row, "server_cpu_share", "of a core", cpu / seconds, 3);
    row_add(&s->row, "load_cpu_share", NULL, own / seconds, 3);
    if (missed)
        return fault_set(why, ERR_SILENT,
                         "the rate was not reached: %llu shares found all %u "
                         "windows full",
                         (unsigned long long)missed, plan->connections);
    return check_credit(s, why);
}

int scene_submits(const struct scene_plan *plan)
{
    struct fault why = {0};
    struct scene s;
    int err = scene_open(&s, plan, "pool", "submits", false, &why);

    row_add(&s.row, "window", "window", plan->window, 0);
    if (plan->rate > 0)
        row_add(&s.row, "rate", "asked/s", plan->rate, 0);
    if (!err)
        err = measure_submits(&s, &why);
    return scene_close(&s, err, &why);
}

/* --- handshakes ------------------------------------------------------------------------------ */

static void add_memory(struct scene *s)
{
    struct stage_memory now = stage_memory(&s->stage);
    double count = s->plan->connections;

    row_add(&s->row, "rss_kib_each", "KiB RSS each", (now.rss_kib - s->empty.rss_kib) / count, 2);
    row_add(&s->row, "pss_kib_each", NULL, (now.pss_kib - s->empty.pss_kib) / count, 2);
    row_add(&s->row, "rss_kib_before", NULL, s->empty.rss_kib, 0);
    row_add(&s->row, "rss_kib", NULL, now.rss_kib, 0);
    row_add(&s->row, "files", NULL, now.files, 0);
}

int scene_handshakes(const struct scene_plan *plan)
{
    struct fault why = {0};
    struct scene s;
    int err = scene_open(&s, plan, "pool", "handshakes", false, &why);

    row_add(&s.row, "parallel", "at once", plan->parallel, 0);
    if (!err) {
        row_add(&s.row, "per_second", "/s", plan->connections / s.connect_s, 1);
        row_add(&s.row, "server_cpu_us", "us CPU each", s.connect_cpu_s * 1e6 / plan->connections,
                2);
        add_delays(&s.row, s.crowd->handshake);
        row_add(&s.row, "lost_syns", "SYNs lost", (double)s.lost_syns, 0);
        crowd_rest(s.crowd, SETTLE_S);
        add_memory(&s);
        if (s.crowd->dead)
            err = fault_set(&why, ERR_CLOSED, "%u connections were lost", s.crowd->dead);
    }
    return scene_close(&s, err, &why);
}
