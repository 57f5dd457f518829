/* SPDX-License-Identifier: MIT */
/* JSON-RPC over HTTP as coin daemons speak it. */
#include "chain/rpc.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

enum { COOKIE_MAX = 1024, CONNECT_MS = 5000 };

struct rpc {
    struct http *http;
    const struct rpc_style *style;
    char *url, *user, *pass; /* the URL has no credentials in it */
    char *cookie_file;       /* NULL = user and password are fixed */
    struct rpc_call *calls;
    uint32_t next_id;
};

struct rpc_call {
    struct rpc *rpc;
    struct rpc_call *prev, *next;
    struct http_call *http;
    char *body;
    size_t body_len, max_bytes;
    int64_t timeout_ms;
    uint32_t id;
    bool again; /* once more after the cookie was read again */
    rpc_done_fn *done;
    void *arg;
};

/* --- credentials ----------------------------------------------------------------------------- */

static void wipe(char **secret)
{
    if (*secret)
        explicit_bzero(*secret, strlen(*secret));
    free(*secret);
    *secret = NULL;
}

/* Takes "user:password" from the cookie file, which a daemon writes anew at each start. True when
 * they differ from what was used before. A local file of one line: read in place. */
static bool read_cookie(struct rpc *rpc)
{
    char *text;
    size_t len;

    if (!rpc->cookie_file || file_read(rpc->cookie_file, COOKIE_MAX, &text, &len) < 0)
        return false;
    text[strcspn(text, "\r\n")] = '\0';
    char *colon = strchr(text, ':');
    bool changed = false;
    if (colon) {
        *colon = '\0';
        changed = !rpc->user || strcmp(rpc->user, text) || strcmp(rpc->pass, colon + 1);
    }
    if (changed) {
        wipe(&rpc->user);
        wipe(&rpc->pass);
        rpc->user = xstrdup(text);
        rpc->pass = xstrdup(colon + 1);
    }
    explicit_bzero(text, len);
    free(text);
    return changed;
}

/* Credentials in the URL move out of it; what is left may be shown. */
static bool split_url(struct rpc *rpc, const char *text, char *name, size_t size)
{
    CURLU *url = curl_url();
    char *user = NULL, *pass = NULL, *host = NULL, *port = NULL, *scheme = NULL, *whole = NULL,
         *path = NULL;
    bool ok = url && !curl_url_set(url, CURLUPART_URL, text, 0) &&
              !curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) &&
              (!strcmp(scheme, "http") || !strcmp(scheme, "https")) &&
              !curl_url_get(url, CURLUPART_HOST, &host, 0) &&
              !curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);

    if (ok && !curl_url_get(url, CURLUPART_USER, &user, CURLU_URLDECODE)) {
        wipe(&rpc->user);
        rpc->user = xstrdup(user);
        curl_url_set(url, CURLUPART_USER, NULL, 0);
    }
    if (ok && !curl_url_get(url, CURLUPART_PASSWORD, &pass, CURLU_URLDECODE)) {
        wipe(&rpc->pass);
        rpc->pass = xstrdup(pass);
        curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
    }
    if (ok && *rpc->style->path && !curl_url_get(url, CURLUPART_PATH, &path, 0) &&
        !strcmp(path, "/"))
        curl_url_set(url, CURLUPART_PATH, rpc->style->path, 0);
    ok = ok && !curl_url_get(url, CURLUPART_URL, &whole, 0);
    if (ok) {
        struct str both AUTO_STR = {0};
        str_addf(&both, "%s:%s", host, port);
        text_clean(name, size, both.s);
        rpc->url = xstrdup(whole);
    }
    curl_free(user);
    curl_free(pass);
    curl_free(host);
    curl_free(port);
    curl_free(scheme);
    curl_free(whole);
    curl_free(path);
    curl_url_cleanup(url);
    return ok;
}

static bool given(const char *text)
{
    return text && *text;
}

int rpc_new(struct http *http, const struct rpc_style *style, const struct daemon_config *config,
            char *name, size_t name_size, struct rpc **ret, struct fault *why)
{
    struct rpc *rpc = xcalloc(1, sizeof *rpc);

    rpc->http = http;
    rpc->style = style;
    if (!given(config->url) || !split_url(rpc, config->url, name, name_size)) {
        rpc_free(rpc);
        return fault_set(why, ERR_CONFIG,
                         "a daemon's url is not of the form http://127.0.0.1:9332");
    }
    if (given(config->cookie_file) && !style->cookie) {
        rpc_free(rpc);
        return fault_set(why, ERR_CONFIG,
                         "this coin's daemon writes no cookie file: give user and pass of its %s",
                         style->option);
    }
    if (given(config->user)) {
        wipe(&rpc->user);
        rpc->user = xstrdup(config->user);
    }
    if (given(config->pass)) {
        wipe(&rpc->pass);
        rpc->pass = xstrdup(config->pass);
    }
    if (rpc->user && !rpc->pass)
        rpc->pass = xstrdup("");
    if (given(config->cookie_file) && !rpc->user) {
        rpc->cookie_file = xstrdup(config->cookie_file);
        (void)read_cookie(rpc);
    }
    *ret = rpc;
    return 0;
}

/* --- calls ----------------------------------------------------------------------------------- */

static void call_free(struct rpc_call *call)
{
    if (call->prev)
        call->prev->next = call->next;
    else
        call->rpc->calls = call->next;
    if (call->next)
        call->next->prev = call->prev;
    free(call->body);
    free(call);
}

void rpc_abort(struct rpc_call *call)
{
    if (!call)
        return;
    http_abort(call->http);
    call_free(call);
}

void rpc_free(struct rpc *rpc)
{
    if (!rpc)
        return;
    while (rpc->calls)
        rpc_abort(rpc->calls);
    free(rpc->url);
    free(rpc->cookie_file);
    wipe(&rpc->user);
    wipe(&rpc->pass);
    free(rpc);
}

/* The error member of an answer; false when there is none. */
static bool take_error(const json_t *answer, struct rpc_reply *reply, char *text, size_t size)
{
    const json_t *error = json_object_get(answer, "error");

    if (!error || json_is_null(error))
        return false;
    const char *message = json_string_value(json_object_get(error, "message"));
    reply->err = ERR_RPC;
    reply->code = (long)json_integer_value(json_object_get(error, "code"));
    text_clean(text, size, message ? message : "an error without a message");
    return true;
}

static void take_answer(const struct rpc_call *call, const json_t *answer, struct rpc_reply *reply,
                        char *text, size_t size)
{
    if (take_error(answer, reply, text, size))
        return;
    const json_t *id = json_object_get(answer, "id");
    reply->result = json_object_get(answer, "result");
    if (json_is_integer(id) && json_integer_value(id) == call->id && reply->result)
        return;
    reply->err = ERR_PROTOCOL;
    reply->result = NULL;
    text_copy(text, size, "the answer is not that of a coin daemon");
}

static void take_failure(const struct rpc_call *call, const struct http_reply *http,
                         struct rpc_reply *reply, char *text, size_t size)
{
    struct str said AUTO_STR = {0};

    if (http->err) {
        reply->err = http->err;
        str_add(&said, http->text);
    } else if (http->status == 401 || http->status == 403) {
        reply->err = ERR_UNAUTHORIZED;
        str_addf(&said, "the daemon refused our credentials (HTTP %ld): check ", http->status);
        if (call->rpc->cookie_file)
            str_add(&said, "that the cookie file can be read and is this daemon's");
        else
            str_addf(&said, "user, pass and the daemon's %s", call->rpc->style->option);
    } else if (http->status == 503) {
        reply->err = UV_EBUSY;
        str_add(&said, "the daemon's work queue is full: raise its rpcworkqueue or rpcthreads");
    } else {
        reply->err = ERR_PROTOCOL;
        str_addf(&said, "the answer is not JSON (HTTP %ld): is this a coin daemon?", http->status);
    }
    text_clean(text, size, str_text(&said));
}

static void send_call(struct rpc_call *call);

static void on_http(void *arg, const struct http_reply *http)
{
    struct rpc_call *call = arg;
    struct rpc_reply reply = {.ms = http->ms};
    json_t *answer = NULL;
    char text[200] = "";

    bool refused = http->status == 401 || http->status == 403;
    if (refused && !call->again && read_cookie(call->rpc)) {
        call->again = true;
        send_call(call);
        return;
    }
    if (!http->err && !refused && http->status != 503)
        answer = json_loadb(http->body, http->len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(answer))
        take_answer(call, answer, &reply, text, sizeof text);
    else
        take_failure(call, http, &reply, text, sizeof text);
    reply.text = text;
    rpc_done_fn *done = call->done;
    void *to = call->arg;
    call_free(call);
    done(to, &reply);
    json_decref(answer);
}

static void send_call(struct rpc_call *call)
{
    const struct rpc *rpc = call->rpc;
    const struct http_request request = {
        .url = rpc->url,
        .user = rpc->user,
        .pass = rpc->pass,
        .digest = rpc->style->digest,
        .body = call->body,
        .body_len = call->body_len,
        .timeout_ms = call->timeout_ms,
        .connect_timeout_ms = call->timeout_ms < CONNECT_MS ? call->timeout_ms : CONNECT_MS,
        .max_bytes = call->max_bytes,
    };

    call->http = http_start(rpc->http, &request, on_http, call);
}

struct rpc_call *rpc_start(struct rpc *rpc, const char *method, json_t *params, int64_t timeout_ms,
                           size_t max_bytes, rpc_done_fn *done, void *arg)
{
    struct rpc_call *call = xcalloc(1, sizeof *call);

    call->rpc = rpc;
    call->id = ++rpc->next_id;
    call->timeout_ms = timeout_ms;
    call->max_bytes = max_bytes;
    call->done = done;
    call->arg = arg;
    json_t *request = json_pack("{s:s, s:I, s:s, s:o}", "jsonrpc", call->rpc->style->version, "id",
                                (json_int_t)call->id, "method", method, "params", params);
    call->body = request ? json_dumps(request, JSON_COMPACT) : NULL;
    json_decref(request);
    if (!call->body)
        abort(); /* out of memory, as in base/alloc: all our strings are ASCII */
    call->body_len = strlen(call->body);
    call->next = rpc->calls;
    if (rpc->calls)
        rpc->calls->prev = call;
    rpc->calls = call;
    send_call(call);
    return call;
}
