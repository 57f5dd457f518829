/* SPDX-License-Identifier: MIT */
/* What both ends of a replay share. */
#include "transcript/replay.h"

#include "base/clock.h"

int64_t replay_delay_us(const struct replay_options *o, int64_t begin_us, int64_t first_ms,
                        int64_t at_ms)
{
    if (!(o->speed > 0))
        return 0;
    double after_us = (double)(at_ms - first_ms) * 1000 / o->speed;
    int64_t left = begin_us + (int64_t)after_us - now_us();

    return left > 0 ? left : 0;
}
