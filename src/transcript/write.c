/* SPDX-License-Identifier: MIT */
/* Writing a transcript: one write() for each line, nothing kept back. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "transcript/transcript.h"

static void write_all(struct transcript_writer *w, const char *bytes, size_t len)
{
    while (len && !w->err) {
        ssize_t n = write(w->fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            w->err = -errno;
            return;
        }
        bytes += n;
        len -= (size_t)n;
        w->written += (uint64_t)n;
    }
}

/* A whole line, unless the file is full. */
static void put_line(struct transcript_writer *w, const struct str *line)
{
    if (w->full || w->err)
        return;
    if (w->written + line->len > w->limit)
        w->full = 1;
    else
        write_all(w, line->s, line->len);
}

int transcript_create(const char *path, uint64_t limit, struct transcript_writer *ret,
                      struct fault *why)
{
    struct transcript_writer w = {.limit = limit, .begin_us = now_us()};

    w.fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (w.fd < 0 && errno == EEXIST)
        return fault_set(why, -EEXIST,
                         "%.200s is there already: give another name or remove it first", path);
    if (w.fd < 0)
        return fault_set(why, -errno, "cannot write %.200s: %s", path, err_str(-errno));
    *ret = w;
    transcript_put_key(ret, "transcript", "1");
    return 0;
}

void transcript_put_key(struct transcript_writer *w, const char *key, const char *value)
{
    struct str line AUTO_STR = {0};
    char clean[400];

    (void)text_clean(clean, sizeof clean, value);
    str_addf(&line, "@ %s %s\n", key, clean);
    put_line(w, &line);
}

void transcript_put(struct transcript_writer *w, uint32_t connection, enum entry_kind kind,
                    const char *text, size_t len)
{
    struct str line AUTO_STR = {0};

    str_addf(&line, "%" PRIu32 " %c %" PRId64 " ", connection, (char)kind,
             (now_us() - w->begin_us) / 1000);
    str_add_n(&line, text, len);
    str_add(&line, "\n");
    put_line(w, &line);
}

void transcript_finish(struct transcript_writer *w)
{
    if (fsync(w->fd) && errno != EINVAL && !w->err) /* EINVAL: a pipe or a terminal */
        w->err = -errno;
    if (close(w->fd) && !w->err)
        w->err = -errno;
    w->fd = -1;
}
