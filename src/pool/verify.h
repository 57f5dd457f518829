/* SPDX-License-Identifier: MIT */
/* Threads that hash shares of slow algorithms, so that a front's loop never waits for one: a
 * bounded queue in, answers back on the loop. All functions on the loop's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "core/share.h"

struct dataset;
struct datasets;
struct verifier;

enum { VERIFY_QUEUE = 1024, VERIFY_ID_MAX = 96 };

struct verify_task {
    struct verify_task *next; /* the verifier's */
    struct share *share;      /* owned; checked in place */
    struct u256 target;
    int err; /* as share_check gave it; -EAGAIN: its dataset is being prepared */
    char trouble[160];
    /* the front's own, brought back as they were */
    void *session, *worker, *job;
    double worth, difficulty;
    bool has_mix, has_hash;
    uint8_t mix[32], hash[32];
    uint16_t id_len;
    char id[VERIFY_ID_MAX];
};

/* An answer: the task is the receiver's now. */
typedef void verify_done_fn(void *arg, struct verify_task *);

struct verifier *verifier_new(uv_loop_t *, const struct algo *, struct datasets *, unsigned threads,
                              verify_done_fn *done, void *arg);

/* Takes a task, or gives false: the queue is full. */
bool verifier_add(struct verifier *, struct verify_task *);

/* Ends the threads (each after the hash it is at) and gives back all tasks by `done`, those not
 * begun with ERR_CLOSED. Its memory goes when the loop has closed its handle. NULL is fine. */
void verifier_close(struct verifier *);

void verify_task_free(struct verify_task *);

/* Threads for as many cores: half of them, at least one and at most eight. */
unsigned verifier_threads(void);
