/* SPDX-License-Identifier: MIT */
/* Transcripts: Stratum conversations as text files (docs/transcripts.md). Reading whole ones, and
 * writing line by line. One owner thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    TRANSCRIPT_LINE_MAX = 64 * 1024,        /* bytes of a message */
    TRANSCRIPT_FILE_MAX = 64 * 1024 * 1024, /* bytes of a file that is read */
    TRANSCRIPT_CONNECTIONS_MAX = 100000,
};

enum entry_kind {
    ENTRY_MINER = '>', /* the miner's line */
    ENTRY_POOL = '<',  /* the pool's line */
    ENTRY_EVENT = '=', /* what happened to the connection, in words */
};

struct entry {
    uint32_t connection; /* 1... */
    enum entry_kind kind;
    int64_t at_ms;    /* since the recording began */
    const char *text; /* NUL-terminated; borrowed from the transcript */
    size_t len;
    unsigned line; /* of the file, from 1 */
};

struct transcript {
    char *bytes;
    struct entry *entries; /* in the file's order; the time never falls */
    size_t count;
    uint32_t connections; /* the highest number */
};

/* Words of the events that replaying knows; others are for people. */
#define EVENT_OPEN            "open"
#define EVENT_CLOSED_BY_MINER "closed by the miner"
#define EVENT_CLOSED_BY_POOL  "closed by the pool"

/* Reads a file. 0, or a negative error and `why` with the line. */
int transcript_read(const char *path, struct transcript *ret, struct fault *why);
void transcript_free(struct transcript *);

/* --- writing --------------------------------------------------------------------------------- */

struct transcript_writer {
    int fd;
    uint64_t written, limit; /* bytes; past the limit nothing more is written */
    int64_t begin_us;        /* monotonic */
    int err;                 /* the first failed write; nothing is written behind it */
    _Bool full;
};

/* Makes the file, which must not be there yet, readable for its owner alone. `limit` in bytes. */
int transcript_create(const char *path, uint64_t limit, struct transcript_writer *ret,
                      struct fault *why);
/* "@ KEY VALUE" and comments: before the first entry. */
void transcript_put_key(struct transcript_writer *, const char *key, const char *value);
/* One entry, with the time of now. The line is with the system when this returns: a kill loses
 * nothing of it. */
void transcript_put(struct transcript_writer *, uint32_t connection, enum entry_kind,
                    const char *text, size_t len);
void transcript_finish(struct transcript_writer *); /* syncs and closes */
