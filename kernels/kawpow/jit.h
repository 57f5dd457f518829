/* SPDX-License-Identifier: MIT */
/* A period's program as machine code. Pages are never writable and executable at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/kawpow/progpow.h"

/* Runs the program once; kawpow_code_run calls it. */
typedef void kawpow_code_fn(struct kawpow_mix *, const uint32_t *l1, const uint32_t *low,
                            const uint32_t *high, const void *constants, uint64_t loop_times_4);

enum {
    CODE_BYTES = 16384, /* a slot: the longest program has less than half of it */
    CODE_SLOTS = 4,
};

/* How it is written. */
struct kawpow_style {
    bool popcount; /* VPOPCNTD is there */
    bool gather;   /* VPGATHERDD instead of sixteen loads */
};

/* Writes the code for a program; returns its length, 0 when it does not fit. Any thread. */
size_t kawpow_code_write(const struct kawpow_program *, const struct kawpow_style *, uint8_t *out,
                         size_t room);

/* Memory for code of several programs: one thread's. */
struct kawpow_code;

/* NULL where the CPU lacks AVX-512 or the system refuses memory. */
struct kawpow_code *kawpow_code_new(void);
void kawpow_code_free(struct kawpow_code *); /* NULL is fine */

/* The style found best here. What is changed in it goes for the next kawpow_code_make. */
struct kawpow_style *kawpow_code_style(struct kawpow_code *);

/* Writes a program's code into a slot and checks it against kawpow_mix_loop on random registers.
 * NULL when the system does not let memory become executable, or when the check fails: *why then
 * says which, in words. */
kawpow_code_fn *kawpow_code_make(struct kawpow_code *, unsigned slot, const struct kawpow_program *,
                                 const char **why);

/* Runs code as kawpow_mix_loop runs its program. */
void kawpow_code_run(kawpow_code_fn *run, struct kawpow_mix *mix, const uint32_t *l1,
                     const uint32_t *group, unsigned loop);
