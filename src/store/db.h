/* SPDX-License-Identifier: MIT */
/* One SQLite handle with its lock file, migrations and prepared statements. Used by one thread at a
 * time: the store thread, or a command-line tool that only reads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/embed.h"
#include "store/store.h"

/* A statement with its own copy of the arguments. */
struct write {
    struct write *next;
    enum statement statement;
    unsigned n;
    struct value args[]; /* their bytes follow in the same allocation */
};
struct write *write_new(enum statement, const struct value *args, unsigned n);
size_t write_bytes(const struct write *);

struct store_batch {
    struct write *first, **last;
    unsigned rows;
    size_t bytes;
};

enum db_result {
    DB_OK,
    DB_REFUSED, /* the statement itself is at fault (a constraint): never works */
    DB_RETRY,   /* the disk, a lock, memory: may work later */
};

struct db;

/* Locks (unless `read_only` or ":memory:"), opens, checks, migrates, prepares. */
int db_open(const char *path, bool read_only, struct db **ret, struct fault *why);
void db_close(struct db *); /* NULL is fine */

/* A transaction of several batches. `durable`: the commit waits for the disk. */
enum db_result db_begin(struct db *, bool durable);
/* Inside it: a refused batch leaves no trace, the others stay. */
enum db_result db_apply(struct db *, const struct store_batch *);
enum db_result db_commit(struct db *);
void db_rollback(struct db *);

/* Rows are valid during the callback. 0 or ERR_STORE. */
int db_read(struct db *, const struct write *, store_row_fn *row, void *arg);

const char *db_error(const struct db *);  /* of the last failure: what happened */
const char *db_advice(const struct db *); /* and what to do */
uint64_t db_bytes(const struct db *);     /* files on disk */

/* Applies the embedded files "src/store/migrations/NNNN-*.sql" newer than the database, in order,
 * each in its own transaction. */
int db_migrate(sqlite3 *, const char *path, const struct embedded *files, struct fault *why);

/* Takes PATH.lock for this process. Returns the descriptor to close, or -errno and `why` that names
 * the process holding it. */
int db_lock(const char *path, struct fault *why);
