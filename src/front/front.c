/* SPDX-License-Identifier: MIT */
/* A front as the hub sees it: starts its loops, hands them jobs, takes what they report. */
#include "front/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/log.h"
#include "front/loop.h"

enum { DEFAULT_IDLE_S = 600, DEFAULT_PROVEN = 1000, SPARE_FILES = 128 };

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

bool front_speaks(const struct algo *algo)
{
    const struct dialect *unused[DIALECTS_FOR_MAX + 1];

    return dialects_for(algo, unused) > 0;
}

/* After all that could be on somebody's mind; 0 = one of the poster's choice. */
static uint32_t serial_after(const json_t *handed)
{
    json_int_t serial = json_integer_value(json_object_get(handed, "serial"));

    return serial > 0 && serial <= INT32_MAX ? (uint32_t)serial : 0;
}

static struct front *front_new(const struct front_options *options)
{
    struct front *f = xcalloc(1, sizeof *f);

    f->options = *options;
    if (f->options.idle_us <= 0)
        f->options.idle_us = DEFAULT_IDLE_S * SECOND_US;
    if (!options->check_percent)
        f->options.check_percent = 100;
    if (!options->proven_after)
        f->options.proven_after = DEFAULT_PROVEN;
    for (unsigned i = 0; i < options->port_count; i++)
        f->options.ports[i].address = NULL; /* not kept: see doors */
    f->options.tls = NULL;
    f->options.proxy_from = NULL;
    (void)uv_mutex_init(&f->trust_lock);
    front_secure(f, options->tls);
    front_trust(f, options->proxy_from, options->proxy_count);
    (void)dialects_for(options->algo, f->dialects);
    (void)snprintf(f->agent, sizeof f->agent, "otedama/%s", OTEDAMA_VERSION);
    extranonces_init(&f->extranonces);
    parking_init(&f->parking);
    (void)uv_mutex_init(&f->live_lock);
    f->poster.next_serial = serial_after(options->handed);
    f->poster.dialects = f->dialects;
    salts_init(&f->salts);
    f->poster.salts = &f->salts;
    f->loop_count = options->loops < 1                 ? 1
                    : options->loops > FRONT_LOOPS_MAX ? FRONT_LOOPS_MAX
                                                       : options->loops;
    f->guard = options->guard;
    if (!f->guard)
        f->guard = f->own_guard = guard_new(&(struct guard_limits){0});
    f->loops = xcalloc(f->loop_count, sizeof *f->loops);
    for (unsigned i = 0; i < f->loop_count; i++)
        loop_init(f, i);
    return f;
}

/* It is that of nobody else. */
static void share_extranonce(struct front *f)
{
    f->shared_extranonce = extranonce_take(&f->extranonces);
    f->poster.shared_extranonce = f->options.node_id << 24 | f->shared_extranonce;
}

/* What the program before left: sessions, and what it credited. */
static void adopt(struct front *f, json_t *handed)
{
    json_t *rows = json_object_get(handed, "sessions"), *row;
    size_t i;

    if (!handed)
        return;
    poster_know(&f->poster, json_object_get(handed, "tips"));
    json_array_foreach(rows, i, row)
    {
        session_adopt(&f->loops[i % f->loop_count], row);
    }
    log_info(POOL, "%u of %zu connections of the program before go on",
             atomic_load(&f->connections), json_array_size(rows));
}

/* May it be continued here? The extranonces of its miners begin with the node's number. */
static json_t *fitting(const struct front_options *o)
{
    const char *algo = json_string_value(json_object_get(o->handed, "algorithm"));

    return algo && !strcmp(algo, o->algo->name) &&
                   json_integer_value(json_object_get(o->handed, "node")) == o->node_id
               ? o->handed
               : NULL;
}

int front_start(const struct front_options *options, struct front **ret, struct fault *why)
{
    int err = 0;

    if (!front_speaks(options->algo))
        return fault_set(why, ERR_CONFIG, "no Stratum dialect for %s in this version",
                         options->algo->name);
    struct front *f = front_new(options);
    json_t *handed = fitting(options);
    raise_file_limit(options->max_connections);
    f->handed_listeners = json_object_get(options->handed, "listeners");
    ports_close_others(f->handed_listeners, options->ports, options->port_count);
    for (unsigned i = 0; i < options->port_count && !err; i++)
        err = port_listen(f, &options->ports[i], why);
    f->handed_listeners = NULL;
    if (!err)
        adopt(f, handed);
    share_extranonce(f);
    for (unsigned i = 0; i < f->loop_count && !err; i++)
        err = loop_start(&f->loops[i], why);
    if (err < 0)
        front_free(f);
    else
        *ret = f;
    return err;
}

/* --- the hub's side ----------------------------------------------------------------------------
 */

static void hand_over(struct front_loop *f, struct posting *post)
{
    struct publication *p = xcalloc(1, sizeof *p);
    /* a job that the loop did not take yet is replaced, but its word "clean" stays said */
    struct publication *untaken = slot_put(&f->slot, NULL);

    p->post = posting_ref(post);
    p->clean = post->clean || (untaken && untaken->clean);
    if (untaken)
        posting_unref(untaken->post);
    free(untaken);
    (void)slot_put(&f->slot, p);
    (void)uv_async_send(&f->wake);
}

void front_publish(struct front *f, struct job *job)
{
    if (f->stopping)
        return;
    struct posting *post = posting_new(&f->poster, job);
    atomic_store(&f->newest_serial, post->serial);
    for (unsigned i = 0; i < f->loop_count; i++)
        hand_over(&f->loops[i], post);
    posting_unref(post);
}

void front_stop(struct front *f)
{
    if (f->stopping)
        return;
    f->stopping = true;
    for (unsigned i = 0; i < f->loop_count; i++) {
        if (!f->loops[i].started) { /* the front never came to be */
            loop_abandon(&f->loops[i]);
            continue;
        }
        atomic_store_explicit(&f->loops[i].stop, true, memory_order_release);
        (void)uv_async_send(&f->loops[i].wake);
    }
}

void front_hand_over(struct front *f)
{
    for (unsigned i = 0; i < f->loop_count; i++)
        atomic_store_explicit(&f->loops[i].keep, true, memory_order_release);
    front_stop(f);
}

/* Appends the rows of the one to the other. */
static void take_rows(json_t *all, json_t **rows)
{
    if (*rows)
        (void)json_array_extend(all, *rows);
    json_decref(*rows);
    *rows = NULL;
}

json_t *front_handed(struct front *f)
{
    json_t *listeners = json_array(), *sessions = json_array();

    if (f->stopped_count < f->loop_count || !f->loops[0].kept_sessions) {
        json_decref(listeners);
        json_decref(sessions);
        return NULL;
    }
    for (unsigned i = 0; i < f->loop_count; i++) {
        take_rows(listeners, &f->loops[i].kept_listeners);
        take_rows(sessions, &f->loops[i].kept_sessions);
    }
    return json_pack("{s:i, s:s, s:I, s:I, s:o, s:o, s:o}", "format", HANDOVER_FORMAT, "algorithm",
                     f->options.algo->name, "node", (json_int_t)f->options.node_id, "serial",
                     (json_int_t)f->poster.next_serial, "tips", poster_tips(&f->poster),
                     "listeners", listeners, "sessions", sessions);
}

/* Loops in turn, so that a busy one does not keep the others waiting. The front has stopped when
 * its last loop says so. */
bool front_take(struct front *f, struct event *ev)
{
    for (unsigned i = 0; i < f->loop_count; i++) {
        struct front_loop *loop = &f->loops[f->next_taken++ % f->loop_count];
        while (port_take(loop->port, ev))
            if (ev->type != EV_FRONT_STOPPED || ++f->stopped_count == f->loop_count)
                return true;
    }
    return false;
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

/* A loop that waits for room for its last words could not end. */
static void wait_for_end(struct front *f, struct front_loop *loop)
{
    while (!atomic_load_explicit(&loop->ended, memory_order_acquire)) {
        drop_events(f);
        sleep_us(1000);
    }
    if (loop->started)
        (void)uv_thread_join(&loop->thread);
}

void front_free(struct front *f)
{
    if (!f)
        return;
    front_stop(f);
    for (unsigned i = 0; i < f->loop_count; i++)
        wait_for_end(f, &f->loops[i]);
    drop_events(f);
    for (unsigned i = 0; i < f->loop_count; i++)
        loop_fini(&f->loops[i]);
    free(f->loops);
    ports_free(f);
    front_secure(f, NULL);
    front_trust(f, NULL, 0);
    uv_mutex_destroy(&f->trust_lock);
    poster_fini(&f->poster);
    parking_fini(&f->parking);
    uv_mutex_destroy(&f->live_lock);
    extranonces_fini(&f->extranonces);
    guard_free(f->own_guard);
    free(f);
}
