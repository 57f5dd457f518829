/* SPDX-License-Identifier: MIT */
/* One client of ours and the pool's end of its connection, which is our server's part of a dialect:
 * what each says of jobs and shares, and what the other understood. */
#pragma once

#include <uv.h>

#include "base/str.h"
#include "stratum/client.h"
#include "stratum/server.h"
#include "tests/fake/wire.h"

enum { BLOB = 76, PREFIX = 3 };

struct talk_row { /* of whom the talk is */
    const char *dialect, *algo, *scheme;
    uint64_t height;
    bool tells_height, mix, hash, binds_nonces;
};

struct talk {
    uv_loop_t loop;
    struct stratum_client *client;
    const struct algo *algo;
    int listener;
    uint16_t port;
    struct wire wire;
    struct miner miner;
    struct str out;
    struct job *served;  /* what the pool serves */
    uint8_t input[BLOB]; /* what is hashed of it */
    struct str body;     /* what all connections share of it */
    struct u256 target;
    /* what the pool heard */
    char user[128], pass[64];
    struct submission got;
    char got_user[128], got_job[64];
    unsigned submits, refused;
    int verdict;
    /* what the client heard */
    struct job *job;
    enum client_state state;
    char reason[256];
    unsigned answers;
    int answer;
};

/* The pool has a job and listens; nobody has connected. The user "stranger" is not let in. */
struct talk *talk_open(const struct talk_row *);
void talk_close(struct talk *);
void talk_connect(struct talk *, const char *scheme, const char *user);
/* Connects as addr.rig, and waits until the client has the pool's job. */
void talk_begin(struct talk *, const struct talk_row *);
/* Runs both ends for a moment. */
void talk_turn(struct talk *);

#define turn_until(t, condition)                                                                   \
    do {                                                                                           \
        int64_t limit = now_us() + 5 * SECOND_US;                                                  \
        while (!(condition) && now_us() < limit)                                                   \
            talk_turn(t);                                                                          \
        assert_true(condition);                                                                    \
    } while (0)
