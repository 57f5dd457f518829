/* SPDX-License-Identifier: MIT */
/* The ways across a thread border: ring, port and slot, each with a real thread on the other side.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/slot.h"
#include "core/port.h"
#include "core/share.h"

enum { EVENTS = 20000 };

SPSC(small_ring, uint32_t, 4)

static void a_ring_is_full_at_its_capacity_and_keeps_the_order(void **state)
{
    static struct small_ring ring;
    uint32_t v;

    (void)state;
    assert_false(small_ring_pop(&ring, &v));
    for (uint32_t round = 0; round < 10; round++) {
        for (uint32_t i = 0; i < 4; i++)
            assert_true(small_ring_push(&ring, round * 4 + i));
        assert_false(small_ring_push(&ring, 99));
        for (uint32_t i = 0; i < 4; i++) {
            assert_true(small_ring_pop(&ring, &v));
            assert_int_equal(v, round * 4 + i);
        }
    }
}

static void a_ring_goes_on_where_its_counters_wrap(void **state)
{
    static struct small_ring ring;
    uint32_t v;

    (void)state;
    atomic_store(&ring.head, UINT32_MAX - 1);
    atomic_store(&ring.tail, UINT32_MAX - 1);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(small_ring_push(&ring, i));
    assert_false(small_ring_push(&ring, 9));
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(small_ring_pop(&ring, &v));
        assert_int_equal(v, i);
    }
}

static void *post_all(void *arg)
{
    struct port *port = arg;

    for (uint64_t i = 0; i < EVENTS; i++)
        (void)port_post(port, (struct event){.type = EV_DEVICE_UP, .hashes = i}, NULL);
    return NULL;
}

static void events_to_keep_arrive_in_order_past_a_full_ring(void **state)
{
    struct port *port = port_new(NULL);
    pthread_t thread;
    struct event ev;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, post_all, port), 0);
    for (uint64_t i = 0; i < EVENTS;) {
        if (!port_take(port, &ev)) {
            sleep_us(50);
            continue;
        }
        assert_true(ev.hashes == i);
        i++;
    }
    (void)pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&port->dropped), 0);
    port_free(port);
}

static void events_that_may_be_lost_are_counted(void **state)
{
    struct port *port = port_new(NULL);
    _Atomic bool stop = true;
    struct event ev;
    unsigned taken = 0;

    (void)state;
    for (unsigned i = 0; i < 1024; i++)
        assert_true(port_post(port, (struct event){.type = EV_HASHES_DONE}, NULL));
    assert_false(port_post(port, (struct event){.type = EV_HASHES_DONE}, NULL));
    assert_false(port_post(port, (struct event){.type = EV_SHARE_FOUND}, &stop));
    assert_int_equal(atomic_load(&port->dropped), 2);
    while (port_take(port, &ev))
        taken++;
    assert_int_equal(taken, 1024);
    port_free(port);
}

static void a_port_frees_the_shares_that_nobody_took(void **state)
{
    struct port *port = port_new(NULL);
    struct share *share = xcalloc(1, sizeof *share);

    (void)state;
    assert_true(port_post(port, (struct event){.type = EV_SHARE_FOUND, .share = share}, NULL));
    port_free(port);
    port_free(NULL);
}

struct ringing {
    uv_loop_t loop;
    uv_async_t bell;
    struct port *port;
    uint64_t taken;
};

static void on_bell(uv_async_t *bell)
{
    struct ringing *r = bell->data;
    struct event ev;

    while (port_take(r->port, &ev))
        r->taken++;
    if (r->taken == EVENTS)
        uv_close((uv_handle_t *)bell, NULL);
}

static void the_bell_is_never_lost(void **state)
{
    static struct ringing r;
    pthread_t thread;

    (void)state;
    assert_int_equal(uv_loop_init(&r.loop), 0);
    assert_int_equal(uv_async_init(&r.loop, &r.bell, on_bell), 0);
    r.bell.data = &r;
    r.port = port_new(&r.bell);
    assert_int_equal(pthread_create(&thread, NULL, post_all, r.port), 0);
    assert_int_equal(uv_run(&r.loop, UV_RUN_DEFAULT), 0);
    (void)pthread_join(thread, NULL);
    assert_int_equal(r.taken, EVENTS);
    assert_int_equal(uv_loop_close(&r.loop), 0);
    port_free(r.port);
}

struct handed {
    struct slot slot;
    _Atomic bool done;
    uint64_t newest, taken;
};

static void *take_all(void *arg)
{
    struct handed *h = arg;

    for (;;) {
        bool done = atomic_load(&h->done);
        uint64_t *v = slot_take(&h->slot);
        if (v && *v <= h->newest && h->taken)
            abort(); /* older than the one before */
        if (v) {
            h->newest = *v;
            h->taken++;
            free(v);
        } else if (done) {
            return NULL;
        }
    }
}

static void a_slot_hands_over_the_newest_and_gives_back_the_rest(void **state)
{
    static struct handed h;
    pthread_t thread;
    uint64_t back = 0;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, take_all, &h), 0);
    for (uint64_t i = 1; i <= EVENTS; i++) {
        uint64_t *v = xmalloc(sizeof *v);
        *v = i;
        uint64_t *old = slot_put(&h.slot, v);
        back += old != NULL;
        free(old);
    }
    atomic_store(&h.done, true);
    (void)pthread_join(thread, NULL);
    assert_int_equal(h.newest, EVENTS);
    assert_int_equal(h.taken + back, EVENTS);
    assert_null(slot_take(&h.slot));
}

static void every_event_has_a_name_and_a_policy(void **state)
{
    (void)state;
    assert_string_equal(event_name(EV_SHARE_FOUND), "SHARE_FOUND");
    assert_int_equal(event_policy(EV_SHARE_FOUND), EV_KEEP);
    assert_int_equal(event_policy(EV_HASHES_DONE), EV_DROP);
    assert_string_equal(event_name(EVENT_TYPES), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_is_full_at_its_capacity_and_keeps_the_order),
        cmocka_unit_test(a_ring_goes_on_where_its_counters_wrap),
        cmocka_unit_test(events_to_keep_arrive_in_order_past_a_full_ring),
        cmocka_unit_test(events_that_may_be_lost_are_counted),
        cmocka_unit_test(a_port_frees_the_shares_that_nobody_took),
        cmocka_unit_test(the_bell_is_never_lost),
        cmocka_unit_test(a_slot_hands_over_the_newest_and_gives_back_the_rest),
        cmocka_unit_test(every_event_has_a_name_and_a_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
