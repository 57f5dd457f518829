/* SPDX-License-Identifier: MIT */
/* Which implementation ("engine" to people) hashes: what the configuration wants, what was measured
 * on this machine, else the best by the algorithm's own rule.
 *
 * A setting is a list of words, separated by commas: "auto"; "avx2", for every algorithm that has
 * it; or "sha256d=avx2", for one algorithm, which goes before the others. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "algo/algo.h"

enum { ENGINE_SETTING_MAX = 256 };

/* 0, or ERR_CONFIG and `why` (with the names that would work) when a word names an algorithm that
 * is unknown, or an engine that this CPU does not run. NULL and "" are auto. Any thread. */
int engine_check(const char *setting, struct fault *why);

/* The engine for an algorithm; never NULL. `tuned` is a setting as well, heard where `setting` says
 * auto; what it names wrongly is passed over. *missed (may be NULL) takes the word of `setting`
 * that is for every algorithm and that this one does not have; "" = none. Any thread. */
const struct algo_impl *engine_pick(const struct algo *, const char *setting, const char *tuned,
                                    char missed[ENGINE_SETTING_MAX]);

/* What `otedama tune` found, kept in a folder for this CPU model, program version and count of
 * threads. Reading gives "" (false) where there is nothing or it was measured otherwise. Writing: 0
 * or -errno. */
bool engine_tuned_read(const char *dir, unsigned threads, char setting[ENGINE_SETTING_MAX]);
int engine_tuned_write(const char *dir, unsigned threads, const char *setting);
