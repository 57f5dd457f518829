/* SPDX-License-Identifier: MIT */
/* `ledger check`, `ledger balances`, `blocks`: exit codes and what they print. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cli/cli.h"
#include "config/paths.h"
#include "pool/ledger.h"
#include "pool/pool.h"
#include "tests/fake/folder.h"

struct fixture {
    char dir[64], config[96], database[160];
};

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);

    assert_int_equal(folder_make(f->dir), 0);
    (void)snprintf(f->config, sizeof f->config, "%s/config.yaml", f->dir);
    FILE *file = fopen(f->config, "w");
    (void)fprintf(file, "data:\n  dir: %s\n", f->dir);
    (void)fclose(file);
    const struct config_request request = {.file = f->config};
    struct config *config;
    struct fault why = {0};
    if (config_load(&request, &config, &why) < 0)
        fail_msg("%s", why.text);
    path_database(config, f->database, sizeof f->database);
    config_unref(config);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(folder_remove(f->dir), 0);
    free(f);
    return 0;
}

/* A block of 1000 with a fee of 10, all the rest for "addr". */
static void fill(struct fixture *f)
{
    static const uint8_t hash[32] = {0xab};
    struct accounts accounts = {0};
    struct fault why = {0};
    struct store *store;

    assert_int_equal(store_open(f->database, NULL, &store, &why), 0);
    assert_int_equal(accounts_load(&accounts, store, "litecoin/main", &why), 0);
    const struct account *account = accounts_get(&accounts, "addr");
    const struct payout payout = {account->id, 990};
    struct store_batch *batch = store_batch_new();
    const struct value block[] = {
        value_blob(hash, 32), value_text("litecoin/main"),
        value_int(77),        value_int(BLOCK_FOUND),
        value_int(1000),      value_int(10),
        value_int(0),         value_text("addr.rig"),
        value_int(0),
    };
    store_batch_add(batch, ST_block_add, block, 9);
    ledger_credit(batch, &accounts,
                  &(struct block_credit){.hash = hash,
                                         .reward = 1000,
                                         .fee = 10,
                                         .payouts = &payout,
                                         .immature = &account->immature,
                                         .count = 1});
    store_submit(store, batch, true, NULL, NULL);
    store_close(store);
    accounts_fini(&accounts);
}

typedef int command_fn(int, char **, struct fault *);

static int run(struct fixture *f, command_fn *command, bool json, struct str *out,
               struct fault *why)
{
    char word[] = "x", flag[] = "--config", flag_json[] = "--json", buffer[512];
    char *argv[] = {word, flag, f->config, json ? flag_json : NULL, NULL};
    int keep = dup(STDOUT_FILENO);
    FILE *file = tmpfile();

    (void)fflush(stdout);
    (void)dup2(fileno(file), STDOUT_FILENO);
    int code = command(json ? 4 : 3, argv, why);
    (void)fflush(stdout);
    (void)dup2(keep, STDOUT_FILENO);
    (void)close(keep);
    rewind(file);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;)
        str_add_n(out, buffer, n);
    (void)fclose(file);
    return code;
}

static void missing_database_is_not_found(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    assert_int_equal(run(*state, cli_ledger_check, false, &out, &why), EXIT_NOT_FOUND);
    assert_non_null(strstr(why.text, "first start"));
}

static void whole_ledger_is_ok(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    fill(*state);
    assert_int_equal(run(*state, cli_ledger_check, false, &out, &why), EXIT_OK);
    assert_non_null(strstr(str_text(&out), "the ledger adds up: 8 accounts, 1 transactions, 3 "
                                           "entries, 1 blocks"));
}

static void changed_balance_is_found(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str out = {0};
    struct fault why = {0};
    sqlite3 *db;

    fill(f);
    assert_int_equal(sqlite3_open(f->database, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE account SET balance = 991 WHERE balance = 990", NULL, NULL, NULL),
        SQLITE_OK);
    (void)sqlite3_close(db);
    assert_int_equal(run(f, cli_ledger_check, true, &out, &why), EXIT_FOUND_ERRORS);
    json_t *answer = json_loads(str_text(&out), 0, NULL);
    assert_false(json_is_true(json_object_get(answer, "ok")));
    assert_int_equal(json_array_size(json_object_get(answer, "wrong")), 1);
    json_decref(answer);
}

static void forged_entry_is_found(void **state)
{
    struct fixture *f = *state;
    AUTO_STR struct str out = {0};
    struct fault why = {0};
    sqlite3 *db;

    fill(f);
    assert_int_equal(sqlite3_open(f->database, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "DROP TRIGGER entry_append_only_update; UPDATE entry SET "
                                  "amount = 991 WHERE amount = 990",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(db);
    assert_int_equal(run(f, cli_ledger_check, false, &out, &why), EXIT_FOUND_ERRORS);
    assert_non_null(strstr(str_text(&out), "the ledger is broken"));
}

static void balances_are_printed_in_coins(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    fill(*state);
    assert_int_equal(run(*state, cli_ledger_balances, false, &out, &why), EXIT_OK);
    assert_non_null(strstr(str_text(&out), "0.00000990 LTC  miner:addr"));
    assert_non_null(strstr(out.s, "-0.00001000 LTC"));
}

static void balances_are_atoms_in_json(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};
    json_int_t sum = 0;
    size_t i;
    json_t *row;

    fill(*state);
    assert_int_equal(run(*state, cli_ledger_balances, true, &out, &why), EXIT_OK);
    json_t *rows = json_loads(str_text(&out), 0, NULL);
    assert_int_equal(json_array_size(rows), 3);
    json_array_foreach(rows, i, row)
    {
        sum += json_integer_value(json_object_get(row, "atoms"));
    }
    assert_int_equal(sum, 0);
    json_decref(rows);
}

static void blocks_are_listed(void **state)
{
    AUTO_STR struct str out = {0};
    struct fault why = {0};

    fill(*state);
    assert_int_equal(run(*state, cli_blocks, true, &out, &why), EXIT_OK);
    json_t *rows = json_loads(str_text(&out), 0, NULL);
    const json_t *row = json_array_get(rows, 0);
    assert_int_equal(json_integer_value(json_object_get(row, "height")), 77);
    assert_string_equal(json_string_value(json_object_get(row, "state")), "found");
    assert_string_equal(json_string_value(json_object_get(row, "finder")), "addr.rig");
    json_decref(rows);
}

static void stray_word_is_bad_usage(void **state)
{
    char a[] = "check", b[] = "now";
    char *argv[] = {a, b, NULL};
    struct fault why = {0};

    (void)state;
    assert_int_equal(cli_ledger_check(2, argv, &why), EXIT_BAD_USAGE);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(missing_database_is_not_found),
        T(whole_ledger_is_ok),
        T(changed_balance_is_found),
        T(forged_entry_is_found),
        T(balances_are_printed_in_coins),
        T(balances_are_atoms_in_json),
        T(blocks_are_listed),
        T(stray_word_is_bad_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
