/* SPDX-License-Identifier: MIT */
/* Where log lines go: a rotating file and a stream. The log thread's own. */
#pragma once

#include "base/log.h"
#include "base/str.h"

struct log_sink {
    char *path; /* NULL = no file */
    int fd;     /* -1 = not open */
    uint64_t size, max_bytes;
    unsigned keep;
    int stream; /* file descriptor, -1 = none */
    bool journal;
    bool stalled;     /* the stream's reader does not read */
    bool torn;        /* the file ends in half a line */
    int file_err;     /* why the file takes no lines now; 0 = it does */
    uint64_t lost;    /* lines the file did not take since file_err */
    int64_t retry_us; /* when to try to open it again (monotonic) */
    struct str line;  /* scratch */
};

/* Opens the file (making its folder). 0, or -errno: the sink then works without it. */
int sink_open(struct log_sink *, const struct log_options *);
void sink_close(struct log_sink *);
void sink_reopen(struct log_sink *); /* after an outside rotation */

/* One line to the file (rotating it first when it is full) and to the stream. Never fails; what the
 * file does not take is counted in `lost`. Returns true when file_err changed: then the caller
 * tells people once, with sink_stream. */
bool sink_write(struct log_sink *, const struct log_record *);
void sink_stream(struct log_sink *, const struct log_record *);

/* "2026-01-02T03:04:05.678Z INFO  share    text × 3\n" */
void log_line(struct str *, const struct log_record *);
