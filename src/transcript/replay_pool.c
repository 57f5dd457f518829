/* SPDX-License-Identifier: MIT */
/* A transcript's pool against a real client. Messages go out in the recorded order; each waits for
 * what the client said before it; answers carry the client's own ids. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/lines.h"
#include "net/stream.h"
#include "transcript/compare.h"
#include "transcript/listen.h"
#include "transcript/replay.h"
#include "transcript/walk.h"

enum { READ_BYTES = 16 * 1024, QUEUE_MAX = 1 << 20, OPTIONAL_WAIT_US = 1000000 };

struct pool;

struct play { /* one connection */
    struct play *next, **back;
    struct pool *pool;
    struct stream *stream;
    struct lines lines;
    struct script script;
    size_t cursor;    /* the step that is next */
    size_t waits_for; /* the step that the timer is for; NO_STEP = none */
    int64_t begin_us, first_ms;
    uv_timer_t timer; /* its close frees the play */
    bool no_shares;   /* none is waited for, or no longer */
    bool over;
};

struct pool {
    const struct transcript *transcript;
    const struct replay_options *options;
    struct report *report;
    uint32_t next; /* the connection that the next client gets */
    unsigned open;
    struct play *plays;
    bool ending;
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_timer_t patience; /* for a client to come */
    char buffer[READ_BYTES];
};

static void advance(struct play *);

/* --- the end of one, and of all -----------------------------------------------------------------
 */

static void free_play(uv_handle_t *timer)
{
    struct play *p = timer->data;

    script_fini(&p->script);
    lines_fini(&p->lines);
    free(p);
}

/* The lowest number from `from` on under which a miner speaks; 0 = none. */
static uint32_t next_connection(const struct transcript *t, uint32_t from)
{
    uint32_t least = 0;

    for (size_t i = 0; i < t->count; i++) {
        const struct entry *e = &t->entries[i];
        if (e->kind == ENTRY_MINER && e->connection >= from && (!least || e->connection < least))
            least = e->connection;
    }
    return least;
}

static void end_pool(struct pool *pool)
{
    if (pool->ending)
        return;
    pool->ending = true;
    uv_close((uv_handle_t *)&pool->listener, NULL);
    uv_close((uv_handle_t *)&pool->patience, NULL);
}

static void on_no_client(uv_timer_t *timer)
{
    struct pool *pool = timer->data;

    report_difference(pool->report, 0, "no client came for connection %u", pool->next);
    end_pool(pool);
}

static void await_client(struct pool *pool)
{
    pool->next = next_connection(pool->transcript, pool->next + 1);
    if (pool->next)
        (void)uv_timer_start(&pool->patience, on_no_client,
                             (uint64_t)(pool->options->wait_s * 1000), 0);
    else
        (void)uv_timer_stop(&pool->patience);
}

static void end_play(struct play *p)
{
    struct pool *pool = p->pool;

    if (p->over)
        return;
    p->over = true;
    stream_close_after_send(p->stream);
    *p->back = p->next;
    if (p->next)
        p->next->back = p->back;
    uv_close((uv_handle_t *)&p->timer, free_play);
    if (!--pool->open && !pool->next)
        end_pool(pool);
}

/* --- speaking ----------------------------------------------------------------------------------
 */

static void send_line(struct play *p, const char *text, size_t len)
{
    uv_buf_t bufs[2] = {uv_buf_init((char *)(uintptr_t)text, (unsigned)len),
                        uv_buf_init((char *)(uintptr_t) "\n", 1)};

    if (!p->over && stream_send(p->stream, bufs, 2) < 0) {
        report_difference(p->pool->report, 0, "the client takes nothing more");
        end_play(p);
    }
}

static bool put_id(void *arg, const struct span *s, struct str *out)
{
    if (!path_is(s->path, "id"))
        return false;
    str_add(out, arg);
    return true;
}

/* A recorded answer under another id. */
static void send_answer(struct play *p, const struct step *answer, char *id)
{
    struct str text AUTO_STR = {0};

    json_rewrite(answer->entry->text, answer->entry->len, put_id, id, &text);
    send_line(p, str_text(&text), text.len);
}

static void answer_step(struct play *p, struct step *answer)
{
    const struct step *request = &p->script.steps[answer->partner];

    if (answer->done || !request->live_id)
        return;
    answer->done = true;
    send_answer(p, answer, request->live_id);
}

/* A client may wait for an answer that was recorded behind something it has not said yet. */
static void answer_early(struct play *p)
{
    for (size_t i = p->cursor; i < p->script.count && !p->over; i++) {
        struct step *s = &p->script.steps[i];
        if (s->entry->kind == ENTRY_POOL && s->answer && s->partner != NO_STEP)
            answer_step(p, s);
    }
}

/* --- going on ------------------------------------------------------------------------------------
 */

static const char *what(const struct step *s)
{
    return *s->method ? s->method : "a line that is no message";
}

static void on_waited(uv_timer_t *timer)
{
    struct play *p = timer->data;
    struct step *s = &p->script.steps[p->cursor];
    struct report *r = p->pool->report;

    if (p->waits_for == p->cursor && s->entry->kind == ENTRY_MINER && !s->done) {
        s->skipped = true;
        p->no_shares = p->no_shares || method_is_submit(s->method); /* not one wait for each */
        if (method_is_optional(s->method) && !s->answer)
            report_note(r, s->entry->line, "the client did not send %s", what(s));
        else
            report_difference(r, s->entry->line, "the client did not %s %s within %g s",
                              s->answer ? "answer" : "send", what(s), p->pool->options->wait_s);
    }
    p->waits_for = NO_STEP;
    advance(p);
}

static void start_timer(struct play *p, int64_t us)
{
    if (p->waits_for == p->cursor)
        return;
    p->waits_for = p->cursor;
    (void)uv_timer_start(&p->timer, on_waited, (uint64_t)((us + 999) / 1000), 0);
}

/* The client's turn. True: it is over. */
static bool miner_step(struct play *p, struct step *s)
{
    bool share = !s->answer && method_is_submit(s->method);

    if (!s->message.root || (share && p->no_shares))
        s->skipped = true;
    if (s->done || s->skipped)
        return true;
    int64_t us = (int64_t)(p->pool->options->wait_s * 1e6);
    if (!s->answer && method_is_optional(s->method))
        us = OPTIONAL_WAIT_US +
             replay_delay_us(p->pool->options, p->begin_us, p->first_ms, s->entry->at_ms);
    start_timer(p, us);
    answer_early(p);
    return false;
}

/* The pool's turn. True: it is over. */
static bool pool_step(struct play *p, struct step *s)
{
    int64_t us = replay_delay_us(p->pool->options, p->begin_us, p->first_ms, s->entry->at_ms);

    if (us > 0 && !s->done) {
        start_timer(p, us);
        return false;
    }
    if (s->answer && s->partner != NO_STEP) {
        answer_step(p, s);
    } else if (!s->done) {
        s->done = true;
        send_line(p, s->entry->text, s->entry->len);
    }
    return true;
}

static bool play_step(struct play *p, struct step *s)
{
    switch (s->entry->kind) {
    case ENTRY_MINER:
        return miner_step(p, s);
    case ENTRY_POOL:
        return pool_step(p, s);
    default:
        return true;
    }
}

static void advance(struct play *p)
{
    while (!p->over && p->cursor < p->script.count) {
        if (!play_step(p, &p->script.steps[p->cursor]))
            return;
        p->cursor++;
    }
    end_play(p);
}

/* --- hearing
 * -------------------------------------------------------------------------------------- */

static struct step *find_request(struct script *s, const char *method)
{
    for (size_t i = 0; i < s->count; i++) {
        struct step *step = &s->steps[i];
        if (step->entry->kind == ENTRY_MINER && !step->answer && !step->done &&
            !strcmp(step->method, method))
            return step;
    }
    return NULL;
}

/* The last answer that the recorded pool gave to the method: it gives it again. */
static const struct step *last_answer(const struct script *s, const char *method)
{
    for (size_t i = s->count; i-- > 0;)
        if (s->steps[i].entry->kind == ENTRY_POOL && s->steps[i].answer &&
            s->steps[i].partner != NO_STEP && !strcmp(s->steps[i].method, method))
            return &s->steps[i];
    return NULL;
}

static void refuse_unknown(struct play *p, const struct message *m, const char *id)
{
    struct str text AUTO_STR = {0};

    if (method_is_optional(m->method))
        report_note(p->pool->report, 0, "%.40s is not in the transcript: refused", m->method);
    else
        report_difference(p->pool->report, 0, "%.40s is not in the transcript: refused", m->method);
    if (!message_has_id(m))
        return;
    str_addf(&text,
             p->script.dialect == TALK_MONERO
                 ? "{\"id\":%s,\"jsonrpc\":\"2.0\",\"error\":{\"code\":-3,\"message\":\"Method not "
                   "found\"}}"
                 : "{\"id\":%s,\"result\":null,\"error\":[-3,\"Method not found\",null]}",
             id);
    send_line(p, text.s, text.len);
}

/* More of a method than was recorded. */
static void on_extra(struct play *p, const struct message *m, char *id)
{
    const struct step *again = last_answer(&p->script, m->method);

    if (!again) {
        refuse_unknown(p, m, id);
        return;
    }
    report_note(p->pool->report, 0, "one more %.40s: answered like the last one", m->method);
    if (message_has_id(m))
        send_answer(p, again, id);
}

static void on_request(struct play *p, const struct message *m)
{
    struct step *s = find_request(&p->script, m->method);
    AUTO_FREE char *id = xstrndup(m->id, m->id_len);

    if (!s) {
        on_extra(p, m, id);
        return;
    }
    s->done = true;
    compare_request(p->pool->report, &p->script, s, m);
    if (message_has_id(m))
        s->live_id = steal(&id);
    if (s->partner < p->cursor) /* it came late */
        answer_step(p, &p->script.steps[s->partner]);
}

static void on_reply(struct play *p, const struct message *m)
{
    for (size_t i = 0; i < p->script.count; i++) {
        struct step *s = &p->script.steps[i];
        if (s->entry->kind != ENTRY_MINER || !s->answer || s->done ||
            s->message.id_len != m->id_len || memcmp(s->message.id, m->id, m->id_len) != 0)
            continue;
        s->done = true;
        compare_answer(p->pool->report, s, m);
        return;
    }
    report_note(p->pool->report, 0, "an answer to a question that was not answered when recorded");
}

static int on_line(void *arg, char *line, size_t len)
{
    struct play *p = arg;
    struct message m;

    if (message_parse(line, len, &m, NULL) < 0) {
        report_difference(p->pool->report, 0, "the client sent a line that is no message");
        return 0;
    }
    if (m.method)
        on_request(p, &m);
    else
        on_reply(p, &m);
    message_fini(&m);
    if (!p->over)
        advance(p);
    return p->over ? ERR_CLOSED : 0;
}

static void on_data(void *arg, char *bytes, size_t len)
{
    struct play *p = arg;

    if (lines_feed(&p->lines, bytes, len, on_line, p) != ERR_PROTOCOL)
        return;
    report_difference(p->pool->report, 0, "the client sent too long a line");
    end_play(p);
}

static void on_ended(void *arg, int err)
{
    struct play *p = arg;
    unsigned missing = 0;

    (void)err;
    for (size_t i = p->cursor; i < p->script.count; i++) {
        const struct step *s = &p->script.steps[i];
        bool share = !s->answer && method_is_submit(s->method);
        missing += s->entry->kind == ENTRY_MINER && s->message.root && !s->done &&
                   !method_is_optional(s->method) && !(share && p->no_shares);
    }
    if (missing)
        report_difference(p->pool->report, 0,
                          "the client left while %u of its messages were to come", missing);
    end_play(p);
}

/* --- the whole
 * ------------------------------------------------------------------------------------ */

static const struct stream_events events = {.data = on_data, .ended = on_ended};

static void on_connection(uv_stream_t *listener, int status)
{
    struct pool *pool = listener->data;
    struct stream *stream = status ? NULL : stream_new(&pool->loop);

    if (!stream)
        return;
    if (uv_accept(listener, (uv_stream_t *)&stream->tcp) || !pool->next) {
        stream_close(stream);
        return;
    }
    struct play *p = xcalloc(1, sizeof *p);
    *p = (struct play){.pool = pool,
                       .stream = stream,
                       .waits_for = NO_STEP,
                       .begin_us = now_us(),
                       .no_shares = pool->options->no_shares};
    p->lines.limit = TRANSCRIPT_LINE_MAX;
    script_init(&p->script, pool->transcript, pool->next);
    p->first_ms = p->script.steps[0].entry->at_ms;
    (void)uv_timer_init(&pool->loop, &p->timer);
    p->timer.data = p;
    p->next = pool->plays;
    p->back = &pool->plays;
    if (p->next)
        p->next->back = &p->next;
    pool->plays = p;
    pool->open++;
    await_client(pool);
    if (stream_start(stream, pool->buffer, sizeof pool->buffer, QUEUE_MAX, &events, p) < 0)
        end_play(p);
    else
        advance(p);
}

int replay_as_pool(const struct transcript *t, const struct replay_options *options,
                   struct report *report, struct fault *why)
{
    struct pool *pool = xcalloc(1, sizeof *pool);
    char address[PEER_MAX];

    *pool = (struct pool){.transcript = t, .options = options, .report = report};
    (void)uv_loop_init(&pool->loop);
    net_block_sigpipe();
    (void)uv_timer_init(&pool->loop, &pool->patience);
    int err = listen_at(&pool->loop, &pool->listener, options->listen, on_connection, address, why);
    pool->listener.data = pool->patience.data = pool;
    await_client(pool);
    if (!err && !pool->next)
        err = fault_set(why, ERR_FIELD, "no miner says anything in the transcript");
    if (err < 0)
        end_pool(pool);
    else if (options->listening)
        options->listening(options->arg, address);
    (void)uv_run(&pool->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&pool->loop);
    free(pool);
    return err;
}
