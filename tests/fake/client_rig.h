/* SPDX-License-Identifier: MIT */
/* A Stratum client and the pool's end of its connection, which says what the test tells it to. */
#pragma once

#include <uv.h>

#include "stratum/client.h"
#include "tests/fake/wire.h"

/* mining.notify with its id, the last digit of the previous hash, version and clean_jobs. */
#define NOTIFY                                                                                     \
    "{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"%s\","                                \
    "\"c6c5ce115bd3005e4e0e86083ff6c64729b12b520542b54d000000000000000%d\","                       \
    "\"01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff"         \
    "20037f4f06\",\"00000000\",[],\"%s\",\"18058436\",\"57478db3\",%s]}"

struct client_rig {
    uv_loop_t loop;
    struct stratum_client *client;
    int listener;
    uint16_t port;
    struct wire pool;
    /* what the events said */
    struct job *job;
    unsigned jobs, answers;
    enum client_state state;
    int err;
    char reason[256], message[256];
    uint64_t ticket;
    int answer;
    bool close_in_job;
    struct stratum_session resume; /* asked for by the next client */
    const char *move_refused;
    /* as whom it is opened: set by the setup, may be changed before */
    const char *scheme, *user;
    const struct algo *algo;
    int64_t handshake_us;
};

/* cmocka fixtures: `*state` is the rig, for SHA-256d and Stratum v1; nothing is connected yet. */
int client_rig_setup(void **state);
int client_rig_teardown(void **state);

void client_rig_open(struct client_rig *, const char *host, enum reconnect_policy);
void client_rig_connect(struct client_rig *); /* opens, and the pool accepts */
/* The pool answers everything: the client becomes READY. Ids: 1 configure, 2 subscribe,
 * 3 authorize, 4 extranonce. */
void client_rig_greet(struct client_rig *);
void client_rig_welcome(struct client_rig *); /* connects and greets */
void client_rig_give_job(struct client_rig *, const char *id);
int64_t client_rig_submit(struct client_rig *, struct job *);
void client_rig_hang_up(struct client_rig *); /* the pool closes; the client is freed */

/* Runs the client's loop for a short time. */
void client_rig_run(struct client_rig *, int ms);
/* The next line of the client with this word; fails the test without one. Borrowed. */
const char *client_rig_expect(struct client_rig *, const char *word);

#define run_until(r, condition)                                                                    \
    do {                                                                                           \
        bool met = false;                                                                          \
        for (int waited = 0; waited < 3000 && !(met = (condition)); waited++)                      \
            client_rig_run(r, 1);                                                                  \
        assert_true(met);                                                                          \
    } while (0)
