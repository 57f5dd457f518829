/* SPDX-License-Identifier: MIT */
/* A front's sockets and sessions on their way to the program that replaces this one in the same
 * process: a JSON document that names descriptors by number. Whoever holds the document owns the
 * descriptors in it; one that was taken is -1.
 *
 *   {"format": 1, "algorithm", "node", "serial", "listeners": [{"address", "fd"}],
 *    "sessions": [{"fd", "port", "peer", ...}], "tips": [{"prevhash", "height", "seen"}]}
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "base/err.h"

enum { HANDOVER_FORMAT = 1 };

/* Checks what came from outside: format, and that each descriptor is a TCP socket of its kind; each
 * is made to close at exec again. What is none is dropped from the document. 0 or ERR_FIELD. */
int handover_check(json_t *document, struct fault *why);
/* Lets the descriptors live through exec, or not. */
void handover_inherit(json_t *document, bool on);
/* Closes what nobody took, and forgets the document. NULL is fine. */
void handover_free(json_t *document);
/* The descriptor of a row, which is the caller's from now on; -1: it has none. */
int handover_take(json_t *row);
