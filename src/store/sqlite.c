/* SPDX-License-Identifier: MIT */
/* SQLite behind the store: opening with its checks, prepared statements, grouped transactions in
 * which one refused batch does not take the others with it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "store/db.h"

static const char *const statement_sql[STATEMENTS] = {
#define X(name, sql) [ST_##name] = (sql),
#include "store/statements.def"
#undef X
};

/* A full check reads the whole file, so larger ones are left to `otedama ledger check`. */
static const uint64_t CHECK_AT_OPEN_BYTES = UINT64_C(256) << 20;

struct db {
    char *path;
    sqlite3 *sql;
    int lock; /* descriptor; -1 = none */
    bool full_sync;
    int code; /* of the last failure */
    char error[200];
    sqlite3_stmt *statement[STATEMENTS];
};

static bool in_memory(const char *path)
{
    return !strcmp(path, ":memory:");
}

/* --- errors ------------------------------------------------------------------------------------
 */

static const struct {
    int code;
    const char *advice;
} advice_rows[] = {
    {SQLITE_FULL, "free space on its disk"},
    {SQLITE_BUSY, "close the other program that holds the database"},
    {SQLITE_LOCKED, "close the other program that holds the database"},
    {SQLITE_IOERR, "check the disk and its free space"},
    {SQLITE_READONLY, "give this user the right to write the file and its folder"},
    {SQLITE_CANTOPEN, "check that its folder exists and may be written"},
    {SQLITE_NOMEM, "free memory"},
    {SQLITE_PROTOCOL, "close the other program that holds the database"},
    {SQLITE_CORRUPT, "stop, keep a copy of the file, and restore a backup"},
    {SQLITE_NOTADB, "stop, keep a copy of the file, and restore a backup"},
};

const char *db_advice(const struct db *db)
{
    for (size_t i = 0; i < sizeof advice_rows / sizeof *advice_rows; i++)
        if (advice_rows[i].code == (db->code & 0xff))
            return advice_rows[i].advice;
    return "";
}

const char *db_error(const struct db *db)
{
    return db->error;
}

static enum db_result failed(struct db *db, int code)
{
    db->code = code;
    (void)text_copy(db->error, sizeof db->error, sqlite3_errmsg(db->sql));
    return *db_advice(db) ? DB_RETRY : DB_REFUSED;
}

static enum db_result run(struct db *db, const char *sql)
{
    int code = sqlite3_exec(db->sql, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? DB_OK : failed(db, code);
}

/* --- statements --------------------------------------------------------------------------------
 */

static void bind_args(sqlite3_stmt *s, const struct write *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        const struct value *v = &w->args[i];
        int at = (int)i + 1;
        switch (v->kind) {
        case VALUE_NULL:
            (void)sqlite3_bind_null(s, at);
            break;
        case VALUE_INT:
            (void)sqlite3_bind_int64(s, at, v->i);
            break;
        case VALUE_TEXT:
            (void)sqlite3_bind_text(s, at, v->p, -1, SQLITE_STATIC);
            break;
        case VALUE_BLOB:
            (void)sqlite3_bind_blob64(s, at, v->p, v->n, SQLITE_STATIC);
            break;
        }
    }
}

static struct value column(sqlite3_stmt *s, int i)
{
    switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER:
        return value_int(sqlite3_column_int64(s, i));
    case SQLITE_TEXT:
        return value_text((const char *)sqlite3_column_text(s, i));
    case SQLITE_BLOB:
        return value_blob(sqlite3_column_blob(s, i), (size_t)sqlite3_column_bytes(s, i));
    default:
        return (struct value){.kind = VALUE_NULL};
    }
}

/* Steps to the end; rows go to `row` (may be NULL). Returns SQLite's code, SQLITE_DONE when well.
 */
static int step_all(struct db *db, const struct write *w, store_row_fn *row, void *arg)
{
    sqlite3_stmt *s = db->statement[w->statement];
    struct value columns[64];
    int code;

    bind_args(s, w);
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        int n = sqlite3_column_count(s);
        n = n > 64 ? 64 : n;
        for (int i = 0; row && i < n; i++)
            columns[i] = column(s, i);
        if (row)
            row(arg, columns, (unsigned)n);
    }
    if (code != SQLITE_DONE)
        (void)failed(db, code);
    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    return code;
}

int db_read(struct db *db, const struct write *w, store_row_fn *row, void *arg)
{
    return step_all(db, w, row, arg) == SQLITE_DONE ? 0 : ERR_STORE;
}

/* --- transactions ------------------------------------------------------------------------------
 */

enum db_result db_begin(struct db *db, bool durable)
{
    if (db->full_sync != durable) { /* not allowed to change inside a transaction */
        enum db_result r =
            run(db, durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
        if (r != DB_OK)
            return DB_RETRY;
        db->full_sync = durable;
    }
    /* no statement of a batch is at fault here: nothing is applied outside a transaction */
    return run(db, "BEGIN IMMEDIATE") == DB_OK ? DB_OK : DB_RETRY;
}

void db_rollback(struct db *db)
{
    if (!sqlite3_get_autocommit(db->sql)) /* some failures have rolled back already */
        (void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
}

/* Sum rules of the ledger are deferred constraints: are any broken by what was written so far? */
static bool deferred_broken(struct db *db)
{
    int now = 0, high = 0;

    (void)sqlite3_db_status(db->sql, SQLITE_DBSTATUS_DEFERRED_FKS, &now, &high, 0);
    return now != 0;
}

enum db_result db_apply(struct db *db, const struct store_batch *batch)
{
    enum db_result r = run(db, "SAVEPOINT batch");

    for (const struct write *w = batch->first; r == DB_OK && w; w = w->next)
        if (step_all(db, w, NULL, NULL) != SQLITE_DONE)
            r = *db_advice(db) ? DB_RETRY : DB_REFUSED;
    if (r == DB_OK && deferred_broken(db)) {
        db->code = SQLITE_CONSTRAINT;
        (void)text_copy(
            db->error, sizeof db->error,
            "a ledger transaction does not add up to zero, or a row it names is missing");
        r = DB_REFUSED;
    }
    if (r == DB_OK)
        return run(db, "RELEASE batch");
    if (r == DB_REFUSED && sqlite3_get_autocommit(db->sql))
        return DB_RETRY; /* SQLite gave up the whole transaction */
    if (r == DB_REFUSED &&
        sqlite3_exec(db->sql, "ROLLBACK TO batch; RELEASE batch", NULL, NULL, NULL) != SQLITE_OK)
        return DB_RETRY;
    return r;
}

enum db_result db_commit(struct db *db)
{
    return run(db, "COMMIT") == DB_OK ? DB_OK : DB_RETRY;
}

/* --- opening -----------------------------------------------------------------------------------
 */

static uint64_t file_bytes(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

uint64_t db_bytes(const struct db *db)
{
    AUTO_FREE char *wal = xasprintf("%s-wal", db->path);

    return in_memory(db->path) ? 0 : file_bytes(db->path) + file_bytes(wal);
}

static void keep_text(void *arg, const char *text)
{
    (void)text_copy(arg, 160, text ? text : "");
}

static int first_text(void *arg, int n, char **columns, char **names)
{
    (void)names;
    if (n > 0)
        keep_text(arg, columns[0]);
    return 1; /* one row is enough */
}

static int check_integrity(struct db *db, struct fault *why)
{
    char answer[160] = "";

    if (db_bytes(db) > CHECK_AT_OPEN_BYTES)
        return 0;
    int code = sqlite3_exec(db->sql, "PRAGMA quick_check(1)", first_text, answer, NULL);
    if (code != SQLITE_OK && code != SQLITE_ABORT)
        keep_text(answer, sqlite3_errmsg(db->sql));
    if (!strcmp(answer, "ok"))
        return 0;
    return fault_set(why, ERR_STORE,
                     "database %s is damaged (%s): keep a copy of the file, restore "
                     "a backup, or move it away to begin an empty one",
                     db->path, answer);
}

static int open_handle(struct db *db, bool read_only, struct fault *why)
{
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

    if (!read_only && !in_memory(db->path)) { /* made here, so that only this user may read it */
        int fd = open(db->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0) {
            int err = -errno;
            return fault_set(why, err, "cannot open database %s: %s", db->path, strerror(-err));
        }
        (void)close(fd);
    }
    if (sqlite3_open_v2(db->path, &db->sql, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return fault_set(why, ERR_STORE, "cannot open database %s: %s", db->path,
                         db->sql ? sqlite3_errmsg(db->sql) : "out of memory");
    (void)sqlite3_extended_result_codes(db->sql, 0);
    (void)sqlite3_busy_timeout(db->sql, 2000);
    return 0;
}

static int set_pragmas(struct db *db, bool read_only, struct fault *why)
{
    static const char always[] = "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                                 "PRAGMA cell_size_check=ON; PRAGMA cache_size=-512"; /* KiB: the
                                 system keeps the file's pages anyway */
    static const char writing[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                                  "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY";

    if (run(db, always) == DB_OK && (read_only || run(db, writing) == DB_OK))
        return 0;
    return fault_set(why, ERR_STORE, "cannot use database %s: %s%s%s", db->path, db->error,
                     *db_advice(db) ? ": " : "", db_advice(db));
}

static int prepare(struct db *db, struct fault *why)
{
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(db->sql, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &db->statement[i], NULL) != SQLITE_OK)
            return fault_set(why, ERR_STORE, "database %s does not fit this program: %s", db->path,
                             sqlite3_errmsg(db->sql));
    return 0;
}

int db_open(const char *path, bool read_only, struct db **ret, struct fault *why)
{
    struct db *db = xcalloc(1, sizeof *db);
    int err = 0;

    db->path = xstrdup(path);
    db->lock = -1;
    if (!read_only && !in_memory(path) && (err = db->lock = db_lock(path, why)) < 0)
        goto fail;
    if ((err = open_handle(db, read_only, why)) < 0 ||
        (err = set_pragmas(db, read_only, why)) < 0 || (err = check_integrity(db, why)) < 0)
        goto fail;
    if (!read_only && (err = db_migrate(db->sql, path, embedded_files, why)) < 0)
        goto fail;
    if ((err = prepare(db, why)) < 0)
        goto fail;
    *ret = db;
    return 0;

fail:
    db_close(db);
    return err;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(db->statement[i]);
    (void)sqlite3_close(db->sql);
    if (db->lock >= 0)
        (void)close(db->lock);
    free(db->path);
    free(db);
}
