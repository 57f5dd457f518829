/* SPDX-License-Identifier: MIT */
/* Sessions as rows of a hand-over, and back: what a miner was told and may rely on, not the jobs,
 * which the next program makes anew. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/hex.h"
#include "front/handover.h"
#include "front/loop.h"

/* --- out ----------------------------------------------------------------------------------------
 */

static json_t *hex_text(const void *bytes, size_t len)
{
    AUTO_FREE char *text = xmalloc(2 * len + 1);

    hex_encode(bytes, len, text);
    return json_string(text);
}

static json_t *user_names(const struct session *s)
{
    json_t *ret = json_array();

    for (unsigned i = 0; i < s->worker_count; i++)
        (void)json_array_append_new(ret, json_string(s->workers[i]->news.user));
    return ret;
}

/* The address as it is configured: the number of a port may have been chosen by the system. */
static const char *configured(const struct session *s)
{
    return ((const struct door *)s->port)->configured;
}

json_t *session_row(struct session *s)
{
    const struct miner *m = &s->miner;
    AUTO_STR struct str unsent = {0};
    int fd = stream_detach(s->stream, &unsent);

    if (fd < 0)
        return NULL;
    json_t *row =
        json_pack("{s:i, s:s, s:b, s:b, s:b, s:I, s:I, s:I, s:b, s:f, s:f, s:f}", "fd", fd, "port",
                  configured(s), "begins", s->opening == OPENING_FIRST, "subscribed", m->subscribed,
                  "rolling", m->rolling, "mask", (json_int_t)m->version_mask, "asked_mask",
                  (json_int_t)m->asked_mask, "extranonce", (json_int_t)s->course.extranonce,
                  "asked", s->course.asked, "difficulty", s->course.vardiff.difficulty, "sent",
                  s->course.sent_difficulty, "floor", s->course.floor);
    if (!row) {
        (void)close(fd);
        return NULL;
    }
    (void)json_object_set_new(row, "dialect",
                              m->dialect ? json_string(m->dialect->name) : json_null());
    (void)json_object_set_new(row, "peer", hex_text(s->peer.ip, sizeof s->peer.ip));
    (void)json_object_set_new(row, "peer_port", json_integer(s->peer.port));
    (void)json_object_set_new(row, "session", hex_text(m->session, sizeof m->session));
    (void)json_object_set_new(row, "agent", json_string(m->agent));
    (void)json_object_set_new(row, "user", json_string(m->user));
    (void)json_object_set_new(row, "users", user_names(s));
    (void)json_object_set_new(row, "line", hex_text(s->lines.part, s->lines.len));
    (void)json_object_set_new(row, "unsent", hex_text(unsent.s, unsent.len));
    return row;
}

/* --- in -----------------------------------------------------------------------------------------
 */

static uint32_t number(const json_t *row, const char *name)
{
    json_int_t n = json_integer_value(json_object_get(row, name));

    return n >= 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static double real(const json_t *row, const char *name)
{
    double d = json_number_value(json_object_get(row, name));

    return isfinite(d) && d > 0 && d < 0x1p200 ? d : 0;
}

static bool word(const json_t *row, const char *name)
{
    return json_is_true(json_object_get(row, name));
}

static void text(const json_t *row, const char *name, char *out, size_t size)
{
    const char *t = json_string_value(json_object_get(row, name));

    (void)text_clean(out, size, t ? t : "");
}

/* At most `max` bytes; an empty text for anything else. */
static void bytes(const json_t *row, const char *name, size_t max, struct str *out)
{
    const char *digits = json_string_value(json_object_get(row, name));
    size_t len = digits ? strlen(digits) / 2 : 0;
    AUTO_FREE uint8_t *decoded = xmalloc(len + 1);

    if (len && len <= max && strlen(digits) == 2 * len && hex_decode(digits, decoded, len))
        str_add_n(out, decoded, len);
}

static bool read_peer(const json_t *row, struct peer *peer)
{
    const char *ip = json_string_value(json_object_get(row, "peer"));

    peer->port = (uint16_t)number(row, "peer_port");
    peer->known =
        ip && strlen(ip) == 2 * sizeof peer->ip && hex_decode(ip, peer->ip, sizeof peer->ip);
    return peer->known;
}

static bool read_miner(struct session *s, const json_t *row)
{
    struct miner *m = &s->miner;
    const char *dialect = json_string_value(json_object_get(row, "dialect"));
    const char *session = json_string_value(json_object_get(row, "session"));

    if (dialect)
        m->dialect = NULL;
    for (unsigned i = 0; dialect && m->offered[i]; i++)
        if (!strcmp(m->offered[i]->name, dialect))
            m->dialect = m->offered[i];
    m->subscribed = word(row, "subscribed");
    m->rolling = word(row, "rolling");
    m->version_mask = number(row, "mask") & VERSION_ROLLING_MASK;
    m->asked_mask = number(row, "asked_mask");
    text(row, "agent", m->agent, sizeof m->agent);
    text(row, "user", m->user, sizeof m->user);
    return (m->dialect || (!dialect && !m->subscribed)) && session &&
           strlen(session) == 2 * sizeof m->session &&
           hex_decode(session, m->session, sizeof m->session);
}

/* Its first job is worth what was told last, or salted, as after any other login. */
static bool read_course(struct session *s, const json_t *row)
{
    struct course *c = &s->course;
    double difficulty = real(row, "difficulty");

    c->floor = real(row, "floor");
    c->sent_difficulty = real(row, "sent");
    c->asked = word(row, "asked");
    if (difficulty > 0)
        vardiff_init(&c->vardiff, difficulty, now_us());
    uint32_t extranonce = number(row, "extranonce");
    if (!extranonce || !s->miner.subscribed)
        return !extranonce && !s->miner.subscribed;
    if (!extranonce_claim(&s->loop->front->extranonces, extranonce))
        return false;
    c->extranonce = extranonce;
    c->fixed_difficulty = c->sent_difficulty > 0 ? c->sent_difficulty : c->vardiff.difficulty;
    s->fixed = true;
    session_give_extranonce(s);
    session_live(s);
    return true;
}

/* They are checked anew: the coin may be another one. */
static bool read_users(struct session *s, const json_t *row)
{
    json_t *names = json_object_get(row, "users"), *name;
    struct fault why;
    size_t i;

    json_array_foreach(names, i, name)
    {
        const char *user = json_string_value(name);
        if (!user || session_check_user(s->loop, user, &why) < 0 || !session_add_worker(s, user))
            return false;
    }
    return true;
}

static const struct door *door_of(struct front *front, const json_t *row)
{
    const char *address = json_string_value(json_object_get(row, "port"));
    const struct door *first = NULL;

    for (const struct door *d = front->doors; d; d = d->next) {
        if (address && !strcmp(d->configured, address))
            return d;
        first = d; /* the first one stands last */
    }
    return first;
}

void session_adopt(struct front_loop *f, json_t *row)
{
    const struct door *door = door_of(f->front, row);
    AUTO_STR struct str line = {0};
    AUTO_STR struct str unsent = {0};
    struct stream *stream = stream_new(&f->loop);
    struct session *s = NULL;
    int fd = handover_take(row);

    if (!door && fd >= 0)
        (void)close(fd);
    if (!door || fd < 0 || stream_attach(stream, fd) < 0) {
        stream_close(stream);
        return;
    }
    s = session_new(f, &door->port, stream);
    s->opening = word(row, "begins") ? OPENING_FIRST : OPENING_DONE;
    bytes(row, "line", FRONT_LINE_MAX, &line);
    bytes(row, "unsent", FRONT_QUEUE_MAX, &unsent);
    bool good = read_peer(row, &s->peer) && read_miner(s, row);
    if (!session_enter(s))
        return;
    if (!good || !read_course(s, row) || !read_users(s, row) || session_start(s) < 0) {
        session_close(s);
        return;
    }
    if (s->opening == OPENING_DONE)
        s->line_us = now_us();
    if (line.len && !memchr(line.s, '\n', line.len))
        (void)lines_feed(&s->lines, line.s, line.len, NULL, NULL); /* without an end of a line */
    const uv_buf_t buf = uv_buf_init(unsent.s, (unsigned)unsent.len);
    if (unsent.len && stream_send(stream, &buf, 1) < 0)
        session_close(s);
}
