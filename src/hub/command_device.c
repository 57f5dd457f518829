/* SPDX-License-Identifier: MIT */
/* The commands "device ...". */
#include <string.h>

#include "hub/internal.h"

/* What resuming a device does, in words; false when it cannot be resumed. */
static bool resume_words(const struct hub_device *d, struct command_reply *reply)
{
    if (!d->device) {
        command_say(reply, ERR_NO_DEVICE,
                    "%s could not be opened: %.200s. It is tried again when the program starts",
                    d->info.id, d->error);
        return false;
    }
    if (device_state(d->device) == DEVICE_FAILED)
        command_say(reply, 0, "%s is tried again; it had failed: %.200s", d->info.id,
                    *d->error ? d->error : "no reason is known");
    else if (!d->paused)
        command_say(reply, 0, "%s is not paused", d->info.id);
    else
        command_say(reply, 0, "%s resumed", d->info.id);
    return true;
}

/* All devices, with those named whose fate is another one. */
static void resume_all(struct hub *hub, struct command_reply *reply)
{
    unsigned resumed = 0, retried = 0, lost = 0;

    for (unsigned i = 0; i < hub->device_count; i++) {
        struct hub_device *d = &hub->devices[i];
        bool failed = d->device && device_state(d->device) == DEVICE_FAILED;
        lost += !d->device;
        retried += failed;
        resumed += d->device && !failed && d->paused;
        hub_device_pause(hub, d, false);
    }
    command_say(reply, 0, "%u resumed, %u that had failed tried again, %u could not be opened",
                resumed, retried, lost);
}

static void device_set(struct hub *hub, const char *args, bool paused, struct command_reply *reply)
{
    const char *word = paused ? "paused" : "resumed";

    if (!strcmp(args, "all") && !paused) {
        resume_all(hub, reply);
        return;
    }
    if (!strcmp(args, "all")) {
        for (unsigned i = 0; i < hub->device_count; i++)
            hub_device_pause(hub, &hub->devices[i], paused);
        command_say(reply, 0, "all devices %s", word);
        return;
    }
    struct hub_device *d = hub_device_find(hub, args);
    if (!d) {
        command_say(reply, ERR_FIELD, "there is no device \"%s\"; `otedama devices` lists them",
                    args);
        return;
    }
    if (!paused && !resume_words(d, reply))
        return;
    hub_device_pause(hub, d, paused);
    if (paused)
        command_say(reply, 0, "%s %s", args, word);
}

void hub_device_pause_words(struct hub *hub, const char *args, struct command_reply *reply)
{
    device_set(hub, args, true, reply);
}

void hub_device_resume_words(struct hub *hub, const char *args, struct command_reply *reply)
{
    device_set(hub, args, false, reply);
}
