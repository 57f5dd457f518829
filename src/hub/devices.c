/* SPDX-License-Identifier: MIT */
/* The hub's side of the devices: opening them, and hearing what they report. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "hub/internal.h"

enum {
    EVENTS_A_TURN = 256, /* per device, so that one cannot starve the loop */
    STARVED_S = 30,
};

static const double STARVED_SHARE =
    0.75; /* of the time its threads hash, less CPU time than this */

static void open_one(struct hub *hub, struct hub_device *d)
{
    struct fault why = {0};
    int err = device_open(&d->info, hub->config, &hub->generation, &hub->bell, &d->device, &why);

    d->line = &hub->line;
    d->cpu_share = NAN;
    rate_reset(&d->rate, now_us());
    d->telemetry = telemetry_unknown;
    if (err < 0) {
        d->device = NULL;
        (void)text_copy(d->error, sizeof d->error, *why.text ? why.text : err_str(err));
        log_error(DEVICE, "%s: %s", d->info.id, d->error);
        return;
    }
    log_info(DEVICE, "%s: %s, %u thread%s", d->info.id, d->info.name, d->info.threads,
             d->info.threads == 1 ? "" : "s");
}

void hub_devices_open(struct hub *hub)
{
    struct device_info *found = xcalloc(DEVICE_MAX, sizeof *found);

    hub->device_count = devices_find(hub->config, found, DEVICE_MAX);
    hub->devices = xcalloc(hub->device_count, sizeof *hub->devices);
    for (unsigned i = 0; i < hub->device_count; i++) {
        hub->devices[i].info = found[i];
        open_one(hub, &hub->devices[i]);
    }
    free(found);
    if (!hub->device_count)
        log_warn(DEVICE, "no device is enabled: set mining.enable_cpu, or use this as a pool only");
}

/* The algorithm whose rate is shown for the whole rig: that of the default line, or of the first
 * device when each has its own. */
static const struct algo *shown_algo(const struct hub *hub)
{
    if (line_used(hub, &hub->line) || !hub->device_count)
        return line_algo(&hub->line);
    return line_algo(hub->devices[0].line);
}

static void count_total(struct hub *hub, const struct algo *algo, double hashes, int64_t now)
{
    const struct algo *shown = shown_algo(hub);

    if (shown && shown != hub->rate_algo) {
        if (hub->rate_algo)
            memset(hub->history, 0, sizeof hub->history);
        rate_reset(&hub->rate, hub->rate_algo ? now : hub->started_us);
        effective_reset(&hub->effective, now);
        hub->rate_algo = shown;
    }
    if (algo == hub->rate_algo)
        rate_add(&hub->rate, hashes, now);
}

/* Rates of two algorithms have nothing to do with one another: with another one it begins anew. */
static void count_hashes(struct hub *hub, struct hub_device *d, const struct algo *algo,
                         double hashes)
{
    unsigned place = hub_algo_place(algo);
    int64_t now = now_us();

    if (d->algo != algo) {
        effective_reset(&d->effective, now);
        if (d->algo) {
            rate_reset(&d->rate, now);
            memset(d->history, 0, sizeof d->history);
        }
        d->algo = algo;
    }
    if (place < ALGOS_MAX)
        d->done[place] += hashes;
    rate_add(&d->rate, hashes, now);
    count_total(hub, algo, hashes, now);
}

static void refresh(const struct hub *hub, const struct algo *algo, const struct job *job)
{
    struct pool *pool = algo ? hub_pool(hub, algo) : NULL;

    if (pool && job->source == SOURCE_POOL)
        pool_refresh(pool);
}

static void heard_down(struct hub_device *d, int err)
{
    char text[160];

    device_failure(d->device, text, sizeof text);
    (void)text_copy(d->error, sizeof d->error, *text ? text : err_str(err));
    log_error(DEVICE, "%s stopped: %s", d->info.id, d->error);
}

static void heard(struct hub *hub, struct hub_device *d, struct event *ev)
{
    switch (ev->type) {
    case EV_SHARE_FOUND:
        ev->share->device = d->info.number;
        hub_share_found(hub, ev->share);
        break;
    case EV_HASHES_DONE:
        count_hashes(hub, d, ev->algo, (double)ev->hashes);
        break;
    case EV_ALGO_CHANGED:
        line_gap(d->line, ev->gap_us, ev->at_us);
        break;
    case EV_HARDWARE_ERROR:
        hub_tally_hardware_error(hub, d);
        log_warn(DEVICE, "%s: reported a nonce whose hash does not meet the target", d->info.id);
        break;
    case EV_TELEMETRY:
        d->telemetry = ev->telemetry;
        d->telemetry_us = ev->at_us;
        break;
    case EV_DEVICE_DOWN:
        heard_down(d, ev->err);
        break;
    case EV_DEVICE_UP:
        *d->error = 0;
        break;
    case EV_JOB_USED_UP:
        log_debug(DEVICE, "%s has tried all of its part of the job", d->info.id);
        refresh(hub, line_algo(d->line), d->line->feed.job);
        break;
    default:
        break;
    }
}

void hub_devices_drain(struct hub *hub)
{
    struct event ev;

    for (unsigned i = 0; i < hub->device_count; i++) {
        struct hub_device *d = &hub->devices[i];
        for (unsigned n = 0; d->device && n < EVENTS_A_TURN && device_take(d->device, &ev); n++)
            heard(hub, d, &ev);
    }
}

void hub_devices_close(struct hub *hub)
{
    hub_devices_drain(hub);
    for (unsigned i = 0; i < hub->device_count; i++) {
        struct hub_device *d = &hub->devices[i];
        device_free(d->device);
        job_unref(d->assigned);
        line_clear(&d->own);
    }
    free(hub->devices);
    hub->devices = NULL;
    hub->device_count = 0;
}

/* --- once a second ---------------------------------------------------------------------------- */

/* The threads hash all the time, but the machine has not given them the CPU. */
static void measure_share(struct hub_device *d)
{
    int64_t ran, cpu;

    if (!device_cpu_time(d->device, &ran, &cpu) || ran - d->ran_us < SECOND_US / 2)
        return;
    double share = (double)(cpu - d->cpu_us) / (double)(ran - d->ran_us);
    share = share > 1 ? 1 : share;
    d->cpu_share = isnan(d->cpu_share) ? share : d->cpu_share + (share - d->cpu_share) / 8;
    d->ran_us = ran;
    d->cpu_us = cpu;
    d->starved = d->cpu_share < STARVED_SHARE ? d->starved + 1 : 0;
    if (d->starved == STARVED_S)
        log_warn(DEVICE,
                 "%s: its threads get %.0f %% of the CPU time they could use: other programs take "
                 "the rest, or mining.cpu.priority gives way to them",
                 d->info.id, d->cpu_share * 100);
}

static void keep_rate(struct hub_device *d, int64_t now)
{
    unsigned place = hub_algo_place(d->algo);
    double rate = rate_window(&d->rate, RATE_1M, now);

    if (place < ALGOS_MAX && rate > 0 && device_state(d->device) == DEVICE_RUN)
        d->known[place] = rate;
}

void hub_devices_tick(struct hub *hub)
{
    int64_t now = now_us();

    for (unsigned i = 0; i < hub->device_count; i++) {
        struct hub_device *d = &hub->devices[i];
        if (!d->device)
            continue;
        measure_share(d);
        keep_rate(d, now);
        if (d->line == &d->own)
            line_tick(hub, &d->own);
    }
    line_tick(hub, &hub->line);
}

/* --- by name ---------------------------------------------------------------------------------- */

static int fix_one(struct hub *hub, const struct device_algorithm_config *c, struct fault *why)
{
    struct hub_device *d = hub_device_find(hub, c->device);
    const struct algo *algo = algo_find(c->algorithm);
    struct fault reason = {0};

    if (!d) {
        log_warn(DEVICE, "mining.device_algorithms: there is no device %s here", c->device);
        return 0;
    }
    if (d->device && !device_can(d->device, algo, &reason))
        return fault_set(why, ERR_CONFIG, "mining.device_algorithms: %s cannot do %s: %s",
                         c->device, algo->name, reason.text);
    int err = source_open(hub, algo, &reason);
    if (err < 0)
        return fault_set(why, err, "mining.device_algorithms: %s", reason.text);
    d->own = (struct line){.owner = d, .wish = {algo, false}, .gap_told = true};
    d->line = &d->own;
    return 0;
}

int hub_devices_fix(struct hub *hub, struct fault *why)
{
    int err = 0;

    for (size_t i = 0; i < hub->config->mining.device_algorithms.count && !err; i++)
        err = fix_one(hub, &hub->config->mining.device_algorithms.items[i], why);
    return err;
}

struct hub_device *hub_device_find(struct hub *hub, const char *id)
{
    for (unsigned i = 0; i < hub->device_count; i++)
        if (!strcmp(hub->devices[i].info.id, id))
            return &hub->devices[i];
    return NULL;
}

/* What failed is tried again: with another algorithm, or after a stop, but also when asked. */
static void retry(struct hub_device *d)
{
    *d->error = 0;
    device_pause(d->device, false);
}

void hub_device_pause(struct hub *hub, struct hub_device *d, bool paused)
{
    bool failed = d->device && device_state(d->device) == DEVICE_FAILED;

    if (!d->device || (d->paused == paused && (paused || !failed)))
        return;
    d->paused = paused;
    if (paused)
        device_pause(d->device, true);
    else
        retry(d);
    log_info(DEVICE, "%s %s", d->info.id,
             paused   ? "paused"
             : failed ? "is tried again"
                      : "resumed");
    hub_snapshot_soon(hub);
}
