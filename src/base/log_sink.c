/* SPDX-License-Identifier: MIT */
/* The rotating file and the stream. Every write is one whole line; an error is remembered, never
 * waited for. */
#include "base/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"

enum { RETRY_US = 5000000, STALL_MS = 500 };

void log_line(struct str *line, const struct log_record *record)
{
    time_t seconds = (time_t)(record->wall_ms / 1000);
    struct tm t = {0};
    char stamp[32];

    (void)gmtime_r(&seconds, &t);
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &t);
    str_addf(line, "%s.%03dZ %-5s %-8s %s", stamp, (int)(record->wall_ms % 1000),
             log_level_name(record->level), log_category_name(record->category), record->text);
    if (record->repeats)
        str_addf(line, " × %u", record->repeats);
    str_add(line, "\n");
}

/* For journald and other readers of sd-daemon(3) prefixes: it stamps the time itself. */
static void journal_line(struct str *line, const struct log_record *record)
{
    static const uint8_t priority[LOG_LEVELS] = {3, 4, 6, 7, 7};

    str_addf(line, "<%u>%s: %s", priority[record->level], log_category_name(record->category),
             record->text);
    if (record->repeats)
        str_addf(line, " × %u", record->repeats);
    str_add(line, "\n");
}

static int open_file(struct log_sink *sink)
{
    struct stat st;
    int err = dir_make_parent(sink->path, 0755);

    sink->fd = err ? -1 : open(sink->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (sink->fd < 0)
        return err ? err : -errno;
    sink->size = fstat(sink->fd, &st) ? 0 : (uint64_t)st.st_size;
    sink->torn = false;
    return 0;
}

static void close_file(struct log_sink *sink)
{
    if (sink->fd >= 0)
        (void)close(sink->fd);
    sink->fd = -1;
}

int sink_open(struct log_sink *sink, const struct log_options *options)
{
    const char *stream = options->stream ? options->stream : "";

    *sink = (struct log_sink){
        .fd = -1,
        .max_bytes = options->max_bytes,
        .keep = options->keep,
        .stream = !strcmp(stream, "stdout")   ? STDOUT_FILENO
                  : !strcmp(stream, "stderr") ? STDERR_FILENO
                                              : -1,
        .journal = options->journal,
    };
    if (!options->file || !*options->file)
        return 0;
    sink->path = xstrdup(options->file);
    sink->file_err = open_file(sink);
    sink->retry_us = now_us() + RETRY_US;
    return sink->file_err;
}

void sink_close(struct log_sink *sink)
{
    close_file(sink);
    free(sink->path);
    sink->path = NULL;
    str_free(&sink->line);
}

void sink_reopen(struct log_sink *sink)
{
    close_file(sink);
    sink->retry_us = 0;
}

/* FILE.2 -> FILE.3, FILE.1 -> FILE.2, FILE -> FILE.1; the oldest is overwritten. */
static void rotate(struct log_sink *sink)
{
    close_file(sink);
    for (unsigned i = sink->keep; i > 0; i--) {
        AUTO_FREE char *older = xasprintf("%s.%u", sink->path, i);
        AUTO_FREE char *newer = i > 1 ? xasprintf("%s.%u", sink->path, i - 1) : xstrdup(sink->path);
        (void)rename(newer, older);
    }
    if (!sink->keep)
        (void)unlink(sink->path);
}

/* -errno, or 0 when the whole line is in the file. */
static int write_file(struct log_sink *sink, const char *line, size_t len)
{
    ssize_t put;
    int err;

    if (sink->max_bytes && sink->fd >= 0 && sink->size && sink->size + len > sink->max_bytes)
        rotate(sink);
    if (sink->fd < 0) {
        if (sink->file_err && now_us() < sink->retry_us)
            return sink->file_err;
        sink->retry_us = now_us() + RETRY_US;
        if ((err = open_file(sink)))
            return err;
    }
    if (sink->torn && write(sink->fd, "\n", 1) != 1)
        return -errno;
    do {
        put = write(sink->fd, line, len);
    } while (put < 0 && errno == EINTR);
    if (put < 0)
        return -errno;
    sink->size += (uint64_t)put;
    sink->torn = (size_t)put < len;
    return sink->torn ? -ENOSPC : 0;
}

/* True when a line can be written without waiting (a pipe then has room for 4096 bytes). A reader
 * that stopped, such as a pager or a terminal held with Ctrl-S, costs one wait, then lines. */
static bool stream_ready(struct log_sink *sink)
{
    struct pollfd p = {.fd = sink->stream, .events = POLLOUT};
    int ready = poll(&p, 1, sink->stalled ? 0 : STALL_MS);

    sink->stalled = ready == 0;
    return ready > 0 && p.revents & POLLOUT;
}

void sink_stream(struct log_sink *sink, const struct log_record *record)
{
    if (sink->stream < 0 || !stream_ready(sink))
        return;
    str_clear(&sink->line);
    (sink->journal ? journal_line : log_line)(&sink->line, record);
    const char *at = sink->line.s;
    for (size_t left = sink->line.len; left;) {
        ssize_t put = write(sink->stream, at, left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return; /* nobody reads it any more: not ours to mend */
        at += put;
        left -= (size_t)put;
    }
}

bool sink_write(struct log_sink *sink, const struct log_record *record)
{
    int before = sink->file_err;

    if (sink->path) {
        str_clear(&sink->line);
        log_line(&sink->line, record);
        sink->file_err = write_file(sink, sink->line.s, sink->line.len);
        if (sink->file_err)
            sink->lost++;
    }
    sink_stream(sink, record);
    return !before != !sink->file_err;
}
