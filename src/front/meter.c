/* SPDX-License-Identifier: MIT */
/* One connection's meter. */
#include "front/meter.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"

enum {
    WINDOW = 4,       /* times min_shares; then all counts are halved */
    LEFT_SHARES = 10, /* so many say something of a connection that left */
    LEFT_FALSE = 3,
};

/* Each unit takes 1/rate of a second away from a burst that refills with time. */
static bool within(int64_t *used_us, uint64_t units, uint32_t rate, int64_t now_us)
{
    if (!rate)
        return true;
    if (*used_us < now_us)
        *used_us = now_us;
    *used_us += (int64_t)(units * (uint64_t)SECOND_US / rate);
    return *used_us - now_us <= METER_BURST_S * SECOND_US;
}

enum cause meter_bytes(struct meter *m, const struct guard_limits *l, uint32_t bytes,
                       int64_t now_us)
{
    return within(&m->bytes_us, bytes, l->bytes_per_second, now_us) ? CAUSE_NONE : CAUSE_BYTES;
}

enum cause meter_line(struct meter *m, const struct guard_limits *l, int64_t now_us)
{
    return within(&m->lines_us, 1, l->lines_per_second, now_us) ? CAUSE_NONE : CAUSE_LINES;
}

/* Only what is the miner's own fault. Late shares and ids of jobs that the pool no longer knows are
 * not, nor is a pool that is busy or out of memory; claims that are wrong are counted elsewhere. */
static uint32_t *count_of(struct meter *m, int err)
{
    static const int faults[] = {ERR_LOW_DIFF,   ERR_FIELD,        ERR_VERSION,
                                 ERR_TIME_RANGE, ERR_UNAUTHORIZED, ERR_NOT_SUBSCRIBED};

    if (!err)
        return &m->good;
    if (err == ERR_DUPLICATE)
        return &m->duplicate;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i] == err)
            return &m->invalid;
    return NULL;
}

static bool too_many(uint32_t count, uint64_t total, uint32_t percent)
{
    return percent && (uint64_t)count * 100 >= total * percent;
}

enum cause meter_share(struct meter *m, const struct guard_limits *l, int err)
{
    uint32_t *count = count_of(m, err);

    if (!count)
        return CAUSE_NONE;
    ++*count;
    uint64_t total = (uint64_t)m->good + m->invalid + m->duplicate;
    if (total >= (uint64_t)WINDOW * (l->min_shares ? l->min_shares : 1)) {
        m->good /= 2;
        m->invalid /= 2;
        m->duplicate /= 2;
    }
    if (!err || total < l->min_shares)
        return CAUSE_NONE;
    total = (uint64_t)m->good + m->invalid + m->duplicate;
    if (too_many(m->invalid, total, l->invalid_percent))
        return CAUSE_INVALID;
    return too_many(m->duplicate, total, l->duplicate_percent) ? CAUSE_DUPLICATE : CAUSE_NONE;
}

enum cause meter_left(const struct meter *m, const struct guard_limits *l, unsigned false_claims)
{
    uint64_t total = (uint64_t)m->good + m->invalid + m->duplicate;
    bool bad = too_many(m->invalid, total, l->invalid_percent) ||
               too_many(m->duplicate, total, l->duplicate_percent);

    return false_claims >= LEFT_FALSE || (total >= LEFT_SHARES && bad) ? CAUSE_SPOILT : CAUSE_NONE;
}

enum cause meter_login_refused(struct meter *m, const struct guard_limits *l)
{
    m->refused_logins++;
    return l->refused_logins && m->refused_logins > l->refused_logins ? CAUSE_LOGINS : CAUSE_NONE;
}
