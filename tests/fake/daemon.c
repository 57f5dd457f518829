/* SPDX-License-Identifier: MIT */
/* The fake coin daemon's HTTP and JSON-RPC. */
#include "tests/fake/daemon.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"

struct fake_connection {
    uv_tcp_t tcp;
    struct fake_daemon *daemon;
    struct fake_connection *next;
    struct str in;
    json_t *waiting; /* the request of a long poll */
};

struct answer {
    uv_write_t write;
    char *bytes;
    bool close;
};

/* --- sending --------------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
    struct fake_connection *c = handle->data;

    str_free(&c->in);
    json_decref(c->waiting);
    free(c);
}

static void drop(struct fake_connection *c)
{
    struct fake_connection **at = &c->daemon->connections;

    if (uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void on_written(uv_write_t *write, int status)
{
    struct answer *a = write->data;

    if (a->close && status == 0)
        drop(write->handle->data);
    free(a->bytes);
    free(a);
}

/* `cut`: sends half of the body and closes. */
static void send_http(struct fake_connection *c, int status, const char *body, bool cut)
{
    struct answer *a = xcalloc(1, sizeof *a);
    size_t len = strlen(body);

    a->bytes = xasprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
                         "Content-Length: %zu\r\n\r\n%.*s",
                         status, len, (int)(cut ? len / 2 : len), body);
    a->close = cut;
    a->write.data = a;
    uv_buf_t buf = uv_buf_init(a->bytes, (unsigned)strlen(a->bytes));
    uv_write(&a->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written);
}

/* `result` and `error` are taken. */
static void send_json(struct fake_connection *c, const json_t *request, json_t *result,
                      json_t *error, bool cut)
{
    int status = json_is_null(error) ? 200 : 500;
    json_t *answer = json_pack("{s:o, s:o, s:O}", "result", result, "error", error, "id",
                               json_object_get(request, "id"));
    char *text = json_dumps(answer, JSON_COMPACT);

    send_http(c, status, text, cut);
    free(text);
    json_decref(answer);
}

static json_t *rpc_error(long code)
{
    return json_pack("{s:I, s:s}", "code", (json_int_t)code, "message", "told to fail");
}

/* --- methods --------------------------------------------------------------------------------- */

static json_t *make_template(struct fake_daemon *d)
{
    char id[80];

    snprintf(id, sizeof id, "%s1", d->tip);
    json_t *gbt = json_pack(
        "{s:i, s:[s], s:s, s:I, s:s, s:I, s:I, s:I, s:[], s:s}", "version", 0x20000000, "rules",
        "!segwit", "previousblockhash", d->tip, "height", (json_int_t)d->height + 1, "bits",
        "207fffff", "curtime", (json_int_t)wall_s(), "mintime", (json_int_t)wall_s() - 600,
        "coinbasevalue", (json_int_t)5000000000, "transactions", "longpollid", id);

    assert(gbt);
    if (d->spoil)
        d->spoil(gbt);
    return gbt;
}

static json_t *answer_bitcoin(struct fake_daemon *d, const char *method, const json_t *params)
{
    json_t *result = NULL;

    if (!strcmp(method, "getblockhash"))
        result = json_string(d->genesis);
    else if (!strcmp(method, "getbestblockhash") && ++d->polls)
        result = json_string(d->tip);
    else if (!strcmp(method, "getblocktemplate") && ++d->templates)
        result = make_template(d);
    else if (!strcmp(method, "getblockheader"))
        result = d->header ? json_loads(d->header, JSON_DECODE_ANY, NULL) : NULL;
    else if (!strcmp(method, "submitblock") && ++d->submits) {
        free(d->block);
        d->block = xstrdup(json_string_value(json_array_get(params, 0)));
        result = json_loads(d->submit ? d->submit : "null", JSON_DECODE_ANY, NULL);
    }
    return result;
}

static void answer(struct fake_connection *c, const json_t *request, const char *method, bool cut)
{
    const json_t *params = json_object_get(request, "params");
    long code = -5;
    json_t *result = c->daemon->answer ? c->daemon->answer(c->daemon, method, params, &code)
                                       : answer_bitcoin(c->daemon, method, params);

    json_t *error = result ? json_null() : rpc_error(code);
    send_json(c, request, result ? result : json_null(), error, cut);
}

static void answer_huge(struct fake_connection *c, const json_t *request)
{
    size_t len = 10 << 20;
    char *digits = xmalloc(len + 1);

    memset(digits, '0', len);
    digits[len] = '\0';
    char *text = xasprintf("{\"result\":\"%s\",\"error\":null,\"id\":%lld}", digits,
                           (long long)json_integer_value(json_object_get(request, "id")));
    send_http(c, 200, text, false);
    free(digits);
    free(text);
}

static bool faulty(struct fake_daemon *d, const char *method)
{
    if (d->fault == FAKE_HONEST || (d->fault_method && strcmp(d->fault_method, method) != 0))
        return false;
    if (d->faults_left && --d->faults_left == 0) {
        d->fault = FAKE_HONEST;
        return false;
    }
    return true;
}

static void answer_falsely(struct fake_connection *c, const json_t *request, const char *method)
{
    const struct fake_daemon *d = c->daemon;

    switch (d->fault) {
    case FAKE_HALF:
        answer(c, request, method, true);
        break;
    case FAKE_HUGE:
        answer_huge(c, request);
        break;
    case FAKE_NOT_JSON:
        send_http(c, 200, "<html>It works!</html>", false);
        break;
    case FAKE_STATUS:
        send_http(c, d->status, "", false);
        break;
    case FAKE_RPC_ERROR:
        send_json(c, request, json_null(), rpc_error(d->code), false);
        break;
    case FAKE_SILENT:
    case FAKE_HONEST:
        break;
    }
}

static void dispatch(struct fake_connection *c, json_t *request)
{
    const char *method = json_string_value(json_object_get(request, "method"));
    json_t *first = json_array_get(json_object_get(request, "params"), 0);

    if (json_object_get(first, "longpollid")) {
        c->daemon->waits++;
        json_decref(c->waiting);
        c->waiting = json_incref(request);
    } else if (faulty(c->daemon, method)) {
        answer_falsely(c, request, method);
    } else {
        answer(c, request, method, false);
    }
}

/* --- receiving ------------------------------------------------------------------------------- */

static bool authorised(const struct fake_daemon *d, const char *headers)
{
    char line[256];

    if (!d->auth)
        return true;
    snprintf(line, sizeof line, "Authorization: Basic %s\r\n", d->auth);
    return strstr(headers, line) != NULL;
}

/* Takes whole requests off the buffer. */
static void take_requests(struct fake_connection *c)
{
    char *end;

    while (c->in.s && (end = strstr(c->in.s, "\r\n\r\n"))) {
        const char *length = strcasestr(c->in.s, "content-length:");
        size_t body = length ? strtoul(length + 15, NULL, 10) : 0;
        size_t whole = (size_t)(end + 4 - c->in.s) + body;
        if (c->in.len < whole)
            return;
        json_t *request = json_loadb(end + 4, body, 0, NULL);
        (void)sscanf(c->in.s, "POST %31s", c->daemon->path);
        if (!authorised(c->daemon, c->in.s))
            send_http(c, 401, "", false);
        else
            dispatch(c, request);
        json_decref(request);
        struct str rest = {0};
        str_add_n(&rest, c->in.s + whole, c->in.len - whole);
        str_free(&c->in);
        c->in = rest;
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    *buf = uv_buf_init(xmalloc(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct fake_connection *c = stream->data;

    if (n > 0) {
        str_add_n(&c->in, buf->base, (size_t)n);
        take_requests(c);
    } else if (n < 0) {
        drop(c);
    }
    free(buf->base);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct fake_daemon *d = listener->data;
    struct fake_connection *c = xcalloc(1, sizeof *c);

    assert(status == 0);
    c->daemon = d;
    c->tcp.data = c;
    c->next = d->connections;
    d->connections = c;
    uv_tcp_init(d->loop, &c->tcp);
    uv_accept(listener, (uv_stream_t *)&c->tcp);
    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

/* --- life ------------------------------------------------------------------------------------ */

static int port_of(const struct fake_daemon *d)
{
    const char *colon = strrchr(d->url, ':');

    return colon ? (int)strtol(colon + 1, NULL, 10) : 0;
}

void fake_daemon_start(struct fake_daemon *d, uv_loop_t *loop)
{
    struct sockaddr_in address;
    int len = sizeof address;

    d->loop = loop;
    d->listener.data = d;
    uv_tcp_init(loop, &d->listener);
    uv_ip4_addr("127.0.0.1", port_of(d), &address); /* a restart keeps its port */
    int err = uv_tcp_bind(&d->listener, (const struct sockaddr *)&address, 0);
    assert(err == 0);
    err = uv_listen((uv_stream_t *)&d->listener, 16, on_connection);
    assert(err == 0);
    uv_tcp_getsockname(&d->listener, (struct sockaddr *)&address, &len);
    snprintf(d->url, sizeof d->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    d->listening = true;
    if (!d->tip[0])
        fake_daemon_tip(d, 100, 'a');
}

void fake_daemon_tip(struct fake_daemon *d, uint64_t height, char digit)
{
    memset(d->tip, digit, 64);
    d->tip[64] = '\0';
    d->height = height;
    for (struct fake_connection *c = d->connections; c; c = c->next) {
        json_t *request = c->waiting;
        c->waiting = NULL;
        if (request)
            answer(c, request, "getblocktemplate", false);
        json_decref(request);
    }
}

unsigned fake_daemon_connections(const struct fake_daemon *d)
{
    unsigned n = 0;

    for (const struct fake_connection *c = d->connections; c; c = c->next)
        n++;
    return n;
}

void fake_daemon_stop(struct fake_daemon *d)
{
    if (!d->listening)
        return;
    d->listening = false;
    while (d->connections)
        drop(d->connections);
    uv_close((uv_handle_t *)&d->listener, NULL);
}

void fake_daemon_free(struct fake_daemon *d)
{
    fake_daemon_stop(d);
    free(d->block);
    d->block = NULL;
}
