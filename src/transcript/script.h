/* SPDX-License-Identifier: MIT */
/* One connection of a transcript as steps to play: each message read, each answer with its request.
 * One owner thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "transcript/talk.h"
#include "transcript/transcript.h"

#define NO_STEP SIZE_MAX

struct step {
    const struct entry *entry;
    struct message message;       /* root NULL: an event, or a line that is no message */
    char method[TALK_METHOD_MAX]; /* of the request or the one it answers; "" = none */
    bool answer;
    size_t partner; /* an answer's request, a request's answer; NO_STEP = none */
    bool done;      /* the other end did its part of it, or it was sent */
    bool skipped;   /* the other end did not */
    char *live_id;  /* as the other end wrote it, for the answer; NULL = not yet */
};

struct script {
    struct step *steps;
    size_t count;
    enum talk_dialect dialect; /* what it turned out to be by its end */
};

/* The steps of one connection; the transcript must outlive them. */
void script_init(struct script *, const struct transcript *, uint32_t connection);
void script_fini(struct script *);

/* Does the miner say anything in it? */
bool script_has_miner(const struct script *);
bool step_is_event(const struct step *, const char *event);
