/* SPDX-License-Identifier: MIT */
/* Peers and prefixes in one form for IPv4 and IPv6. */
#include "net/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAPPED_BITS = 96 };

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static void put_v4(uint8_t ip[16], const void *v4)
{
    memcpy(ip, mapped, sizeof mapped);
    memcpy(ip + sizeof mapped, v4, 4);
}

static bool is_v4(const uint8_t ip[16])
{
    return !memcmp(ip, mapped, sizeof mapped);
}

void peer_from_sockaddr(struct peer *p, const struct sockaddr *sa)
{
    *p = (struct peer){0};
    if (sa->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)sa;
        put_v4(p->ip, &in->sin_addr);
        p->port = ntohs(in->sin_port);
        p->known = true;
    } else if (sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)sa;
        memcpy(p->ip, &in6->sin6_addr, 16);
        p->port = ntohs(in6->sin6_port);
        p->known = true;
    }
}

void peer_format(const struct peer *p, char out[PEER_MAX])
{
    struct sockaddr_storage sa = {0};
    struct sockaddr_in *in = (void *)&sa;
    struct sockaddr_in6 *in6 = (void *)&sa;

    if (p->known && is_v4(p->ip)) {
        in->sin_family = AF_INET;
        in->sin_port = htons(p->port);
        memcpy(&in->sin_addr, p->ip + sizeof mapped, 4);
    } else if (p->known) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(p->port);
        memcpy(&in6->sin6_addr, p->ip, 16);
    }
    sockaddr_format((struct sockaddr *)&sa, out);
}

bool peer_is_ipv4(const struct peer *p)
{
    return p->known && is_v4(p->ip);
}

bool peer_is_loopback(const struct peer *p)
{
    static const uint8_t ipv6[16] = {[15] = 1};

    return p->known && (is_v4(p->ip) ? p->ip[sizeof mapped] == 127 : !memcmp(p->ip, ipv6, 16));
}

/* --- prefixes -------------------------------------------------------------------------------- */

static bool parse_bits(const char *text, unsigned most, unsigned *ret)
{
    unsigned bits = 0;

    if (!*text || strlen(text) > 3 || strspn(text, "0123456789") != strlen(text))
        return false;
    for (; *text; text++)
        bits = bits * 10 + (unsigned)(*text - '0');
    *ret = bits;
    return bits <= most;
}

static uint8_t kept_bits(unsigned bits, unsigned byte)
{
    unsigned kept = bits <= byte * 8 ? 0 : bits - byte * 8;

    return kept >= 8 ? 0xff : (uint8_t)(0xff00u >> kept);
}

int prefix_parse(const char *text, struct prefix *ret, struct fault *why)
{
    char host[64];
    const char *slash = strchrnul(text, '/');
    size_t len = (size_t)(slash - text);
    struct in_addr v4;
    struct prefix p = {0};
    unsigned bits;

    memcpy(host, text, len < sizeof host ? len : 0);
    host[len < sizeof host ? len : 0] = 0;
    bool four = inet_pton(AF_INET, host, &v4) == 1;
    if (four)
        put_v4(p.ip, &v4);
    else if (inet_pton(AF_INET6, host, p.ip) != 1)
        return fault_set(why, ERR_CONFIG,
                         "\"%.60s\" is not an address or a network such as 10.0.0.0/8", text);
    bits = four ? 32 : 128;
    if (*slash && !parse_bits(slash + 1, bits, &bits))
        return fault_set(why, ERR_CONFIG, "\"%.60s\": what follows the slash is not 0 to %d", text,
                         four ? 32 : 128);
    p.bits = (uint8_t)(bits + (four ? MAPPED_BITS : 0));
    for (unsigned i = 0; i < sizeof p.ip; i++)
        if (p.ip[i] & ~kept_bits(p.bits, i))
            return fault_set(why, ERR_CONFIG,
                             "\"%.60s\" has bits past its length: write where the network begins",
                             text);
    *ret = p;
    return 0;
}

bool prefix_has(const struct prefix *prefix, const struct peer *peer)
{
    if (!peer->known)
        return false;
    for (unsigned i = 0; i < sizeof peer->ip; i++)
        if ((peer->ip[i] ^ prefix->ip[i]) & kept_bits(prefix->bits, i))
            return false;
    return true;
}

struct prefix prefix_of(const struct peer *peer, unsigned bits)
{
    struct prefix ret = {.bits = (uint8_t)(bits < 128 ? bits : 128)};

    for (unsigned i = 0; i < sizeof ret.ip; i++)
        ret.ip[i] = peer->ip[i] & kept_bits(ret.bits, i);
    return ret;
}

void prefix_format(const struct prefix *p, char out[PEER_MAX])
{
    char host[INET6_ADDRSTRLEN] = "?";
    bool four = p->bits >= MAPPED_BITS && is_v4(p->ip);

    (void)inet_ntop(four ? AF_INET : AF_INET6, p->ip + (four ? sizeof mapped : 0), host,
                    sizeof host);
    if (p->bits == 128)
        (void)snprintf(out, PEER_MAX, "%s", host);
    else
        (void)snprintf(out, PEER_MAX, "%s/%d", host, p->bits - (four ? MAPPED_BITS : 0));
}
