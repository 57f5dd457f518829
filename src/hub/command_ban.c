/* SPDX-License-Identifier: MIT */
/* The commands "ban add" and "ban remove". */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "config/value.h"
#include "hub/internal.h"
#include "net/peer.h"
#include "pool/bans.h"

static const int64_t HOUR_US = 3600 * INT64_C(1000000);
static const double LONGEST_S = 10 * 366 * 86400.0;

/* "1h"; "forever" is 0. Without a word: as long as the longest automatic ban. False: a reply was
 * written. */
static bool read_time(const struct hub *hub, const char *text, int64_t *ms,
                      struct command_reply *reply)
{
    const struct opt duration = {.path = "", .type = OPT_TIME, .min = 1, .max = LONGEST_S};
    AUTO_STR struct str why = {0};
    int64_t us = hub->config->pool.limits.ban_time_max_us;

    if (!strcmp(text, "forever")) {
        *ms = 0;
        return true;
    }
    if (*text && !value_set(&duration, &us, text, &why)) {
        command_say(reply, ERR_FIELD, "the time of a ban %s, or forever", str_text(&why));
        return false;
    }
    *ms = (us ? us : HOUR_US) / 1000;
    return true;
}

static void until_text(int64_t until_ms, char *out, size_t size)
{
    time_t at = (time_t)(until_ms / 1000);
    struct tm tm;

    if (!until_ms)
        (void)snprintf(out, size, "for ever");
    else if (gmtime_r(&at, &tm))
        (void)strftime(out, size, "until %Y-%m-%d %H:%M:%SZ", &tm);
}

void hub_ban_add(struct hub *hub, const char *args, struct command_reply *reply)
{
    char network[PEER_MAX], until[48] = "";
    struct fault why = {0};
    struct guard_ban ban;
    size_t len = strcspn(args, " ");
    int64_t for_ms;
    int err;

    (void)snprintf(network, sizeof network, "%.*s", (int)(len < PEER_MAX ? len : PEER_MAX), args);
    if (!read_time(hub, args + len + strspn(args + len, " "), &for_ms, reply))
        return;
    if ((err = bans_book_add(hub->bans, network, for_ms, &ban, &why)) < 0) {
        command_say(reply, err, "%s", why.text);
        return;
    }
    prefix_format(&ban.network, network);
    until_text(ban.until_ms, until, sizeof until);
    command_say(reply, 0, "%s is banned %s", network, until);
}

void hub_ban_remove(struct hub *hub, const char *args, struct command_reply *reply)
{
    struct fault why = {0};
    int err = bans_book_remove(hub->bans, args, &why);

    if (err < 0)
        command_say(reply, err, "%s", why.text);
    else
        command_say(reply, 0, "%s may connect again", args);
}
