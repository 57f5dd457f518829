/* SPDX-License-Identifier: MIT */
/* Making a line fit to be shown to others: passwords are gone, names, addresses, ids and hosts have
 * placeholders; every other byte stays as it was. One owner thread. */
#pragma once

#include "transcript/placeholder.h"
#include "transcript/talk.h"

#define REDACTED_PASSWORD "x"

/* The recording as a whole: the same name has the same placeholder on every connection. */
struct redaction {
    struct placeholders names;
};

/* Appends the redacted line. False when it is no message, so that nobody can tell what is in it:
 * nothing was appended then. */
bool redact_line(struct redaction *, struct talk *, bool by_miner, const char *line, size_t len,
                 struct str *out);
void redaction_free(struct redaction *);
