/* SPDX-License-Identifier: MIT */
/* A line: devices that do the same algorithm, where their work comes from, and the change to
 * another one. All devices stand in the default line unless they were given an algorithm of their
 * own; a line of its own has one device. Hub thread.
 *
 * A change is prepared while the devices go on with what they do: the new work source is asked, the
 * light dataset made. Then they change over, on trial: with no share accepted for
 * mining.switch.return_after they return to what they did before. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hub/feed.h"
#include "hub/snapshot.h"

struct hub;
struct hub_device;

struct wish {
    const struct algo *algo; /* NULL = whatever the active work source has */
    bool follows;            /* as the default line does */
};

struct line {
    struct hub_device *owner; /* NULL = the default line */
    struct wish wish;
    struct feed feed;

    enum change_stage stage;
    struct wish to, before;       /* PREPARING: where to; it and TRIAL: where it returns to */
    struct feed next;             /* PREPARING: what will be worked on */
    bool returning;               /* PREPARING: back to what worked */
    bool on_trial;                /* PREPARING: what is done meanwhile has not proved itself */
    int64_t began_us, went_us;    /* the change was asked for; the devices changed over */
    int64_t clock_us, ticked_us;  /* time without success that counts */
    const struct algo *from;      /* what was done before, for people; NULL = nothing */
    int64_t gap_us, gap_heard_us; /* longest time without hashing; 0 = not heard */
    bool gap_told;
    char note[200]; /* why the last change was undone; "" = it was not */
    int64_t note_us;
};

/* line.c */
const char *line_name(const struct line *);              /* "the devices", "cpu0" */
const struct algo *line_algo(const struct line *);       /* of its present job; NULL = none */
bool line_used(const struct hub *, const struct line *); /* does a device stand in it? */
void line_clear(struct line *);
void line_step(struct hub *, struct line *);            /* newest jobs; goes on with a change */
void line_tick(struct hub *, struct line *);            /* once a second: success, and the gap */
void line_accepted(struct line *, const struct algo *); /* a share of one of its devices */
void line_gap(struct line *, int64_t gap_us, int64_t at_us);

/* change.c: the algorithm in words that a wish stands for. */
const char *wish_name(const struct hub *, struct wish);

/* A device's own line; when it stands in the default one, a new one that does the same. */
struct line *line_of_own(struct hub *, struct hub_device *);

/* Begins a change, or drops the one that is under way when the line does that already. */
void line_change(struct hub *, struct line *, struct wish to);

void change_step(struct hub *, struct line *);                  /* PREPARING: goes on with it */
void change_undo(struct hub *, struct line *, const char *why); /* TRIAL: back */

/* command_algorithm.c: "algorithm NAME [DEVICE|all]". */
struct command_reply;
void hub_algorithm(struct hub *, const char *args, struct command_reply *);

/* source.c: the job that a wish is served with now, borrowed; NULL = none. */
struct job *source_job(struct hub *, struct wish, char source[64]);

/* What the upstream pools are asked for: by all lines, what they do and what they prepare. */
void source_demand(struct hub *);

/* Can the algorithm be had from an upstream or the own chain? Opens the chain. 0, or the error and
 * what to configure. */
int source_open(struct hub *, const struct algo *, struct fault *why);

/* Where work of the algorithm would come from: "pool 2", "own chain"; "" = nowhere. */
void source_words(struct hub *, const struct algo *, char out[64]);

/* pools.c: an own chain for each algorithm in use, where the coin leaves it open. */
int hub_pools_open(struct hub *, struct fault *why);
void hub_pools_close(struct hub *);
struct pool *hub_pool(const struct hub *, const struct algo *); /* NULL = not open */
bool hub_pool_may(const struct hub *, const struct algo *);     /* could it be opened? */
int hub_pool_open(struct hub *, const struct algo *, struct fault *why);
void hub_pools_tick(struct hub *);
void hub_pools_drain(struct hub *);
bool hub_pools_settling(const struct hub *);
void hub_pools_handed(struct hub *); /* waits for what goes on in the next program */
void hub_pools_leave(struct hub *);  /* the program ends: miners are sent away */
bool hub_pools_leaving(const struct hub *);
int hub_pool_mode(struct hub *, bool on, struct fault *why);
void hub_front_follow(struct hub *); /* the Stratum server goes with the default line */
