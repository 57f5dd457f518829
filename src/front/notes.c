/* SPDX-License-Identifier: MIT */
/* What a front's loop logs about connections it refuses or closes: limited per cause. */
#include "base/clock.h"
#include "base/log.h"
#include "front/loop.h"

void front_note(struct front_loop *f, enum cause cause, const char *peer)
{
    front_note_more(f, cause, peer, "");
}

void front_note_more(struct front_loop *f, enum cause cause, const char *peer, const char *more)
{
    const char *verb = cause_kind(cause) == CAUSE_REFUSED ? "refused" : "closed";
    const char *colon = *more ? ": " : "";
    int64_t now = now_us();

    if (f->noted[cause].last_us && now - f->noted[cause].last_us < 60 * SECOND_US) {
        f->noted[cause].silent++;
        return;
    }
    if (f->noted[cause].silent)
        log_warn(STRATUM, "%s %s: %s%s%.160s (and %u more since the last such line)", peer, verb,
                 cause_text(cause), colon, more, f->noted[cause].silent);
    else
        log_warn(STRATUM, "%s %s: %s%s%.160s", peer, verb, cause_text(cause), colon, more);
    f->noted[cause].last_us = now;
    f->noted[cause].silent = 0;
}
