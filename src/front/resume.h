/* SPDX-License-Identifier: MIT */
/* Sessions whose connection was lost, kept for a while: a miner that comes back with the session's
 * id goes on with its extranonce and its difficulties, so that shares of jobs it was sent before
 * still count. Shared by all loops of a front. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "core/target.h"
#include "front/extranonce.h"
#include "stratum/vardiff.h"

enum {
    COURSE_STEPS = 16,     /* difficulties remembered of a session */
    SESSION_ID_BYTES = 16, /* random: nobody can guess another's */
    PARKED_MAX = 16384,    /* the oldest goes */
    PARKED_USERS = 2048,   /* bytes of names, each with a zero behind; who has more logs in again */
};

struct step { /* from this job on, the session mines at this difficulty */
    uint32_t serial, variant;
    double difficulty;
    struct u256 target;
};

/* What a session was told, and at which difficulty: what its shares are judged by. */
struct course {
    struct vardiff vardiff;
    double floor;           /* the miner's own minimum; 0 = none */
    double sent_difficulty; /* by the last set_difficulty; 0 = none yet */
    uint32_t extranonce;    /* counter value; 0 = none yet */
    /* Jobs up to this one, and the first that is told, could be hashed as everybody gets them
     * before the miner said what it wants: they are worth what was fixed then, or it would choose a
     * difficulty to suit the hashes that it has. */
    uint32_t fixed_serial;
    double fixed_difficulty;
    uint32_t first_serial, last_serial, variant;
    bool asked; /* the start difficulty was asked for by the miner */
    uint8_t step_count, sent_count;
    struct sent {
        uint32_t serial, variant;    /* the highest variant of the job that was sent */
    } sent[COURSE_STEPS];            /* jobs with variants, oldest first */
    struct step steps[COURSE_STEPS]; /* oldest first */
};

struct parked;

struct parking {
    uv_mutex_t lock;
    struct parked *by_id; /* oldest first */
};

void parking_init(struct parking *);
void parking_fini(struct parking *);

/* What is kept of a session. */
struct legacy {
    struct course course;
    char users[PARKED_USERS]; /* who was logged in, in dialects that keep it: see above */
    uint16_t users_len;
};

/* Keeps it when its connection ended; its extranonce rests once it is forgotten. */
void session_park(struct parking *, struct extranonces *, const uint8_t id[SESSION_ID_BYTES],
                  const struct legacy *, int64_t now_us);
/* Gives it back, once. False: not known (any more). */
bool session_unpark(struct parking *, const uint8_t id[SESSION_ID_BYTES], struct legacy *ret);
/* Forgets those that nobody came back for. */
void parking_expire(struct parking *, struct extranonces *, int64_t now_us);
