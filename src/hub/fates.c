/* SPDX-License-Identifier: MIT */
/* Counting shares by what becomes of them. */
#include "hub/fates.h"

#include "base/err.h"

static const struct {
    int err;
    enum refusal refusal;
} reasons[] = {
    {ERR_LOW_DIFF, REFUSAL_LOW_DIFFICULTY},
    {ERR_DUPLICATE, REFUSAL_DUPLICATE},
    {ERR_UNAUTHORIZED, REFUSAL_UNAUTHORISED},
    {ERR_TIME_RANGE, REFUSAL_TIME},
    {ERR_VERSION, REFUSAL_VERSION},
    {ERR_STALE, REFUSAL_STALE},
    {ERR_NO_JOB, REFUSAL_STALE},
};

enum refusal refusal_of(int err)
{
    for (unsigned i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].err == err)
            return reasons[i].refusal;
    return REFUSAL_OTHER;
}

enum fate fate_of(int err)
{
    if (!err)
        return FATE_ACCEPTED;
    return refusal_of(err) == REFUSAL_STALE ? FATE_STALE : FATE_REJECTED;
}

const char *refusal_name(enum refusal refusal)
{
    static const char *const names[REFUSALS] = {
#define X(name, word) [name] = word,
        REFUSALS_LIST(X)
#undef X
    };

    return names[refusal];
}

void counters_found(struct counters *c, double best_difficulty)
{
    c->found++;
    c->unanswered++;
    if (best_difficulty > c->best_difficulty)
        c->best_difficulty = best_difficulty;
}

static uint64_t *counter_of(struct counters *c, enum fate fate)
{
    switch (fate) {
    case FATE_ACCEPTED:
        return &c->accepted;
    case FATE_REJECTED:
        return &c->rejected;
    case FATE_STALE:
        return &c->stale;
    case FATE_LOST:
        return &c->lost;
    case FATE_UNACKNOWLEDGED:
        return &c->unacknowledged;
    default:
        return &c->unanswered;
    }
}

void counters_note(struct counters *c, const struct share_note *note)
{
    uint64_t *before = counter_of(c, note->before);

    c->sent += note->sent;
    *before -= *before > 0;
    ++*counter_of(c, note->fate);
    if (note->fate == FATE_ACCEPTED)
        c->difficulty_accepted += note->difficulty;
    if (note->fate == FATE_REJECTED || note->fate == FATE_STALE)
        c->refused[note->refusal]++;
}

void counters_add(struct counters *to, const struct counters *from)
{
    to->found += from->found;
    to->sent += from->sent;
    to->accepted += from->accepted;
    to->rejected += from->rejected;
    to->stale += from->stale;
    to->lost += from->lost;
    to->unacknowledged += from->unacknowledged;
    to->unanswered += from->unanswered;
    to->hardware_errors += from->hardware_errors;
    for (unsigned i = 0; i < REFUSALS; i++)
        to->refused[i] += from->refused[i];
}
