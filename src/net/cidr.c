/* SPDX-License-Identifier: MIT */
/* Reading, writing and comparing addresses and networks. */
#include "net/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t ipv4_prefix[12] = {[10] = 0xff, [11] = 0xff};

struct address address_of(const struct sockaddr *sa)
{
    struct address ret = {{0}};

    if (sa->sa_family == AF_INET6) {
        memcpy(ret.bytes, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
    } else if (sa->sa_family == AF_INET) {
        memcpy(ret.bytes, ipv4_prefix, sizeof ipv4_prefix);
        memcpy(ret.bytes + 12, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
    }
    return ret;
}

bool address_is_ipv4(const struct address *a)
{
    return !memcmp(a->bytes, ipv4_prefix, sizeof ipv4_prefix);
}

bool address_is_loopback(const struct address *a)
{
    static const struct address ipv6 = {{[15] = 1}};

    return address_is_ipv4(a) ? a->bytes[12] == 127 : !memcmp(a, &ipv6, sizeof ipv6);
}

struct cidr cidr_of(const struct address *a, unsigned bits)
{
    struct cidr ret = {.bits = (uint8_t)(bits < 128 ? bits : 128)};

    memcpy(ret.base.bytes, a->bytes, ret.bits / 8u);
    if (ret.bits % 8)
        ret.base.bytes[ret.bits / 8] =
            (uint8_t)(a->bytes[ret.bits / 8] & ~(0xffu >> (ret.bits % 8)));
    return ret;
}

bool cidr_has(const struct cidr *c, const struct address *a)
{
    struct cidr mine = cidr_of(a, c->bits);

    return !memcmp(mine.base.bytes, c->base.bytes, sizeof mine.base.bytes);
}

static bool read_address(const char *host, struct address *a)
{
    if (inet_pton(AF_INET6, host, a->bytes) == 1)
        return true;
    memcpy(a->bytes, ipv4_prefix, sizeof ipv4_prefix);
    return inet_pton(AF_INET, host, a->bytes + 12) == 1;
}

/* What stands behind the slash; `most` without one. -1: it is not a length. */
static int read_bits(const char *text, int most)
{
    char *end;

    if (!text)
        return most;
    if (*text < '0' || *text > '9')
        return -1;
    long bits = strtol(text, &end, 10);
    return *end || bits > most ? -1 : (int)bits;
}

int cidr_parse(const char *text, struct cidr *ret, struct fault *why)
{
    char host[INET6_ADDRSTRLEN];
    struct address a;
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);

    if (len < sizeof host) {
        memcpy(host, text, len);
        host[len] = 0;
    }
    if (len >= sizeof host || !read_address(host, &a))
        return fault_set(why, ERR_CONFIG,
                         "\"%.80s\" is not an address or a network, such as 203.0.113.7, "
                         "203.0.113.0/24 or 2001:db8::/48",
                         text);
    bool short_form = !strchr(host, ':'); /* "1.2.3.0/24", not "::ffff:1.2.3.0/120" */
    int bits = read_bits(slash ? slash + 1 : NULL, short_form ? 32 : 128);
    if (bits < 0)
        return fault_set(why, ERR_CONFIG, "\"%.80s\": what stands behind the slash must be 0 to %d",
                         text, short_form ? 32 : 128);
    struct cidr c = cidr_of(&a, (unsigned)bits + (short_form ? CIDR_IPV4 : 0));
    if (memcmp(c.base.bytes, a.bytes, sizeof a.bytes) != 0)
        return fault_set(why, ERR_CONFIG, "\"%.80s\" has bits behind its first %d", text, bits);
    *ret = c;
    return 0;
}

void cidr_format(const struct cidr *c, char out[CIDR_MAX])
{
    char host[INET6_ADDRSTRLEN] = "?";
    bool v4 = c->bits >= CIDR_IPV4 && address_is_ipv4(&c->base);

    (void)inet_ntop(v4 ? AF_INET : AF_INET6, c->base.bytes + (v4 ? 12 : 0), host, sizeof host);
    if (c->bits == 128)
        (void)snprintf(out, CIDR_MAX, "%s", host);
    else
        (void)snprintf(out, CIDR_MAX, "%s/%d", host, c->bits - (v4 ? CIDR_IPV4 : 0));
}
