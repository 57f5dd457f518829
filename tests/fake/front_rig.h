/* SPDX-License-Identifier: MIT */
/* A front on a loopback port, with the hub's part and a scripted miner, for tests. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "core/job.h"
#include "front/front.h"
#include "tests/fake/wire.h"

struct rig {
    struct front *front;
    struct front_options options;
    uint16_t port;
    struct wire miner;
    struct job *job; /* newest published */
    /* from the miner's conversation */
    char job_id[32], extranonce1[17], salt[9], ntime[9], session[33];
    double difficulty;
    unsigned next_id;
    /* from the events */
    uint64_t credited, rejected[8];
    double last_difficulty;
    char last_user[128];
    unsigned blocks, stopped, bans;
    struct guard_ban ban;      /* the last */
    uint64_t causes[CAUSES];   /* by all reports */
    struct front_stats *stats; /* the last report */
    int32_t connections;       /* by all reports */
};

/* cmocka fixtures: `*state` is the rig, whose front is not started yet. */
int rig_setup(void **state);
int rig_teardown(void **state);

void rig_start(struct rig *);
/* Takes what the front reported. */
void rig_drain(struct rig *);
/* A job on the tip `tip`; blocks take 2^16 hashes unless `easy_block`. */
void rig_publish(struct rig *, uint8_t tip, bool clean, bool easy_block);

/* Says it with an id of its own; the reply. */
const char *rig_ask(struct rig *r, struct wire *w, const char *method, const char *params);
void rig_subscribe(struct rig *, struct wire *);
void rig_subscribe_to(struct rig *, struct wire *, const char *session); /* to go on with it */
void rig_login(struct rig *); /* connects, subscribes, authorises me.w1, waits for the job */
void rig_expect_job(struct rig *);
void rig_begin(struct rig *); /* a started front with a job and a miner that logged in */

/* A nonce whose hash is at most `below`, and above `above` (may be NULL). */
uint32_t rig_grind(struct rig *r, const struct job *job, uint64_t extranonce2, uint32_t version,
                   const struct u256 *below, const struct u256 *above);
/* A share that is no block. */
uint32_t rig_good_nonce(struct rig *r, uint64_t extranonce2, uint32_t version);
/* Submits and returns the reply; `bits` "" = no sixth parameter. */
const char *rig_submit(struct rig *r, const char *user, uint64_t extranonce2, uint32_t nonce,
                       const char *bits);
const char *rig_submit_good(struct rig *r, const char *user, uint64_t extranonce2);

#define rig_wait_for(r, condition)                                                                 \
    do {                                                                                           \
        bool met = false;                                                                          \
        for (int waited = 0; waited < 3000 && !met; waited++) {                                    \
            rig_drain(r);                                                                          \
            if (!(met = (condition)))                                                              \
                sleep_us(1000);                                                                    \
        }                                                                                          \
        assert_true(met);                                                                          \
    } while (0)

#define assert_says(line, word)                                                                    \
    do {                                                                                           \
        const char *in_line = (line);                                                              \
        if (!strstr(in_line, word))                                                                \
            fail_msg("\"%s\" does not say \"%s\"", in_line, word);                                 \
    } while (0)
