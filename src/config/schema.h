/* SPDX-License-Identifier: MIT */
/* The option table (options.def) and what can be done with its rows: look up, set from text, print,
 * tell where a value came from, compare two configurations. Everything that shows or changes
 * options (YAML, environment, flags, example file, manual, settings screen, API) goes through it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "config/config.h"

enum opt_type {
    OPT_BOOL,    /* bool */
    OPT_INT,     /* int32_t; `choices` may name values: "low=10|normal=0" */
    OPT_UINT,    /* uint32_t */
    OPT_REAL,    /* double */
    OPT_TEXT,    /* char *; max = bytes */
    OPT_CHOICE,  /* char *; one of `choices`, letters in either case */
    OPT_ADDRESS, /* char *; "host:port" to listen on */
    OPT_URL,     /* char *; "scheme://host:port", "host:port" */
    OPT_TEXTS,   /* struct text_list */
    OPT_TIME,    /* int64_t microseconds; written "2h", "1m30s", "250ms" */
    OPT_SIZE,    /* uint64_t bytes; written "64KB", "1GB" (1024) */
    OPT_PERCENT, /* uint32_t basis points; written "1.5", at most two decimals */
    OPT_LIST,    /* { items, count }: its elements' rows are named "path[].key" */
    OPT_TYPES
};

enum opt_flag {
    OPT_LIVE = 1 << 0,     /* applied by a reload, without a restart */
    OPT_SECRET = 1 << 1,   /* never shown; may come from "!file PATH" and KEY_file */
    OPT_REQUIRED = 1 << 2, /* must be given, in each element of its list */
    OPT_EXPERT = 1 << 3,   /* left out of short listings */
};

struct opt {
    const char *path; /* "pool.rewards.window"; "upstreams[].url" in a list's element */
    enum opt_type type;
    unsigned flags;
    size_t at;           /* offset in struct config, or in the element */
    size_t bytes;        /* OPT_LIST: of one element */
    const char *def;     /* as written in YAML; NULL = worked out when loaded (`help` says how) */
    double min, max;     /* inclusive; equal = unbounded */
    const char *unit;    /* "degrees Celsius"; NULL = none */
    const char *choices; /* "pplns|solo"; NULL = none */
    const char *help;    /* one sentence */
};

extern const struct opt option_table[]; /* ends with {0}; in the order of the example file */

/* By path; an index in brackets stands for any ("upstreams[0].url"). NULL when unknown. */
const struct opt *option_find(const char *path);

/* The known path nearest to a wrong one, or NULL when none is near enough to be meant. */
const char *option_nearest(const char *path);

const char *option_type_name(enum opt_type); /* "duration", "text", ... */

/* Appends the value as YAML writes it; a list as a flow list. Secrets show as "********" when they
 * are set. `o` must not be an element's row. */
void option_value(const struct config *, const struct opt *o, struct str *);

/* "default", "config.yaml:12", "environment OTEDAMA_POOL_ENABLE", "--threads". Borrowed. */
const char *option_origin(const struct config *, const struct opt *);

/* Calls `each` for every option whose value differs (`o->flags & OPT_LIVE`: a reload applies it).
 * Returns how many. */
unsigned config_diff(const struct config *before, const struct config *after,
                     void (*each)(void *arg, const struct opt *o), void *arg);

/* The environment variable of a path: "OTEDAMA_POOL_REWARDS_WINDOW". */
void option_variable(const struct opt *, char *out, size_t size);
