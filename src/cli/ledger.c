/* SPDX-License-Identifier: MIT */
/* `otedama ledger check | balances` and `otedama blocks`: the pool's money, read straight from the
 * database, beside a running program or without it. */
#include "pool/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/str.h"
#include "cli/cli.h"
#include "coin/coin.h"
#include "config/paths.h"
#include "pool/pool.h"
#include "store/store.h"

/* --- opening -----------------------------------------------------------------------------------
 */

struct words {
    const char *config;
    bool json;
};

static int read_words(int argc, char **argv, struct words *words, struct fault *why)
{
    const struct cli_option rows[] = {
        {"--config", CLI_TEXT, &words->config}, {"--json", CLI_FLAG, &words->json}, {0}};
    int n = cli_options(argc, argv, rows, why);

    if (n > 0)
        (void)fault_set(why, ERR_FIELD, "\"%.60s\" is not expected here", argv[1]);
    return n == 0 ? EXIT_OK : EXIT_BAD_USAGE;
}

static int open_database(const struct words *words, struct store **store, struct fault *why)
{
    const struct config_request request = {.file = words->config};
    struct config *config;
    char path[600];

    if (config_load(&request, &config, why) < 0)
        return EXIT_BAD_CONFIG;
    path_database(config, path, sizeof path);
    config_unref(config);
    FILE *file = fopen(path, "rb");
    if (!file) {
        (void)fault_set(why, ERR_STORE,
                        "there is no database %s yet: it comes with the first start; another "
                        "configuration is named with --config",
                        path);
        return EXIT_NOT_FOUND;
    }
    (void)fclose(file);
    return store_open_read(path, store, why) < 0 ? EXIT_RUNTIME : EXIT_OK;
}

static int open_for(int argc, char **argv, struct words *words, struct store **store,
                    struct fault *why)
{
    int code = read_words(argc, argv, words, why);

    return code == EXIT_OK ? open_database(words, store, why) : code;
}

static void print_json(json_t *take)
{
    (void)json_dumpf(take, stdout, JSON_INDENT(2));
    (void)putchar('\n');
    json_decref(take);
}

/* "devnet/regtest/scrypt" -> the coin's row; NULL when this program does not know it. */
static const struct coin *coin_of(const char *chain)
{
    char name[32];
    const char *slash = strchr(chain, '/');

    (void)text_copy(name, sizeof name, chain);
    if (slash && (size_t)(slash - chain) < sizeof name)
        name[slash - chain] = '\0';
    return coin_find(name);
}

static void amount_text(const char *chain, int64_t atoms, char out[48])
{
    const struct coin *coin = coin_of(chain);
    char amount[32];

    if (!coin) {
        (void)snprintf(out, 48, "%" PRId64, atoms);
        return;
    }
    coin_amount(coin, atoms < 0 ? 0 - (uint64_t)atoms : (uint64_t)atoms, amount);
    (void)snprintf(out, 48, "%s%s %s", atoms < 0 ? "-" : "", amount, coin->symbol);
}

/* --- check -------------------------------------------------------------------------------------
 */

static void on_wrong(void *arg, const char *text)
{
    (void)json_array_append_new(arg, json_string(text));
}

static void on_integrity(void *arg, const struct value *c, unsigned n)
{
    (void)n;
    if (c[0].kind == VALUE_TEXT && strcmp(c[0].p, "ok") != 0)
        on_wrong(arg, c[0].p);
}

static void on_counts(void *arg, const struct value *c, unsigned n)
{
    (void)n;
    for (unsigned i = 0; i < 4; i++)
        ((int64_t *)arg)[i] = c[i].i;
}

static void print_check(const json_t *wrong, const int64_t counts[4])
{
    size_t i;
    const json_t *text;

    json_array_foreach(wrong, i, text)
    {
        (void)printf("wrong: %s\n", json_string_value(text));
    }
    (void)printf("%s: %" PRId64 " accounts, %" PRId64 " transactions, %" PRId64 " entries, %" PRId64
                 " blocks\n",
                 json_array_size(wrong) ? "the ledger is broken" : "the ledger adds up", counts[0],
                 counts[1], counts[2], counts[3]);
}

int cli_ledger_check(int argc, char **argv, struct fault *why)
{
    struct words words = {0};
    struct store *store = NULL;
    int64_t counts[4] = {0};
    int code = open_for(argc, argv, &words, &store, why);

    if (code != EXIT_OK)
        return code;
    json_t *wrong = json_array();
    int err = ledger_check(store, on_wrong, wrong);
    if (err >= 0)
        err = store_query(store, ST_integrity_check, NULL, 0, on_integrity, wrong);
    if (err >= 0)
        err = store_query(store, ST_check_counts, NULL, 0, on_counts, counts);
    code = json_array_size(wrong) ? EXIT_FOUND_ERRORS : EXIT_OK;
    if (err < 0) {
        (void)fault_set(why, err, "cannot read the ledger: %s", err_str(err));
        code = EXIT_RUNTIME;
    } else if (words.json) {
        print_json(json_pack("{s:b, s:O, s:I, s:I, s:I, s:I}", "ok", code == EXIT_OK, "wrong",
                             wrong, "accounts", (json_int_t)counts[0], "transactions",
                             (json_int_t)counts[1], "entries", (json_int_t)counts[2], "blocks",
                             (json_int_t)counts[3]));
    } else {
        print_check(wrong, counts);
    }
    json_decref(wrong);
    store_close(store);
    return code;
}

/* --- balances ----------------------------------------------------------------------------------
 */

/* chain, kind, owner, balance */
static void on_balance(void *arg, const struct value *c, unsigned n)
{
    (void)n;
    (void)json_array_append_new(arg,
                                json_pack("{s:s, s:s, s:s, s:I}", "chain", c[0].p, "kind", c[1].p,
                                          "owner", c[2].p, "atoms", (json_int_t)c[3].i));
}

static void print_balances(const json_t *rows)
{
    size_t i;
    const json_t *row;

    if (!json_array_size(rows))
        (void)puts("no balances yet");
    json_array_foreach(rows, i, row)
    {
        const char *chain = json_string_value(json_object_get(row, "chain"));
        const char *kind = json_string_value(json_object_get(row, "kind"));
        const char *owner = json_string_value(json_object_get(row, "owner"));
        char amount[48];
        amount_text(chain, json_integer_value(json_object_get(row, "atoms")), amount);
        (void)printf("%-24s %-10s %24s  %s\n", chain, kind, amount, owner);
    }
}

int cli_ledger_balances(int argc, char **argv, struct fault *why)
{
    struct words words = {0};
    struct store *store = NULL;
    int code = open_for(argc, argv, &words, &store, why);

    if (code != EXIT_OK)
        return code;
    json_t *rows = json_array();
    int err = store_query(store, ST_balance_list, NULL, 0, on_balance, rows);
    if (err < 0) {
        (void)fault_set(why, err, "cannot read the balances: %s", err_str(err));
        code = EXIT_RUNTIME;
    } else if (words.json) {
        print_json(json_incref(rows));
    } else {
        print_balances(rows);
    }
    json_decref(rows);
    store_close(store);
    return code;
}

/* --- blocks ------------------------------------------------------------------------------------
 */

/* chain, height, hash, state, confirmations, reward, found_ms, finder, detail */
static void on_block(void *arg, const struct value *c, unsigned n)
{
    uint8_t shown[32];
    char hash[65] = "";

    (void)n;
    if (c[2].kind == VALUE_BLOB && c[2].n == 32) {
        bytes_reverse(shown, c[2].p, 32);
        hex_encode(shown, 32, hash);
    }
    (void)json_array_append_new(
        arg, json_pack("{s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:s, s:s}", "chain", c[0].p, "height",
                       (json_int_t)c[1].i, "hash", hash, "state",
                       block_state_name((enum block_state)c[3].i), "confirmations",
                       (json_int_t)c[4].i, "reward", (json_int_t)c[5].i, "found_ms",
                       (json_int_t)c[6].i, "finder", c[7].p, "detail", c[8].p));
}

static void print_block(const json_t *row)
{
    time_t at = (time_t)(json_integer_value(json_object_get(row, "found_ms")) / 1000);
    const char *detail = json_string_value(json_object_get(row, "detail"));
    char when[32] = "", amount[48];
    struct tm tm;

    if (gmtime_r(&at, &tm))
        (void)strftime(when, sizeof when, "%Y-%m-%d %H:%M:%SZ", &tm);
    amount_text(json_string_value(json_object_get(row, "chain")),
                json_integer_value(json_object_get(row, "reward")), amount);
    (void)printf("%8" JSON_INTEGER_FORMAT " %-9s %5" JSON_INTEGER_FORMAT " %s %20s %s %s%s%s\n",
                 json_integer_value(json_object_get(row, "height")),
                 json_string_value(json_object_get(row, "state")),
                 json_integer_value(json_object_get(row, "confirmations")), when, amount,
                 json_string_value(json_object_get(row, "hash")),
                 json_string_value(json_object_get(row, "finder")), *detail ? " " : "", detail);
}

int cli_blocks(int argc, char **argv, struct fault *why)
{
    const struct value limit = value_int(1000);
    struct words words = {0};
    struct store *store = NULL;
    int code = open_for(argc, argv, &words, &store, why);
    size_t i;
    json_t *row;

    if (code != EXIT_OK)
        return code;
    json_t *rows = json_array();
    int err = store_query(store, ST_block_list, &limit, 1, on_block, rows);
    if (err < 0) {
        (void)fault_set(why, err, "cannot read the blocks: %s", err_str(err));
        code = EXIT_RUNTIME;
    } else if (words.json) {
        print_json(json_incref(rows));
    } else {
        if (!json_array_size(rows))
            (void)puts("no blocks yet");
        json_array_foreach(rows, i, row)
        {
            print_block(row);
        }
    }
    json_decref(rows);
    store_close(store);
    return code;
}
