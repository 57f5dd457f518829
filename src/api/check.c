/* SPDX-License-Identifier: MIT */
/* What the head of a request must satisfy before a route sees it: framing that cannot be read in
 * two ways, a host and origin on this machine (against DNS rebinding and foreign pages), sizes. */
#include <stdlib.h>
#include <string.h>

#include "api/server.h"

/* A header's text in `out`. Returns its length, 0 when absent, -1 when it does not fit. */
static int header(struct exchange *x, enum lws_token_indexes token, char *out, size_t size)
{
    int len = lws_hdr_total_length(x->wsi, token);

    *out = '\0';
    if (len <= 0)
        return 0;
    if ((size_t)len >= size || lws_hdr_copy(x->wsi, out, (int)size, token) < 0)
        return -1;
    return len;
}

static bool refuse(struct exchange *x, int status, const char *text)
{
    x->closing = true; /* what follows may be the rest of this request */
    reply_error(&x->reply, x->request.now_ms, status, NULL, "%s", text);
    return false;
}

static bool check_host(struct exchange *x)
{
    char host[256];
    int len = header(x, WSI_TOKEN_HOST, host, sizeof host);

    if (len <= 0)
        return refuse(x, 400, "the request has no usable Host header");
    if ((x->listener == LISTENER_API || x->api->listeners[x->listener].loopback) &&
        !authority_is_loopback(host))
        return refuse(x, 403,
                      "the Host header must name this machine's loopback address, such as "
                      "127.0.0.1 or localhost");
    return true;
}

static bool check_origin(struct exchange *x)
{
    char origin[256];
    const char *host;
    int len = header(x, WSI_TOKEN_ORIGIN, origin, sizeof origin);

    if (len == 0)
        return true;
    host = strstr(origin, "://");
    if (len < 0 || !host || !authority_is_loopback(host + 3))
        return refuse(x, 403, "pages of other origins may not use this API");
    return true;
}

/* The announced length of the body, refusing all that two readers could take differently. */
static bool check_length(struct exchange *x)
{
    char text[64];
    int len = header(x, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof text);

    if (lws_hdr_total_length(x->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return refuse(x, 411, "send a Content-Length instead of Transfer-Encoding");
    x->body_len = 0;
    if (len == 0)
        return true;
    if (len < 0 || strspn(text, "0123456789") != (size_t)len)
        return refuse(x, 400, "Content-Length is not a number");
    if (len > 9 || strtoul(text, NULL, 10) > ROUTE_BODY_MAX)
        return refuse(x, 413, "the body is larger than 64 kB");
    x->body_len = strtoul(text, NULL, 10);
    if (x->body_len && x->request.method != METHOD_POST)
        return refuse(x, 400, "only POST has a body here");
    return true;
}

static bool check_type(struct exchange *x)
{
    static const char json[] = "application/json";
    char type[128];

    if (!x->body_len)
        return true;
    if (header(x, WSI_TOKEN_HTTP_CONTENT_TYPE, type, sizeof type) <= 0 ||
        strncasecmp(type, json, strlen(json)) != 0 || !memchr("; \t", type[strlen(json)], 4))
        return refuse(x, 415, "the body must have Content-Type: application/json");
    return true;
}

bool check_head(struct exchange *x)
{
    char accept[256];

    if (!check_length(x) || !check_host(x) || !check_origin(x) || !check_type(x))
        return false;
    x->request.wants_json = header(x, WSI_TOKEN_HTTP_ACCEPT, accept, sizeof accept) > 0 &&
                            strstr(accept, "application/json");
    return true;
}
