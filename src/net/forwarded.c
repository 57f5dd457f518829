/* SPDX-License-Identifier: MIT */
/* The PROXY protocol as HAProxy documents it: a text line (version 1) or a binary header (2). */
#include "net/forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { TEXT_MAX = 107, BINARY_HEAD = 16, V2 = 2, LOCAL = 0, TCP4 = 0x11, TCP6 = 0x21 };

static const char text_start[] = "PROXY ";
static const uint8_t binary_start[12] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                         0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

static bool begins(const uint8_t *bytes, size_t len, const void *with, size_t n)
{
    return !memcmp(bytes, with, len < n ? len : n);
}

static void set_peer(struct sockaddr_storage *peer, int family, const void *address, uint16_t port)
{
    memset(peer, 0, sizeof *peer);
    if (family == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)peer;
        in->sin_family = AF_INET;
        memcpy(&in->sin_addr, address, 4);
        in->sin_port = htons(port);
    } else {
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)peer;
        in->sin6_family = AF_INET6;
        memcpy(&in->sin6_addr, address, 16);
        in->sin6_port = htons(port);
    }
}

/* "TCP4 SOURCE DESTINATION PORT PORT", cut up in place. */
static int read_text(char *line, struct sockaddr_storage *peer)
{
    char *words[5], *save = NULL, *end;
    uint8_t address[16];
    unsigned n = 0;

    for (char *w = strtok_r(line, " ", &save); w && n < 5; w = strtok_r(NULL, " ", &save))
        words[n++] = w;
    if (n && !strcmp(words[0], "UNKNOWN")) {
        memset(peer, 0, sizeof *peer);
        return 0;
    }
    if (n != 5)
        return ERR_PROTOCOL;
    int family = !strcmp(words[0], "TCP4") ? AF_INET : !strcmp(words[0], "TCP6") ? AF_INET6 : 0;
    unsigned long port = strtoul(words[3], &end, 10);
    if (!family || inet_pton(family, words[1], address) != 1 || *end || !*words[3] || port > 65535)
        return ERR_PROTOCOL;
    set_peer(peer, family, address, (uint16_t)port);
    return 0;
}

static int parse_text(const uint8_t *bytes, size_t len, struct sockaddr_storage *peer)
{
    size_t most = len < TEXT_MAX ? len : TEXT_MAX;
    const uint8_t *end = memmem(bytes, most, "\r\n", 2);
    char line[TEXT_MAX + 1];

    if (!end)
        return len < TEXT_MAX ? 0 : ERR_PROTOCOL;
    size_t n = (size_t)(end - bytes), skip = sizeof text_start - 1;
    memcpy(line, bytes + skip, n - skip);
    line[n - skip] = 0;
    int err = strlen(line) == n - skip ? read_text(line, peer) : ERR_PROTOCOL;
    return err < 0 ? err : (int)n + 2;
}

static int parse_binary(const uint8_t *bytes, size_t len, struct sockaddr_storage *peer)
{
    if (len < BINARY_HEAD)
        return 0;
    unsigned version = bytes[12] >> 4, command = bytes[12] & 15, family = bytes[13];
    size_t body = (size_t)bytes[14] << 8 | bytes[15], whole = BINARY_HEAD + body;
    const uint8_t *at = bytes + BINARY_HEAD;

    if (version != V2 || command > 1 || whole > FORWARDED_MAX)
        return ERR_PROTOCOL;
    if (len < whole)
        return 0;
    memset(peer, 0, sizeof *peer);
    if (command == LOCAL)
        return (int)whole;
    if (family == TCP4 && body >= 12)
        set_peer(peer, AF_INET, at, (uint16_t)(at[8] << 8 | at[9]));
    else if (family == TCP6 && body >= 36)
        set_peer(peer, AF_INET6, at, (uint16_t)(at[32] << 8 | at[33]));
    else if (family == TCP4 || family == TCP6)
        return ERR_PROTOCOL;
    return (int)whole;
}

int forwarded_parse(const uint8_t *bytes, size_t len, struct sockaddr_storage *peer)
{
    size_t text = sizeof text_start - 1;

    if (!len)
        return 0;
    if (begins(bytes, len, text_start, text))
        return len < text ? 0 : parse_text(bytes, len, peer);
    if (begins(bytes, len, binary_start, sizeof binary_start))
        return parse_binary(bytes, len, peer);
    return ERR_PROTOCOL;
}
