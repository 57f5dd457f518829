/* SPDX-License-Identifier: MIT */
/* Lanes in turn, some threads that hash, a queue of answers and a bell. */
#include "front/verifier.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "algo/hasher.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"

enum { THREADS_MAX = 8 };

struct queue {
    struct verify_task *first, **end;
    unsigned count;
};

struct verifier {
    uv_async_t bell;
    const struct algo *algo;
    struct datasets *datasets;
    verify_done_fn *done;
    void *arg;
    unsigned threads;
    pthread_t thread[THREADS_MAX];
    pthread_mutex_t lock; /* the rest */
    pthread_cond_t more;
    struct queue urgent, answered;
    struct verify_lane *lanes, **lanes_end; /* with tasks, in the order of their turn */
    unsigned waiting;                       /* tasks in them */
    bool stop;
    int64_t stop_us; /* with `stop`: nothing is begun after it */
};

static void queue_init(struct queue *q)
{
    *q = (struct queue){.end = &q->first};
}

static void queue_add(struct queue *q, struct verify_task *t)
{
    t->next = NULL;
    *q->end = t;
    q->end = &t->next;
    q->count++;
}

static struct verify_task *queue_take(struct queue *q)
{
    struct verify_task *t = q->first;

    if (!t)
        return NULL;
    q->first = t->next;
    if (!q->first)
        q->end = &q->first;
    q->count--;
    return t;
}

static void lane_queue(struct verifier *v, struct verify_lane *lane)
{
    lane->next = NULL;
    *v->lanes_end = lane;
    v->lanes_end = &lane->next;
}

static void lane_add(struct verifier *v, struct verify_task *t)
{
    struct verify_lane *lane = t->lane;

    t->next = NULL;
    if (lane->first) {
        lane->last->next = t;
    } else {
        lane->first = t;
        lane_queue(v, lane);
    }
    lane->last = t;
    v->waiting++;
}

/* One task of the lane whose turn it is, which then stands behind the others. */
static struct verify_task *lane_take(struct verifier *v)
{
    struct verify_lane *lane = v->lanes;

    if (!lane)
        return NULL;
    v->lanes = lane->next;
    if (!v->lanes)
        v->lanes_end = &v->lanes;
    struct verify_task *t = lane->first;
    lane->first = t->next;
    if (lane->first)
        lane_queue(v, lane);
    v->waiting--;
    return t;
}

static struct verify_task *next_task(struct verifier *v)
{
    struct verify_task *t = queue_take(&v->urgent);

    return t ? t : lane_take(v);
}

void verify_task_free(struct verify_task *t)
{
    if (!t)
        return;
    share_free(t->share);
    free(t);
}

/* --- the threads ----------------------------------------------------------------------------- */

static void hash(struct hasher *h, struct verify_task *t)
{
    struct fault why;

    why.text[0] = 0;
    t->err = hasher_ready(h, &t->share->job->key, &why);
    if (!t->err)
        t->err = share_check(t->share, &t->target, h->ctx);
    (void)text_copy(t->trouble, sizeof t->trouble, why.text);
}

static void *run(void *arg)
{
    struct verifier *v = arg;
    struct hasher hasher;
    struct verify_task *t;

    (void)pthread_setname_np(pthread_self(), "verify");
    hasher_init(&hasher, v->algo, v->datasets);
    (void)pthread_mutex_lock(&v->lock);
    while (!v->stop || now_us() < v->stop_us) {
        if (!(t = next_task(v))) {
            if (v->stop)
                break;
            (void)pthread_cond_wait(&v->more, &v->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&v->lock);
        hash(&hasher, t);
        (void)pthread_mutex_lock(&v->lock);
        queue_add(&v->answered, t);
        (void)uv_async_send(&v->bell);
    }
    (void)pthread_mutex_unlock(&v->lock);
    hasher_fini(&hasher);
    return NULL;
}

/* --- the loop's side ------------------------------------------------------------------------- */

static void on_bell(uv_async_t *bell)
{
    struct verifier *v = bell->data;
    struct verify_task *t;

    for (;;) {
        (void)pthread_mutex_lock(&v->lock);
        t = queue_take(&v->answered);
        (void)pthread_mutex_unlock(&v->lock);
        if (!t)
            return;
        v->done(v->arg, t);
    }
}

static void start_threads(struct verifier *v, unsigned threads)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    while (v->threads < threads && !pthread_create(&v->thread[v->threads], NULL, run, v))
        v->threads++;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct verifier *verifier_new(uv_loop_t *loop, const struct algo *algo, struct datasets *datasets,
                              unsigned threads, verify_done_fn *done, void *arg)
{
    struct verifier *v = xcalloc(1, sizeof *v);

    v->algo = algo;
    v->datasets = datasets;
    v->done = done;
    v->arg = arg;
    queue_init(&v->urgent);
    v->lanes_end = &v->lanes;
    queue_init(&v->answered);
    (void)pthread_mutex_init(&v->lock, NULL);
    (void)pthread_cond_init(&v->more, NULL);
    (void)uv_async_init(loop, &v->bell, on_bell);
    v->bell.data = v;
    start_threads(v, threads < THREADS_MAX ? threads : THREADS_MAX);
    return v;
}

bool verifier_add(struct verifier *v, struct verify_task *t)
{
    (void)pthread_mutex_lock(&v->lock);
    bool room = v->threads && !v->stop &&
                (t->urgent ? v->urgent.count < VERIFY_URGENT
                           : v->waiting < VERIFY_QUEUE || !t->lane->first);
    if (room) {
        if (t->urgent)
            queue_add(&v->urgent, t);
        else
            lane_add(v, t);
        (void)pthread_cond_signal(&v->more);
    }
    (void)pthread_mutex_unlock(&v->lock);
    return room;
}

static void on_closed(uv_handle_t *handle)
{
    struct verifier *v = handle->data;

    (void)pthread_cond_destroy(&v->more);
    (void)pthread_mutex_destroy(&v->lock);
    free(v);
}

void verifier_close(struct verifier *v, int64_t patience_us)
{
    struct verify_task *t;

    if (!v)
        return;
    (void)pthread_mutex_lock(&v->lock);
    v->stop = true;
    v->stop_us = now_us() + patience_us;
    (void)pthread_cond_broadcast(&v->more);
    (void)pthread_mutex_unlock(&v->lock);
    for (unsigned i = 0; i < v->threads; i++)
        (void)pthread_join(v->thread[i], NULL);
    on_bell(&v->bell);
    while ((t = next_task(v))) {
        t->err = ERR_CLOSED;
        v->done(v->arg, t);
    }
    uv_close((uv_handle_t *)&v->bell, on_closed);
}

unsigned verifier_threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    long half = cores / 2;

    return half < 1 ? 1 : half > THREADS_MAX ? THREADS_MAX : (unsigned)half;
}
