/* SPDX-License-Identifier: MIT */
/* The conversations with proxies, as state machines over bytes. */
#include "net/proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "base/hex.h"
#include "base/str.h"

/* --- the URL --------------------------------------------------------------------------------- */

/* Takes `len` bytes with %XX decoded. False: too long, or a bad escape. */
static bool decode(const char *from, size_t len, char to[PROXY_WORD_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)from[i];
        if (from[i] == '%') {
            char digits[3] = {0};
            if (len - i < 3)
                return false;
            memcpy(digits, from + i + 1, 2);
            if (!hex_decode(digits, &byte, 1) || !byte)
                return false;
            i += 2;
        }
        if (n + 1 == PROXY_WORD_MAX)
            return false;
        to[n++] = (char)byte;
    }
    to[n] = 0;
    return true;
}

/* "user:pass@"; returns what follows it, NULL when it is wrong. */
static const char *read_login(const char *text, struct proxy *p)
{
    const char *at = strrchr(text, '@'), *colon;

    if (!at)
        return text;
    colon = memchr(text, ':', (size_t)(at - text));
    if (!colon)
        colon = at;
    if (!decode(text, (size_t)(colon - text), p->user) ||
        (colon < at && !decode(colon + 1, (size_t)(at - colon - 1), p->pass)))
        return NULL;
    return at + 1;
}

int proxy_parse(const char *url, struct proxy *ret, struct fault *why)
{
    static const struct {
        const char *scheme;
        enum proxy_kind kind;
        uint16_t port;
    } kinds[] = {{"socks5://", PROXY_SOCKS5, 1080},
                 {"socks5h://", PROXY_SOCKS5, 1080},
                 {"http://", PROXY_HTTP, 8080}};

    memset(ret, 0, sizeof *ret);
    if (!*url)
        return 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].scheme);
        if (strncasecmp(url, kinds[i].scheme, n) != 0)
            continue;
        ret->kind = kinds[i].kind;
        const char *rest = read_login(url + n, ret);
        if (!rest)
            return fault_set(why, ERR_CONFIG,
                             "the proxy's user or password cannot be read: at "
                             "most 255 bytes each, special ones as %%XX");
        return endpoint_parse(rest, kinds[i].port, false, &ret->at, why);
    }
    return fault_set(why, ERR_CONFIG, "a proxy is socks5://HOST:PORT or http://HOST:PORT");
}

/* --- SOCKS5 ---------------------------------------------------------------------------------- */

enum { METHOD = 0, LOGIN, REPLY, HTTP_HEAD };
enum { SOCKS = 5, NO_LOGIN = 0, BY_PASSWORD = 2, CONNECT = 1, IPV4 = 1, NAME = 3, IPV6 = 4 };

static size_t socks_greeting(const struct proxy *p, uint8_t *out)
{
    bool login = *p->user || *p->pass;

    out[0] = SOCKS;
    out[1] = login ? 2 : 1;
    out[2] = NO_LOGIN;
    out[3] = BY_PASSWORD;
    return login ? 4 : 3;
}

static size_t socks_login(const struct proxy *p, uint8_t *out)
{
    size_t user = strlen(p->user), pass = strlen(p->pass);

    out[0] = 1;
    out[1] = (uint8_t)user;
    memcpy(out + 2, p->user, user);
    out[2 + user] = (uint8_t)pass;
    memcpy(out + 3 + user, p->pass, pass);
    return 3 + user + pass;
}

static size_t socks_connect(const struct endpoint *to, uint8_t *out)
{
    size_t host = strlen(to->host), n = 4;

    out[0] = SOCKS;
    out[1] = CONNECT;
    out[2] = 0;
    if (inet_pton(AF_INET, to->host, out + 4) == 1) {
        out[3] = IPV4;
        n += 4;
    } else if (inet_pton(AF_INET6, to->host, out + 4) == 1) {
        out[3] = IPV6;
        n += 16;
    } else {
        out[3] = NAME;
        out[4] = (uint8_t)host;
        memcpy(out + 5, to->host, host);
        n += 1 + host;
    }
    out[n] = (uint8_t)(to->port >> 8);
    out[n + 1] = (uint8_t)to->port;
    return n + 2;
}

static const char *socks_words(uint8_t code)
{
    static const char *const words[] = {
        "",
        "general failure",
        "not allowed by its rules",
        "network unreachable",
        "host unreachable",
        "connection refused",
        "time to live expired",
        "command not supported",
        "address type not supported",
    };

    return code < sizeof words / sizeof *words ? words[code] : "unknown failure";
}

/* Bytes of the whole reply; 0 = not known yet or a type that does not exist. */
static size_t socks_reply_len(const struct proxy_talk *t)
{
    if (t->have < 5)
        return 0;
    switch (t->heard[3]) {
    case IPV4:
        return 10;
    case IPV6:
        return 22;
    case NAME:
        return 7 + (size_t)t->heard[4];
    default:
        return 0;
    }
}

#define SAY(code, ...) (snprintf(reason, reason_size, __VA_ARGS__), (code))

static int socks_method(struct proxy_talk *t, uint8_t *out, size_t *out_len, char *reason,
                        size_t reason_size)
{
    bool login = *t->proxy->user || *t->proxy->pass;

    if (t->have < 2)
        return 0;
    uint8_t method = t->heard[1];
    if (t->heard[0] != SOCKS)
        return SAY(ERR_PROTOCOL, "the proxy does not speak SOCKS5");
    if (t->have > 2)
        return SAY(ERR_PROTOCOL, "the proxy says more than it was asked");
    t->have = 0;
    if (method == BY_PASSWORD && login) {
        *out_len = socks_login(t->proxy, out);
        t->step = LOGIN;
    } else if (method == NO_LOGIN) {
        *out_len = socks_connect(&t->to, out);
        t->step = REPLY;
    } else {
        return SAY(ERR_REJECTED, "the proxy wants a login that was not given (user and password)");
    }
    return 0;
}

static int socks_logged_in(struct proxy_talk *t, uint8_t *out, size_t *out_len, char *reason,
                           size_t reason_size)
{
    if (t->have < 2)
        return 0;
    if (t->heard[1] != 0)
        return SAY(ERR_REJECTED, "the proxy refused user or password");
    if (t->have > 2)
        return SAY(ERR_PROTOCOL, "the proxy says more than it was asked");
    t->have = 0;
    *out_len = socks_connect(&t->to, out);
    t->step = REPLY;
    return 0;
}

static int socks_reply(struct proxy_talk *t, uint8_t *out, size_t *out_len, char *reason,
                       size_t reason_size)
{
    size_t whole = socks_reply_len(t);

    (void)out;
    (void)out_len;
    if (t->have >= 2 && t->heard[0] != SOCKS)
        return SAY(ERR_PROTOCOL, "the proxy does not speak SOCKS5");
    if (t->have >= 2 && t->heard[1])
        return SAY(ERR_REJECTED, "the proxy cannot connect: %s", socks_words(t->heard[1]));
    if (t->have >= 5 && !whole)
        return SAY(ERR_PROTOCOL, "the proxy's reply has an unknown address type");
    if (!whole || t->have < whole)
        return 0;
    if (t->have > whole)
        return SAY(ERR_PROTOCOL, "the proxy says more than it was asked");
    return 1;
}

/* --- HTTP ------------------------------------------------------------------------------------ */

static size_t http_connect(const struct proxy *p, const struct endpoint *to, uint8_t *out)
{
    bool v6 = strchr(to->host, ':') != NULL;
    char target[HOST_MAX + 10], login[2 * PROXY_WORD_MAX], coded[3 * PROXY_WORD_MAX];
    AUTO_STR struct str s = {0};

    (void)snprintf(target, sizeof target, v6 ? "[%s]:%u" : "%s:%u", to->host, to->port);
    str_addf(&s, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", target, target);
    if (*p->user || *p->pass) {
        int n = snprintf(login, sizeof login, "%s:%s", p->user, p->pass);
        (void)EVP_EncodeBlock((unsigned char *)coded, (const unsigned char *)login, n);
        str_addf(&s, "Proxy-Authorization: Basic %s\r\n", coded);
    }
    str_add(&s, "\r\n");
    memcpy(out, s.s, s.len);
    return s.len;
}

static int http_head(struct proxy_talk *t, uint8_t *out, size_t *out_len, char *reason,
                     size_t reason_size)
{
    const char *text = (const char *)t->heard, *end = memmem(text, t->have, "\r\n\r\n", 4);

    (void)out;
    (void)out_len;
    if (!end)
        return 0;
    if (t->have < 12 || strncmp(text, "HTTP/1.", 7) != 0)
        return SAY(ERR_PROTOCOL, "the proxy does not speak HTTP");
    if (text[8] != ' ' || strspn(text + 9, "0123456789") < 3)
        return SAY(ERR_PROTOCOL, "the proxy does not speak HTTP");
    int status = (text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0');
    if (status == 407)
        return SAY(ERR_REJECTED, "the proxy wants another user and password (407)");
    if (status < 200 || status > 299)
        return SAY(ERR_REJECTED, "the proxy does not connect (HTTP status %d)", status);
    if (end + 4 != text + t->have)
        return SAY(ERR_PROTOCOL, "the proxy says more than it was asked");
    return 1;
}

/* --- both ------------------------------------------------------------------------------------ */

size_t proxy_begin(struct proxy_talk *t, const struct proxy *p, const struct endpoint *to,
                   uint8_t *out)
{
    t->proxy = p;
    t->to = *to;
    t->have = 0;
    t->step = p->kind == PROXY_HTTP ? HTTP_HEAD : METHOD;
    return p->kind == PROXY_HTTP ? http_connect(p, to, out) : socks_greeting(p, out);
}

int proxy_take(struct proxy_talk *t, const uint8_t *bytes, size_t len, uint8_t *out,
               size_t *out_len, char *reason, size_t reason_size)
{
    static int (*const steps[])(struct proxy_talk *, uint8_t *, size_t *, char *, size_t) = {
        [METHOD] = socks_method,
        [LOGIN] = socks_logged_in,
        [REPLY] = socks_reply,
        [HTTP_HEAD] = http_head,
    };

    *out_len = 0;
    if (len > sizeof t->heard - t->have)
        return SAY(ERR_PROTOCOL, "the proxy's answer is too long");
    memcpy(t->heard + t->have, bytes, len);
    t->have += len;
    return steps[t->step](t, out, out_len, reason, reason_size);
}
