/* SPDX-License-Identifier: MIT */
/* The guard: who may connect, and who is banned. One for all loops of a front; it outlives the
 * front. It knows no sockets and no clock: times are Unix milliseconds that the caller gives.
 *
 * Counts are kept of each address and network with open connections, and of some that have gone.
 * A connection closed for a cause with points (causes.def) brings its source nearer to a ban; a
 * source is an IPv4 address or an IPv6 /64. Sources with several miners whose shares were good (a
 * farm behind one address) are given as many times more. Trusted sources and, unless the limits say
 * otherwise, loopback are not counted and never banned but by hand. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "front/cause.h"
#include "net/peer.h"

enum {
    GUARD_BAN_POINTS = 100,
    GUARD_IDLE_MAX = 16384, /* sources remembered without connections */
    GUARD_BANS_MAX = 10000, /* the oldest automatic ones go first */
    GUARD_TRUSTED_MAX = 64,
    GUARD_FACTOR = 4, /* each ban is this many times longer than the one before */
};

#define GUARD_MEMORY_MS (24 * 3600 * INT64_C(1000)) /* a ban counts this long after its end */

struct guard_limits {                            /* 0 = no limit, if not said otherwise */
    uint32_t per_address, per_prefix, per_site;  /* connections; IPv4 /32 /24, IPv6 /128 /64 /48 */
    uint32_t bytes_per_second, lines_per_second; /* of one connection, see meter.h */
    uint32_t min_shares;                         /* before the two ratios count */
    uint32_t invalid_percent, duplicate_percent;
    uint32_t refused_logins;    /* of one connection */
    int64_t login_us;           /* to log in; 0 = 30 s */
    int64_t ban_ms, ban_max_ms; /* the first; the longest. ban_ms 0 = only bans by hand */
    bool limit_loopback;        /* loopback is a source like others */
    unsigned trusted_count;
    struct prefix trusted[GUARD_TRUSTED_MAX];
};

struct guard_entry { /* of a connection that was let in; zero before */
    bool inside;
    bool trusted; /* no limit is for it */
    bool proven;  /* a share of it was good */
};

struct guard_ban {
    struct prefix network;
    enum cause cause;           /* CAUSE_MANUAL: by hand */
    uint32_t count;             /* how often it was banned lately, this time included */
    int64_t since_ms, until_ms; /* until 0 = for ever */
};

struct guard;

struct guard *guard_new(const struct guard_limits *);
void guard_free(struct guard *); /* NULL is fine */

/* All from here on: any thread. */

void guard_set_limits(struct guard *, const struct guard_limits *);
void guard_get_limits(struct guard *, struct guard_limits *ret);
/* Changes with the limits and with each new ban: time to look at the connections again. */
uint32_t guard_generation(struct guard *);

/* A connection comes. CAUSE_NONE and `*entry`, for which guard_leave must be called, or why it is
 * refused. */
enum cause guard_accept(struct guard *, const struct peer *, int64_t now_ms,
                        struct guard_entry *entry);
/* A share of it was good. */
void guard_proved(struct guard *, const struct peer *, struct guard_entry *, int64_t now_ms);
/* It has gone, or was closed for the cause. True: its source is banned from now on, `*ban`. */
bool guard_leave(struct guard *, const struct peer *, struct guard_entry *, enum cause,
                 int64_t now_ms, struct guard_ban *ban);

bool guard_is_banned(struct guard *, const struct peer *, int64_t now_ms);
/* Bans by hand, in place of an earlier ban of the same network; `for_ms` 0 = for ever. False: there
 * is no room, all bans are by hand. */
bool guard_add_ban(struct guard *, const struct prefix *, int64_t for_ms, int64_t now_ms,
                   struct guard_ban *ban);
/* A ban of an earlier run. */
bool guard_restore(struct guard *, const struct guard_ban *);
/* Forgets the ban and the points behind it. False: there is none. */
bool guard_remove_ban(struct guard *, const struct prefix *);
/* Bans in force, newest first, at most `max` of them; returns how many there are. */
unsigned guard_bans(struct guard *, int64_t now_ms, struct guard_ban *rows, unsigned max);
/* Forgets what is over; once a minute. */
void guard_expire(struct guard *, int64_t now_ms);
/* Sources in memory, for tests. */
unsigned guard_sources(struct guard *);
