/* SPDX-License-Identifier: MIT */
/* The store's thread: takes requests from a queue, groups writes into transactions, keeps and
 * retries what the disk refuses for now, hands answers back to the hub. */
#include "store/store.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "store/db.h"

/* Writes that need not be durable wait this long for company: the loss of a kill -9. */
static const int64_t GROUP_US = 50000;
static const unsigned GROUP_ROWS = 4096;
static const int64_t BACKOFF_FIRST_US = 100000, BACKOFF_MAX_US = 5 * SECOND_US;
static const int64_t CLOSE_PATIENCE_US = 10 * SECOND_US;
static const uint64_t WAITING_BYTES_MAX = UINT64_C(256) << 20;

struct request {
    struct request *next;
    struct store_batch *batch; /* a write; NULL = a read */
    struct write *read;
    bool durable, waited_for; /* waited_for: its caller frees it */
    bool finished;            /* under the lock */
    int err;
    int64_t at_us;
    store_row_fn *row;
    store_done_fn *done;
    void *arg;
    struct write *rows, **rows_last; /* the answer, copied */
};

struct queue {
    struct request *first, **last;
};

struct store {
    uv_mutex_t lock; /* guards in, out, waiting_bytes, view, stop */
    uv_cond_t work, answered;
    struct queue in, out;
    uint64_t waiting_bytes;
    bool stop, refusing;
    struct store_view view;

    uv_async_t *bell;
    struct db *db;
    bool threaded;
    uv_thread_t thread;

    /* store thread only */
    struct queue pending;
    unsigned pending_rows;
    bool pending_urgent;
    int64_t backoff_us, retry_us, failing_since_us;
    uint64_t last_row[STORE_ROWS]; /* hub thread */
};

/* --- queues ------------------------------------------------------------------------------------
 */

static void queue_push(struct queue *q, struct request *r)
{
    if (!q->first)
        q->last = &q->first;
    r->next = NULL;
    *q->last = r;
    q->last = &r->next;
}

static struct request *queue_pop(struct queue *q)
{
    struct request *r = q->first;

    if (r)
        q->first = r->next;
    return r;
}

static void rows_free(struct request *r)
{
    struct write *next;

    for (struct write *w = r->rows; w; w = next) {
        next = w->next;
        free(w);
    }
    r->rows = NULL;
}

static void request_free(struct request *r)
{
    rows_free(r);
    store_batch_free(r->batch);
    free(r->read);
    free(r);
}

static void keep_row(void *arg, const struct value *columns, unsigned n)
{
    struct request *r = arg;
    struct write *w = write_new(STATEMENTS, columns, n);

    if (!r->rows)
        r->rows_last = &r->rows;
    *r->rows_last = w;
    r->rows_last = &w->next;
}

/* --- store thread ------------------------------------------------------------------------------
 */

static void ring_bell(struct store *s)
{
    /* libuv before 1.53 may coalesce on a stale read of its own flag: our answer comes before it */
    __sync_synchronize();
    if (s->bell)
        (void)uv_async_send(s->bell);
}

/* Hands one request back. The caller holds the lock. */
static void answer(struct store *s, struct request *r, int err)
{
    r->err = err;
    if (r->batch)
        s->waiting_bytes -= r->batch->bytes;
    s->view.queued--;
    if (r->waited_for) {
        r->finished = true;
        uv_cond_broadcast(&s->answered);
    } else {
        queue_push(&s->out, r);
    }
}

static void answer_first(struct store *s, unsigned count)
{
    uint64_t bytes = db_bytes(s->db);

    uv_mutex_lock(&s->lock);
    for (unsigned i = 0; i < count; i++) {
        struct request *r = queue_pop(&s->pending);
        s->pending_rows -= r->batch ? r->batch->rows : 0;
        answer(s, r, r->err);
    }
    s->view.bytes = bytes;
    uv_mutex_unlock(&s->lock);
    s->pending_urgent = s->pending.first != NULL; /* what is left has waited enough */
    ring_bell(s);
}

static void works_again(struct store *s, double commit_ms)
{
    if (s->failing_since_us)
        log_info(STORE, "database %s takes writes again after %.0f s", s->view.path,
                 (double)(now_us() - s->failing_since_us) / 1e6);
    s->backoff_us = s->failing_since_us = 0;
    uv_mutex_lock(&s->lock);
    s->view.error[0] = '\0';
    s->view.committed++;
    s->view.last_commit_ms = commit_ms;
    uv_mutex_unlock(&s->lock);
}

static void try_later(struct store *s)
{
    db_rollback(s->db);
    if (!s->failing_since_us) {
        s->failing_since_us = now_us();
        log_error(STORE, "cannot write database %s: %s; %s. Everything is kept and tried again.",
                  s->view.path, db_error(s->db), db_advice(s->db));
    }
    s->backoff_us = s->backoff_us ? s->backoff_us * 2 : BACKOFF_FIRST_US;
    if (s->backoff_us > BACKOFF_MAX_US)
        s->backoff_us = BACKOFF_MAX_US;
    s->retry_us = now_us() + s->backoff_us;
    uv_mutex_lock(&s->lock);
    (void)snprintf(s->view.error, sizeof s->view.error, "%.70s: %.70s", db_error(s->db),
                   db_advice(s->db));
    uv_mutex_unlock(&s->lock);
}

/* The writes at the head, up to the next read or GROUP_ROWS. */
static unsigned group_size(const struct store *s, bool *durable)
{
    unsigned count = 0, rows = 0;

    *durable = false;
    for (const struct request *r = s->pending.first; r && r->batch; r = r->next) {
        if (rows && rows + r->batch->rows > GROUP_ROWS)
            break;
        rows += r->batch->rows;
        *durable |= r->durable;
        count++;
    }
    return count;
}

static void write_group(struct store *s)
{
    bool durable;
    unsigned count = group_size(s, &durable), i = 0;
    int64_t start = now_us();
    enum db_result result = db_begin(s->db, durable);

    for (struct request *r = s->pending.first; result != DB_RETRY && i < count; r = r->next, i++) {
        result = db_apply(s->db, r->batch);
        r->err = result == DB_REFUSED ? ERR_STORE : 0;
        if (result == DB_REFUSED)
            log_warn(STORE, "a batch of %u rows was refused: %s", r->batch->rows, db_error(s->db));
    }
    if (result != DB_RETRY)
        result = db_commit(s->db);
    if (result == DB_RETRY) {
        try_later(s);
        return;
    }
    works_again(s, (double)(now_us() - start) / 1e3);
    answer_first(s, count);
}

static void run_read(struct store *s)
{
    struct request *r = s->pending.first;

    r->err = db_read(s->db, r->read, keep_row, r);
    answer_first(s, 1);
}

/* When the pending requests are due: 0 = now, INT64_MAX = there are none. */
static int64_t due_us(const struct store *s)
{
    if (!s->pending.first)
        return INT64_MAX;
    if (s->backoff_us)
        return s->retry_us;
    if (s->stop || s->pending_urgent || s->pending_rows >= GROUP_ROWS)
        return 0;
    return s->pending.first->at_us + GROUP_US;
}

static void take_new(struct store *s)
{
    struct request *r;

    while ((r = queue_pop(&s->in))) {
        s->pending_urgent |= !r->batch || r->durable;
        s->pending_rows += r->batch ? r->batch->rows : 0;
        queue_push(&s->pending, r);
    }
}

/* Waits for due requests. False: stopped and nothing is left. */
static bool wait_for_work(struct store *s)
{
    bool go = true;

    uv_mutex_lock(&s->lock);
    for (;;) {
        take_new(s);
        int64_t due = due_us(s), now = now_us();
        if (due <= now)
            break;
        if (s->stop && !s->pending.first) {
            go = false;
            break;
        }
        if (due == INT64_MAX)
            uv_cond_wait(&s->work, &s->lock);
        else
            (void)uv_cond_timedwait(&s->work, &s->lock, (uint64_t)(due - now) * 1000);
    }
    uv_mutex_unlock(&s->lock);
    return go;
}

static void give_up(struct store *s)
{
    unsigned lost = 0;

    for (struct request *r = s->pending.first; r; r = r->next, lost++)
        r->err = UV_EIO;
    log_error(STORE, "closing database %s without %u batches that it could not take: %s; %s",
              s->view.path, lost, db_error(s->db), db_advice(s->db));
    answer_first(s, lost);
}

static bool stopping(struct store *s)
{
    uv_mutex_lock(&s->lock);
    bool stop = s->stop;
    uv_mutex_unlock(&s->lock);
    return stop;
}

static void store_main(void *arg)
{
    struct store *s = arg;
    int64_t give_up_us = 0;

    while (wait_for_work(s)) {
        if (!s->pending.first->batch)
            run_read(s);
        else
            write_group(s);
        if (!s->backoff_us || !stopping(s))
            continue;
        if (!give_up_us)
            give_up_us = now_us() + CLOSE_PATIENCE_US;
        else if (now_us() > give_up_us)
            give_up(s);
    }
}

/* --- any other thread --------------------------------------------------------------------------
 */

static int store_new(const char *path, bool read_only, struct store **ret, struct fault *why)
{
    struct store *s = xcalloc(1, sizeof *s);
    int err = db_open(path, read_only, &s->db, why);

    if (err < 0) {
        free(s);
        return err;
    }
    (void)text_copy(s->view.path, sizeof s->view.path, path);
    s->view.bytes = db_bytes(s->db);
    if (uv_mutex_init(&s->lock) || uv_cond_init(&s->work) || uv_cond_init(&s->answered))
        abort();
    *ret = s;
    return 0;
}

int store_open(const char *path, uv_async_t *bell, struct store **ret, struct fault *why)
{
    struct store *s;
    int err = store_new(path, false, &s, why);

    if (err < 0)
        return err;
    s->bell = bell;
    if ((err = uv_thread_create(&s->thread, store_main, s)) < 0) {
        store_close(s);
        return fault_set(why, err, "cannot start the store's thread: %s", err_str(err));
    }
    s->threaded = true;
    *ret = s;
    return 0;
}

int store_open_read(const char *path, struct store **ret, struct fault *why)
{
    return store_new(path, true, ret, why);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->threaded) {
        uv_mutex_lock(&s->lock);
        s->stop = true;
        uv_cond_signal(&s->work);
        uv_mutex_unlock(&s->lock);
        (void)uv_thread_join(&s->thread);
    }
    store_drain(s);
    db_close(s->db);
    uv_cond_destroy(&s->answered);
    uv_cond_destroy(&s->work);
    uv_mutex_destroy(&s->lock);
    free(s);
}

static void push(struct store *s, struct request *r)
{
    r->at_us = now_us();
    uv_mutex_lock(&s->lock);
    s->view.queued++;
    s->waiting_bytes += r->batch ? r->batch->bytes : 0;
    bool refuse = r->batch && !r->durable && s->waiting_bytes > WAITING_BYTES_MAX;
    bool first = refuse && !s->refusing;
    s->refusing = refuse;
    if (refuse) {
        answer(s, r, UV_ENOSPC);
    } else {
        queue_push(&s->in, r);
        uv_cond_signal(&s->work);
    }
    uv_mutex_unlock(&s->lock);
    if (refuse)
        ring_bell(s);
    if (first)
        log_error(STORE,
                  "too much waits for database %s: share credits are dropped until it takes "
                  "writes again",
                  s->view.path);
}

void store_submit(struct store *s, struct store_batch *batch, bool durable, store_done_fn *done,
                  void *arg)
{
    struct request *r = xcalloc(1, sizeof *r);

    *r = (struct request){.batch = batch, .durable = durable, .done = done, .arg = arg};
    push(s, r);
}

void store_read(struct store *s, enum statement statement, const struct value *args, unsigned n,
                store_row_fn *row, store_done_fn *done, void *arg)
{
    struct request *r = xcalloc(1, sizeof *r);

    r->read = write_new(statement, args, n);
    r->row = row;
    r->done = done;
    r->arg = arg;
    push(s, r);
}

static void replay(const struct request *r, store_row_fn *row, void *arg)
{
    for (const struct write *w = r->rows; row && w; w = w->next)
        row(arg, w->args, w->n);
}

int store_query(struct store *s, enum statement statement, const struct value *args, unsigned n,
                store_row_fn *row, void *arg)
{
    struct request r = {.read = write_new(statement, args, n), .waited_for = true};

    if (s->threaded) {
        push(s, &r);
        uv_mutex_lock(&s->lock);
        while (!r.finished)
            uv_cond_wait(&s->answered, &s->lock);
        uv_mutex_unlock(&s->lock);
    } else {
        r.err = db_read(s->db, r.read, keep_row, &r);
    }
    replay(&r, row, arg);
    rows_free(&r);
    free(r.read);
    return r.err;
}

void store_drain(struct store *s)
{
    struct request *r, *next;

    uv_mutex_lock(&s->lock);
    r = s->out.first;
    s->out.first = NULL;
    uv_mutex_unlock(&s->lock);
    for (; r; r = next) {
        next = r->next;
        replay(r, r->row, r->arg);
        if (r->done)
            r->done(r->arg, r->err);
        request_free(r);
    }
}

void store_rows_known(struct store *s, enum store_rows rows, uint64_t last)
{
    if (s->last_row[rows] < last)
        s->last_row[rows] = last;
}

uint64_t store_row_next(struct store *s, enum store_rows rows)
{
    return ++s->last_row[rows];
}

void store_view(struct store *s, struct store_view *view)
{
    uv_mutex_lock(&s->lock);
    *view = s->view;
    uv_mutex_unlock(&s->lock);
}
