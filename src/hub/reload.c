/* SPDX-License-Identifier: MIT */
/* SIGHUP and "reload": read, validate all, compare, apply what can be applied; an error leaves the
 * old configuration in force. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "config/schema.h"
#include "hub/internal.h"
#include "pool/bans.h"

struct change {
    struct hub *hub;
    unsigned later; /* changes that need a restart */
    bool upstreams, log, pool, limits;
};

static bool under(const char *path, const char *section)
{
    return !strncmp(path, section, strlen(section));
}

static void note(void *arg, const struct opt *o)
{
    struct change *change = arg;
    bool live = o->flags & OPT_LIVE;

    change->later += !live;
    change->upstreams |= under(o->path, "upstreams") || under(o->path, "failover.");
    change->log |= !strcmp(o->path, "log.level");
    change->limits |= under(o->path, "pool.limits.");
    change->pool |= !strcmp(o->path, "pool.enable");
    log_info(CONFIG, "%s changed%s", o->path, live ? "" : ": takes effect at the next start");
}

/* What keeps a pool from listening as it should is `why`. */
static int listen_anew(struct hub *hub, struct fault *why)
{
    int err = 0;

    for (unsigned i = 0; i < hub->pool_count; i++) {
        struct fault one = {0};
        int failed = pool_relisten(hub->pools[i].pool, hub->config, &one);
        if (failed && !err) {
            err = failed;
            *why = one;
        }
    }
    return err;
}

static int apply(struct hub *hub, const struct change *change, struct fault *why)
{
    struct command_reply reply = {0};
    enum log_level level;
    int err;

    if (change->log && log_level_parse(hub->config->log.level, &level))
        log_set_level(level);
    if (change->upstreams)
        upstreams_configure(hub->upstreams, hub->config);
    err = listen_anew(hub, why);
    if (change->limits) {
        int failed = bans_book_limits(hub->bans, hub->config, err ? NULL : why);
        err = err ? err : failed;
    }
    if (change->pool)
        hub_command(hub, hub->config->pool.enable ? "pool on" : "pool off", &reply);
    if (reply.err) {
        err = reply.err;
        (void)fault_set(why, err, "%s", reply.text);
    }
    hub_publish(hub);
    hub_snapshot_soon(hub);
    return err;
}

/* The place of a fault in the file, "" when it has none. */
static void place(const struct fault *why, char *out, size_t size)
{
    *out = 0;
    if (*why->file)
        (void)snprintf(out, size, "%s:%d:%d: ", why->file, why->line, why->column);
}

void hub_reload(struct hub *hub, struct command_reply *reply)
{
    struct config *fresh = NULL, *old = hub->config;
    struct change change = {.hub = hub};
    struct fault why = {0};
    char where[160];

    *reply = (struct command_reply){0};
    if (config_load(hub->request, &fresh, &why) < 0) {
        place(&why, where, sizeof where);
        reply->err = ERR_CONFIG;
        (void)snprintf(reply->text, sizeof reply->text, "nothing was changed: %s%.200s", where,
                       why.text);
        log_error(CONFIG, "%s", reply->text);
        return;
    }
    unsigned changes = config_diff(old, fresh, note, &change);
    hub->config = fresh;
    int err = apply(hub, &change, &why);
    config_unref(old);
    (void)snprintf(reply->text, sizeof reply->text,
                   "configuration read: %u change%s, %u of them at the next start%s%.300s", changes,
                   changes == 1 ? "" : "s", change.later, err ? "; but " : "", err ? why.text : "");
    if (err)
        log_error(CONFIG, "%s", reply->text);
    else
        log_info(CONFIG, "%s", reply->text);
}
