/* SPDX-License-Identifier: MIT */
/* The store: named statements on its own thread, written in transactions; callers never see SQL.
 * Statements are rows of statements.def, migrations are numbered files in migrations/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/err.h"

enum statement {
#define X(name, sql) ST_##name,
#include "store/statements.def"
#undef X
    STATEMENTS
};

struct value {
    enum { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB } kind;
    int64_t i;
    const void *p; /* TEXT: NUL-terminated; BLOB: n bytes */
    size_t n;
};
static inline struct value value_int(int64_t i)
{
    return (struct value){.kind = VALUE_INT, .i = i};
}
static inline struct value value_text(const char *s)
{
    return (struct value){.kind = VALUE_TEXT, .p = s};
}
static inline struct value value_blob(const void *p, size_t n)
{
    return (struct value){.kind = VALUE_BLOB, .p = p, .n = n};
}

struct store;
struct store_batch; /* one transaction under construction */

/* Opens (creates, migrates) the database file and starts the store thread. `path` ":memory:" works.
 * `bell` is rung when answers wait for store_drain. Errors name the file and what to do. */
int store_open(const char *path, uv_async_t *bell, struct store **ret, struct fault *why);

/* An existing database for reading only, beside the program that may be writing it: store_query
 * and store_close are all it is for. No thread, no lock, no migration. */
int store_open_read(const char *path, struct store **ret, struct fault *why);

/* Writes everything queued, runs the callbacks still due, closes. What a full disk refuses for ten
 * seconds more is given up, with one line in the log. Hub thread. NULL is fine. */
void store_close(struct store *);

struct store_batch *store_batch_new(void);
void store_batch_add(struct store_batch *, enum statement, const struct value *args, unsigned n);
void store_batch_free(struct store_batch *); /* only one that was not submitted */
/* Nothing added: submitting it is of no use. */
bool store_batch_empty(const struct store_batch *);

typedef void store_done_fn(void *arg, int err);

/* Queues a batch as one transaction: all or nothing. `durable`: synced to disk before `done`
 * (money, found blocks); others are grouped and at most 200 ms late. `done` (may be NULL) runs in
 * store_drain with 0, or ERR_STORE when a constraint refused the batch (the others stay). Never
 * blocks; when the disk is full or the database locked the batch is kept and retried, and the store
 * reports it in store_view; past 256 MiB of waiting batches those that are not durable are refused
 * (UV_ENOSPC). Takes the batch. */
void store_submit(struct store *, struct store_batch *, bool durable, store_done_fn *done,
                  void *arg);

typedef void store_row_fn(void *arg, const struct value *columns, unsigned n);

/* A read; rows and then `done` arrive in store_drain, after all writes queued before it. */
void store_read(struct store *, enum statement, const struct value *args, unsigned n,
                store_row_fn *row, store_done_fn *done, void *arg);

/* The same, waiting for the answer: at start and in command-line tools only. */
int store_query(struct store *, enum statement, const struct value *args, unsigned n,
                store_row_fn *row, void *arg);

/* Hub thread, when the bell rang: runs the callbacks that are due. */
void store_drain(struct store *);

/* Numbers of new rows, for all that write to this store. Hub thread. */
enum store_rows { ROWS_ACCOUNT, ROWS_WORKER, ROWS_SHARE, STORE_ROWS };
void store_rows_known(struct store *, enum store_rows,
                      uint64_t last); /* up to here they are taken */
uint64_t store_row_next(struct store *, enum store_rows);

struct store_view {
    char path[256];
    uint64_t bytes;     /* size of the database file */
    uint64_t queued;    /* batches waiting */
    uint64_t committed; /* transactions since start */
    double last_commit_ms;
    char error[160]; /* "" = healthy */
};
void store_view(struct store *, struct store_view *);
