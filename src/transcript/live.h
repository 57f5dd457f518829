/* SPDX-License-Identifier: MIT */
/* What a connection's miner has been given to work with, learned from the pool's messages; and a
 * recorded miner's line with the live values in place of the recorded ones. One owner thread. */
#pragma once

#include "transcript/script.h"

enum { LIVE_TEXT_MAX = 160 };

struct live {
    char job[LIVE_TEXT_MAX], header[LIVE_TEXT_MAX], time[LIVE_TEXT_MAX];
    char extranonce1[LIVE_TEXT_MAX];
    size_t extranonce2_size; /* bytes; 0 = not told */
    bool rolling;            /* version rolling was granted */
    uint32_t mask;
    json_t *work; /* the job's parameters, owned; NULL = no job yet */
};

/* Takes a message of the pool: `method` as talk_hear says. */
void live_learn(struct live *, enum talk_dialect, const char *method, bool answer,
                const struct message *);
void live_fini(struct live *);

/* Is the same work at hand, so that a recorded share is a share here too? */
bool live_same_work(const struct live *, const struct live *);

/* Ids of sessions and workers: what the recorded pool gave, and what the live one did. */
enum { LIVE_SESSIONS_MAX = 64 };
struct live_sessions {
    unsigned count;
    char recorded[LIVE_SESSIONS_MAX][LIVE_TEXT_MAX], live[LIVE_SESSIONS_MAX][LIVE_TEXT_MAX];
};
/* From the recorded answer and the live one to the same question. */
void live_sessions_learn(struct live_sessions *, enum talk_dialect, const struct step *recorded,
                         const char *line, size_t len);

struct live_words { /* all that a line is rewritten with */
    const struct live *recorded, *live;
    const struct live_sessions *sessions;
    const char *user, *password; /* NULL = as recorded */
};
/* Appends the step's line for the live pool. */
void live_rewrite(const struct live_words *, const struct script *, const struct step *,
                  struct str *out);
