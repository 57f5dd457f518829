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

enum { EVENTS_A_TURN = 256 }; /* per device, so that one cannot starve the loop */

static void open_one(struct hub *hub, struct hub_device *d)
{
    struct fault why = {0};
    int err = device_open(&d->info, hub->config, &hub->generation, &hub->bell, &d->device, &why);

    rate_reset(&d->rate, now_us());
    d->telemetry = (struct telemetry){
        .celsius = {NAN, NAN, NAN, NAN},
        .watts = NAN,
        .volts = NAN,
        .fan_rpm = {NAN, NAN},
        .fan_ratio = NAN,
        .mhz = NAN,
    };
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

static void heard(struct hub *hub, struct hub_device *d, struct event *ev)
{
    switch (ev->type) {
    case EV_SHARE_FOUND:
        ev->share->device = d->info.number;
        hub_share_found(hub, ev->share);
        break;
    case EV_HASHES_DONE:
        rate_add(&d->rate, (double)ev->hashes, now_us());
        rate_add(&hub->rate, (double)ev->hashes, now_us());
        break;
    case EV_HARDWARE_ERROR:
        d->shares.hardware_errors++;
        hub->shares.hardware_errors++;
        log_warn(DEVICE, "%s: reported a nonce whose hash does not meet the target", d->info.id);
        break;
    case EV_TELEMETRY:
        d->telemetry = ev->telemetry;
        d->telemetry_us = ev->at_us;
        break;
    case EV_DEVICE_DOWN:
        (void)text_copy(d->error, sizeof d->error, err_str(ev->err));
        log_error(DEVICE, "%s stopped: %s", d->info.id, d->error);
        break;
    case EV_DEVICE_UP:
        *d->error = 0;
        break;
    case EV_JOB_USED_UP:
        log_debug(DEVICE, "%s has tried all of its part of the job", d->info.id);
        if (hub->pool && hub->feed.job && hub->feed.job->source == SOURCE_POOL)
            pool_refresh(hub->pool);
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
    for (unsigned i = 0; i < hub->device_count; i++)
        device_free(hub->devices[i].device);
    free(hub->devices);
    hub->devices = NULL;
    hub->device_count = 0;
}

struct hub_device *hub_device_find(struct hub *hub, const char *id)
{
    for (unsigned i = 0; i < hub->device_count; i++)
        if (!strcmp(hub->devices[i].info.id, id))
            return &hub->devices[i];
    return NULL;
}

void hub_device_pause(struct hub *hub, struct hub_device *d, bool paused)
{
    if (!d->device || d->paused == paused)
        return;
    d->paused = paused;
    device_pause(d->device, paused);
    log_info(DEVICE, "%s %s", d->info.id, paused ? "paused" : "resumed");
    hub_snapshot_soon(hub);
}
