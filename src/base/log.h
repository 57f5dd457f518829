/* SPDX-License-Identifier: MIT */
/* The log: any thread writes into a bounded ring and never waits; one log thread writes the file
 * (or the journal, or plain lines on a stream) and keeps the newest records for the console. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE, LOG_LEVELS };

#define LOG_CATEGORY_LIST(X)                                                                       \
    X(CORE, "core")                                                                                \
    X(CONFIG, "config")                                                                            \
    X(DEVICE, "device")                                                                            \
    X(JOB, "job")                                                                                  \
    X(SHARE, "share")                                                                              \
    X(POOL, "pool")                                                                                \
    X(CHAIN, "chain")                                                                              \
    X(STRATUM, "stratum")                                                                          \
    X(STORE, "store")                                                                              \
    X(API, "api")                                                                                  \
    X(UI, "ui")                                                                                    \
    X(THERMAL, "thermal")

enum log_category {
#define LOG_CATEGORY_ENUM(name, word) LOG_##name,
    LOG_CATEGORY_LIST(LOG_CATEGORY_ENUM)
#undef LOG_CATEGORY_ENUM
        LOG_CATEGORIES
};

struct log_record {
    uint64_t seq;    /* 1, 2, 3, ... */
    int64_t wall_ms; /* Unix time */
    uint8_t level, category;
    uint16_t repeats; /* how often the same text came again within the folding window */
    char text[240];   /* UTF-8, no newline, control bytes replaced */
};

struct log_options {
    const char *file;     /* NULL or "" = no file */
    const char *stream;   /* "stdout", "stderr" or NULL: plain lines as well */
    bool journal;         /* stream lines carry <N> priority and no time stamp */
    enum log_level level; /* records above are dropped at the source */
    uint64_t max_bytes;   /* rotate the file past this size */
    unsigned keep;        /* rotated files kept: FILE.1 ... FILE.keep */
};

/* Starts the log thread. Returns 0, or a negative error when the file cannot be opened (the log
 * then still runs, without the file). Before it, records go to stderr from warnings up. */
int log_start(const struct log_options *);
void log_stop(void); /* drains, closes; main thread, after all others ended */

void log_set_level(enum log_level); /* any thread */
void log_reopen(void);              /* any thread: SIGUSR1, after an outside rotation */

/* Writes one record. Any thread; never blocks; a full ring drops it and counts. */
void log_write(enum log_level, enum log_category, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Copies up to max newest records with seq > after, oldest first. Any thread. Returns the count. */
unsigned log_recent(uint64_t after, struct log_record *out, unsigned max);
uint64_t log_dropped(void);
uint64_t log_count(enum log_level); /* records written at this level */

const char *log_level_name(enum log_level);
bool log_level_parse(const char *word, enum log_level *);
const char *log_category_name(enum log_category);

#define log_error(category, ...) log_write(LOG_ERROR, LOG_##category, __VA_ARGS__)
#define log_warn(category, ...)  log_write(LOG_WARN, LOG_##category, __VA_ARGS__)
#define log_info(category, ...)  log_write(LOG_INFO, LOG_##category, __VA_ARGS__)
#define log_debug(category, ...) log_write(LOG_DEBUG, LOG_##category, __VA_ARGS__)
