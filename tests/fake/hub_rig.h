/* SPDX-License-Identifier: MIT */
/* A whole hub on the devnet, without sockets but the pool's, with two simulated devices that do
 * blobber: the registry `algos` of the test must have it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "hub/internal.h"

enum { PATIENCE_S = 60, LONG_US = 300000 };

/* cmocka fixtures; the datasets of dataset_algo.h are well again. */
int hub_rig_setup(void **state);
int hub_rig_teardown(void **state);

/* Begins, with one more setting (may be NULL). Freed by the teardown. */
struct hub *hub_rig_start(const char *extra_path, const char *extra_value);

void hub_rig_turn(struct hub *);
void hub_rig_run(struct hub *, int64_t us); /* runs the loop for a while */

#define RUN_UNTIL(hub, condition)                                                                  \
    do {                                                                                           \
        int64_t end_ = now_us() + PATIENCE_S * SECOND_US;                                          \
        while (!(condition)) {                                                                     \
            hub_rig_turn(hub);                                                                     \
            if (now_us() > end_)                                                                   \
                fail_msg("not within %d s: %s", PATIENCE_S, #condition);                           \
        }                                                                                          \
    } while (0)

/* A command is obeyed; obeyed with these words in its reply; refused with these words. */
void hub_must(struct hub *, const char *words);
void hub_says(struct hub *, const char *words, const char *part);
void hub_refuses(struct hub *, const char *words, const char *part);

/* Does the device hash this, and is it its line's? */
bool hub_does(const struct hub *, unsigned device, const char *algo);
uint64_t hub_accepted(const struct hub *, unsigned device); /* shares of it */
