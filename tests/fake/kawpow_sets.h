/* SPDX-License-Identifier: MIT */
/* KawPow's tiny datasets of tests/vectors/kawpow.json, and the engines that this machine may run.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "kernels/kawpow/kawpow.h"

enum { SETS = 2 };

struct kawpow_set {
    struct kawpow_data data;
    struct ethash_cache cache;
    struct ethash_memory items;
    struct algo_ctx *ctx[2]; /* light, full */
};
extern struct kawpow_set sets[SETS];

/* cmocka group fixtures. */
int kawpow_sets_up(void **state);
int kawpow_sets_down(void **state);

const json_t *set_row(unsigned set);
bool runs_here(unsigned needs); /* CPU_* */
