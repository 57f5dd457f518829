/* SPDX-License-Identifier: MIT */
/* Numbered migrations: each is applied once, in order, in a transaction of its own. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "store/db.h"

static const char folder[] = "src/store/migrations/";

/* 12 for "src/store/migrations/0012-x.sql"; 0 for any other file. */
static int file_version(const struct embedded *file)
{
    char *end;

    if (strncmp(file->name, folder, sizeof folder - 1) != 0)
        return 0;
    long version = strtol(file->name + sizeof folder - 1, &end, 10);
    return *end == '-' && version > 0 && version < 10000 ? (int)version : 0;
}

static const struct embedded *next_file(const struct embedded *files, int after)
{
    const struct embedded *best = NULL;

    for (const struct embedded *f = files; f->name; f++) {
        int version = file_version(f);
        if (version > after && (!best || version < file_version(best)))
            best = f;
    }
    return best;
}

static int newest_version(const struct embedded *files)
{
    int newest = 0;

    for (const struct embedded *f = files; f->name; f++)
        if (file_version(f) > newest)
            newest = file_version(f);
    return newest;
}

static int read_version(sqlite3 *db, int *version)
{
    sqlite3_stmt *s = NULL;
    int err = sqlite3_prepare_v2(db, "SELECT coalesce(max(version), 0) FROM migration", -1, &s, 0);

    if (err == SQLITE_OK && (err = sqlite3_step(s)) == SQLITE_ROW) {
        *version = sqlite3_column_int(s, 0);
        err = SQLITE_OK;
    }
    sqlite3_finalize(s);
    return err;
}

static int record_version(sqlite3 *db, int version, const char *name)
{
    sqlite3_stmt *s = NULL;
    int err = sqlite3_prepare_v2(db, "INSERT INTO migration VALUES (?1, ?2, ?3)", -1, &s, 0);

    if (err == SQLITE_OK) {
        (void)sqlite3_bind_int(s, 1, version);
        (void)sqlite3_bind_text(s, 2, name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(s, 3, wall_ms());
        err = sqlite3_step(s);
        err = err == SQLITE_DONE ? SQLITE_OK : err;
    }
    sqlite3_finalize(s);
    return err;
}

static int apply(sqlite3 *db, const struct embedded *file)
{
    int err = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

    if (err == SQLITE_OK)
        err = sqlite3_exec(db, file->data, NULL, NULL, NULL);
    if (err == SQLITE_OK)
        err = record_version(db, file_version(file), file->name + sizeof folder - 1);
    if (err == SQLITE_OK)
        err = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return err;
}

int db_migrate(sqlite3 *db, const char *path, const struct embedded *files, struct fault *why)
{
    int version = 0, newest = newest_version(files);
    const struct embedded *file;

    if (sqlite3_exec(db,
                     "CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, "
                     "name TEXT NOT NULL, applied_ms INTEGER NOT NULL)",
                     NULL, NULL, NULL) ||
        read_version(db, &version))
        return fault_set(why, ERR_STORE, "cannot prepare database %s: %s", path,
                         sqlite3_errmsg(db));
    if (version > newest)
        return fault_set(why, ERR_STORE,
                         "database %s has format %d and this program knows up to "
                         "%d: start the newer program that wrote it, or give another data.dir",
                         path, version, newest);
    while ((file = next_file(files, version))) {
        if (apply(db, file)) {
            AUTO_FREE char *text = xstrdup(sqlite3_errmsg(db));
            (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
            return fault_set(why, ERR_STORE,
                             "cannot bring database %s from format %d to %d: %s; "
                             "nothing was changed",
                             path, version, file_version(file), text);
        }
        version = file_version(file);
    }
    return 0;
}
