/* SPDX-License-Identifier: MIT */
/* One loop of a front: its thread, its clock, its way from the hub, its end. */
#include "front/loop.h"

#include <stdlib.h>

#include "base/clock.h"

/* Plain connections go on in the next program. The others are asked to come again: the state of TLS
 * cannot be handed over. */
static void keep_connections(struct front_loop *f)
{
    f->kept_sessions = json_array();
    f->kept_listeners = listeners_rows(f);
    for (struct session *s = f->sessions, *next; s; s = next) {
        next = s->next;
        bool begun = s->opening != OPENING_HEADER && !s->waits_for;
        json_t *row = begun ? session_row(s) : NULL;
        if (row) { /* closed at once: there may be no descriptors for two of each */
            (void)json_array_append_new(f->kept_sessions, row);
            session_close(s);
        } else {
            session_send_away(s);
        }
    }
}

/* What is due goes out, then everything closes; uv_run ends with the last handle. */
void loop_shut(struct front_loop *f)
{
    if (f->closing)
        return;
    f->closing = true;
    front_verify_held(f);
    verifier_close(f->verifier, FRONT_DRAIN_US); /* what was verified is credited */
    f->verifier = NULL;
    front_send_batch(f);
    if (atomic_load_explicit(&f->keep, memory_order_acquire)) /* pairs with front_hand_over's */
        keep_connections(f);
    while (f->sessions)
        session_close(f->sessions);
    front_send_stats(f);
    listeners_close(f);
    uv_close((uv_handle_t *)&f->wake, NULL);
    uv_close((uv_handle_t *)&f->tick, NULL);
    uv_close((uv_handle_t *)&f->drain_timer, NULL);
    uv_close((uv_handle_t *)&f->batch_timer, NULL);
}

static void on_wake(uv_async_t *wake)
{
    struct front_loop *f = wake->data;

    if (f->closing)
        return;
    listeners_follow(f);
    takeover_read(f);
    front_take_job(f);
    /* pairs with the release in front_stop */
    if (atomic_load_explicit(&f->stop, memory_order_acquire))
        loop_shut(f);
    else
        front_draining(f);
}

static void expire_shared(struct front *front, int64_t now)
{
    parking_expire(&front->parking, &front->extranonces, now);
    extranonces_expire(&front->extranonces, now);
}

static void on_tick(uv_timer_t *tick)
{
    struct front_loop *f = tick->data;
    int64_t now = now_us();

    for (struct session *s = f->sessions, *next; s; s = next) {
        next = s->next;
        (void)session_tick(s, now);
    }
    takeover_expire(f, now);
    gate_look(f);
    front_verify_held(f);
    front_jobs_expire(f, now);
    if (!f->index)
        expire_shared(f->front, now);
    front_workers_expire(f, now);
    front_send_stats(f);
}

static void run(void *arg)
{
    struct front_loop *f = arg;

    net_block_sigpipe();
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    struct event ev = {.type = EV_FRONT_STOPPED, .at_us = now_us()};
    (void)port_post(f->port, ev, NULL);
    /* pairs with the acquire in front_free */
    atomic_store_explicit(&f->ended, true, memory_order_release);
}

static unsigned threads_of(const struct front *front)
{
    unsigned threads = verifier_threads() / front->loop_count;

    return threads ? threads : 1;
}

void loop_init(struct front *front, unsigned index)
{
    struct front_loop *f = &front->loops[index];

    f->front = front;
    f->options = &front->options;
    f->index = index;
    hasher_init(&f->hasher, f->options->algo, f->options->datasets);
    f->guard = front->guard;
    guard_get_limits(f->guard, &f->limits);
    f->generation = guard_generation(f->guard);
    f->held_end = &f->held;
    f->port = port_new(f->options->bell);
    (void)uv_mutex_init(&f->orders_lock);
    (void)uv_loop_init(&f->loop);
    (void)uv_async_init(&f->loop, &f->wake, on_wake);
    (void)uv_timer_init(&f->loop, &f->tick);
    (void)uv_timer_init(&f->loop, &f->batch_timer);
    (void)uv_timer_init(&f->loop, &f->drain_timer);
    f->drain_timer.data = f->wake.data = f->tick.data = f->batch_timer.data = f;
    if (f->options->algo->dataset)
        f->verifier = verifier_new(&f->loop, f->options->algo, f->options->datasets,
                                   threads_of(front), front_verified, f);
}

int loop_start(struct front_loop *f, struct fault *why)
{
    int err = uv_timer_start(&f->tick, on_tick, 1000, 1000);

    if (!err)
        err = uv_thread_create(&f->thread, run, f);
    if (err < 0)
        return fault_set(why, err, "cannot start the pool's thread: %s", err_str(err));
    f->started = true;
    return 0;
}

void loop_abandon(struct front_loop *f)
{
    loop_shut(f);
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    f->ended = true;
}

void loop_fini(struct front_loop *f)
{
    struct publication *p = slot_take(&f->slot);

    if (p)
        posting_unref(p->post);
    free(p);
    (void)uv_loop_close(&f->loop);
    front_jobs_free(f);
    front_workers_free(f);
    str_free(&f->out);
    hasher_fini(&f->hasher);
    port_free(f->port);
    orders_free(f);
    takeover_fini(f);
    handover_free(json_pack("{s:o?, s:o?}", "listeners", f->kept_listeners, "sessions",
                            f->kept_sessions)); /* those that nobody asked for */
    uv_mutex_destroy(&f->orders_lock);
}
