/* SPDX-License-Identifier: MIT */
/* The recording proxy. What a side sends goes to the other one first, and into the file then. */
#include "transcript/recorder.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/connect.h"
#include "transcript/cutter.h"
#include "transcript/listen.h"
#include "transcript/redact.h"

enum { READ_BYTES = 64 * 1024, QUEUE_MAX = 4 * 1024 * 1024, CONNECT_S = 10 };

struct recorder;

struct side {
    struct pair *pair;
    struct stream *stream;
    struct cutter cutter;
    bool miner; /* else the pool */
};

struct pair { /* one miner and its way to the pool */
    struct pair *next, **back;
    struct recorder *recorder;
    uint32_t number;
    struct side miner, pool;
    struct connector *connector;
    struct talk talk;
};

struct recorder {
    const struct recorder_options *options;
    struct transcript_writer *out;
    struct recorder_result *result;
    struct redaction redaction;
    struct tls_context *tls;
    struct pair *pairs;
    unsigned open;
    bool ending;
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_signal_t interrupt, terminate;
    char buffer[READ_BYTES];
};

static void end_recorder(struct recorder *);

/* --- writing -------------------------------------------------------------------------------- */

static void put(struct pair *p, enum entry_kind kind, const char *text, size_t len)
{
    struct transcript_writer *out = p->recorder->out;

    transcript_put(out, p->number, kind, text, len);
    if (kind == ENTRY_EVENT)
        return;
    if (out->full || out->err)
        p->recorder->result->left_out++;
    else
        p->recorder->result->messages++;
}

static void put_event(struct pair *p, const char *text)
{
    put(p, ENTRY_EVENT, text, strlen(text));
}

/* What cannot be read cannot be redacted: only its length is told. */
static void on_line(void *arg, const char *line, size_t len)
{
    struct side *s = arg;
    struct pair *p = s->pair;
    struct str text AUTO_STR = {0};
    const char *who = s->miner ? "miner" : "pool";
    char note[96];

    if (line && redact_line(&p->recorder->redaction, &p->talk, s->miner, line, len, &text)) {
        put(p, s->miner ? ENTRY_MINER : ENTRY_POOL, text.s, text.len);
        return;
    }
    p->recorder->result->left_out++;
    (void)snprintf(note, sizeof note, "the %s said %zu bytes that are %s: left out", who, len,
                   line ? "no message" : "too long a line");
    put_event(p, note);
}

/* --- a pair ----------------------------------------------------------------------------------- */

/* What waits is still sent, unless all ends: then a peer that does not read would hold it up. */
static void side_close(const struct recorder *r, struct stream *s)
{
    if (s && r->ending && stream_queued(s))
        stream_close(s);
    else
        stream_close_after_send(s);
}

static void pair_end(struct pair *p, const char *event)
{
    struct recorder *r = p->recorder;

    put_event(p, event);
    net_connect_cancel(p->connector);
    side_close(r, p->miner.stream);
    side_close(r, p->pool.stream);
    str_free(&p->miner.cutter.line);
    str_free(&p->pool.cutter.line);
    *p->back = p->next;
    if (p->next)
        p->next->back = p->back;
    free(p);
    r->open--;
    if (!r->ending && r->options->connections &&
        r->result->connections >= r->options->connections && !r->open)
        end_recorder(r);
}

static void on_data(void *arg, char *bytes, size_t len)
{
    struct side *s = arg;
    struct pair *p = s->pair;
    struct stream *to = s->miner ? p->pool.stream : p->miner.stream;
    uv_buf_t buf = uv_buf_init(bytes, (unsigned)len);
    int err = stream_send(to, &buf, 1);

    cutter_feed(&s->cutter, bytes, len, on_line, s);
    if (err < 0)
        pair_end(p, s->miner ? "the pool took nothing more" : "the miner took nothing more");
}

static void on_ended(void *arg, int err)
{
    struct side *s = arg;
    const char *trouble = stream_trouble(s->stream);
    char text[200];

    if (err == UV_EOF && !*trouble) {
        pair_end(s->pair, s->miner ? EVENT_CLOSED_BY_MINER : EVENT_CLOSED_BY_POOL);
        return;
    }
    (void)snprintf(text, sizeof text, "the connection to the %s failed: %.120s",
                   s->miner ? "miner" : "pool", *trouble ? trouble : err_str(err));
    pair_end(s->pair, text);
}

static const struct stream_events side_events = {.data = on_data, .ended = on_ended};

static void on_connected(void *arg, int err, struct stream *take, const char *reason)
{
    struct pair *p = arg;
    struct recorder *r = p->recorder;
    char text[200];

    (void)reason;
    p->connector = NULL;
    p->pool.stream = take;
    if (!err)
        err = stream_start(take, r->buffer, sizeof r->buffer, QUEUE_MAX, &side_events, &p->pool);
    if (!err && r->options->to.tls)
        err = stream_tls_connect(take, r->tls, r->options->to.to.host);
    if (!err)
        err = stream_start(p->miner.stream, r->buffer, sizeof r->buffer, QUEUE_MAX, &side_events,
                           &p->miner);
    if (!err)
        return;
    (void)snprintf(text, sizeof text, "the pool cannot be reached: %.120s", err_str(err));
    (void)fprintf(stderr, "otedama record: connection %u: %s\n", p->number,
                  reason && *reason ? reason : text);
    pair_end(p, text);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct recorder *r = listener->data;
    const struct recorder_options *o = r->options;
    struct stream *stream = status ? NULL : stream_new(&r->loop);

    if (!stream)
        return;
    if (uv_accept(listener, (uv_stream_t *)&stream->tcp) || r->open == RECORDER_CONNECTIONS_MAX ||
        (o->connections && r->result->connections >= o->connections)) {
        stream_close(stream);
        return;
    }
    struct pair *p = xcalloc(1, sizeof *p);
    *p = (struct pair){.recorder = r, .number = ++r->result->connections, .next = r->pairs};
    p->miner = (struct side){.pair = p, .stream = stream, .miner = true};
    p->pool = (struct side){.pair = p};
    p->miner.cutter.limit = p->pool.cutter.limit = TRANSCRIPT_LINE_MAX;
    p->back = &r->pairs;
    if (p->next)
        p->next->back = &p->next;
    r->pairs = p;
    r->open++;
    put_event(p, EVENT_OPEN);
    p->connector = net_connect(&r->loop, &o->to.to, o->proxy.kind ? &o->proxy : NULL, 0,
                               CONNECT_S * SECOND_US, on_connected, p);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static void end_recorder(struct recorder *r)
{
    if (r->ending)
        return;
    r->ending = true;
    while (r->pairs)
        pair_end(r->pairs, "the recording ended");
    uv_close((uv_handle_t *)&r->listener, NULL);
    uv_close((uv_handle_t *)&r->interrupt, NULL);
    uv_close((uv_handle_t *)&r->terminate, NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    end_recorder(handle->data);
}

static void watch(struct recorder *r, uv_signal_t *handle, int number)
{
    (void)uv_signal_init(&r->loop, handle);
    handle->data = r;
    (void)uv_signal_start(handle, on_signal, number);
}

static int prepare_tls(struct recorder *r, struct fault *why)
{
    const struct tls_client_options verified = {.trust = TLS_VERIFY};

    if (!r->options->to.tls)
        return 0;
    if (!r->options->tls)
        return tls_client_context(&verified, &r->tls, why);
    r->tls = tls_context_ref(r->options->tls);
    return 0;
}

int recorder_run(const struct recorder_options *options, struct transcript_writer *out,
                 struct recorder_result *ret, struct fault *why)
{
    struct recorder *r = xcalloc(1, sizeof *r);
    char address[PEER_MAX];

    *ret = (struct recorder_result){0};
    *r = (struct recorder){.options = options, .out = out, .result = ret};
    (void)uv_loop_init(&r->loop);
    net_block_sigpipe();
    watch(r, &r->interrupt, SIGINT);
    watch(r, &r->terminate, SIGTERM);
    int err = listen_at(&r->loop, &r->listener, options->listen, on_connection, address, why);
    r->listener.data = r;
    if (!err)
        err = prepare_tls(r, why);
    if (err < 0)
        end_recorder(r);
    else if (options->listening)
        options->listening(options->arg, address);
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&r->loop);
    tls_context_unref(r->tls);
    redaction_free(&r->redaction);
    free(r);
    return err;
}
