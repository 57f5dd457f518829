/* SPDX-License-Identifier: MIT */
/* The block that the pool's benchmarks work on: a daemon's answer with full transactions, and jobs
 * made of it as the pool makes them. One owner thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/job.h"

enum { BENCH_TRANSACTIONS = 2000, BENCH_MERKLE_LEVELS = 11 };

struct bench_template {
    char *text; /* the answer to getblocktemplate, the "result" alone; owned */
    size_t len;
    uint32_t height;
};

void bench_template_init(struct bench_template *);
void bench_template_free(struct bench_template *);

/* Another tip: the text of the next height. */
void bench_template_next(struct bench_template *);

/* Reads the text as the chain does, and makes a job of it as the pool does, extranonces as a front
 * wants them. The caller owns the reference. */
int bench_template_job(const struct bench_template *, struct job **ret, struct fault *why);
