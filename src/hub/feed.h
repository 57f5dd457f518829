/* SPDX-License-Identifier: MIT */
/* A feed: the newest job of a work source, with the dataset that its hash needs. Hub thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/job.h"

struct hub;

struct feed {
    struct job *offered; /* as the source made it; a reference */
    struct job *job;     /* what devices get: with its dataset; a reference; NULL = none */
    char source[64];     /* where it comes from, for people; "" = nowhere */
    char trouble[160];   /* why the newest job cannot be hashed; "" = it can */
    char noted[160];     /* why it is hashed with a light dataset, as last logged */
    int64_t retry_us;    /* then the dataset is asked for again; 0 = no need */
    bool ahead;          /* nobody hashes it yet: the light part will do */
    unsigned full_tries; /* for the full part of the dataset that `tried` names */
    const struct algo *tried;
    struct algo_key tried_key;
    int64_t full_retry_us;
};

/* The hub's datasets, after the configuration; freed after devices and pool. */
void hub_datasets_open(struct hub *);
void hub_datasets_close(struct hub *);

/* Takes what the source offers now (NULL = nothing). True when `job` is another one than before.
 * When the dataset cannot be had, `trouble` says why; the job before stays if it may still be
 * mined. */
bool feed_take(struct hub *, struct feed *, struct job *offer, const char *source);
void feed_drop(struct feed *);

/* What was ahead is hashed from now on: the full dataset too is wanted. */
void feed_begin(struct hub *, struct feed *);

enum feed_ready {
    FEED_EMPTY,     /* no job */
    FEED_PREPARING, /* its dataset is being made */
    FEED_READY,     /* may be hashed */
    FEED_FAILED,    /* see trouble */
};
enum feed_ready feed_ready(const struct feed *);
