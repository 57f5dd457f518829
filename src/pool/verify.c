/* SPDX-License-Identifier: MIT */
/* A queue, some threads that hash, a queue of answers and a bell. */
#include "pool/verify.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "algo/hasher.h"
#include "base/alloc.h"
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
    struct queue waiting, answered;
    bool stop;
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
    while (!v->stop) {
        if (!(t = queue_take(&v->waiting))) {
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
    queue_init(&v->waiting);
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
    bool room = v->threads && !v->stop && v->waiting.count < VERIFY_QUEUE;
    if (room) {
        queue_add(&v->waiting, t);
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

void verifier_close(struct verifier *v)
{
    struct verify_task *t;

    if (!v)
        return;
    (void)pthread_mutex_lock(&v->lock);
    v->stop = true;
    (void)pthread_cond_broadcast(&v->more);
    (void)pthread_mutex_unlock(&v->lock);
    for (unsigned i = 0; i < v->threads; i++)
        (void)pthread_join(v->thread[i], NULL);
    on_bell(&v->bell);
    while ((t = queue_take(&v->waiting))) {
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
