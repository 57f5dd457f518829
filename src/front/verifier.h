/* SPDX-License-Identifier: MIT */
/* Threads that hash shares of slow algorithms, so that a front's loop never waits for one: bounded
 * queues in, answers back on the loop. Connections are served in turn, a share of each. All
 * functions on the loop's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "core/share.h"

struct dataset;
struct datasets;
struct verifier;

/* Tasks that wait: in all lanes together, but for the first of each; and urgent ones. */
enum { VERIFY_QUEUE = 1024, VERIFY_URGENT = 8192, VERIFY_ID_MAX = 96 };

/* The tasks of one connection that wait: zeroed to begin with, then the verifier's. It outlives
 * them. */
struct verify_lane {
    struct verify_lane *next;
    struct verify_task *first, *last;
};

struct verify_task {
    struct verify_task *next; /* the verifier's */
    struct verify_lane *lane;
    struct share *share; /* owned; checked in place */
    bool urgent;         /* before all that are not */
    struct u256 target;
    int err; /* as share_check gave it; -EAGAIN: its dataset is being prepared */
    char trouble[160];
    /* the front's own, brought back as they were */
    void *session, *worker, *job;
    double difficulty;
    bool stale, has_mix, has_hash;
    uint8_t mix[32], hash[32], key[16];
    uint16_t id_len;
    char id[VERIFY_ID_MAX];
};

/* An answer: the task is the receiver's now. */
typedef void verify_done_fn(void *arg, struct verify_task *);

struct verifier *verifier_new(uv_loop_t *, const struct algo *, struct datasets *, unsigned threads,
                              verify_done_fn *done, void *arg);

/* Takes a task, or gives false: the queues are full, or no thread is there. */
bool verifier_add(struct verifier *, struct verify_task *);

/* Goes on with what waits for at most `patience_us`, urgent tasks first, while the caller waits;
 * then ends the threads (each after the hash it is at) and gives back all tasks by `done`, those
 * not begun with ERR_CLOSED. Its memory goes when the loop has closed its handle. NULL is fine. */
void verifier_close(struct verifier *, int64_t patience_us);

void verify_task_free(struct verify_task *);

/* Threads for as many cores: half of them, at least one and at most eight. */
unsigned verifier_threads(void);
