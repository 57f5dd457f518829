/* SPDX-License-Identifier: MIT */
/* The guard and the meters with a clock of the test's own: limits, points, bans, what is forgotten.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "front/guard.h"
#include "front/meter.h"

static const struct guard_limits limits = {
    .per_address = 4,
    .per_prefix = 6,
    .per_site = 8,
    .bytes_per_second = 1000,
    .lines_per_second = 10,
    .min_shares = 20,
    .invalid_percent = 50,
    .duplicate_percent = 50,
    .refused_logins = 3,
    .ban_ms = 60000,
    .ban_max_ms = 3600000,
};

static const int64_t start_ms = INT64_C(1700000000000);

struct visitor {
    struct peer peer;
    struct guard_entry entry;
};

static struct peer from(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct peer ret;

    bool v4 = inet_pton(AF_INET, text, &in.sin_addr) == 1;
    if (!v4)
        assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    peer_from_sockaddr(&ret, v4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6);
    return ret;
}

static enum cause come(struct guard *g, const char *text, int64_t now_ms, struct visitor *v)
{
    v->peer = from(text);
    return guard_accept(g, &v->peer, now_ms, &v->entry);
}

static bool go(struct guard *g, struct visitor *v, enum cause cause, int64_t now_ms,
               struct guard_ban *ban)
{
    return guard_leave(g, &v->peer, &v->entry, cause, now_ms, ban);
}

static void prove(struct guard *g, struct visitor *v, int64_t now_ms)
{
    guard_proved(g, &v->peer, &v->entry, now_ms);
}

static struct prefix network(const char *text)
{
    struct prefix ret;
    struct fault why;

    assert_int_equal(prefix_parse(text, &ret, &why), 0);
    return ret;
}

/* One comes and is closed for the cause. */
static bool offend(struct guard *g, const char *text, enum cause cause, int64_t now_ms,
                   struct guard_ban *ban)
{
    struct visitor peer;

    assert_int_equal(come(g, text, now_ms, &peer), CAUSE_NONE);
    return go(g, &peer, cause, now_ms, ban);
}

static int setup(void **state)
{
    *state = guard_new(&limits);
    return 0;
}

static int teardown(void **state)
{
    guard_free(*state);
    return 0;
}

/* --- limits of connections ---------------------------------------------------------------------
 */

static void an_address_has_so_many_connections(void **state)
{
    struct visitor peers[5];
    struct guard_ban ban;

    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(come(*state, "203.0.113.7", start_ms, &peers[i]), CAUSE_NONE);
    assert_int_equal(come(*state, "203.0.113.7", start_ms, &peers[4]), CAUSE_ADDRESS);
    assert_false(go(*state, &peers[0], CAUSE_NONE, start_ms, &ban));
    assert_int_equal(come(*state, "203.0.113.7", start_ms, &peers[4]), CAUSE_NONE);
}

static void a_slash_24_has_so_many_connections(void **state)
{
    struct visitor peer;
    char text[32];

    for (unsigned i = 0; i < 6; i++) {
        (void)snprintf(text, sizeof text, "203.0.113.%u", i);
        assert_int_equal(come(*state, text, start_ms, &peer), CAUSE_NONE);
    }
    assert_int_equal(come(*state, "203.0.113.99", start_ms, &peer), CAUSE_PREFIX);
    assert_int_equal(come(*state, "203.0.114.99", start_ms, &peer), CAUSE_NONE);
}

static void an_ipv6_slash_64_and_48_have_so_many_connections(void **state)
{
    struct visitor peer;
    char text[64];

    for (unsigned i = 0; i < 6; i++) {
        (void)snprintf(text, sizeof text, "2001:db8:1:1::%x", i);
        assert_int_equal(come(*state, text, start_ms, &peer), CAUSE_NONE);
    }
    assert_int_equal(come(*state, "2001:db8:1:1::99", start_ms, &peer), CAUSE_PREFIX);
    assert_int_equal(come(*state, "2001:db8:1:2::1", start_ms, &peer), CAUSE_NONE);
    assert_int_equal(come(*state, "2001:db8:1:3::1", start_ms, &peer), CAUSE_NONE);
    assert_int_equal(come(*state, "2001:db8:1:4::1", start_ms, &peer), CAUSE_SITE);
    assert_int_equal(come(*state, "2001:db8:2:4::1", start_ms, &peer), CAUSE_NONE);
}

static void ipv4_inside_ipv6_is_ipv4(void **state)
{
    struct visitor peer;

    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(
            come(*state, i % 2 ? "203.0.113.7" : "::ffff:203.0.113.7", start_ms, &peer),
            CAUSE_NONE);
    assert_int_equal(come(*state, "203.0.113.7", start_ms, &peer), CAUSE_ADDRESS);
}

static void loopback_and_trusted_sources_are_free(void **state)
{
    struct guard_limits l = limits;
    struct visitor peer;
    struct guard_ban ban;

    l.trusted_count = 1;
    l.trusted[0] = network("203.0.113.0/24");
    guard_set_limits(*state, &l);
    for (unsigned i = 0; i < 100; i++) {
        static const char *const texts[] = {"127.0.0.1", "::1", "203.0.113.9"};
        assert_int_equal(come(*state, texts[i % 3], start_ms, &peer), CAUSE_NONE);
        assert_true(peer.entry.trusted);
        assert_false(go(*state, &peer, CAUSE_INVALID, start_ms, &ban));
    }
    assert_int_equal(guard_sources(*state), 0);
}

static void loopback_is_limited_when_asked(void **state)
{
    struct guard_limits l = limits;
    struct visitor peer;

    l.limit_loopback = true;
    guard_set_limits(*state, &l);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(come(*state, "127.0.0.1", start_ms, &peer), CAUSE_NONE);
    assert_int_equal(come(*state, "127.0.0.1", start_ms, &peer), CAUSE_ADDRESS);
}

static void no_limit_is_no_limit(void **state)
{
    struct guard_limits none = {0};
    struct visitor peer;
    struct guard_ban ban;

    guard_set_limits(*state, &none);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(come(*state, "203.0.113.7", start_ms, &peer), CAUSE_NONE);
    assert_false(go(*state, &peer, CAUSE_INVALID, start_ms, &ban)); /* ban_ms 0 */
}

/* --- points and bans ---------------------------------------------------------------------------
 */

static void a_hundred_points_are_a_ban(void **state)
{
    struct visitor peer;
    struct guard_ban ban;

    for (unsigned i = 0; i < 4; i++)
        assert_false(offend(*state, "203.0.113.7", CAUSE_JUNK, start_ms, &ban));
    assert_true(offend(*state, "203.0.113.7", CAUSE_JUNK, start_ms, &ban));
    assert_int_equal(ban.cause, CAUSE_JUNK);
    assert_int_equal(ban.count, 1);
    assert_int_equal(ban.until_ms, start_ms + 60000);
    assert_int_equal(come(*state, "203.0.113.7", start_ms + 59999, &peer), CAUSE_BANNED);
    assert_int_equal(come(*state, "203.0.113.8", start_ms, &peer), CAUSE_NONE); /* a neighbour */
    assert_int_equal(come(*state, "203.0.113.7", start_ms + 60000, &peer), CAUSE_NONE);
}

static void points_are_forgotten_with_time(void **state)
{
    struct guard_ban ban;

    for (unsigned i = 0; i < 100; i++) /* 20 points in 20 seconds */
        assert_false(
            offend(*state, "203.0.113.7", CAUSE_JUNK, start_ms + i * INT64_C(20000), &ban));
}

static void causes_without_points_are_never_a_ban(void **state)
{
    struct guard_ban ban;

    for (unsigned i = 0; i < 1000; i++)
        assert_false(
            offend(*state, "203.0.113.7", i % 2 ? CAUSE_IDLE : CAUSE_NONE, start_ms, &ban));
}

static void each_ban_is_longer_up_to_the_longest(void **state)
{
    static const int64_t minutes[] = {1, 4, 16, 60, 60};
    struct guard_ban ban;
    int64_t now = start_ms;

    for (unsigned i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        assert_true(offend(*state, "203.0.113.7", CAUSE_FALSE, now, &ban));
        assert_int_equal(ban.count, i + 1);
        assert_int_equal(ban.until_ms - now, minutes[i] * 60000);
        now = ban.until_ms;
        guard_expire(*state, now);
    }
    now += GUARD_MEMORY_MS;
    guard_expire(*state, now);
    assert_true(offend(*state, "203.0.113.7", CAUSE_FALSE, now, &ban));
    assert_int_equal(ban.count, 1);
}

static void an_ipv6_ban_is_of_the_slash_64(void **state)
{
    struct visitor peer;
    struct guard_ban ban;
    char text[PEER_MAX];

    assert_true(offend(*state, "2001:db8:1:1::1", CAUSE_INVALID, start_ms, &ban));
    prefix_format(&ban.network, text);
    assert_string_equal(text, "2001:db8:1:1::/64");
    assert_int_equal(come(*state, "2001:db8:1:1:ffff::9", start_ms, &peer), CAUSE_BANNED);
    assert_int_equal(come(*state, "2001:db8:1:2::1", start_ms, &peer), CAUSE_NONE);
}

/* A farm behind one address with a machine that is broken. */
static void a_farm_is_not_banned_for_one_of_its_miners(void **state)
{
    struct visitor farm[300], bad;
    struct guard_limits l = limits;
    struct guard_ban ban;

    l.per_address = l.per_prefix = 0;
    guard_set_limits(*state, &l);
    for (unsigned i = 0; i < 300; i++) {
        assert_int_equal(come(*state, "203.0.113.7", start_ms, &farm[i]), CAUSE_NONE);
        prove(*state, &farm[i], start_ms);
    }
    for (unsigned i = 0; i < 100; i++) {
        int64_t now = start_ms + i * INT64_C(1000);
        assert_int_equal(come(*state, "203.0.113.7", now, &bad), CAUSE_NONE);
        assert_false(go(*state, &bad, CAUSE_INVALID, now, &ban));
    }
    for (unsigned i = 0; i < 300; i++) /* the line went: all come again and drop out early */
        assert_false(go(*state, &farm[i], CAUSE_NONE, start_ms + 100000, &ban));
    for (unsigned i = 0; i < 300; i++)
        assert_false(offend(*state, "203.0.113.7", CAUSE_LEFT, start_ms + 101000, &ban));
}

static void a_lone_miner_with_bad_shares_is_banned_at_once(void **state)
{
    struct visitor peer;
    struct guard_ban ban;

    assert_int_equal(come(*state, "203.0.113.7", start_ms, &peer), CAUSE_NONE);
    prove(*state, &peer, start_ms);
    assert_true(go(*state, &peer, CAUSE_INVALID, start_ms, &ban));
}

static void good_miners_are_forgotten_after_they_left(void **state)
{
    struct visitor peer[4];
    struct guard_ban ban;

    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(come(*state, "203.0.113.7", start_ms, &peer[i]), CAUSE_NONE);
        prove(*state, &peer[i], start_ms);
    }
    for (unsigned i = 0; i < 4; i++)
        assert_false(go(*state, &peer[i], CAUSE_NONE, start_ms, &ban));
    assert_false(offend(*state, "203.0.113.7", CAUSE_INVALID, start_ms, &ban));
    int64_t later = start_ms + INT64_C(3) * 3600 * 1000;
    assert_true(offend(*state, "203.0.113.7", CAUSE_INVALID, later, &ban));
}

static void bans_by_hand_are_of_any_network(void **state)
{
    struct visitor peer;
    struct guard_ban ban;
    struct prefix net = network("203.0.112.0/20"), home = network("127.0.0.0/8");

    assert_true(guard_add_ban(*state, &net, 0, start_ms, &ban));
    assert_int_equal(ban.until_ms, 0);
    assert_true(guard_add_ban(*state, &home, 1000, start_ms, &ban)); /* asked for */
    assert_int_equal(come(*state, "203.0.113.7", start_ms + GUARD_MEMORY_MS, &peer), CAUSE_BANNED);
    assert_int_equal(come(*state, "127.0.0.1", start_ms, &peer), CAUSE_BANNED);
    assert_int_equal(come(*state, "127.0.0.1", start_ms + 1000, &peer), CAUSE_NONE);
    assert_true(guard_remove_ban(*state, &net));
    assert_false(guard_remove_ban(*state, &net));
    assert_int_equal(come(*state, "203.0.113.7", start_ms, &peer), CAUSE_NONE);
}

static void a_removed_ban_takes_its_points_along(void **state)
{
    struct guard_ban ban;
    struct prefix net = network("203.0.113.7");

    assert_true(offend(*state, "203.0.113.7", CAUSE_INVALID, start_ms, &ban));
    assert_true(guard_remove_ban(*state, &net));
    assert_false(offend(*state, "203.0.113.7", CAUSE_BYTES, start_ms, &ban));
}

static void bans_are_listed_newest_first(void **state)
{
    struct guard_ban ban, rows[2];
    char text[32];

    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(text, sizeof text, "203.0.113.%u", i);
        assert_true(offend(*state, text, CAUSE_INVALID, start_ms + i, &ban));
    }
    assert_int_equal(guard_bans(*state, start_ms + 3, rows, 2), 3);
    assert_int_equal(rows[0].since_ms, start_ms + 2);
    assert_int_equal(rows[1].since_ms, start_ms + 1);
    assert_int_equal(guard_bans(*state, start_ms + 60001, rows, 2), 1);
}

static void a_restored_ban_counts_on(void **state)
{
    struct guard_ban ban = {.network = network("203.0.113.7"),
                            .cause = CAUSE_JUNK,
                            .count = 2,
                            .since_ms = start_ms - 5000,
                            .until_ms = start_ms + 5000};
    struct visitor peer;

    assert_true(guard_restore(*state, &ban));
    assert_int_equal(come(*state, "203.0.113.7", start_ms, &peer), CAUSE_BANNED);
    assert_true(offend(*state, "203.0.113.7", CAUSE_INVALID, start_ms + 5000, &ban));
    assert_int_equal(ban.count, 3);
}

static void the_generation_moves_with_bans_and_limits(void **state)
{
    struct guard_ban ban;
    uint32_t at = guard_generation(*state);

    assert_false(offend(*state, "203.0.113.7", CAUSE_JUNK, start_ms, &ban));
    assert_int_equal(guard_generation(*state), at);
    assert_true(offend(*state, "203.0.113.7", CAUSE_INVALID, start_ms, &ban));
    assert_int_not_equal(guard_generation(*state), at);
    at = guard_generation(*state);
    guard_set_limits(*state, &limits);
    assert_int_not_equal(guard_generation(*state), at);
}

/* --- memory ------------------------------------------------------------------------------------
 */

static void memory_is_bounded(void **state)
{
    struct guard_ban ban;
    char text[64];

    for (unsigned i = 0; i < 40000; i++) {
        (void)snprintf(text, sizeof text, "10.%u.%u.1", i >> 8, i & 255);
        (void)offend(*state, text, i % 2 ? CAUSE_JUNK : CAUSE_INVALID, start_ms, &ban);
    }
    assert_true(guard_sources(*state) <= GUARD_IDLE_MAX);
    assert_int_equal(guard_bans(*state, start_ms, NULL, 0), GUARD_BANS_MAX);
    guard_expire(*state, start_ms + 60000 + GUARD_MEMORY_MS);
    assert_int_equal(guard_sources(*state), 0);
    assert_int_equal(guard_bans(*state, start_ms, NULL, 0), 0);
}

static void the_clean_are_forgotten_at_once(void **state)
{
    struct guard_ban ban;

    assert_false(offend(*state, "203.0.113.7", CAUSE_NONE, start_ms, &ban));
    assert_int_equal(guard_sources(*state), 0);
}

static void bans_by_hand_are_not_pushed_out(void **state)
{
    struct guard_ban ban;
    struct prefix hand = network("198.51.100.1");
    struct peer banned = from("198.51.100.1");
    char text[64];

    assert_true(guard_add_ban(*state, &hand, 0, start_ms, &ban));
    for (unsigned i = 0; i < GUARD_BANS_MAX + 10; i++) {
        (void)snprintf(text, sizeof text, "10.%u.%u.1", i >> 8, i & 255);
        assert_true(offend(*state, text, CAUSE_INVALID, start_ms, &ban));
    }
    assert_true(guard_is_banned(*state, &banned, start_ms));
}

static void a_clock_that_goes_back_does_no_harm(void **state)
{
    struct guard_ban ban;

    assert_false(offend(*state, "203.0.113.7", CAUSE_JUNK, start_ms, &ban));
    assert_false(offend(*state, "203.0.113.7", CAUSE_JUNK, start_ms - 3600000, &ban));
    guard_expire(*state, start_ms - 3600000);
    assert_true(guard_sources(*state) > 0);
}

/* --- threads -----------------------------------------------------------------------------------
 */

static void come_and_go(void *arg)
{
    struct guard *g = arg;
    struct visitor peer;
    struct guard_ban ban;
    char text[32];

    for (unsigned i = 0; i < 2000; i++) {
        (void)snprintf(text, sizeof text, "203.0.113.%u", i % 50);
        if (come(g, text, start_ms + i, &peer) != CAUSE_NONE)
            continue;
        if (i % 7 == 0)
            prove(g, &peer, start_ms + i);
        (void)go(g, &peer, i % 11 ? CAUSE_NONE : CAUSE_JUNK, start_ms + i, &ban);
        if (i % 100 == 0)
            guard_expire(g, start_ms + i);
    }
}

static void loops_share_it(void **state)
{
    uv_thread_t threads[4];

    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(uv_thread_create(&threads[i], come_and_go, *state), 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(uv_thread_join(&threads[i]), 0);
    guard_expire(*state, start_ms + 2 * GUARD_MEMORY_MS);
    assert_int_equal(guard_sources(*state), 0);
}

/* --- meters ------------------------------------------------------------------------------------
 */

static void lines_have_a_rate_with_a_burst(void **state)
{
    struct meter m = {0};
    int64_t now = SECOND_US;
    unsigned n = 0;

    (void)state;
    while (meter_line(&m, &limits, now) == CAUSE_NONE && n < 1000)
        n++;
    assert_int_equal(n, 100); /* 10 a second, 10 seconds' worth */
    m = (struct meter){0};
    for (n = 0; n < 1000; n++) { /* at the rate: for ever */
        assert_int_equal(meter_line(&m, &limits, now), CAUSE_NONE);
        now += SECOND_US / 10;
    }
}

static void bytes_have_a_rate_with_a_burst(void **state)
{
    struct meter m = {0};

    (void)state;
    assert_int_equal(meter_bytes(&m, &limits, 10000, SECOND_US), CAUSE_NONE);
    assert_int_equal(meter_bytes(&m, &limits, 1, SECOND_US), CAUSE_BYTES);
}

static void one_bad_share_is_nothing(void **state)
{
    struct meter m = {0};

    (void)state;
    for (unsigned i = 0; i < limits.min_shares - 1; i++)
        assert_int_equal(meter_share(&m, &limits, i % 2 ? ERR_DUPLICATE : ERR_LOW_DIFF),
                         CAUSE_NONE);
}

static void half_of_the_shares_invalid_is_too_much(void **state)
{
    struct meter m = {0};
    enum cause cause = CAUSE_NONE;
    unsigned n = 0;

    (void)state;
    for (; cause == CAUSE_NONE && n < 1000; n++)
        cause = meter_share(&m, &limits, n % 2 ? ERR_LOW_DIFF : 0);
    assert_int_equal(cause, CAUSE_INVALID);
    assert_int_equal(n, limits.min_shares);
}

static void many_duplicates_are_too_much(void **state)
{
    struct meter m = {0};
    enum cause cause = CAUSE_NONE;

    (void)state;
    for (unsigned n = 0; cause == CAUSE_NONE && n < 1000; n++)
        cause = meter_share(&m, &limits, n % 2 ? ERR_DUPLICATE : 0);
    assert_int_equal(cause, CAUSE_DUPLICATE);
}

static void a_third_invalid_is_bearable(void **state)
{
    struct meter m = {0};

    (void)state;
    for (unsigned n = 0; n < 5000; n++)
        assert_int_equal(meter_share(&m, &limits, n % 3 ? 0 : ERR_LOW_DIFF), CAUSE_NONE);
}

/* A machine that breaks after years of good work is found out as quickly as a new one. */
static void good_old_days_do_not_count_for_ever(void **state)
{
    struct meter m = {0};
    unsigned n = 0;

    (void)state;
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(meter_share(&m, &limits, 0), CAUSE_NONE);
    while (meter_share(&m, &limits, ERR_LOW_DIFF) == CAUSE_NONE && n < 100000)
        n++;
    assert_true(n < 4 * limits.min_shares);
}

static void what_is_the_pools_fault_is_not_counted(void **state)
{
    static const int errs[] = {ERR_STALE, ERR_REJECTED, ERR_NO_JOB, ERR_MEMORY, ERR_KEY, -EAGAIN};
    struct meter m = {0};

    (void)state;
    for (unsigned n = 0; n < 1000; n++)
        assert_int_equal(meter_share(&m, &limits, errs[n % 6]), CAUSE_NONE);
}

static void coming_back_does_not_escape_the_ratios(void **state)
{
    struct meter bad = {0}, good = {0}, few = {0};

    (void)state;
    for (unsigned n = 0; n < 20; n++) {
        (void)meter_share(&bad, &limits, n % 4 ? ERR_LOW_DIFF : 0);
        (void)meter_share(&good, &limits, n % 4 ? 0 : ERR_LOW_DIFF);
    }
    for (unsigned n = 0; n < 9; n++)
        (void)meter_share(&few, &limits, ERR_LOW_DIFF);
    assert_int_equal(meter_left(&bad, &limits, 0), CAUSE_SPOILT);
    assert_int_equal(meter_left(&good, &limits, 2), CAUSE_NONE);
    assert_int_equal(meter_left(&good, &limits, 3), CAUSE_SPOILT);
    assert_int_equal(meter_left(&few, &limits, 0), CAUSE_NONE);
}

static void refused_logins_have_an_end(void **state)
{
    struct meter m = {0};

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(meter_login_refused(&m, &limits), CAUSE_NONE);
    assert_int_equal(meter_login_refused(&m, &limits), CAUSE_LOGINS);
}

static void causes_have_names(void **state)
{
    (void)state;
    for (unsigned i = 1; i < CAUSES; i++) {
        assert_int_equal(cause_find(cause_name(i)), i);
        assert_true(strlen(cause_text(i)) > 5);
    }
    assert_int_equal(cause_find("no such cause"), CAUSE_NONE);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_address_has_so_many_connections),
        T(a_slash_24_has_so_many_connections),
        T(an_ipv6_slash_64_and_48_have_so_many_connections),
        T(ipv4_inside_ipv6_is_ipv4),
        T(loopback_and_trusted_sources_are_free),
        T(loopback_is_limited_when_asked),
        T(no_limit_is_no_limit),
        T(a_hundred_points_are_a_ban),
        T(points_are_forgotten_with_time),
        T(causes_without_points_are_never_a_ban),
        T(each_ban_is_longer_up_to_the_longest),
        T(an_ipv6_ban_is_of_the_slash_64),
        T(a_farm_is_not_banned_for_one_of_its_miners),
        T(a_lone_miner_with_bad_shares_is_banned_at_once),
        T(good_miners_are_forgotten_after_they_left),
        T(bans_by_hand_are_of_any_network),
        T(a_removed_ban_takes_its_points_along),
        T(bans_are_listed_newest_first),
        T(a_restored_ban_counts_on),
        T(the_generation_moves_with_bans_and_limits),
        T(memory_is_bounded),
        T(the_clean_are_forgotten_at_once),
        T(bans_by_hand_are_not_pushed_out),
        T(a_clock_that_goes_back_does_no_harm),
        T(loops_share_it),
        T(lines_have_a_rate_with_a_burst),
        T(bytes_have_a_rate_with_a_burst),
        T(one_bad_share_is_nothing),
        T(half_of_the_shares_invalid_is_too_much),
        T(many_duplicates_are_too_much),
        T(a_third_invalid_is_bearable),
        T(good_old_days_do_not_count_for_ever),
        T(what_is_the_pools_fault_is_not_counted),
        T(coming_back_does_not_escape_the_ratios),
        T(refused_logins_have_an_end),
        T(causes_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
