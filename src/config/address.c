/* SPDX-License-Identifier: MIT */
/* host:port and URL syntax. */
#include "config/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool parse_port(const char *text, size_t len, unsigned *port)
{
    unsigned value = 0;

    if (!len || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    *port = value;
    return value <= 65535;
}

static bool host_letters(const char *host)
{
    struct in_addr v4;

    if (strspn(host, "0123456789.") == strlen(host) && *host)
        return inet_pton(AF_INET, host, &v4) == 1;
    for (; *host; host++)
        if (!isalnum((unsigned char)*host) && !strchr("-._", *host))
            return false;
    return true;
}

bool address_split(const char *text, char *host, size_t size, unsigned *port)
{
    const char *colon = strrchr(text, ':');
    struct in6_addr v6;
    size_t len = colon ? (size_t)(colon - text) : 0;
    bool bracket = colon && len >= 2 && *text == '[' && colon[-1] == ']';

    if (!colon || !parse_port(colon + 1, strlen(colon + 1), port))
        return false;
    if (bracket) {
        text++;
        len -= 2;
    }
    if (len >= size || len > 253)
        return false;
    memcpy(host, text, len);
    host[len] = 0;
    return bracket ? inet_pton(AF_INET6, host, &v6) == 1 : host_letters(host);
}

bool host_is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return !strcasecmp(host, "localhost");
}

/* Are all bits past the length zero? */
static bool begins_network(const uint8_t *bytes, unsigned count, unsigned bits)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned kept = bits > 8 * i ? bits - 8 * i : 0;
        if (kept < 8 && (bytes[i] & (0xff >> kept)))
            return false;
    }
    return true;
}

bool network_check(const char *text)
{
    char host[64];
    size_t len = strcspn(text, "/");
    unsigned bits = 0;
    uint8_t any[sizeof(struct in6_addr)];

    if (len >= sizeof host)
        return false;
    memcpy(host, text, len);
    host[len] = 0;
    bool four = inet_pton(AF_INET, host, any) == 1;
    if (!four && inet_pton(AF_INET6, host, any) != 1)
        return false;
    return !text[len] || (parse_port(text + len + 1, strlen(text + len + 1), &bits) &&
                          bits <= (four ? 32 : 128) && begins_network(any, four ? 4 : 16, bits));
}

bool url_check(const char *text, const char **why)
{
    const char *rest = strstr(text, "://");
    char host[300], address[300];
    unsigned port;

    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c <= ' ') {
            *why = "must not contain spaces";
            return false;
        }
    }
    rest = rest ? rest + 3 : text;
    size_t end = strcspn(rest, "/?#");
    for (size_t i = 0; i < end; i++) /* the last '@' before the path ends user and password */
        if (rest[i] == '@') {
            rest += i + 1;
            end -= i + 1;
            i = (size_t)-1;
        }
    *why = "has no host name";
    if (!end || *rest == ':')
        return false;
    *why = "has a host or port that is not valid";
    if (end >= sizeof address - 8)
        return false;
    memcpy(address, rest, end);
    address[end] = 0;
    bool has_port = *address == '[' ? strstr(address, "]:") != NULL : strchr(address, ':') != NULL;
    if (!has_port)
        memcpy(address + end, ":1", 3);
    return address_split(address, host, sizeof host, &port) && *host && port;
}
