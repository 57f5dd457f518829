/* SPDX-License-Identifier: MIT */
/* Reading a transcript: one pass over the file's lines. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "transcript/transcript.h"

struct reader {
    struct transcript *to;
    size_t room;
    unsigned line;
    _Bool versioned;
    struct fault *why;
};

static int bad(const struct reader *r, const char *what)
{
    return fault_set(r->why, ERR_FIELD, "line %u of the transcript: %s", r->line, what);
}

/* A number of at most 12 digits and the space behind it. NULL when there is none. */
static char *take_number(char *at, int64_t *ret)
{
    size_t digits = strspn(at, "0123456789");

    if (!digits || digits > 12 || at[digits] != ' ')
        return NULL;
    *ret = strtoll(at, NULL, 10);
    return at + digits + 1;
}

/* "@ transcript 1": only that version is read. Other keys are for people and tests. */
static int read_key(struct reader *r, const char *at)
{
    static const char version[] = " transcript ";

    if (strncmp(at, version, sizeof version - 1) != 0)
        return 0;
    r->versioned = !strcmp(at + sizeof version - 1, "1");
    return r->versioned ? 0 : bad(r, "this version of the format is not known");
}

/* "CONNECTION KIND MS TEXT" */
static int read_entry(struct reader *r, char *at, size_t len)
{
    struct transcript *t = r->to;
    struct entry e = {.line = r->line};
    const char *end = at + len;
    int64_t connection;

    if (!(at = take_number(at, &connection)) || connection < 1 ||
        connection > TRANSCRIPT_CONNECTIONS_MAX)
        return bad(r, "it must begin with the number of a connection");
    if ((*at != ENTRY_MINER && *at != ENTRY_POOL && *at != ENTRY_EVENT) || at[1] != ' ')
        return bad(r, "behind the connection stands one of > < =");
    e.kind = (enum entry_kind) * at;
    if (!(at = take_number(at + 2, &e.at_ms)))
        return bad(r, "behind the direction stands the time in milliseconds");
    e.connection = (uint32_t)connection;
    e.text = at;
    e.len = (size_t)(end - at);
    if (e.len > TRANSCRIPT_LINE_MAX)
        return bad(r, "the message is too long");
    if (t->count && e.at_ms < t->entries[t->count - 1].at_ms)
        return bad(r, "the time goes back");
    if (t->count == r->room) {
        r->room = r->room ? 2 * r->room : 64;
        t->entries = xreallocarray(t->entries, r->room, sizeof *t->entries);
    }
    t->entries[t->count++] = e;
    if (e.connection > t->connections)
        t->connections = e.connection;
    return 0;
}

static int read_line(struct reader *r, char *line, size_t len)
{
    if (len && line[len - 1] == '\r')
        len--;
    line[len] = 0;
    if (strlen(line) != len)
        return bad(r, "it has a zero byte");
    if (!len || *line == '#')
        return 0;
    if (*line == '@')
        return read_key(r, line + 1);
    return r->versioned ? read_entry(r, line, len)
                        : bad(r, "the first line must be \"@ transcript 1\"");
}

/* A last line without its end was cut by a crash: it is left out. */
static int read_lines(struct reader *r, char *at, size_t len)
{
    const char *end = at + len;
    int err = 0;

    while (!err && at < end) {
        char *lf = memchr(at, '\n', (size_t)(end - at));
        if (!lf)
            break;
        r->line++;
        err = read_line(r, at, (size_t)(lf - at));
        at = lf + 1;
    }
    return err;
}

int transcript_read(const char *path, struct transcript *ret, struct fault *why)
{
    struct transcript t = {0};
    struct reader r = {.to = &t, .why = why};
    size_t len;
    int err = file_read(path, TRANSCRIPT_FILE_MAX, &t.bytes, &len);

    if (err < 0)
        return fault_set(why, err, "cannot read %.200s: %s", path, err_str(err));
    err = read_lines(&r, t.bytes, len);
    if (!err && !t.count)
        err = fault_set(why, ERR_FIELD, "%.200s holds no conversation", path);
    if (err < 0)
        transcript_free(&t);
    else
        *ret = t;
    return err;
}

void transcript_free(struct transcript *t)
{
    free(t->entries);
    free(t->bytes);
    *t = (struct transcript){0};
}
