/* SPDX-License-Identifier: MIT */
/* The store: batches are whole, the ledger adds up, nothing durable is lost. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "store/db.h"
#include "store/store.h"
#include "tests/fake/folder.h"

struct fixture {
    char dir[FOLDER_MAX], path[FOLDER_MAX + 16];
    struct store *store;
};

static int make_dir(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);

    assert_int_equal(folder_make(f->dir), 0);
    (void)snprintf(f->path, sizeof f->path, "%s/test.db", f->dir);
    *state = f;
    return 0;
}

static int remove_dir(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    assert_int_equal(folder_remove(f->dir), 0);
    free(f);
    return 0;
}

static struct store *open_store(const char *path)
{
    struct store *store = NULL;
    struct fault why = {0};
    int err = store_open(path, NULL, &store, &why);

    if (err < 0)
        fail_msg("%s", why.text);
    return store;
}

#define ADD(batch, st, ...)                                                                        \
    store_batch_add(batch, st, (const struct value[]){__VA_ARGS__},                                \
                    sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value))

static struct store_batch *account_batch(int64_t id, const char *owner)
{
    struct store_batch *batch = store_batch_new();

    ADD(batch, ST_account_add, value_int(id), value_text("t"), value_text("miner"),
        value_text(owner), {.kind = VALUE_NULL});
    return batch;
}

static struct store_batch *transfer_batch(const char *key, int64_t from, int64_t to, int64_t minus,
                                          int64_t plus)
{
    struct store_batch *batch = store_batch_new();

    ADD(batch, ST_ledger_tx_add, value_text(key), value_text("t"), value_text("test"),
        {.kind = VALUE_NULL}, value_int(1));
    ADD(batch, ST_entry_add, value_text(key), value_int(from), value_int(-minus));
    ADD(batch, ST_entry_add, value_text(key), value_int(to), value_int(plus));
    return batch;
}

struct answer {
    int calls, err;
};

static void on_done(void *arg, int err)
{
    struct answer *a = arg;

    a->calls++;
    a->err = err;
}

static void wait_for(struct store *store, const struct answer *a)
{
    int64_t end = now_us() + 20 * SECOND_US;

    while (!a->calls && now_us() < end) {
        store_drain(store);
        sleep_us(1000);
    }
    assert_int_equal(a->calls, 1);
}

static int submit_and_wait(struct store *store, struct store_batch *batch, bool durable)
{
    struct answer a = {0};

    store_submit(store, batch, durable, on_done, &a);
    wait_for(store, &a);
    return a.err;
}

static void take_int(void *arg, const struct value *columns, unsigned n)
{
    assert_true(n >= 1);
    *(int64_t *)arg = columns[n - 1].i;
}

static void count_row(void *arg, const struct value *columns, unsigned n)
{
    (void)columns;
    (void)n;
    ++*(int *)arg;
}

static int accounts(struct store *store)
{
    struct value chain = value_text("t");
    int rows = 0;

    assert_int_equal(store_query(store, ST_account_all, &chain, 1, count_row, &rows), 0);
    return rows;
}

static void migrations_reach_the_newest_version(void **state)
{
    struct fixture *f = *state;
    int64_t version = 0;

    f->store = open_store(f->path);
    assert_int_equal(store_query(f->store, ST_schema_version, NULL, 0, take_int, &version), 0);
    assert_true(version >= 1);
}

static void memory_database_works(void **state)
{
    (void)state;
    struct store *store = open_store(":memory:");

    assert_int_equal(submit_and_wait(store, account_batch(1, "a"), true), 0);
    assert_int_equal(accounts(store), 1);
    store_close(store);
}

static void read_sees_writes_queued_before_it(void **state)
{
    struct fixture *f = *state;

    f->store = open_store(f->path);
    store_submit(f->store, account_batch(1, "a"), false, NULL, NULL);
    assert_int_equal(accounts(f->store), 1);
}

static void loose_batch_is_committed_within_200_ms(void **state)
{
    struct fixture *f = *state;
    struct answer a = {0};
    int64_t start = now_us();

    f->store = open_store(f->path);
    store_submit(f->store, account_batch(1, "a"), false, on_done, &a);
    wait_for(f->store, &a);
    assert_true(now_us() - start < 2 * SECOND_US); /* generous: the machine may be busy */
    assert_int_equal(a.err, 0);
}

static void close_writes_everything_queued(void **state)
{
    struct fixture *f = *state;
    struct answer a = {0};

    f->store = open_store(f->path);
    store_submit(f->store, account_batch(1, "a"), false, on_done, &a);
    store_close(f->store);
    assert_int_equal(a.calls, 1);
    f->store = open_store(f->path);
    assert_int_equal(accounts(f->store), 1);
}

static void refused_batch_leaves_the_others(void **state)
{
    struct fixture *f = *state;
    struct answer first = {0}, second = {0}, third = {0};

    f->store = open_store(f->path);
    store_submit(f->store, account_batch(1, "a"), false, on_done, &first);
    struct store_batch *bad = account_batch(2, "b");
    ADD(bad, ST_account_add, value_int(1), value_text("t"), value_text("miner"), value_text("c"),
        {.kind = VALUE_NULL});
    store_submit(f->store, bad, false, on_done, &second);
    store_submit(f->store, account_batch(3, "d"), true, on_done, &third);
    wait_for(f->store, &third);
    assert_int_equal(first.err, 0);
    assert_int_equal(second.err, ERR_STORE);
    assert_int_equal(third.err, 0);
    assert_int_equal(accounts(f->store), 2); /* "b" went with its batch */
}

static void two_accounts(struct store *store)
{
    assert_int_equal(submit_and_wait(store, account_batch(1, "a"), true), 0);
    assert_int_equal(submit_and_wait(store, account_batch(2, "b"), true), 0);
}

static void ledger_takes_what_adds_up(void **state)
{
    struct fixture *f = *state;

    f->store = open_store(f->path);
    two_accounts(f->store);
    assert_int_equal(submit_and_wait(f->store, transfer_batch("k", 1, 2, 5, 5), true), 0);
}

static void ledger_refuses_what_does_not_add_up(void **state)
{
    struct fixture *f = *state;
    int rows = 0;

    f->store = open_store(f->path);
    two_accounts(f->store);
    assert_int_equal(submit_and_wait(f->store, transfer_batch("k", 1, 2, 5, 6), true), ERR_STORE);
    assert_int_equal(store_query(f->store, ST_balance_list, NULL, 0, count_row, &rows), 0);
    assert_int_equal(rows, 0);
}

static void ledger_refuses_the_same_key_twice(void **state)
{
    struct fixture *f = *state;

    f->store = open_store(f->path);
    two_accounts(f->store);
    assert_int_equal(submit_and_wait(f->store, transfer_batch("k", 1, 2, 5, 5), true), 0);
    assert_int_equal(submit_and_wait(f->store, transfer_batch("k", 1, 2, 5, 5), true), ERR_STORE);
}

/* Runs one statement beside the store, as a person with a SQL shell would. */
static int outside(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    (void)sqlite3_exec(db, "PRAGMA foreign_keys=ON", NULL, NULL, NULL);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    (void)sqlite3_close(db);
    return code;
}

static void ledger_entries_cannot_be_changed_or_deleted(void **state)
{
    static const char *const statements[] = {
        "UPDATE entry SET amount = 7 WHERE amount = 5",
        "DELETE FROM entry",
        "DELETE FROM ledger_tx",
        "UPDATE ledger_tx SET key = 'x'",
        "DELETE FROM account",
        "DELETE FROM zero",
        "UPDATE ledger_tx SET sum = 1",
    };
    struct fixture *f = *state;

    f->store = open_store(f->path);
    two_accounts(f->store);
    assert_int_equal(submit_and_wait(f->store, transfer_batch("k", 1, 2, 5, 5), true), 0);
    store_close(f->store);
    f->store = NULL;
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        assert_int_equal(outside(f->path, statements[i]), SQLITE_CONSTRAINT);
}

static void newer_database_is_refused(void **state)
{
    struct fixture *f = *state;
    struct fault why = {0};

    store_close(open_store(f->path));
    assert_int_equal(outside(f->path, "INSERT INTO migration VALUES (9000, 'future', 1)"),
                     SQLITE_OK);
    assert_true(store_open(f->path, NULL, &f->store, &why) < 0);
    assert_non_null(strstr(why.text, "format 9000"));
}

static void failing_migration_changes_nothing(void **state)
{
    static const char good[] = "CREATE TABLE one (a INTEGER)";
    static const char bad[] = "CREATE TABLE two (a INTEGER); INSERT INTO missing VALUES (1)";
    const struct embedded files[] = {
        {"src/store/migrations/0002-bad.sql", bad, bad + sizeof bad},
        {"src/store/migrations/0001-good.sql", good, good + sizeof good},
        {0},
    };
    struct fault why = {0};
    sqlite3 *db;

    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(db_migrate(db, "x", files, &why), ERR_STORE);
    assert_non_null(strstr(why.text, "from format 1 to 2"));
    assert_int_equal(sqlite3_exec(db, "SELECT * FROM one", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "SELECT * FROM two", NULL, NULL, NULL), SQLITE_ERROR);
    (void)sqlite3_close(db);
}

static void second_program_is_told_the_pid(void **state)
{
    struct fixture *f = *state;
    struct store *second;
    struct fault why = {0};
    char pid[24];

    f->store = open_store(f->path);
    assert_true(store_open(f->path, NULL, &second, &why) < 0);
    (void)snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(why.text, pid));
}

static void reader_works_beside_the_program(void **state)
{
    struct fixture *f = *state;
    struct store *reader;
    struct fault why = {0};

    f->store = open_store(f->path);
    assert_int_equal(submit_and_wait(f->store, account_batch(1, "a"), true), 0);
    assert_int_equal(store_open_read(f->path, &reader, &why), 0);
    assert_int_equal(accounts(reader), 1);
    store_close(reader);
}

static void file_that_is_no_database_is_refused(void **state)
{
    struct fixture *f = *state;
    struct fault why = {0};
    FILE *file = fopen(f->path, "w");

    for (int i = 0; i < 1000; i++)
        (void)fputs("this is not a database\n", file);
    (void)fclose(file);
    assert_true(store_open(f->path, NULL, &f->store, &why) < 0);
    assert_non_null(strstr(why.text, "not a database"));
}

static void damaged_database_is_refused(void **state)
{
    struct fixture *f = *state;
    struct fault why = {0};
    static const char junk[8192] = "junk";

    store_close(open_store(f->path));
    FILE *file = fopen(f->path, "r+");
    assert_int_equal(fseek(file, 8192, SEEK_SET), 0);
    assert_int_equal(fwrite(junk, sizeof junk, 1, file), 1);
    (void)fclose(file);
    assert_true(store_open(f->path, NULL, &f->store, &why) < 0);
    assert_non_null(strstr(why.text, "damaged"));
}

static void missing_folder_is_named(void **state)
{
    struct store *store;
    struct fault why = {0};

    (void)state;
    assert_true(store_open("/nonexistent/x.db", NULL, &store, &why) < 0);
    assert_non_null(strstr(why.text, "/nonexistent/x.db"));
}

static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;

    (void)getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void full_disk_keeps_the_batch_and_recovers(void **state)
{
    struct fixture *f = *state;
    struct answer a = {0};
    struct store_view view = {0};
    char *big = xcalloc(1, 200001);

    memset(big, 'x', 200000);
    (void)signal(SIGXFSZ, SIG_IGN);
    f->store = open_store(f->path);
    set_file_limit(1024);
    store_submit(f->store, account_batch(1, big), true, on_done, &a);
    int64_t end = now_us() + 10 * SECOND_US;
    while (!view.error[0] && now_us() < end) {
        sleep_us(1000);
        store_view(f->store, &view);
    }
    set_file_limit(RLIM_INFINITY);
    assert_string_not_equal(view.error, "");
    assert_int_equal(view.queued, 1);
    assert_int_equal(a.calls, 0);
    wait_for(f->store, &a);
    assert_int_equal(a.err, 0);
    store_view(f->store, &view);
    assert_string_equal(view.error, "");
    assert_int_equal(accounts(f->store), 1);
    free(big);
}

/* The child writes transfers and tells each durable one through the pipe, until it is killed. */
static void write_until_killed(const char *path, int tell)
{
    struct store *store = open_store(path);

    (void)submit_and_wait(store, account_batch(1, "a"), true);
    (void)submit_and_wait(store, account_batch(2, "b"), true);
    for (unsigned i = 0;; i++) {
        char key[24];
        (void)snprintf(key, sizeof key, "k%u", i);
        if (submit_and_wait(store, transfer_batch(key, 1, 2, i + 1, i + 1), true) != 0 ||
            write(tell, &i, sizeof i) != sizeof i)
            _exit(1);
    }
}

static void kill_9_loses_nothing_durable(void **state)
{
    struct fixture *f = *state;
    unsigned last = 0, seen = 0;
    int64_t balance = 0;
    int pipe_fd[2], broken = 0;

    assert_int_equal(pipe(pipe_fd), 0);
    pid_t child = fork();
    if (child == 0)
        write_until_killed(f->path, pipe_fd[1]);
    (void)close(pipe_fd[1]);
    while (seen < 20 && read(pipe_fd[0], &last, sizeof last) == sizeof last)
        seen++;
    (void)kill(child, SIGKILL);
    while (read(pipe_fd[0], &last, sizeof last) == sizeof last)
        continue;
    (void)waitpid(child, NULL, 0);
    (void)close(pipe_fd[0]);

    assert_int_equal(seen, 20);
    f->store = open_store(f->path);
    assert_int_equal(store_query(f->store, ST_check_tx_sums, NULL, 0, count_row, &broken), 0);
    assert_int_equal(store_query(f->store, ST_check_balances, NULL, 0, count_row, &broken), 0);
    assert_int_equal(broken, 0);
    assert_int_equal(store_query(f->store, ST_balance_list, NULL, 0, take_int, &balance), 0);
    int64_t told = (int64_t)(last + 1) * (last + 2) / 2, one_more = told + last + 2;
    assert_true(balance == told || balance == one_more); /* the last may not have been told yet */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        T(migrations_reach_the_newest_version),
        T(memory_database_works),
        T(read_sees_writes_queued_before_it),
        T(loose_batch_is_committed_within_200_ms),
        T(close_writes_everything_queued),
        T(refused_batch_leaves_the_others),
        T(ledger_takes_what_adds_up),
        T(ledger_refuses_what_does_not_add_up),
        T(ledger_refuses_the_same_key_twice),
        T(ledger_entries_cannot_be_changed_or_deleted),
        T(newer_database_is_refused),
        T(failing_migration_changes_nothing),
        T(second_program_is_told_the_pid),
        T(reader_works_beside_the_program),
        T(file_that_is_no_database_is_refused),
        T(damaged_database_is_refused),
        T(missing_folder_is_named),
        T(full_disk_keeps_the_batch_and_recovers),
        T(kill_9_loses_nothing_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
