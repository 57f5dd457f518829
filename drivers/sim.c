/* SPDX-License-Identifier: MIT */
/* A simulated device for demonstrations and tests: true nonces at a fixed, slow pace, and made-up
 * telemetry. It is never there unless OTEDAMA_SIM asks for it by number ("2" = two devices). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "device/driver.h"

enum {
    SIM_MAX = 8,
    SIM_THREADS = 2,
    PACE = 500,      /* hashes per second of one thread, whatever the algorithm */
    STEP_US = 10000, /* one scan call */
};

struct sim_state {
    unsigned number;
    int64_t opened_us;
};

static unsigned find(const struct config *config, struct device_info *out, unsigned max)
{
    const char *asked = getenv("OTEDAMA_SIM");
    unsigned long count = asked ? strtoul(asked, NULL, 10) : 0;
    unsigned limit = max < SIM_MAX ? max : SIM_MAX;

    (void)config;
    if (count > limit)
        count = limit;
    for (unsigned i = 0; i < count; i++) {
        out[i] = (struct device_info){.kind = "sim", .threads = SIM_THREADS};
        (void)snprintf(out[i].id, sizeof out[i].id, "sim%u", i);
        (void)snprintf(out[i].name, sizeof out[i].name, "SIM simulated device %u", i);
        (void)snprintf(out[i].address, sizeof out[i].address, "%u", i);
    }
    return (unsigned)count;
}

static int open_sim(void *state, const struct device_info *info, const struct config *config,
                    struct fault *why)
{
    struct sim_state *sim = state;

    (void)config;
    (void)why;
    sim->number = (unsigned)strtoul(info->address, NULL, 10);
    sim->opened_us = now_us();
    return 0;
}

/* The plainest: it runs anywhere. */
static const struct algo_impl *pick(void *state, const struct algo *algo, struct fault *why)
{
    const struct algo_impl *last = algo->impls;

    (void)state;
    (void)why;
    while (last[1].name)
        last++;
    return last;
}

/* A few true hashes, then sleep for the rest of the step. */
static void scan(void *state, unsigned index, const struct algo_impl *impl, struct algo_ctx *ctx,
                 struct scan *scan)
{
    const uint64_t each = scan_versions(scan); /* hashes of a nonce */
    const uint64_t portion = 1 + (uint64_t)PACE * STEP_US / SECOND_US / each;

    (void)state;
    (void)index;
    if (scan->count > portion)
        scan->count = portion;
    int64_t began = now_us();
    impl->scan(ctx, scan);
    int64_t pause = (int64_t)(scan->done * each) * SECOND_US / PACE - (now_us() - began);
    if (pause > 0)
        sleep_us(pause);
}

static bool sense(void *state, struct telemetry *m)
{
    const struct sim_state *sim = state;
    double seconds = (double)(now_us() - sim->opened_us) / SECOND_US;
    float swing = (float)sin(seconds / 20 + sim->number);

    m->celsius[0] = 58 + 6 * swing;
    m->fan_ratio = 0.5f + 0.2f * swing;
    m->fan_rpm[0] = 3000 * m->fan_ratio;
    m->watts = 40 + 2 * swing;
    return true;
}

const struct driver driver_sim = {
    .name = "sim",
    .title = "Simulated device",
    .state_bytes = sizeof(struct sim_state),
    .find = find,
    .open = open_sim,
    .pick = pick,
    .scan = scan,
    .sense = sense,
};
