/* SPDX-License-Identifier: MIT */
/* libcurl tells which sockets and which time-out it waits for; uv watches them for it
 * (curl_multi_socket_action, libcurl's documented event-loop interface). */
#include "net/curl.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

struct http {
    uv_loop_t *loop;
    CURLM *multi;
    uv_timer_t timer;
    struct http_call *calls;
    unsigned handles; /* open uv handles; the memory goes with the last */
};

struct watch { /* one socket */
    uv_poll_t poll;
    struct http *http;
    curl_socket_t fd;
};

struct http_call {
    struct http *http;
    struct http_call *prev, *next;
    CURL *easy;
    struct curl_slist *headers;
    struct str reply;
    size_t max_bytes;
    bool too_long;
    int64_t start_us;
    http_done_fn *done;
    void *arg;
    char error[CURL_ERROR_SIZE];
};

/* --- calls ----------------------------------------------------------------------------------- */

static void call_free(struct http_call *call)
{
    struct http *h = call->http;

    if (call->prev)
        call->prev->next = call->next;
    else
        h->calls = call->next;
    if (call->next)
        call->next->prev = call->prev;
    curl_multi_remove_handle(h->multi, call->easy);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    str_free(&call->reply);
    free(call);
}

static int uv_code(CURLcode code)
{
    static const struct {
        CURLcode curl;
        int uv;
    } rows[] = {
        {CURLE_OK, 0},
        {CURLE_URL_MALFORMAT, UV_EINVAL},
        {CURLE_UNSUPPORTED_PROTOCOL, UV_EINVAL},
        {CURLE_COULDNT_RESOLVE_HOST, UV_EAI_NONAME},
        {CURLE_COULDNT_CONNECT, UV_ECONNREFUSED},
        {CURLE_OPERATION_TIMEDOUT, UV_ETIMEDOUT},
        {CURLE_WRITE_ERROR, UV_EMSGSIZE},
        {CURLE_FILESIZE_EXCEEDED, UV_EMSGSIZE},
        {CURLE_GOT_NOTHING, UV_EOF},
        {CURLE_PARTIAL_FILE, UV_EOF},
        {CURLE_RECV_ERROR, UV_ECONNRESET},
        {CURLE_SEND_ERROR, UV_ECONNRESET},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].curl == code)
            return rows[i].uv;
    return ERR_PROTOCOL;
}

static void finish(struct http_call *call, CURLcode code)
{
    struct http_reply reply = {.err = uv_code(code),
                               .body = str_text(&call->reply),
                               .len = call->reply.len,
                               .ms = (double)(now_us() - call->start_us) / 1000};
    char text[CURL_ERROR_SIZE] = "";

    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &reply.status);
    if (call->too_long)
        text_copy(text, sizeof text, "the answer is longer than it may be");
    else if (code != CURLE_OK)
        text_copy(text, sizeof text, call->error[0] ? call->error : curl_easy_strerror(code));
    reply.text = text;
    call->done(call->arg, &reply);
    call_free(call);
}

static void reap(struct http *h)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(h->multi, &left))) {
        struct http_call *call = NULL;
        if (msg->msg != CURLMSG_DONE)
            continue;
        CURLcode code = msg->data.result;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        finish(call, code);
    }
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct http_call *call = arg;
    size_t len = size * count;

    if (len > call->max_bytes - call->reply.len) {
        call->too_long = true;
        return 0;
    }
    str_add_n(&call->reply, bytes, len);
    return len;
}

/* --- libcurl's sockets and timer on uv ------------------------------------------------------- */

static void handle_gone(struct http *h)
{
    if (--h->handles == 0)
        free(h);
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct watch *w = handle->data;

    handle_gone(w->http);
    free(w);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    struct http *h = w->http;
    int flags = 0, running;

    if (status < 0)
        flags = CURL_CSELECT_ERR;
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(h->multi, w->fd, flags, &running);
    reap(h);
}

static void on_timer(uv_timer_t *timer)
{
    struct http *h = timer->data;
    int running;

    curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    reap(h);
}

static struct watch *watch_new(struct http *h, curl_socket_t fd)
{
    struct watch *w = xcalloc(1, sizeof *w);

    w->http = h;
    w->fd = fd;
    w->poll.data = w;
    if (uv_poll_init_socket(h->loop, &w->poll, fd) < 0) {
        free(w);
        return NULL;
    }
    h->handles++;
    curl_multi_assign(h->multi, fd, w);
    return w;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket)
{
    struct http *h = arg;
    struct watch *w = socket;
    int events = 0;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            curl_multi_assign(h->multi, fd, NULL);
            uv_poll_stop(&w->poll);
            uv_close((uv_handle_t *)&w->poll, on_watch_closed);
        }
        return 0;
    }
    if (!w && !(w = watch_new(h, fd)))
        return -1;
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    return uv_poll_start(&w->poll, events, on_socket) < 0 ? -1 : 0;
}

static int want_timer(CURLM *multi, long ms, void *arg)
{
    struct http *h = arg;

    (void)multi;
    if (ms < 0)
        uv_timer_stop(&h->timer);
    else
        uv_timer_start(&h->timer, on_timer, (uint64_t)ms, 0);
    return 0;
}

/* --- opening and closing --------------------------------------------------------------------- */

struct http *http_new(uv_loop_t *loop)
{
    struct http *h = xcalloc(1, sizeof *h);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    h->loop = loop;
    h->handles = 1;
    uv_timer_init(loop, &h->timer);
    h->timer.data = h;
    h->multi = curl_multi_init();
    if (!h->multi)
        abort(); /* out of memory, as in base/alloc */
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    return h;
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_gone(handle->data);
}

void http_close(struct http *h)
{
    if (!h)
        return;
    while (h->calls)
        call_free(h->calls);
    curl_multi_cleanup(h->multi);
    uv_timer_stop(&h->timer);
    uv_close((uv_handle_t *)&h->timer, on_timer_closed);
}

static void set_body(struct http_call *call, const struct http_request *request)
{
    if (!request->body)
        return;
    /* an empty Expect keeps libcurl from waiting for "100 Continue", which daemons do not send */
    call->headers = curl_slist_append(call->headers, "Content-Type: application/json");
    call->headers = curl_slist_append(call->headers, "Expect:");
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
    curl_easy_setopt(call->easy, CURLOPT_COPYPOSTFIELDS, request->body);
}

static void set_options(struct http_call *call, const struct http_request *request)
{
    CURL *easy = call->easy;

    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a name being resolved */
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(
        easy, CURLOPT_CONNECTTIMEOUT_MS,
        (long)(request->connect_timeout_ms ? request->connect_timeout_ms : request->timeout_ms));
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "otedama/" OTEDAMA_VERSION);
    if (request->user) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH,
                         (long)(request->digest ? CURLAUTH_DIGEST : CURLAUTH_BASIC));
        curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, request->pass ? request->pass : "");
    }
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    set_body(call, request);
}

struct http_call *http_start(struct http *h, const struct http_request *request, http_done_fn *done,
                             void *arg)
{
    struct http_call *call = xcalloc(1, sizeof *call);

    call->http = h;
    call->done = done;
    call->arg = arg;
    call->max_bytes = request->max_bytes;
    call->start_us = now_us();
    call->easy = curl_easy_init();
    if (!call->easy)
        abort(); /* out of memory, as in base/alloc */
    set_options(call, request);
    call->next = h->calls;
    if (h->calls)
        h->calls->prev = call;
    h->calls = call;
    curl_multi_add_handle(h->multi, call->easy);
    return call;
}

void http_abort(struct http_call *call)
{
    call_free(call);
}
