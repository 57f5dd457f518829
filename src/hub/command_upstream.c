/* SPDX-License-Identifier: MIT */
/* The commands "upstream ...". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "hub/internal.h"

enum {
    MINUTES_MAX = 7 * 24 * 60,
    QUOTA_MAX = 1000000,
    DRILL_S = 30,
    DRILL_LEAST_S = 5,
    DRILL_MOST_S = 3600,
};

/* The upstream's number in `args`, or -1 with a reply. */
static long pool_number(const char *args, struct command_reply *reply)
{
    char *end;
    long n = strtol(args, &end, 10);

    if (end != args && !*end && n >= 0 && n < UPSTREAM_MAX)
        return n;
    command_say(reply, ERR_FIELD, "\"%s\" is not the number of a pool (0, 1, ...)", args);
    return -1;
}

static void no_such_pool(struct command_reply *reply, long n)
{
    command_say(reply, ERR_FIELD, "there is no pool %ld in the configuration's upstreams", n);
}

void hub_upstream_switch(struct hub *hub, const char *args, struct command_reply *reply)
{
    long n = pool_number(args, reply);

    if (n < 0)
        return;
    if (!upstreams_switch(hub->upstreams, (unsigned)n)) {
        no_such_pool(reply, n);
        return;
    }
    hub_publish(hub);
    command_say(reply, 0, "pool %ld is used as soon as it serves jobs", n);
}

static void upstream_set(struct hub *hub, const char *args, bool on, struct command_reply *reply)
{
    long n = pool_number(args, reply);

    if (n < 0)
        return;
    if (!upstreams_enable(hub->upstreams, (unsigned)n, on)) {
        no_such_pool(reply, n);
        return;
    }
    hub_publish(hub);
    command_say(reply, 0, "pool %ld is %s", n, on ? "enabled" : "disabled");
}

void hub_upstream_enable(struct hub *hub, const char *args, struct command_reply *reply)
{
    upstream_set(hub, args, true, reply);
}

void hub_upstream_disable(struct hub *hub, const char *args, struct command_reply *reply)
{
    upstream_set(hub, args, false, reply);
}

void hub_upstream_strategy(struct hub *hub, const char *args, struct command_reply *reply)
{
    char word[32];
    const char *rest = args + strcspn(args, " ");
    enum strategy strategy;
    long minutes = 0;
    char *end;

    (void)snprintf(word, sizeof word, "%.*s", (int)(rest - args), args);
    if (!strategy_parse(word, &strategy)) {
        command_say(reply, ERR_FIELD,
                    "\"%s\" is not a strategy: failover, round-robin, rotate, balance or quota",
                    word);
        return;
    }
    if (*rest) {
        minutes = strtol(rest, &end, 10);
        if (*end || minutes < 1 || minutes > MINUTES_MAX || strategy != STRATEGY_ROTATE) {
            command_say(reply, ERR_FIELD, "use: upstream strategy rotate MINUTES, with 1 to %d",
                        MINUTES_MAX);
            return;
        }
    }
    upstreams_strategy(hub->upstreams, strategy, minutes * 60 * SECOND_US);
    hub_publish(hub);
    if (minutes)
        command_say(reply, 0, "the strategy is %s, every %ld minutes", word, minutes);
    else
        command_say(reply, 0, "the strategy is %s", word);
}

void hub_upstream_quota(struct hub *hub, const char *args, struct command_reply *reply)
{
    char *end;
    long n = strtol(args, &end, 10), quota = -1;
    bool number = end != args && *end == ' ';

    if (number)
        quota = strtol(end, &end, 10);
    if (!number || *end || n < 0 || n >= UPSTREAM_MAX || quota < 0 || quota > QUOTA_MAX) {
        command_say(reply, ERR_FIELD, "use: upstream quota N QUOTA, with a quota of 0 to %d",
                    QUOTA_MAX);
        return;
    }
    if (!upstreams_quota(hub->upstreams, (unsigned)n, (uint32_t)quota)) {
        no_such_pool(reply, n);
        return;
    }
    hub_publish(hub);
    command_say(reply, 0, "the quota of pool %ld is %ld", n, quota);
}

void hub_upstream_drill(struct hub *hub, const char *args, struct command_reply *reply)
{
    struct fault why = {0};
    char *end;
    long seconds = *args ? strtol(args, &end, 10) : DRILL_S;

    if (*args && (*end || seconds < DRILL_LEAST_S || seconds > DRILL_MOST_S)) {
        command_say(reply, ERR_FIELD, "use: upstream drill SECONDS, with %d to %d", DRILL_LEAST_S,
                    DRILL_MOST_S);
        return;
    }
    int err = upstreams_drill(hub->upstreams, (unsigned)seconds, &why);
    if (err < 0) {
        command_say(reply, err, "%s", why.text);
        return;
    }
    upstreams_tick(hub->upstreams);
    hub_publish(hub);
    command_say(reply, 0,
                "the pool in use is left alone for %ld s; `otedama pools` tells how it went",
                seconds);
}
