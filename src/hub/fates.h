/* SPDX-License-Identifier: MIT */
/* What becomes of shares: found, sent, answered; and counting that. Each share is in exactly one of
 * the counters accepted, rejected, stale, lost, unacknowledged and unanswered. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct algo;

enum fate {
    FATE_OPEN, /* found; sent or to be sent; no answer yet */
    FATE_ACCEPTED,
    FATE_REJECTED,
    FATE_STALE,          /* rejected because of its age */
    FATE_LOST,           /* never sent: the connection, and its session, had gone */
    FATE_UNACKNOWLEDGED, /* sent, never answered */
};

/* Why a share was rejected. */
#define REFUSALS_LIST(X)                                                                           \
    X(REFUSAL_LOW_DIFFICULTY, "low_difficulty")                                                    \
    X(REFUSAL_DUPLICATE, "duplicate")                                                              \
    X(REFUSAL_UNAUTHORISED, "unauthorised")                                                        \
    X(REFUSAL_TIME, "ntime")                                                                       \
    X(REFUSAL_VERSION, "version")                                                                  \
    X(REFUSAL_STALE, "stale")                                                                      \
    X(REFUSAL_OTHER, "other")

enum refusal {
#define X(name, word) name,
    REFUSALS_LIST(X)
#undef X
        REFUSALS
};

struct counters {   /* of shares */
    uint64_t found; /* by devices, meeting the source's target */
    uint64_t sent;
    uint64_t accepted, rejected, stale, lost, unacknowledged, unanswered;
    uint64_t refused[REFUSALS]; /* rejected and stale ones, by reason */
    uint64_t hardware_errors;
    double difficulty_accepted; /* sum; of one algorithm */
    double best_difficulty;     /* best hash ever seen; 0 = none; of one algorithm */
};

/* News of one share. */
struct share_note {
    unsigned device; /* number */
    const struct algo *algo;
    enum fate before, fate; /* it was, and is now */
    enum refusal refusal;   /* REJECTED, STALE */
    double difficulty;      /* that was asked for */
    double hashes;          /* that it stands for, on average */
    bool sent;              /* just now */
};

enum fate fate_of(int err);       /* of a pool's answer: 0 or ERR_* */
enum refusal refusal_of(int err); /* the same for the reason */
const char *refusal_name(enum refusal);

void counters_found(struct counters *, double best_difficulty);
void counters_note(struct counters *, const struct share_note *);

/* Adds the numbers of shares of another algorithm: difficulties cannot be added. */
void counters_add(struct counters *, const struct counters *);
