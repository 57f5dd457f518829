/* SPDX-License-Identifier: MIT */
/* The guard: counts of connections by address and network, points, bans. */
#include "front/guard.h"

#include <stdlib.h>

#include <uv.h>

#include "base/alloc.h"
#include "base/map.h"
#include "front/bans.h"

/* A point is 1000 units; each millisecond takes one away. */
enum { POINT = 1000, PEAK_HALF_MS = 30 * 60 * 1000 };

struct source { /* an address, or a network of them */
    struct prefix network;
    uint32_t open;                /* connections */
    uint32_t proven, peak;        /* those with good shares: now; lately */
    int64_t units, units_ms;      /* of points */
    int64_t peak_ms;              /* `peak` halves from then on */
    struct source *older, *newer; /* of those without connections */
    UT_hash_handle hh;
};

struct guard {
    uv_mutex_t lock;
    struct guard_limits limits;
    uint32_t generation;
    struct source *sources;
    struct source *oldest, *newest; /* without connections */
    unsigned idle_count;
    struct bans bans;
};

/* What is counted of an address. */
struct scope {
    unsigned bits; /* 0 = the end */
    enum cause cause;
    bool source; /* points and bans are of it */
};

static const struct scope ipv4_scopes[] = {
    {128, CAUSE_ADDRESS, true}, {120, CAUSE_PREFIX, false}, {0, CAUSE_NONE, false}};
static const struct scope ipv6_scopes[] = {{128, CAUSE_ADDRESS, false},
                                           {64, CAUSE_PREFIX, true},
                                           {48, CAUSE_SITE, false},
                                           {0, CAUSE_NONE, false}};

static const struct scope *scopes_of(const struct peer *a)
{
    return peer_is_ipv4(a) ? ipv4_scopes : ipv6_scopes;
}

static uint32_t limit_of(const struct guard_limits *l, const struct scope *scope)
{
    return scope->cause == CAUSE_ADDRESS  ? l->per_address
           : scope->cause == CAUSE_PREFIX ? l->per_prefix
                                          : l->per_site;
}

/* --- sources -----------------------------------------------------------------------------------
 */

static struct source *source_find(struct guard *g, const struct peer *a, unsigned bits)
{
    struct prefix network = prefix_of(a, bits);
    struct source *s;

    HASH_FIND(hh, g->sources, &network, sizeof network, s);
    return s;
}

static void unlist(struct guard *g, struct source *s)
{
    *(s->older ? &s->older->newer : &g->oldest) = s->newer;
    *(s->newer ? &s->newer->older : &g->newest) = s->older;
    s->older = s->newer = NULL;
    g->idle_count--;
}

static void source_free(struct guard *g, struct source *s)
{
    if (!s->open)
        unlist(g, s);
    HASH_DEL(g->sources, s);
    free(s);
}

static void list(struct guard *g, struct source *s)
{
    s->older = g->newest;
    *(g->newest ? &g->newest->newer : &g->oldest) = s;
    g->newest = s;
    if (++g->idle_count > GUARD_IDLE_MAX)
        source_free(g, g->oldest);
}

/* What time has taken away. */
static void age(struct source *s, int64_t now_ms)
{
    int64_t gone = now_ms - s->units_ms;

    if (gone > 0) {
        s->units = s->units > gone ? s->units - gone : 0;
        s->units_ms = now_ms;
    }
    while (s->peak > s->proven && now_ms - s->peak_ms >= PEAK_HALF_MS) {
        s->peak /= 2;
        s->peak_ms += PEAK_HALF_MS;
    }
    if (s->peak <= s->proven) {
        s->peak = s->proven;
        s->peak_ms = now_ms;
    }
}

static void enter(struct guard *g, const struct peer *a, unsigned bits, int64_t now_ms)
{
    struct source *s = source_find(g, a, bits);

    if (!s) {
        s = xcalloc(1, sizeof *s);
        s->network = prefix_of(a, bits);
        s->units_ms = s->peak_ms = now_ms;
        HASH_ADD(hh, g->sources, network, sizeof s->network, s);
    } else if (!s->open) {
        unlist(g, s);
    }
    s->open++;
}

static void leave(struct guard *g, struct source *s, int64_t now_ms)
{
    age(s, now_ms);
    if (--s->open)
        return;
    list(g, s);
    if (!s->units && !s->peak)
        source_free(g, s);
}

/* --- bans --------------------------------------------------------------------------------------
 */

static int64_t ban_time(const struct guard_limits *l, uint32_t count)
{
    int64_t most = l->ban_max_ms > l->ban_ms ? l->ban_max_ms : l->ban_ms, ret = l->ban_ms;

    while (count-- > 1 && ret < most)
        ret = ret < most / GUARD_FACTOR ? ret * GUARD_FACTOR : most;
    return ret;
}

static bool put_ban(struct guard *g, const struct guard_ban *ban)
{
    bool ret = bans_put(&g->bans, ban);

    g->generation += ret;
    return ret;
}

/* Adds what the cause costs; the farm's share of good miners makes more of it bearable. */
static bool punish(struct guard *g, struct source *s, const struct peer *peer, enum cause cause,
                   int64_t now_ms, struct guard_ban *ban)
{
    const struct guard_ban *before = bans_get(&g->bans, &s->network);

    age(s, now_ms);
    int64_t patience = (int64_t)GUARD_BAN_POINTS * POINT * (s->peak > 1 ? s->peak : 1);
    s->units += (int64_t)cause_points(cause) * POINT;
    if (!cause_points(cause) || s->units < patience || !g->limits.ban_ms ||
        bans_find(&g->bans, peer, now_ms))
        return false;
    s->units = 0;
    *ban = (struct guard_ban){.network = s->network,
                              .cause = cause,
                              .count = before ? before->count + 1 : 1,
                              .since_ms = now_ms};
    ban->until_ms = now_ms + ban_time(&g->limits, ban->count);
    return put_ban(g, ban);
}

static bool is_trusted(const struct guard_limits *l, const struct peer *a)
{
    for (unsigned i = 0; i < l->trusted_count; i++)
        if (prefix_has(&l->trusted[i], a))
            return true;
    return !l->limit_loopback && peer_is_loopback(a);
}

/* --- public ------------------------------------------------------------------------------------
 */

struct guard *guard_new(const struct guard_limits *limits)
{
    struct guard *g = xcalloc(1, sizeof *g);

    (void)uv_mutex_init(&g->lock);
    g->limits = *limits;
    return g;
}

void guard_free(struct guard *g)
{
    struct source *s, *next;

    if (!g)
        return;
    HASH_ITER(hh, g->sources, s, next)
    source_free(g, s);
    bans_fini(&g->bans);
    uv_mutex_destroy(&g->lock);
    free(g);
}

void guard_set_limits(struct guard *g, const struct guard_limits *limits)
{
    uv_mutex_lock(&g->lock);
    g->limits = *limits;
    g->generation++;
    uv_mutex_unlock(&g->lock);
}

void guard_get_limits(struct guard *g, struct guard_limits *ret)
{
    uv_mutex_lock(&g->lock);
    *ret = g->limits;
    uv_mutex_unlock(&g->lock);
}

uint32_t guard_generation(struct guard *g)
{
    uv_mutex_lock(&g->lock);
    uint32_t ret = g->generation;
    uv_mutex_unlock(&g->lock);
    return ret;
}

/* Who is trusted is kept out by hand only, not by what others of its network did. */
static bool barred(struct guard *g, const struct peer *a, int64_t now_ms)
{
    const struct guard_ban *ban = bans_find(&g->bans, a, now_ms);

    return ban && (ban->cause == CAUSE_MANUAL || !is_trusted(&g->limits, a));
}

static enum cause admit(struct guard *g, const struct peer *a, int64_t now_ms,
                        struct guard_entry *entry)
{
    if (barred(g, a, now_ms))
        return CAUSE_BANNED;
    *entry = (struct guard_entry){.inside = true, .trusted = is_trusted(&g->limits, a)};
    if (entry->trusted)
        return CAUSE_NONE;
    for (const struct scope *scope = scopes_of(a); scope->bits; scope++) {
        const struct source *s = source_find(g, a, scope->bits);
        uint32_t most = limit_of(&g->limits, scope);
        if (s && most && s->open >= most)
            return scope->cause;
    }
    for (const struct scope *scope = scopes_of(a); scope->bits; scope++)
        enter(g, a, scope->bits, now_ms);
    return CAUSE_NONE;
}

enum cause guard_accept(struct guard *g, const struct peer *a, int64_t now_ms,
                        struct guard_entry *entry)
{
    uv_mutex_lock(&g->lock);
    enum cause ret = admit(g, a, now_ms, entry);
    uv_mutex_unlock(&g->lock);
    if (ret)
        *entry = (struct guard_entry){0};
    return ret;
}

void guard_proved(struct guard *g, const struct peer *a, struct guard_entry *entry, int64_t now_ms)
{
    if (!entry->inside || entry->trusted || entry->proven)
        return;
    entry->proven = true;
    uv_mutex_lock(&g->lock);
    for (const struct scope *scope = scopes_of(a); scope->bits; scope++) {
        struct source *s = scope->source ? source_find(g, a, scope->bits) : NULL;
        if (!s)
            continue;
        s->proven++;
        age(s, now_ms);
    }
    uv_mutex_unlock(&g->lock);
}

static bool go(struct guard *g, const struct peer *a, const struct guard_entry *entry,
               enum cause cause, int64_t now_ms, struct guard_ban *ban)
{
    bool banned = false;

    for (const struct scope *scope = scopes_of(a); scope->bits; scope++) {
        struct source *s = source_find(g, a, scope->bits);
        if (!s || !s->open)
            continue;
        if (scope->source)
            banned = punish(g, s, a, cause, now_ms, ban);
        s->proven -= scope->source && entry->proven && s->proven;
        leave(g, s, now_ms);
    }
    return banned;
}

bool guard_leave(struct guard *g, const struct peer *a, struct guard_entry *entry, enum cause cause,
                 int64_t now_ms, struct guard_ban *ban)
{
    bool counted = entry->inside && !entry->trusted, banned = false;

    if (counted) {
        uv_mutex_lock(&g->lock);
        banned = go(g, a, entry, cause, now_ms, ban);
        uv_mutex_unlock(&g->lock);
    }
    *entry = (struct guard_entry){0};
    return banned;
}

bool guard_is_banned(struct guard *g, const struct peer *a, int64_t now_ms)
{
    uv_mutex_lock(&g->lock);
    bool ret = barred(g, a, now_ms);
    uv_mutex_unlock(&g->lock);
    return ret;
}

bool guard_add_ban(struct guard *g, const struct prefix *network, int64_t for_ms, int64_t now_ms,
                   struct guard_ban *ban)
{
    uv_mutex_lock(&g->lock);
    const struct guard_ban *before = bans_get(&g->bans, network);
    *ban = (struct guard_ban){.network = *network,
                              .cause = CAUSE_MANUAL,
                              .count = before ? before->count + 1 : 1,
                              .since_ms = now_ms,
                              .until_ms = for_ms ? now_ms + for_ms : 0};
    bool ret = put_ban(g, ban);
    uv_mutex_unlock(&g->lock);
    return ret;
}

bool guard_restore(struct guard *g, const struct guard_ban *ban)
{
    uv_mutex_lock(&g->lock);
    bool ret = put_ban(g, ban);
    uv_mutex_unlock(&g->lock);
    return ret;
}

bool guard_remove_ban(struct guard *g, const struct prefix *network)
{
    uv_mutex_lock(&g->lock);
    bool ret = bans_drop(&g->bans, network);
    struct source *s;
    HASH_FIND(hh, g->sources, network, sizeof *network, s);
    if (s)
        s->units = 0;
    uv_mutex_unlock(&g->lock);
    return ret;
}

unsigned guard_bans(struct guard *g, int64_t now_ms, struct guard_ban *rows, unsigned max)
{
    uv_mutex_lock(&g->lock);
    unsigned ret = bans_list(&g->bans, now_ms, rows, max);
    uv_mutex_unlock(&g->lock);
    return ret;
}

void guard_expire(struct guard *g, int64_t now_ms)
{
    uv_mutex_lock(&g->lock);
    bans_expire(&g->bans, now_ms);
    for (struct source *s = g->oldest, *next; s; s = next) {
        next = s->newer;
        age(s, now_ms);
        if (!s->units && !s->peak)
            source_free(g, s);
    }
    uv_mutex_unlock(&g->lock);
}

unsigned guard_sources(struct guard *g)
{
    uv_mutex_lock(&g->lock);
    unsigned ret = HASH_COUNT(g->sources);
    uv_mutex_unlock(&g->lock);
    return ret;
}
