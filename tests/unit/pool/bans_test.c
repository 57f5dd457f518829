/* SPDX-License-Identifier: MIT */
/* Bans on disk: what was banned stays so after a restart, for as long as it was to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/peer.h"
#include "pool/bans.h"
#include "tests/fake/folder.h"

struct fixture {
    struct config config;
    char dir[FOLDER_MAX], path[FOLDER_MAX + 16];
    struct store *store;
    struct bans_book *bans;
    char *trusted[2];
};

static void start(struct fixture *f)
{
    struct fault why;

    if (store_open(f->path, NULL, &f->store, &why) < 0 ||
        bans_book_new(&f->config, f->store, &f->bans, &why) < 0)
        fail_msg("%s", why.text);
}

static void stop(struct fixture *f)
{
    store_close(f->store);
    bans_book_free(f->bans);
    f->store = NULL;
    f->bans = NULL;
}

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);

    assert_int_equal(folder_make(f->dir), 0);
    (void)snprintf(f->path, sizeof f->path, "%s/pool.db", f->dir);
    f->config.pool.max_connections = 100;
    f->config.pool.limits.ban_time_us = 60 * SECOND_US;
    f->config.pool.limits.ban_time_max_us = 3600 * SECOND_US;
    start(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    stop(f);
    assert_int_equal(folder_remove(f->dir), 0);
    free(f);
    return 0;
}

static unsigned count(struct fixture *f)
{
    return guard_bans(bans_book_guard(f->bans), wall_ms(), NULL, 0);
}

/* As a front reports it. */
static void report(struct fixture *f, const char *network, int64_t since_ms, int64_t until_ms)
{
    struct guard_ban ban = {.cause = CAUSE_JUNK, .count = 3};

    ban.since_ms = since_ms;
    ban.until_ms = until_ms;
    assert_int_equal(prefix_parse(network, &ban.network, NULL), 0);
    assert_true(guard_restore(bans_book_guard(f->bans), &ban));
    bans_book_keep(f->bans, &ban);
}

static void bans_survive_a_restart(void **state)
{
    struct fixture *f = *state;
    struct guard_ban ban, rows[2];
    int64_t now = wall_ms();
    char text[PEER_MAX];

    report(f, "203.0.113.7", now - 1000, now + 600000);
    assert_int_equal(bans_book_add(f->bans, "2001:db8::/48", 0, &ban, NULL), 0);
    stop(f);
    start(f);
    assert_int_equal(guard_bans(bans_book_guard(f->bans), now, rows, 2), 2);
    prefix_format(&rows[1].network, text);
    assert_string_equal(text, "203.0.113.7");
    assert_int_equal(rows[1].cause, CAUSE_JUNK);
    assert_int_equal(rows[1].count, 3);
    assert_int_equal(rows[1].since_ms, now - 1000);
    assert_int_equal(rows[1].until_ms, now + 600000);
    assert_int_equal(rows[0].cause, CAUSE_MANUAL);
    assert_int_equal(rows[0].until_ms, 0);
}

static void removed_bans_stay_removed(void **state)
{
    struct fixture *f = *state;
    struct fault why;
    struct guard_ban ban;

    assert_int_equal(bans_book_add(f->bans, "203.0.113.0/24", 0, &ban, NULL), 0);
    assert_int_equal(bans_book_remove(f->bans, "203.0.113.0/24", &why), 0);
    assert_int_equal(bans_book_remove(f->bans, "203.0.113.0/24", &why), ERR_FIELD);
    assert_non_null(strstr(why.text, "is not banned"));
    stop(f);
    start(f);
    assert_int_equal(count(f), 0);
}

static void a_ban_that_is_over_still_makes_the_next_longer(void **state)
{
    struct fixture *f = *state;
    struct peer peer = {.known = true, .ip = {[10] = 255, 255, 203, 0, 113, 7}};
    struct guard_entry entry;
    struct guard_ban ban;
    int64_t now = wall_ms();

    report(f, "203.0.113.7", now - 120000, now - 60000);
    stop(f);
    start(f);
    assert_int_equal(count(f), 0);
    struct guard *guard = bans_book_guard(f->bans);
    assert_int_equal(guard_accept(guard, &peer, now, &entry), CAUSE_NONE);
    assert_true(guard_leave(guard, &peer, &entry, CAUSE_INVALID, now, &ban));
    assert_int_equal(ban.count, 4);
    assert_int_equal(ban.until_ms - now, 3600000); /* 1, 4, 16 minutes, then the longest */
}

static void what_is_over_for_long_leaves_the_disk(void **state)
{
    struct fixture *f = *state;
    struct guard_ban row;
    int64_t now = wall_ms();

    report(f, "203.0.113.7", now - 2 * GUARD_MEMORY_MS, now - GUARD_MEMORY_MS - 1000);
    report(f, "203.0.113.8", now - 60000, now + 60000);
    for (unsigned second = 0; second < 60; second++)
        bans_book_tick(f->bans);
    stop(f);
    start(f);
    assert_int_equal(guard_bans(bans_book_guard(f->bans), 0, &row, 1), 1); /* even long ago */
}

static void what_is_no_network_is_refused(void **state)
{
    struct fixture *f = *state;
    struct guard_ban ban;
    struct fault why;

    assert_int_equal(bans_book_add(f->bans, "miner.example.com", 0, &ban, &why), ERR_FIELD);
    assert_int_equal(bans_book_remove(f->bans, "203.0.113.7/99", &why), ERR_FIELD);
}

static void limits_come_from_the_configuration(void **state)
{
    struct fixture *f = *state;
    struct guard_limits l;
    struct fault why;

    f->trusted[0] = (char *)(uintptr_t) "10.0.0.0/8";
    f->trusted[1] = (char *)(uintptr_t) "2001:db8::/32";
    f->config.pool.limits.trusted = (struct text_list){f->trusted, 2};
    f->config.pool.limits.per_prefix = 7;
    assert_int_equal(bans_book_limits(f->bans, &f->config, &why), 0);
    guard_get_limits(bans_book_guard(f->bans), &l);
    assert_int_equal(l.per_address, 75); /* three quarters */
    assert_int_equal(l.per_prefix, 7);
    assert_int_equal(l.per_site, 90);
    assert_int_equal(l.ban_ms, 60000);
    assert_int_equal(l.trusted_count, 2);
}

static void a_wrong_network_changes_no_limit(void **state)
{
    struct fixture *f = *state;
    struct guard_limits before, after;
    struct fault why;

    guard_get_limits(bans_book_guard(f->bans), &before);
    f->trusted[0] = (char *)(uintptr_t) "10.0.0.1/8";
    f->config.pool.limits.trusted = (struct text_list){f->trusted, 1};
    assert_int_equal(bans_book_limits(f->bans, &f->config, &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, "pool.limits.trusted: \"10.0.0.1/8\""));
    guard_get_limits(bans_book_guard(f->bans), &after);
    assert_memory_equal(&before, &after, sizeof before);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(bans_survive_a_restart),
        T(removed_bans_stay_removed),
        T(a_ban_that_is_over_still_makes_the_next_longer),
        T(what_is_over_for_long_leaves_the_disk),
        T(what_is_no_network_is_refused),
        T(limits_come_from_the_configuration),
        T(a_wrong_network_changes_no_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
