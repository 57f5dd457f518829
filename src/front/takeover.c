/* SPDX-License-Identifier: MIT */
/* A miner comes back before its old connection is known to be lost. Where that one lives on another
 * loop, a letter goes there; until the answer comes the new connection waits, its lines are kept.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "front/loop.h"

static const int64_t ANSWER_US = 2 * SECOND_US; /* then it gets a new session */

struct letter {
    struct letter *next;
    struct front_loop *from;
    struct session *session; /* that waits; only compared, unless it is still the sender's */
    uint8_t id[SESSION_ID_BYTES];
    atomic_bool revoked; /* the sender does not wait any more */
    bool answered;
};

/* --- who lives where ---------------------------------------------------------------------------
 */

void session_live(struct session *s)
{
    struct front *front = s->loop->front;

    if (s->live || !s->miner.dialect->resumes)
        return;
    s->live = true;
    uv_mutex_lock(&front->live_lock);
    HASH_ADD(by_id, front->live, miner.session, SESSION_ID_BYTES, s);
    uv_mutex_unlock(&front->live_lock);
}

void session_not_live(struct session *s)
{
    struct front *front = s->loop->front;

    if (!s->live)
        return;
    s->live = false;
    uv_mutex_lock(&front->live_lock);
    HASH_DELETE(by_id, front->live, s);
    uv_mutex_unlock(&front->live_lock);
}

/* The session may only be touched when `*home` is the caller's loop. */
static struct session *find(struct front *front, const uint8_t id[SESSION_ID_BYTES],
                            struct front_loop **home)
{
    struct session *s;

    uv_mutex_lock(&front->live_lock);
    HASH_FIND(by_id, front->live, id, SESSION_ID_BYTES, s);
    *home = s ? s->loop : NULL;
    uv_mutex_unlock(&front->live_lock);
    return s;
}

/* --- letters -----------------------------------------------------------------------------------
 */

static void post(struct front_loop *to, struct letter *letter)
{
    uv_mutex_lock(&to->orders_lock);
    letter->next = to->letters;
    to->letters = letter;
    uv_mutex_unlock(&to->orders_lock);
    (void)uv_async_send(&to->wake);
}

static struct letter *take_letters(struct front_loop *f)
{
    uv_mutex_lock(&f->orders_lock);
    struct letter *all = f->letters;
    f->letters = NULL;
    uv_mutex_unlock(&f->orders_lock);
    return all;
}

static void ask(struct session *s, struct front_loop *home, const uint8_t id[SESSION_ID_BYTES])
{
    struct letter *letter = xcalloc(1, sizeof *letter);

    letter->from = s->loop;
    letter->session = s;
    memcpy(letter->id, id, sizeof letter->id);
    s->waits_for = letter;
    s->waits_us = now_us();
    s->next_waiting = s->loop->waiting;
    s->loop->waiting = s;
    stream_pause(s->stream);
    post(home, letter);
}

bool session_end_former(struct session *s, const uint8_t id[SESSION_ID_BYTES])
{
    struct front_loop *home;
    struct session *former = find(s->loop->front, id, &home);

    if (!former || former == s || s->waited)
        return false;
    if (home != s->loop) {
        ask(s, home, id);
        return true;
    }
    session_close(former);
    return false;
}

/* --- waiting -----------------------------------------------------------------------------------
 */

void session_waits_no_more(struct session *s)
{
    struct session **at = &s->loop->waiting;

    if (!s->waits_for)
        return;
    atomic_store(&s->waits_for->revoked, true);
    s->waits_for = NULL;
    while (*at != s)
        at = &(*at)->next_waiting;
    *at = s->next_waiting;
}

static void go_on(struct session *s)
{
    session_waits_no_more(s);
    s->waited = true;
    session_go_on(s);
}

static void read_answer(struct front_loop *f, const struct letter *letter)
{
    for (struct session *s = f->waiting; s; s = s->next_waiting)
        if (s == letter->session && s->waits_for == letter) {
            go_on(s);
            return;
        }
}

/* Another loop's miner wants what may be this loop's: it is parked, and the letter goes back. */
static void give_up(struct front_loop *f, struct letter *letter)
{
    struct front_loop *home;
    struct session *former = find(f->front, letter->id, &home);

    if (home == f && !atomic_load(&letter->revoked))
        session_close(former);
    letter->answered = true;
    post(letter->from, letter);
}

void takeover_read(struct front_loop *f)
{
    for (struct letter *letter = take_letters(f), *next; letter; letter = next) {
        next = letter->next;
        if (!letter->answered) {
            give_up(f, letter);
            continue;
        }
        read_answer(f, letter);
        free(letter);
    }
}

void takeover_expire(struct front_loop *f, int64_t now)
{
    for (struct session *s = f->waiting, *next; s; s = next) {
        next = s->next_waiting;
        if (now - s->waits_us > ANSWER_US)
            go_on(s);
    }
}

void takeover_fini(struct front_loop *f)
{
    for (struct letter *letter = take_letters(f), *next; letter; letter = next) {
        next = letter->next;
        free(letter);
    }
}
