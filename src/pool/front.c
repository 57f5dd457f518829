/* SPDX-License-Identifier: MIT */
/* A front: the thread, its loop, its listener, and the ways to and from the hub. */
#include "pool/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "pool/front_state.h"

enum { DEFAULT_IDLE_S = 600, SPARE_FILES = 128 };

/* --- the front's thread ------------------------------------------------------------------------
 */

/* What is due goes out, then everything closes; uv_run ends with the last handle. */
static void shut(struct front *f)
{
    f->closing = true;
    front_verify_held(f);
    verifier_close(f->verifier, FRONT_DRAIN_US); /* what was verified is credited */
    f->verifier = NULL;
    front_send_batch(f);
    while (f->sessions)
        session_close(f->sessions);
    front_send_stats(f);
    uv_close((uv_handle_t *)&f->listener, NULL);
    uv_close((uv_handle_t *)&f->wake, NULL);
    uv_close((uv_handle_t *)&f->tick, NULL);
    uv_close((uv_handle_t *)&f->batch_timer, NULL);
}

static void on_wake(uv_async_t *wake)
{
    struct front *f = wake->data;

    if (f->closing)
        return;
    front_take_job(f);
    /* pairs with the release in front_stop */
    if (atomic_load_explicit(&f->stop, memory_order_acquire))
        shut(f);
}

static void on_tick(uv_timer_t *tick)
{
    struct front *f = tick->data;
    int64_t now = now_us();

    for (struct session *s = f->sessions, *next; s; s = next) {
        next = s->next;
        (void)session_tick(s, now);
    }
    front_verify_held(f);
    front_jobs_expire(f, now);
    front_extranonce_expire(f, now);
    front_workers_expire(f, now);
    front_send_stats(f);
}

static void run(void *arg)
{
    struct front *f = arg;

    net_block_sigpipe();
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    struct event ev = {.type = EV_FRONT_STOPPED, .at_us = now_us()};
    (void)port_post(f->port, ev, NULL);
    /* pairs with the acquire in front_free */
    atomic_store_explicit(&f->ended, true, memory_order_release);
}

/* --- starting ----------------------------------------------------------------------------------
 */

/* As many files as connections, if the hard limit lets us. */
static void raise_file_limit(uint32_t connections)
{
    struct rlimit limit;
    rlim_t want = (rlim_t)connections + SPARE_FILES;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= want)
        return;
    limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < want)
        log_warn(POOL,
                 "the system allows %llu open files: too few for %u connections (see ulimit "
                 "-Hn)",
                 (unsigned long long)limit.rlim_cur, connections);
}

static int listen_on(struct front *f, const char *address, struct fault *why)
{
    struct endpoint at;
    struct sockaddr_storage sa;
    int len = sizeof sa;
    int err = endpoint_parse(address, 0, true, &at, why);

    if (!err)
        err = endpoint_literal(&at, &sa, why);
    if (err < 0)
        return err;
    err = uv_tcp_bind(&f->listener, (struct sockaddr *)&sa, 0);
    if (!err)
        err = uv_listen((uv_stream_t *)&f->listener, FRONT_BACKLOG, front_accept);
    if (err == UV_EADDRINUSE)
        return fault_set(why, err,
                         "cannot listen on %.80s: the port is in use; stop the program that holds "
                         "it or choose another pool address",
                         address);
    if (err)
        return fault_set(why, err, "cannot listen on %.80s: %s", address, err_str(err));
    (void)uv_tcp_getsockname(&f->listener, (struct sockaddr *)&sa, &len);
    sockaddr_format((struct sockaddr *)&sa, f->address);
    return 0;
}

static void open_handles(struct front *f)
{
    (void)uv_loop_init(&f->loop);
    (void)uv_tcp_init(&f->loop, &f->listener);
    (void)uv_async_init(&f->loop, &f->wake, on_wake);
    (void)uv_timer_init(&f->loop, &f->tick);
    (void)uv_timer_init(&f->loop, &f->batch_timer);
    f->listener.data = f->wake.data = f->tick.data = f->batch_timer.data = f;
}

static void free_all(struct front *f)
{
    struct publication *p = slot_take(&f->slot);

    if (p)
        job_unref(p->job);
    free(p);
    (void)uv_loop_close(&f->loop);
    front_jobs_free(f);
    front_workers_free(f);
    free(f->extranonce_used);
    free(f->retired);
    str_free(&f->out);
    hasher_fini(&f->hasher);
    port_free(f->port);
    free(f);
}

bool front_speaks(const struct algo *algo)
{
    const struct dialect *unused[DIALECTS_FOR_MAX + 1];

    return dialects_for(algo, unused) > 0;
}

int front_start(const struct front_options *options, struct front **ret, struct fault *why)
{
    int err;

    if (!front_speaks(options->algo))
        return fault_set(why, ERR_CONFIG, "no Stratum dialect for %s in this version",
                         options->algo->name);
    struct front *f = xcalloc(1, sizeof *f);
    (void)dialects_for(options->algo, f->dialects);
    f->options = *options;
    f->options.address = NULL;
    if (f->options.idle_us <= 0)
        f->options.idle_us = DEFAULT_IDLE_S * SECOND_US;
    if (f->options.share_interval_us <= 0)
        f->options.share_interval_us = 10 * SECOND_US;
    f->shared_extranonce = front_extranonce_take(f);
    hasher_init(&f->hasher, options->algo, options->datasets);
    (void)snprintf(f->agent, sizeof f->agent, "otedama/%s", OTEDAMA_VERSION);
    f->port = port_new(options->bell);
    raise_file_limit(options->max_connections);
    open_handles(f);
    if (options->algo->dataset)
        f->verifier = verifier_new(&f->loop, options->algo, options->datasets, verifier_threads(),
                                   front_verified, f);
    if ((err = listen_on(f, options->address, why)) < 0)
        goto fail;
    (void)uv_timer_start(&f->tick, on_tick, 1000, 1000);
    if ((err = uv_thread_create(&f->thread, run, f)) < 0) {
        (void)fault_set(why, err, "cannot start the pool's thread: %s", err_str(err));
        goto fail;
    }
    *ret = f;
    return 0;

fail:
    shut(f);
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    struct event ev;
    while (front_take(f, &ev))
        free(ev.p);
    free_all(f);
    return err;
}

/* --- the hub's side ----------------------------------------------------------------------------
 */

const char *front_address(const struct front *f)
{
    return f->address;
}

void front_publish(struct front *f, struct job *job)
{
    struct publication *p, *untaken;

    if (f->stopping)
        return;
    p = xcalloc(1, sizeof *p);
    p->job = job_ref(job);
    p->clean = job->clean;
    /* a job that the front did not take yet is replaced, but its word "clean" stays said */
    untaken = slot_put(&f->slot, NULL);
    if (untaken) {
        p->clean |= untaken->clean;
        job_unref(untaken->job);
        free(untaken);
    }
    (void)slot_put(&f->slot, p);
    (void)uv_async_send(&f->wake);
}

void front_stop(struct front *f)
{
    if (f->stopping)
        return;
    f->stopping = true;
    atomic_store_explicit(&f->stop, true, memory_order_release);
    (void)uv_async_send(&f->wake);
}

bool front_take(struct front *f, struct event *ev)
{
    return port_take(f->port, ev);
}

static void drop_events(struct front *f)
{
    struct event ev;

    while (front_take(f, &ev)) {
        if (ev.type == EV_FRONT_BLOCK)
            share_free(((struct front_block *)ev.p)->share);
        if (ev.type != EV_FRONT_STOPPED)
            free(ev.p);
    }
}

void front_free(struct front *f)
{
    if (!f)
        return;
    front_stop(f);
    while (!atomic_load_explicit(&f->ended, memory_order_acquire)) {
        drop_events(f); /* a front that waits for room could not end */
        sleep_us(1000);
    }
    (void)uv_thread_join(&f->thread);
    drop_events(f);
    free_all(f);
}
