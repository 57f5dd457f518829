/* SPDX-License-Identifier: MIT */
/* Bans on their way between the guard, the store and people. */
#include "pool/bans.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/peer.h"

enum { TIDY_S = 60, SAID_MAX = 20 }; /* seconds; bans told in the log between two tidyings */

struct bans_book {
    struct guard *guard;
    struct store *store;
    unsigned ticks, said, silent;
};

/* --- limits ------------------------------------------------------------------------------------
 */

static int read_trusted(const struct text_list *list, struct guard_limits *l, struct fault *why)
{
    struct fault reason = {0};

    if (list->count > GUARD_TRUSTED_MAX)
        return fault_set(why, ERR_CONFIG, "pool.limits.trusted: at most %d networks",
                         GUARD_TRUSTED_MAX);
    for (size_t i = 0; i < list->count; i++)
        if (prefix_parse(list->items[i], &l->trusted[l->trusted_count++], &reason) < 0)
            return fault_set(why, ERR_CONFIG, "pool.limits.trusted: %s", reason.text);
    return 0;
}

/* 0 is a part of all connections, so that nobody can take all of them. */
static uint32_t part(uint32_t asked, uint32_t all, uint32_t percent)
{
    uint64_t share = (uint64_t)all * percent / 100;

    return asked ? asked : share ? (uint32_t)share : 1;
}

static int read_limits(const struct config *config, struct guard_limits *l, struct fault *why)
{
    uint32_t all = config->pool.max_connections;
    uint64_t bytes = config->pool.limits.bytes_per_second;

    *l = (struct guard_limits){
        .per_address = part(config->pool.limits.per_address, all, 75),
        .per_prefix = part(config->pool.limits.per_prefix, all, 90),
        .per_site = part(config->pool.limits.per_site, all, 90),
        .bytes_per_second = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX,
        .lines_per_second = config->pool.limits.lines_per_second,
        .min_shares = config->pool.limits.min_shares,
        .invalid_percent = config->pool.limits.invalid_percent,
        .duplicate_percent = config->pool.limits.duplicate_percent,
        .refused_logins = config->pool.limits.refused_logins,
        .login_us = config->pool.limits.login_time_us,
        .ban_ms = config->pool.limits.ban_time_us / 1000,
        .ban_max_ms = config->pool.limits.ban_time_max_us / 1000,
        .limit_loopback = config->pool.limits.limit_loopback,
    };
    return read_trusted(&config->pool.limits.trusted, l, why);
}

int bans_book_limits(struct bans_book *b, const struct config *config, struct fault *why)
{
    struct guard_limits limits;
    int err = read_limits(config, &limits, why);

    if (!err)
        guard_set_limits(b->guard, &limits);
    return err;
}

/* --- the store ---------------------------------------------------------------------------------
 */

static void load_row(void *arg, const struct value *columns, unsigned n)
{
    struct bans_book *b = arg;
    struct guard_ban ban = {0};

    if (n != 5 || prefix_parse(columns[0].p, &ban.network, NULL) < 0)
        return;
    ban.cause = cause_find(columns[1].p);
    ban.count = (uint32_t)columns[2].i;
    ban.since_ms = columns[3].i;
    ban.until_ms = columns[4].i;
    (void)guard_restore(b->guard, &ban);
}

static void put(struct bans_book *b, const struct guard_ban *ban)
{
    struct store_batch *batch = store_batch_new();
    char network[PEER_MAX];

    prefix_format(&ban->network, network);
    const struct value row[] = {value_text(network), value_text(cause_name(ban->cause)),
                                value_int(ban->count), value_int(ban->since_ms),
                                value_int(ban->until_ms)};
    store_batch_add(batch, ST_ban_put, row, 5);
    store_submit(b->store, batch, false, NULL, NULL);
}

static void drop(struct bans_book *b, const struct prefix *prefix)
{
    struct store_batch *batch = store_batch_new();
    char network[PEER_MAX];

    prefix_format(prefix, network);
    const struct value row = value_text(network);
    store_batch_add(batch, ST_ban_drop, &row, 1);
    store_submit(b->store, batch, false, NULL, NULL);
}

static void tidy(struct bans_book *b, int64_t now_ms)
{
    struct store_batch *batch = store_batch_new();
    const struct value row[] = {value_int(now_ms), value_int(now_ms - GUARD_MEMORY_MS),
                                value_int(GUARD_BANS_MAX)};

    store_batch_add(batch, ST_ban_tidy, row, 3);
    store_submit(b->store, batch, false, NULL, NULL);
}

int bans_book_new(const struct config *config, struct store *store, struct bans_book **ret,
                  struct fault *why)
{
    struct guard_limits limits;
    int err = read_limits(config, &limits, why);

    if (err < 0)
        return err;
    struct bans_book *b = xcalloc(1, sizeof *b);
    b->guard = guard_new(&limits);
    b->store = store;
    if (store_query(store, ST_ban_all, NULL, 0, load_row, b) < 0) {
        bans_book_free(b);
        return fault_set(why, ERR_STORE, "cannot read the bans from the database");
    }
    guard_expire(b->guard, wall_ms());
    *ret = b;
    return 0;
}

void bans_book_free(struct bans_book *b)
{
    if (!b)
        return;
    guard_free(b->guard);
    free(b);
}

struct guard *bans_book_guard(struct bans_book *b)
{
    return b->guard;
}

/* --- what happens ------------------------------------------------------------------------------
 */

void bans_book_keep(struct bans_book *b, const struct guard_ban *ban)
{
    char network[PEER_MAX];

    put(b, ban);
    if (++b->said > SAID_MAX) {
        b->silent++;
        return;
    }
    prefix_format(&ban->network, network);
    log_warn(POOL, "%s is banned for %lld s: %s", network,
             (long long)((ban->until_ms - ban->since_ms) / 1000), cause_text(ban->cause));
}

int bans_book_add(struct bans_book *b, const char *network, int64_t for_ms, struct guard_ban *ret,
                  struct fault *why)
{
    struct prefix prefix;

    if (prefix_parse(network, &prefix, why) < 0)
        return ERR_FIELD;
    if (!guard_add_ban(b->guard, &prefix, for_ms, wall_ms(), ret))
        return fault_set(why, UV_ENOSPC, "%d bans are in force already: remove some",
                         GUARD_BANS_MAX);
    put(b, ret);
    return 0;
}

int bans_book_remove(struct bans_book *b, const char *network, struct fault *why)
{
    struct prefix prefix;

    if (prefix_parse(network, &prefix, why) < 0)
        return ERR_FIELD;
    if (!guard_remove_ban(b->guard, &prefix))
        return fault_set(why, ERR_FIELD, "%.60s is not banned; `otedama bans` lists those that are",
                         network);
    drop(b, &prefix);
    return 0;
}

void bans_book_tick(struct bans_book *b)
{
    int64_t now_ms = wall_ms();

    if (++b->ticks % TIDY_S)
        return;
    guard_expire(b->guard, now_ms);
    tidy(b, now_ms);
    if (b->silent)
        log_warn(POOL, "%u more addresses were banned in the last minute", b->silent);
    b->said = b->silent = 0;
}
