/* SPDX-License-Identifier: MIT */
/* Where a connection meets the guard: when it comes, when it sends, when it goes. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "front/loop.h"

enum cause gate_enter(struct session *s)
{
    return guard_accept(s->loop->guard, &s->peer, wall_ms(), &s->entry);
}

static bool verdict(struct session *s, enum cause cause)
{
    if (cause == CAUSE_NONE)
        return true;
    s->cause = (uint8_t)cause;
    return false;
}

bool gate_bytes(struct session *s, size_t len)
{
    if (s->entry.trusted)
        return true;
    return verdict(s, meter_bytes(&s->meter, &s->loop->limits, (uint32_t)len, now_us()));
}

bool gate_line(struct session *s)
{
    if (s->entry.trusted)
        return true;
    return verdict(s, meter_line(&s->meter, &s->loop->limits, s->line_us));
}

bool gate_login_refused(struct session *s)
{
    if (s->entry.trusted)
        return true;
    return verdict(s, meter_login_refused(&s->meter, &s->loop->limits));
}

bool gate_share(struct session *s, int err)
{
    if (s->entry.trusted)
        return true;
    if (!err && !s->entry.proven)
        guard_proved(s->loop->guard, &s->peer, &s->entry, wall_ms());
    return verdict(s, meter_share(&s->meter, &s->loop->limits, err));
}

static void report_ban(struct front_loop *f, const struct guard_ban *ban)
{
    struct guard_ban *copy = xmalloc(sizeof *copy);

    *copy = *ban;
    struct event ev = {.type = EV_FRONT_BAN, .at_us = now_us(), .p = copy};
    if (!port_post(f->port, ev, NULL)) /* kept: it waits for room */
        free(copy);
}

void gate_leave(struct session *s)
{
    struct front_loop *f = s->loop;
    enum cause cause = f->closing ? CAUSE_NONE : s->cause;
    struct guard_ban ban;

    if (!cause && !f->closing && !s->entry.trusted)
        cause = meter_left(&s->meter, &f->limits, s->false_claims);
    f->causes[cause]++;
    if (guard_leave(f->guard, &s->peer, &s->entry, cause, wall_ms(), &ban))
        report_ban(f, &ban);
}

void gate_look(struct front_loop *f)
{
    uint32_t generation = guard_generation(f->guard);
    int64_t now_ms = wall_ms();

    if (generation == f->generation)
        return;
    f->generation = generation;
    guard_get_limits(f->guard, &f->limits);
    for (struct session *s = f->sessions, *next; s; s = next) {
        next = s->next;
        if (guard_is_banned(f->guard, &s->peer, now_ms))
            session_close_noted(s, CAUSE_BANNED);
    }
}

/* The words before the name of the setting, which is the operator's business. */
void gate_say(struct str *out, enum cause cause)
{
    const char *text = cause_text(cause), *setting = strstr(text, " (");
    int len = (int)(setting ? (size_t)(setting - text) : strlen(text));

    str_addf(out, "{\"id\":null,\"result\":null,\"error\":[20,\"%.*s\",null]}\n", len, text);
}
