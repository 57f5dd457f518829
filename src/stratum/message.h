/* SPDX-License-Identifier: MIT */
/* One JSON-RPC message of the Stratum v1 family, read tolerantly and within limits. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"

enum {
    MESSAGE_ID_MAX = 96,
    MESSAGE_DEPTH_MAX = 8,
    MESSAGE_VALUES_MAX = 2048,
    MESSAGE_TEXTS_MAX = 8, /* parameters of a submit that is read quickly */
    MESSAGE_ROOM = 512,    /* and all their bytes */
};

struct message {
    json_t *root;           /* owned */
    const char *method;     /* NULL for an answer; borrowed like the rest */
    json_t *params;         /* array, NULL when absent or of another type */
    json_t *named;          /* parameters by name (an object), NULL likewise */
    json_t *result, *error; /* NULL when absent */
    const char *id;         /* the id's own bytes in the line, for the echo; "null" when absent */
    uint16_t id_len;
    uint8_t text_count; /* read by message_quick: the parameters, and no root */
    const char *texts[MESSAGE_TEXTS_MAX];
};

/* Reads one line; `line` must outlive the message (the id stays in it). 0, or ERR_PROTOCOL and
 * `why`: not JSON, not an object, nested or counted past the limits, an id past its limit. Bytes
 * that are not UTF-8 are read as '?'. */
int message_parse(const char *line, size_t len, struct message *ret, struct fault *why);
void message_fini(struct message *);

/* The one message that comes in thousands: mining.submit with plain texts as its only parameters.
 * Allocates nothing: the texts are copied into `room` and live as long. False for everything else,
 * which message_parse then reads; where it is true, message_parse would say the same. */
bool message_quick(const char *line, size_t len, char room[MESSAGE_ROOM], struct message *ret);

bool message_has_id(const struct message *); /* an id that wants an answer: there and not null */

/* The id as a number: 7, 7.0, "7". False for others. */
bool message_id_number(const struct message *, uint64_t *ret);

/* Parameter `i`, or NULL (also in a message that message_quick read). */
const json_t *message_param(const struct message *, size_t i);
/* A parameter by name as text, or NULL. */
const char *message_named(const struct message *, const char *name);
bool message_given(const struct message *, size_t i); /* parameter `i` is there and not null */
/* Parameter `i` as text, or NULL when it is not a string. */
const char *message_text(const struct message *, size_t i);
/* Parameter `i` as a finite number; numbers written as text count. */
bool message_number(const struct message *, size_t i, double *ret);
bool json_to_number(const json_t *, double *ret);

/* What an answer says: 0 = yes; else ERR_STALE, ERR_DUPLICATE, ERR_LOW_DIFF, ERR_UNAUTHORIZED, ...,
 * ERR_REJECTED, with the peer's words (cleaned) in `reason`. Knows arrays of 1 to 3, objects, plain
 * text, and `result: false` with "reject-reason" beside it; without both members it is a yes, as in
 * EthereumStratum/2.0.0. */
int message_verdict(const struct message *, char *reason, size_t size);

/* The code and the words that a server puts into an error for one of our codes. */
void error_say(int err, int *code, const char **text);

/* Appends `text` as a JSON string with its quotes. */
void json_put_text(struct str *, const char *text);
/* Appends a number in the shortest form that reads back to the same double. */
void json_put_number(struct str *, double);
