/* SPDX-License-Identifier: MIT */
/* A raw TCP peer for tests: says what it is told, reads lines with a time limit. Loopback only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire {
    int fd; /* -1 = none */
    size_t len;
    char buffer[1 << 16];
};

int wire_listen(uint16_t *port);               /* a non-blocking listener on 127.0.0.1 */
bool wire_accept(struct wire *, int listener); /* false: nobody yet */
bool wire_connect(struct wire *, uint16_t port);
/* From an address of the loopback network, 127.0.0.`host`. */
bool wire_connect_from(struct wire *, uint8_t host, uint16_t port);
bool wire_send(struct wire *, const void *bytes, size_t len);
bool wire_say(struct wire *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The next line without its end, or NULL: none within `ms`. Borrowed until the next call. */
const char *wire_line(struct wire *, int ms);
/* Reads lines until one contains `word`; NULL when none comes within `ms`. */
const char *wire_expect(struct wire *, const char *word, int ms);
bool wire_closed(struct wire *, int ms); /* does the other end close within `ms`? */
void wire_close(struct wire *);
