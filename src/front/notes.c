/* SPDX-License-Identifier: MIT */
/* What a front's loop logs about connections it refuses or closes: limited per cause. */
#include "base/clock.h"
#include "base/log.h"
#include "front/loop.h"

static const char *const causes[CAUSES] = {
    [CAUSE_FULL] = "refused: the pool has all connections it may have",
    [CAUSE_HTTP] = "closed: it speaks HTTP to the Stratum port",
    [CAUSE_TLS] = "closed: it speaks TLS to the plain Stratum port",
    [CAUSE_JUNK] = "closed: it does not speak Stratum",
    [CAUSE_LONG] = "closed: a line is longer than 16 KiB",
    [CAUSE_LOGIN] = "closed: it did not log in",
    [CAUSE_IDLE] = "closed: it was silent too long",
    [CAUSE_SLOW] = "closed: it does not read what it is sent",
    [CAUSE_FALSE] = "closed: the results or mix hashes it claims are wrong",
};

void front_note(struct front_loop *f, enum cause cause, const char *peer)
{
    int64_t now = now_us();

    if (f->noted[cause].last_us && now - f->noted[cause].last_us < 60 * SECOND_US) {
        f->noted[cause].silent++;
        return;
    }
    if (f->noted[cause].silent)
        log_warn(STRATUM, "%s %s (and %u more since the last such line)", peer, causes[cause],
                 f->noted[cause].silent);
    else
        log_warn(STRATUM, "%s %s", peer, causes[cause]);
    f->noted[cause].last_us = now;
    f->noted[cause].silent = 0;
}
