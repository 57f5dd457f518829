/* SPDX-License-Identifier: MIT */
/* Reading a submit without memory. Whatever is not written as miners write it is left to the full
 * reader: unknown or repeated keys, escapes, bytes that are not printable ASCII. */
#include <string.h>

#include "stratum/message.h"

struct reader {
    const char *at, *end;
    char *room;
    const char *room_end;
};

static bool take(struct reader *r, char wanted)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
        r->at++;
    if (r->at == r->end || *r->at != wanted)
        return false;
    r->at++;
    return true;
}

/* A plain text; its copy, or NULL. */
static const char *take_text(struct reader *r)
{
    const char *copy = r->room;

    if (!take(r, '"'))
        return NULL;
    for (; r->at < r->end && *r->at != '"'; r->at++) {
        if (*r->at < ' ' || *r->at > '~' || *r->at == '\\' || r->room + 1 >= r->room_end)
            return NULL;
        *r->room++ = *r->at;
    }
    if (r->at == r->end || r->room >= r->room_end)
        return NULL;
    r->at++;
    *r->room++ = 0;
    return copy;
}

/* A whole number of up to 15 digits, or a plain text: its own bytes. */
static bool take_id(struct reader *r, struct message *m)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
        r->at++;
    const char *from = r->at;
    bool quoted = r->at < r->end && *r->at == '"';
    if (quoted && !take_text(r))
        return false;
    while (!quoted && r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    size_t len = (size_t)(r->at - from);
    if (len > MESSAGE_ID_MAX)
        return false;
    m->id = from;
    m->id_len = (uint16_t)len;
    return quoted || (len && len <= 15 && (len == 1 || *from != '0'));
}

static bool take_params(struct reader *r, struct message *m)
{
    if (!take(r, '['))
        return false;
    do {
        const char *text = m->text_count < MESSAGE_TEXTS_MAX ? take_text(r) : NULL;
        if (!text)
            return false;
        m->texts[m->text_count++] = text;
    } while (take(r, ','));
    return take(r, ']');
}

/* One key and its value; false too for a key that was there. */
static bool take_member(struct reader *r, struct message *m)
{
    const char *key = take_text(r);

    if (!key || !take(r, ':'))
        return false;
    if (!strcmp(key, "id"))
        return !m->id && take_id(r, m);
    if (!strcmp(key, "params"))
        return !m->text_count && take_params(r, m);
    if (strcmp(key, "method") != 0 || m->method)
        return false;
    m->method = take_text(r);
    return m->method && !strcmp(m->method, "mining.submit");
}

bool message_quick(const char *line, size_t len, char room[MESSAGE_ROOM], struct message *ret)
{
    struct reader r = {
        .at = line, .end = line + len, .room = room, .room_end = room + MESSAGE_ROOM};
    struct message m = {0};

    if (!take(&r, '{'))
        return false;
    do {
        if (!take_member(&r, &m))
            return false;
    } while (take(&r, ','));
    if (!take(&r, '}') || !m.id || !m.method || !m.text_count)
        return false;
    while (r.at < r.end && (*r.at == ' ' || *r.at == '\t'))
        r.at++;
    *ret = m;
    return r.at == r.end;
}
