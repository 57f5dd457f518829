/* SPDX-License-Identifier: MIT */
/* The command "algorithm NAME [DEVICE|all]". */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "hub/internal.h"

/* "NAME DEVICE" in two; false when there is a third word, or one too long. */
static bool split(const char *args, char name[32], char device[32])
{
    int end = 0;

    *device = 0;
    if (sscanf(args, "%31s %31s %n", name, device, &end) == 2)
        return !args[end];
    return sscanf(args, "%31s %n", name, &end) == 1 && !args[end];
}

static void unknown_algorithm(const char *name, struct command_reply *reply)
{
    AUTO_STR struct str known = {0};

    for (const struct algo *const *a = algos; *a; a++)
        str_addf(&known, "%s, ", (*a)->name);
    command_say(reply, ERR_FIELD, "there is no algorithm \"%s\": use %sor auto", name,
                str_text(&known));
}

static void unknown_device(const struct hub *hub, const char *name, struct command_reply *reply)
{
    AUTO_STR struct str known = {0};

    for (unsigned i = 0; i < hub->device_count; i++)
        str_addf(&known, "%s, ", hub->devices[i].info.id);
    command_say(reply, ERR_FIELD, "there is no device \"%s\": use %sor all", name,
                str_text(&known));
}

/* Can the devices do it, and is there work? False with the reason. */
static bool possible(struct hub *hub, const struct algo *algo, const struct hub_device *only,
                     struct command_reply *reply)
{
    struct fault why = {0};

    for (unsigned i = 0; i < hub->device_count && algo; i++) {
        struct hub_device *d = &hub->devices[i];
        if (!d->device || (only && d != only) || (!only && d->line != &hub->line))
            continue;
        if (!device_can(d->device, algo, &why)) {
            command_say(reply, ERR_CONFIG, "%s cannot do %s: %.200s", d->info.id, algo->name,
                        why.text);
            return false;
        }
    }
    int err = source_open(hub, algo ? algo : hub->own_algo, &why);
    if (err < 0 && algo)
        command_say(reply, err, "%s", why.text);
    return err >= 0 || !algo;
}

static void report(const struct hub *hub, const char *name, const struct line *line, struct wish to,
                   struct command_reply *reply)
{
    if (line->stage == CHANGE_PREPARING)
        command_say(reply, 0,
                    "%s: %s is prepared, %s goes on until then. Not kept in the configuration",
                    name, wish_name(hub, to),
                    line_algo(line) ? line_algo(line)->name : wish_name(hub, line->wish));
    else if (*line->note)
        command_say(reply, ERR_CONFIG, "%s: %s", name, line->note);
    else
        command_say(reply, 0, "%s: %s. Not kept in the configuration: the next start goes by that",
                    name, wish_name(hub, to));
}

static void change_device(struct hub *hub, struct hub_device *d, const struct algo *algo,
                          struct command_reply *reply)
{
    struct wish to = {algo ? algo : hub->line.wish.algo, !algo};

    if (!d->device) {
        command_say(reply, ERR_CLOSED, "%s is not open: %.200s", d->info.id, d->error);
        return;
    }
    if (!algo && d->line == &hub->line) {
        command_say(reply, 0, "%s does what the other devices do already", d->info.id);
        return;
    }
    struct line *line = line_of_own(hub, d);
    line_change(hub, line, to);
    source_demand(hub);
    hub_publish(hub);
    report(hub, d->info.id, line, to, reply); /* the device may have left it again */
}

static void change_default(struct hub *hub, const struct algo *algo, struct command_reply *reply)
{
    struct wish to = {algo, true};

    line_change(hub, &hub->line, to);
    source_demand(hub);
    hub_publish(hub);
    report(hub, "all devices", &hub->line, to, reply);
}

/* Devices with an algorithm of their own follow the default line again. */
static void gather(struct hub *hub)
{
    for (unsigned i = 0; i < hub->device_count; i++)
        if (hub->devices[i].line == &hub->devices[i].own)
            line_change(hub, &hub->devices[i].own, (struct wish){hub->line.wish.algo, true});
}

void hub_algorithm(struct hub *hub, const char *args, struct command_reply *reply)
{
    char name[32], device[32];
    const struct algo *algo = NULL;
    struct hub_device *d = NULL;

    if (!split(args, name, device)) {
        command_say(reply, ERR_FIELD, "use: algorithm NAME [DEVICE|all]");
        return;
    }
    if (strcmp(name, "auto") != 0 && !(algo = algo_find(name))) {
        unknown_algorithm(name, reply);
        return;
    }
    if (*device && strcmp(device, "all") != 0 && !(d = hub_device_find(hub, device))) {
        unknown_device(hub, device, reply);
        return;
    }
    if (!possible(hub, algo, d, reply))
        return;
    if (d) {
        change_device(hub, d, algo, reply);
        return;
    }
    change_default(hub, algo, reply);
    if (*device)
        gather(hub);
    hub_publish(hub);
}
