/* SPDX-License-Identifier: MIT */
/* A miner's connection: its life, and what it says. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "front/loop.h"

static uint32_t roll(struct miner *m, uint32_t mask)
{
    const struct front_loop *f = ((struct session *)m)->loop;

    return mask & (f->jobs ? f->version_mask : VERSION_ROLLING_MASK);
}

static const struct miner_hooks hooks = {
    .subscribe = session_subscribe,
    .authorize = session_authorize,
    .submit = front_submit,
    .refused = front_refused,
    .current = session_current,
    .roll = roll,
    .suggest = session_suggest,
};

/* --- reading -----------------------------------------------------------------------------------
 */

/* It is no longer read from, so that this ends with what was read already. */
static int keep_line(struct session *s, const char *line, size_t len)
{
    str_add_n(&s->head, line, len);
    str_add(&s->head, "\n");
    return 0;
}

static int on_line(void *arg, char *line, size_t len)
{
    struct session *s = arg;
    struct fault why;

    why.text[0] = 0;
    s->line_us = now_us();
    if (s->waits_for)
        return keep_line(s, line, len);
    if (!gate_line(s))
        return ERR_REJECTED;
    int err = miner_line(&s->miner, line, len, &why);
    if (s->waits_for)
        return keep_line(s, line, len);
    if (err < 0 && err != ERR_PROTOCOL)
        return err; /* it says goodbye */
    if (err < 0) {
        str_addf(&s->loop->out, "{\"id\":null,\"result\":null,\"error\":[20,\"%s\",null]}\n",
                 "the line is not a Stratum message");
        return ++s->junk >= SESSION_JUNK_MAX ? ERR_REJECTED : 0;
    }
    if (s->cause)
        return ERR_REJECTED;
    session_first_job(s);
    return 0;
}

/* What knocks at a Stratum port and is none is known by its first byte. */
bool session_foreign(const char *bytes, size_t len, enum cause *cause)
{
    static const char *const verbs[] = {"GET ", "POST", "HEAD", "PUT ", "OPTI", "CONN", "PRI "};

    while (len && strchr(" \t\r\n", *bytes)) {
        bytes++;
        len--;
    }
    if (!len || *bytes == '{')
        return false;
    *cause = *bytes == 0x16 ? CAUSE_TLS : CAUSE_JUNK;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (len >= 4 && !memcmp(bytes, verbs[i], 4))
            *cause = CAUSE_HTTP;
    return true;
}

static void on_data(void *session, char *bytes, size_t len);
static const struct stream_events stream_events = {.data = on_data, .ended = session_ended};

int session_start(struct session *s)
{
    return stream_start(s->stream, s->loop->read_buffer, sizeof s->loop->read_buffer,
                        FRONT_QUEUE_MAX, &stream_events, s);
}

/* What the lines came to: 0, or why the connection ends. */
static void answer(struct session *s, int err)
{
    struct front_loop *f = s->loop;

    if (!s->fixed)
        session_fix_difficulty(s); /* its extranonce goes out now */
    if (!err)
        session_retarget(s, s->line_us);
    else if (s->cause)
        gate_say(&f->out, s->cause);
    if (f->out.len && err != ERR_PROTOCOL) {
        uv_buf_t buf = uv_buf_init(f->out.s, (unsigned)f->out.len);
        int sent = stream_send(s->stream, &buf, 1);
        if (sent == UV_ENOBUFS) {
            session_close_noted(s, CAUSE_SLOW);
            return;
        }
        if (sent < 0)
            err = sent;
    }
    if (err == ERR_PROTOCOL || err == ERR_REJECTED)
        session_close_noted(s, s->cause ? s->cause : err == ERR_PROTOCOL ? CAUSE_LONG : CAUSE_JUNK);
    else if (err < 0)
        session_close(s);
}

/* Lines, or the first part of one. */
static void take_lines(struct session *s, char *bytes, size_t len)
{
    struct front_loop *f = s->loop;
    enum cause cause;

    if (!s->line_us && !s->lines.len && session_foreign(bytes, len, &cause)) {
        session_close_noted(s, cause);
        return;
    }
    str_clear(&f->out);
    int err = gate_bytes(s, len) ? lines_feed(&s->lines, bytes, len, on_line, s) : ERR_REJECTED;
    answer(s, err);
}

void session_go_on(struct session *s)
{
    struct front_loop *f = s->loop;
    AUTO_STR struct str said = s->head;
    struct lines whole = {.limit = FRONT_LINE_MAX}; /* the last part of a line is in s->lines */

    s->head = (struct str){0};
    str_clear(&f->out);
    if (session_start(s) < 0)
        session_close(s);
    else
        answer(s, lines_feed(&whole, said.s, said.len, on_line, s));
}

static void on_data(void *arg, char *bytes, size_t len)
{
    struct session *s = arg;
    AUTO_STR struct str kept = {0};

    if (s->opening == OPENING_DONE || session_opening(s, &bytes, &len, &kept))
        take_lines(s, bytes, len);
}

void session_ended(void *arg, int err)
{
    struct session *s = arg;
    const char *trouble = stream_trouble(s->stream);

    if (err == ERR_PROTOCOL && *trouble) {
        session_close_more(s, CAUSE_HANDSHAKE, trouble);
        return;
    }
    if (!s->worker_count && s->opening != OPENING_HEADER)
        s->cause = CAUSE_LEFT;
    session_close(s);
}

/* --- life --------------------------------------------------------------------------------------
 */

/* With a word of why; nothing is left of it but a count. */
static void refuse(struct session *s, enum cause cause)
{
    struct front_loop *f = s->loop;
    char peer[PEER_MAX];

    session_peer(s, peer);
    front_note(f, cause, peer);
    f->causes[cause]++;
    str_clear(&f->out);
    gate_say(&f->out, cause);
    uv_buf_t buf = uv_buf_init(f->out.s, (unsigned)f->out.len);
    s->stream->queue_limit = (uint32_t)f->out.len;
    (void)stream_send(s->stream, &buf, 1);
    stream_close_after_send(s->stream);
    free(s);
}

struct session *session_new(struct front_loop *f, const struct front_port *port,
                            struct stream *stream)
{
    const struct dialect *const *offered = f->front->dialects;
    struct session *s = xcalloc(1, sizeof *s);
    int64_t idle_s = f->options->idle_us / SECOND_US;

    s->miner = (struct miner){.dialect = offered[1] ? NULL : offered[0],
                              .offered = offered,
                              .hooks = &hooks,
                              .algo = f->options->algo,
                              .pool_agent = f->front->agent,
                              .idle_s = (uint16_t)(idle_s < UINT16_MAX ? idle_s : UINT16_MAX),
                              .errors_max = SESSION_JUNK_MAX,
                              .out = &f->out};
    s->loop = f;
    s->port = port;
    s->stream = stream;
    s->peer = stream_from(stream);
    s->lines.limit = FRONT_LINE_MAX;
    s->since_us = now_us();
    vardiff_init(&s->course.vardiff, s->port->start_difficulty, s->since_us);
    return s;
}

static void enlist(struct session *s)
{
    struct front_loop *f = s->loop;

    s->next = f->sessions;
    if (s->next)
        s->next->prev = s;
    f->sessions = s;
    f->session_count++;
    f->session_news++;
}

/* The front's connections are counted before one is let in, as the loops do so at the same time. */
static bool room(struct front *front)
{
    if (atomic_fetch_add(&front->connections, 1) < front->options.max_connections)
        return true;
    atomic_fetch_sub(&front->connections, 1);
    return false;
}

bool session_enter(struct session *s)
{
    struct front *front = s->loop->front;
    /* behind a PROXY header is who counts */
    enum cause cause = s->opening == OPENING_HEADER ? CAUSE_NONE : gate_enter(s);

    if (!cause && !room(front)) {
        gate_leave(s);
        cause = CAUSE_FULL;
    }
    if (cause)
        refuse(s, cause);
    else
        enlist(s);
    return !cause;
}

void front_accept(uv_stream_t *listener, int status)
{
    struct listener *l = (struct listener *)listener;
    struct front_loop *f = l->loop;

    if (status < 0)
        return;
    struct stream *stream = stream_new(&f->loop);
    if (uv_accept(listener, (uv_stream_t *)&stream->tcp) < 0) {
        stream_close(stream);
        return;
    }
    if (!stream_from(stream).known) { /* it is gone again, and nobody knows who it was */
        stream_close(stream);
        return;
    }
    struct session *s = session_new(f, &l->door->port, stream);
    session_opens(s);
    if (session_enter(s) && session_start(s) < 0)
        session_close(s);
}

static void leave(struct session *s)
{
    struct front_loop *f = s->loop;

    if (s->prev)
        s->prev->next = s->next;
    else
        f->sessions = s->next;
    if (s->next)
        s->next->prev = s->prev;
    f->session_count--;
    f->session_news--;
    atomic_fetch_sub(&f->front->connections, 1);
}

void session_close_noted(struct session *s, enum cause cause)
{
    session_close_more(s, cause, "");
}

void session_close_more(struct session *s, enum cause cause, const char *more)
{
    char peer[PEER_MAX];

    session_peer(s, peer);
    front_note_more(s->loop, cause, peer, more);
    s->cause = (uint8_t)cause;
    session_close(s);
}

void session_close(struct session *s)
{
    stream_close(s->stream);
    lines_fini(&s->lines);
    str_free(&s->head);
    session_waits_no_more(s);
    session_release(s);
    gate_leave(s);
    for (unsigned i = 0; i < s->worker_count; i++)
        worker_disconnect(s->workers[i]);
    free(s->workers);
    leave(s);
    s->gone = true;
    if (!s->pending)
        session_free(s);
}

void session_peer(const struct session *s, char out[PEER_MAX])
{
    peer_format(&s->peer, out);
}

void session_free(struct session *s)
{
    free(s);
}

bool session_tick(struct session *s, int64_t now)
{
    struct front_loop *f = s->loop;
    int64_t idle = f->options->idle_us;
    int64_t login = f->limits.login_us ? f->limits.login_us : FRONT_LOGIN_US;

    if (session_opening_late(s, now))
        return false;
    if (!s->worker_count && now - s->since_us > (login < idle ? login : idle)) {
        session_close_noted(s, CAUSE_LOGIN);
        return false;
    }
    if (now - (s->line_us ? s->line_us : s->since_us) > idle) {
        session_close_noted(s, CAUSE_IDLE);
        return false;
    }
    if (s->stream->stalled_us && now - s->stream->stalled_us > FRONT_STALL_US) {
        session_close_noted(s, CAUSE_SLOW);
        return false;
    }
    uint32_t before = f->session_count;
    str_clear(&f->out);
    session_retarget(s, now);
    session_send(s);
    return f->session_count == before;
}
