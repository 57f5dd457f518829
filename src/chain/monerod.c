/* SPDX-License-Identifier: MIT */
/* monerod's JSON-RPC: get_block_template, submit_block, get_block_header_by_hash, and get_info for
 * its health and its tip. Source: monero's core_rpc_server_commands_defs.h and the answers of
 * monerod 0.18. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/str.h"
#include "chain/daemons.h"
#include "chain/kind.h"
#include "chain/monero_payee.h"
#include "chain/monero_template.h"
#include "coin/monero.h"

enum { /* CORE_RPC_ERROR_CODE_* */
       WRONG_PARAM = -1,
       WRONG_WALLET_ADDRESS = -4,
       INTERNAL_ERROR = -5, /* of get_block_header_by_hash: there is no such block */
       WRONG_BLOB = -6,
       NOT_ACCEPTED = -7, /* too little work, a stale parent, or known already */
       CORE_BUSY = -9,
       WRONG_SIZE = -10,
       SUBADDRESS = -12,
       NO_METHOD = -32601,
};

/* --- checks ---------------------------------------------------------------------------------- */

static bool status_ok(const json_t *result)
{
    const char *status = json_string_value(json_object_get(result, "status"));

    return status && !strcmp(status, "OK");
}

/* What get_info says of the daemon's health. */
static enum daemon_state read_health(const json_t *info, struct fault *why)
{
    if (!json_is_object(info)) {
        (void)fault_set(why, ERR_PROTOCOL, "the answer to get_info is not that of monerod");
        return DAEMON_USELESS;
    }
    if (!status_ok(info)) {
        (void)fault_set(why, UV_EBUSY, "it is busy: this passes");
        return DAEMON_BUSY;
    }
    if (json_is_true(json_object_get(info, "busy_syncing")) ||
        json_is_false(json_object_get(info, "synchronized"))) {
        (void)fault_set(why, UV_EAGAIN,
                        "it is downloading the chain, or looking for peers: this "
                        "passes");
        return DAEMON_SYNCING;
    }
    return DAEMON_READY;
}

static enum daemon_state verify_info(const struct daemon *d, const json_t *info, struct fault *why)
{
    static const char *const names[NETWORKS] = {
        [NETWORK_MAIN] = "mainnet",
        [NETWORK_TEST] = "testnet",
        [NETWORK_REGTEST] = "fakechain",
    };
    const char *name = json_string_value(json_object_get(info, "nettype"));
    enum network network = d->options->network;

    if (name && strcmp(name, names[network]) != 0) {
        (void)fault_set(why, ERR_PROTOCOL, "it is not on the %s network of %s: it says %.32s",
                        network_name(network), d->options->coin->name, name);
        return DAEMON_FOREIGN;
    }
    return read_health(info, why);
}

static json_t *first_block_params(void)
{
    return json_pack("[i]", 0);
}

static const struct daemon_check checks[] = {
    {"get_info", json_object, verify_info},
    {"on_get_block_hash", first_block_params, daemon_verify_genesis},
    {0},
};

static const struct daemon_failure failures[] = {
    {ERR_RPC, CORE_BUSY, DAEMON_SYNCING, "it is downloading the chain: this passes"},
    {ERR_RPC, WRONG_WALLET_ADDRESS, DAEMON_USELESS,
     "pool.payout_address is not one of the daemon's network"},
    {ERR_RPC, SUBADDRESS, DAEMON_USELESS, "give the main address of the wallet"},
    {ERR_RPC, NO_METHOD, DAEMON_USELESS, "is this monerod, and not a wallet?"},
    {ERR_RPC, 0, DAEMON_USELESS, ""},
    {ERR_UNAUTHORIZED, 0, DAEMON_REFUSED, ""},
    {UV_EBUSY, 0, DAEMON_BUSY, ""},
    {ERR_PROTOCOL, 0, DAEMON_USELESS, ""},
    {0},
};

/* --- templates ------------------------------------------------------------------------------- */

static json_t *template_params(const struct daemon *d, const char *longpollid)
{
    (void)longpollid;
    return json_pack("{s:s, s:i}", "wallet_address", d->payout, "reserve_size", MONERO_RESERVE);
}

static enum daemon_state tip_read(const json_t *info, uint8_t tip[32], struct fault *why)
{
    enum daemon_state state = read_health(info, why);
    const char *hash = json_string_value(json_object_get(info, "top_block_hash"));
    uint8_t id[32] = {0};

    if (state != DAEMON_READY)
        return state;
    if (!hash || !hex_decode(hash, id, 32)) {
        (void)fault_set(why, ERR_PROTOCOL, "its top block hash is not 64 hex digits");
        return DAEMON_USELESS;
    }
    bytes_reverse(tip, id, 32);
    return DAEMON_READY;
}

/* --- blocks ---------------------------------------------------------------------------------- */

static enum verdict submit_error(const struct rpc_reply *reply)
{
    static const struct {
        long code;
        enum verdict verdict;
    } rows[] = {
        {WRONG_PARAM, VERDICT_REJECTED}, {WRONG_BLOB, VERDICT_REJECTED},
        {NOT_ACCEPTED, VERDICT_ASK},     {WRONG_SIZE, VERDICT_REJECTED},
        {NO_METHOD, VERDICT_REJECTED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (reply->err == ERR_RPC && reply->code == rows[i].code)
            return rows[i].verdict;
    return VERDICT_RETRY;
}

static enum verdict monerod_verdict(const struct rpc_reply *reply, char *text, size_t size)
{
    if (reply->err) {
        text_copy(text, size, reply->text);
        return submit_error(reply);
    }
    bool ok = status_ok(reply->result);
    text_copy(text, size, ok ? "accepted" : "the daemon is busy");
    return ok ? VERDICT_ACCEPTED : VERDICT_RETRY;
}

static json_t *status_params(const char *hash_hex)
{
    return json_pack("{s:s}", "hash", hash_hex);
}

/* The tip has depth 0. Blocks beside the best chain are orphans in the daemon's words. */
static int64_t status_read(const struct rpc_reply *reply)
{
    const json_t *header = json_object_get(reply->result, "block_header");
    const json_t *depth = json_object_get(header, "depth");
    const json_t *orphan = json_object_get(header, "orphan_status");

    if (reply->err == ERR_RPC && reply->code == INTERNAL_ERROR)
        return STATUS_UNKNOWN;
    if (reply->err || !status_ok(reply->result) || !json_is_integer(depth) ||
        !json_is_boolean(orphan))
        return STATUS_NOBODY;
    json_int_t above = json_integer_value(depth);
    return json_is_true(orphan) || above < 0 || above >= INT32_MAX ? 0 : above + 1;
}

/* --- the kind -------------------------------------------------------------------------------- */

/* A miner transaction cannot pay a subaddress, and carries no payment id. */
static int check_address(const struct chain_options *options, struct monero_address *a,
                         struct fault *why)
{
    const char *address = options->config->pool.payout_address;
    struct fault bad = {0};

    if (!address || monero_address_read(options->coin, options->network, address, a, &bad) < 0)
        return fault_set(why, ERR_CONFIG, "pool.payout_address: %s",
                         address ? bad.text : "there is none");
    if (a->kind != MONERO_STANDARD)
        return fault_set(why, ERR_CONFIG,
                         "pool.payout_address: a block cannot pay %s: give the main address of the "
                         "wallet",
                         a->kind == MONERO_SUBADDRESS ? "a subaddress" : "an integrated address");
    return 0;
}

/* The payee by whose view key the templates are checked, where there is one. */
static int prepare(const struct chain_options *options, void **own, struct fault *why)
{
    const char *view_key = options->config->pool.view_key;
    struct monero_address a = {0};
    int err = check_address(options, &a, why);

    if (err < 0)
        return err;
    if (!view_key || !*view_key) {
        log_warn(CHAIN, "whom the blocks of the Monero daemon pay is not known: give "
                        "pool.view_key to have each template checked");
        return 0;
    }
    struct monero_payee *p = xcalloc(1, sizeof *p);
    if ((err = monero_payee_init(p, a.spend, a.view, view_key, why)) < 0) {
        free(p);
        return err;
    }
    *own = p;
    return 0;
}

static void forget(void *own)
{
    if (own)
        monero_payee_fini(own);
    free(own);
}

static int check_payee(const struct daemon *d, const struct chain_template *t, struct fault *why)
{
    const struct monero_origin *origin = t->own;

    return d->own ? monero_payee_check(d->own, &origin->block, why) : 0;
}

static const struct daemon_family family = {
    .rpc = {.path = "/json_rpc", .version = "2.0", .digest = true, .option = "--rpc-login"},
    .prepare = prepare,
    .forget = forget,
    .checks = checks,
    .failures = failures,
    .template_method = "get_block_template",
    .template_params = template_params,
    .template_read = monero_template_read,
    .template_check = check_payee,
    .tip_method = "get_info",
    .tip_params = json_object,
    .tip_read = tip_read,
    .submit_method = "submit_block",
    .submit_verdict = monerod_verdict,
    .status_method = "get_block_header_by_hash",
    .status_params = status_params,
    .status_read = status_read,
};

static int monerod_open(const struct chain_options *options, uv_loop_t *loop, void **state,
                        struct fault *why)
{
    return daemons_open(&family, options, loop, state, why);
}

static bool hashes_blobs(const struct algo *algo)
{
    return algo->any_len && algo->nonce_len == MONERO_NONCE;
}

const struct chain_kind chain_monerod = {
    .name = "monerod",
    .title = "Monero daemons",
    .suits = hashes_blobs,
    .open = monerod_open,
    .refresh = daemons_refresh,
    .submit = daemons_submit,
    .status = daemons_status,
    .nodes = daemons_nodes,
    .close = daemons_close,
};
