/* SPDX-License-Identifier: MIT */
/* Reading and writing network addresses. */
#include "net/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

static bool parse_port(const char *text, bool allow_zero, uint16_t *ret)
{
    uint32_t port = 0;

    if (!*text || strlen(text) > 5)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        port = port * 10 + (uint32_t)(*text - '0');
    }
    if (port > UINT16_MAX || (!port && !allow_zero))
        return false;
    *ret = (uint16_t)port;
    return true;
}

static bool host_ok(const char *host)
{
    if (!*host)
        return false;
    for (; *host; host++) {
        unsigned char c = (unsigned char)*host;
        bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!word && !strchr(".-_:%*", c))
            return false;
    }
    return true;
}

int endpoint_parse(const char *text, uint16_t default_port, bool allow_zero, struct endpoint *ret,
                   struct fault *why)
{
    struct endpoint e = {.port = default_port};
    const char *host = text, *host_end, *port = NULL;

    if (*text == '[') {
        host++;
        host_end = strchr(text, ']');
        if (!host_end || (host_end[1] && host_end[1] != ':'))
            return fault_set(why, ERR_CONFIG, "\"%.80s\" is not an address: write [IPv6]:port",
                             text);
        if (host_end[1])
            port = host_end + 2;
    } else {
        host_end = strchrnul(text, ':');
        if (*host_end && strchr(host_end + 1, ':'))
            return fault_set(why, ERR_CONFIG,
                             "\"%.80s\" has several colons: put an IPv6 address in brackets, "
                             "[::1]:3333",
                             text);
        if (*host_end)
            port = host_end + 1;
    }
    size_t len = (size_t)(host_end - host);
    if (len >= sizeof e.host)
        return fault_set(why, ERR_CONFIG, "the host name is longer than %d characters",
                         HOST_MAX - 1);
    memcpy(e.host, host, len);
    if (!host_ok(e.host))
        return fault_set(why, ERR_CONFIG, "\"%.80s\" has no usable host name: write host:port",
                         text);
    if (port && !parse_port(port, allow_zero, &e.port))
        return fault_set(why, ERR_CONFIG, "\"%.80s\" has no usable port: write a number 1..65535",
                         text);
    if (!port && !default_port)
        return fault_set(why, ERR_CONFIG, "\"%.80s\" names no port: write host:port", text);
    *ret = e;
    return 0;
}

void endpoint_format(const struct endpoint *e, char out[PEER_MAX])
{
    bool v6 = strchr(e->host, ':') != NULL;

    (void)snprintf(out, PEER_MAX, v6 ? "[%.54s]:%u" : "%.56s:%u", e->host, e->port);
}

void sockaddr_format(const struct sockaddr *sa, char out[PEER_MAX])
{
    struct endpoint e = {0};

    if (sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)sa;
        (void)inet_ntop(AF_INET6, &in6->sin6_addr, e.host, sizeof e.host);
        e.port = ntohs(in6->sin6_port);
    } else if (sa->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)sa;
        (void)inet_ntop(AF_INET, &in->sin_addr, e.host, sizeof e.host);
        e.port = ntohs(in->sin_port);
    } else {
        (void)text_copy(e.host, sizeof e.host, "?");
    }
    endpoint_format(&e, out);
}

bool host_is_literal(const char *host)
{
    struct in6_addr any;

    return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

int endpoint_literal(const struct endpoint *e, struct sockaddr_storage *ret, struct fault *why)
{
    const char *host = e->host;

    if (!strcasecmp(host, "localhost"))
        host = "127.0.0.1";
    else if (!strcmp(host, "*"))
        host = "0.0.0.0";
    memset(ret, 0, sizeof *ret);
    struct sockaddr_in *in = (void *)ret;
    if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons(e->port);
        return 0;
    }
    struct sockaddr_in6 *in6 = (void *)ret;
    if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(e->port);
        return 0;
    }
    return fault_set(why, ERR_CONFIG,
                     "cannot listen on \"%.80s\": write an address such as 127.0.0.1 or 0.0.0.0",
                     e->host);
}
