/* SPDX-License-Identifier: MIT */
/* One HTTP connection: a request's head and body come in, its answer goes out. API thread. */
#include <stdlib.h>
#include <string.h>

#include "api/server.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

enum { CHUNK_BYTES = 16 * 1024 };

/* --- connections ---------------------------------------------------------------------------------
 */

static struct api_listener *listener_of(struct api *api, struct lws *wsi)
{
    for (unsigned i = 0; i < LISTENERS; i++)
        if (api->listeners[i].vhost && api->listeners[i].vhost == lws_get_vhost(wsi))
            return &api->listeners[i];
    return NULL;
}

/* Whether one more connection may come in. */
static bool admit(struct api *api, struct lws *wsi)
{
    const struct api_listener *listener = listener_of(api, wsi);

    return listener && !api->closing && api->counts.connections[listener->which] < listener->limit;
}

static struct exchange *exchange_new(struct api *api, struct lws *wsi)
{
    const struct api_listener *listener = listener_of(api, wsi);
    struct exchange *x;

    if (!listener)
        return NULL;
    x = xcalloc(1, sizeof *x);
    x->wsi = wsi;
    x->api = api;
    x->listener = listener->which;
    x->next = api->exchanges;
    x->at = &api->exchanges;
    if (x->next)
        x->next->at = &x->next;
    api->exchanges = x;
    api->counts.connections[x->listener]++;
    lws_set_opaque_user_data(wsi, x);
    return x;
}

static void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    lws_set_opaque_user_data(x->wsi, NULL);
    *x->at = x->next;
    if (x->next)
        x->next->at = x->at;
    x->api->counts.connections[x->listener]--;
    str_free(&x->body);
    reply_fini(&x->reply);
    free(x);
}

/* --- the request ---------------------------------------------------------------------------------
 */

static void read_method(struct exchange *x)
{
    static const struct {
        enum lws_token_indexes token;
        enum http_method method;
        const char *name;
    } rows[] = {
        {WSI_TOKEN_GET_URI, METHOD_GET, "GET"},
        {WSI_TOKEN_HEAD_URI, METHOD_GET, "HEAD"},
        {WSI_TOKEN_POST_URI, METHOD_POST, "POST"},
        {WSI_TOKEN_PUT_URI, METHOD_OTHER, "PUT"},
        {WSI_TOKEN_PATCH_URI, METHOD_OTHER, "PATCH"},
        {WSI_TOKEN_DELETE_URI, METHOD_DELETE, "DELETE"},
    };

    x->method = "other";
    x->request.method = METHOD_OTHER;
    x->head = lws_hdr_total_length(x->wsi, WSI_TOKEN_HEAD_URI) > 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (lws_hdr_total_length(x->wsi, rows[i].token) > 0) {
            x->request.method = rows[i].method;
            x->method = rows[i].name;
        }
}

/* The query's parts ("name=value", decoded) as parameters; more than fit are left out. */
static void read_query(struct exchange *x)
{
    size_t used = 0;

    x->request.param_count = 0;
    for (int i = 0; x->request.param_count < PARAMS_MAX; i++) {
        char *part = x->query + used, *equals;
        int len = lws_hdr_copy_fragment(x->wsi, part, (int)(sizeof x->query - used),
                                        WSI_TOKEN_HTTP_URI_ARGS, i);
        if (len < 0 || used + (size_t)len + 1 >= sizeof x->query)
            return;
        part[len] = '\0';
        used += (size_t)len + 1;
        equals = strchr(part, '=');
        if (equals)
            *equals = '\0';
        x->request.params[x->request.param_count++] =
            (struct param){part, equals ? equals + 1 : ""};
    }
}

static bool read_path(struct exchange *x, const char *path, size_t len)
{
    if (len >= sizeof x->path || memchr(path, '\0', len)) {
        x->closing = true;
        reply_error(&x->reply, x->request.now_ms, 400, NULL, "the path is too long or not text");
        return false;
    }
    memcpy(x->path, path, len);
    x->path[len] = '\0';
    x->request.path = x->path;
    return true;
}

static void begin_exchange(struct exchange *x)
{
    struct api *api = x->api;

    reply_fini(&x->reply);
    str_clear(&x->body);
    x->reply.route = "none";
    x->busy = true;
    x->closing = api->closing;
    x->answered = x->headers_sent = false;
    x->ticket = 0;
    x->started_us = now_us();
    x->sent = x->reply_len = 0;
    bridge_take(api);
    x->request = (struct request){.listener = x->listener,
                                  .snapshot = api->snapshot,
                                  .counts = &api->counts,
                                  .now_us = x->started_us,
                                  .now_ms = wall_ms()};
}

/* --- the answer ----------------------------------------------------------------------------------
 */

static void answer_ready(struct exchange *x)
{
    x->answered = true;
    x->ticket = 0;
    x->reply_len = x->reply.body ? strlen(x->reply.body) : 0;
    api_count(&x->api->counts, x->reply.route, x->method, x->reply.status);
    lws_set_timeout(x->wsi, PENDING_TIMEOUT_HTTP_CONTENT, STALL_S);
    lws_callback_on_writable(x->wsi);
}

static void run_request(struct exchange *x)
{
    x->request.body = str_text(&x->body);
    x->request.body_len = x->body.len;
    api_answer(&x->request, &x->reply);
    if (*x->reply.command) {
        x->ticket = ++x->api->tickets;
        lws_set_timeout(x->wsi, PENDING_TIMEOUT_HTTP_CONTENT, STALL_S);
        if (bridge_send(x->api, x->ticket, x->reply.command))
            return;
        reply_unavailable(&x->reply, x->request.now_ms, "too many commands wait; try again later");
    }
    answer_ready(x);
}

void http_take_answers(struct api *api)
{
    struct command_answer answer;
    int64_t now = now_us();

    while (answer_ring_pop(&api->answers, &answer)) {
        api->commands_waiting--;
        for (struct exchange *x = api->exchanges; x; x = x->next)
            if (x->busy && x->ticket == answer.ticket) {
                reply_command_done(&x->reply, wall_ms(), &answer.reply);
                answer_ready(x);
            }
    }
    for (struct exchange *x = api->exchanges; x; x = x->next)
        if (x->busy && x->ticket && (api->closing || now - x->started_us > COMMAND_MAX_US)) {
            reply_unavailable(&x->reply, wall_ms(),
                              api->closing ? "the program stops"
                                           : "the main loop does not answer; the command may "
                                             "still run");
            answer_ready(x);
        }
}

bool http_busy(const struct api *api)
{
    for (const struct exchange *x = api->exchanges; x; x = x->next)
        if (x->busy)
            return true;
    return false;
}

static const struct {
    const char *name, *value;
} fixed_headers[] = {
    {"cache-control:", "no-store"},
    {"x-content-type-options:", "nosniff"},
    {"x-frame-options:", "DENY"},
    {"referrer-policy:", "no-referrer"},
    {"content-security-policy:", "default-src 'none'; frame-ancestors 'none'"},
    {"cross-origin-resource-policy:", "same-origin"},
};

static bool add_header(struct lws *wsi, const char *name, const char *value, unsigned char **at,
                       unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), at,
                                       end) == 0;
}

static int send_headers(struct exchange *x)
{
    unsigned char buffer[LWS_PRE + 2048], *start = buffer + LWS_PRE, *at = start,
                                          *end = buffer + sizeof buffer - 1;
    const struct reply *reply = &x->reply;
    bool ok = lws_add_http_header_status(x->wsi, (unsigned)reply->status, &at, end) == 0;

    ok = ok && add_header(x->wsi, "content-type:", reply->content_type, &at, end);
    for (size_t i = 0; i < sizeof fixed_headers / sizeof *fixed_headers; i++)
        ok = ok && add_header(x->wsi, fixed_headers[i].name, fixed_headers[i].value, &at, end);
    if (reply->allow)
        ok = ok && add_header(x->wsi, "allow:", reply->allow, &at, end);
    if (x->closing)
        ok = ok && add_header(x->wsi, "connection:", "close", &at, end);
    ok = ok && lws_add_http_header_content_length(x->wsi, x->reply_len, &at, end) == 0;
    if (!ok || lws_finalize_write_http_header(x->wsi, start, &at, end))
        return -1;
    x->headers_sent = true;
    return 0;
}

static int send_chunk(struct exchange *x)
{
    unsigned char buffer[LWS_PRE + CHUNK_BYTES];
    size_t left = x->reply_len - x->sent, n = left < CHUNK_BYTES ? left : CHUNK_BYTES;

    memcpy(buffer + LWS_PRE, x->reply.body + x->sent, n);
    x->sent += n;
    return lws_write(x->wsi, buffer + LWS_PRE, n,
                     n == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0
               ? -1
               : 0;
}

static int end_exchange(struct exchange *x)
{
    x->busy = false;
    reply_fini(&x->reply);
    str_free(&x->body);
    if (x->closing)
        return -1;
    return lws_http_transaction_completed(x->wsi) ? -1 : 0;
}

static int on_writable(struct exchange *x)
{
    if (!x->busy || !x->answered)
        return 0;
    if (now_us() - x->started_us > EXCHANGE_MAX_US)
        return -1;
    if (!x->headers_sent) {
        if (send_headers(x) < 0)
            return -1;
        if (x->head || !x->reply_len)
            return end_exchange(x);
    } else {
        if (send_chunk(x) < 0)
            return -1;
        if (x->sent == x->reply_len)
            return end_exchange(x);
    }
    lws_set_timeout(x->wsi, PENDING_TIMEOUT_HTTP_CONTENT, STALL_S);
    lws_callback_on_writable(x->wsi);
    return 0;
}

/* --- what the library reports --------------------------------------------------------------------
 */

static int on_head(struct exchange *x, const char *path, size_t len)
{
    begin_exchange(x);
    read_method(x);
    read_query(x);
    if (!read_path(x, path, len) || !check_head(x)) {
        answer_ready(x);
        return 0;
    }
    if (x->body_len) {
        lws_set_timeout(x->wsi, PENDING_TIMEOUT_HTTP_CONTENT, STALL_S);
        return 0;
    }
    /* the library waits for a body after any POST that does not announce its length */
    if (x->request.method != METHOD_GET &&
        lws_hdr_total_length(x->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
        x->closing = true;
    run_request(x);
    return 0;
}

static int on_body(struct exchange *x, const void *bytes, size_t len)
{
    if (!x->busy || x->answered || x->ticket)
        return 0; /* the rest of a body that was refused */
    if (x->body.len + len > x->body_len || now_us() - x->started_us > EXCHANGE_MAX_US)
        return -1;
    str_add_n(&x->body, bytes, len);
    return 0;
}

static int on_body_end(struct exchange *x)
{
    if (x->busy && !x->answered && !x->ticket && x->body_len)
        run_request(x);
    return 0;
}

int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    struct api *api = lws_context_user(lws_get_context(wsi));
    struct exchange *x = lws_get_opaque_user_data(wsi);

    (void)user;
    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return !admit(api, wsi);
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        return !x && !exchange_new(api, wsi);
    case LWS_CALLBACK_HTTP:
        return x ? on_head(x, in, len) : -1;
    case LWS_CALLBACK_HTTP_BODY:
        return x ? on_body(x, in, len) : -1;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return x ? on_body_end(x) : -1;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return x ? on_writable(x) : -1;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return -1; /* no protocol to change to */
    case LWS_CALLBACK_WSI_DESTROY:
        exchange_free(x);
        return 0;
    default:
        return 0;
    }
}
