/* SPDX-License-Identifier: MIT */
/* Daemons of the Bitcoin family: getblocktemplate with long polls, submitblock, getblockheader. */
#include <string.h>

#include "base/endian.h"
#include "base/hex.h"
#include "chain/daemons.h"
#include "chain/kind.h"

enum { NOT_FOUND = -5, NOT_FOUND_BCOIN = -1 };

/* --- checks ---------------------------------------------------------------------------------- */

static json_t *first_block_params(void)
{
    return json_pack("[i]", 0);
}

static const struct daemon_check checks[] = {
    {"getblockhash", first_block_params, daemon_verify_genesis},
    {0},
};

static const struct daemon_failure failures[] = {
    {ERR_RPC, -28, DAEMON_WARMING, "it is starting: this passes"},
    {ERR_RPC, -9, DAEMON_ALONE, "it has no peers: check its network, or give it a connect="},
    {ERR_RPC, -10, DAEMON_SYNCING, "it is downloading the chain: this passes"},
    {ERR_RPC, 0, DAEMON_USELESS, ""},
    {ERR_UNAUTHORIZED, 0, DAEMON_REFUSED, ""},
    {UV_EBUSY, 0, DAEMON_BUSY, ""},
    {ERR_PROTOCOL, 0, DAEMON_USELESS, ""},
    {0},
};

/* --- templates ------------------------------------------------------------------------------- */

/* {"rules": [...]} from the words of the coin's row, as the daemon wants to be asked. */
static json_t *template_params(const struct daemon *d, const char *longpollid)
{
    json_t *rules = json_array(), *request = json_object();
    const char *word = d->options->coin->gbt_rules;

    while (*word) {
        size_t len = strcspn(word, " ");
        json_array_append_new(rules, json_stringn(word, len));
        word += len + strspn(word + len, " ");
    }
    json_object_set_new(request, "rules", rules);
    if (longpollid)
        json_object_set_new(request, "longpollid", json_string(longpollid));
    return json_pack("[o]", request);
}

static enum daemon_state tip_read(const json_t *result, uint8_t tip[32], struct fault *why)
{
    const char *hash = json_string_value(result);
    uint8_t shown[32];

    if (!hash || !hex_decode(hash, shown, 32)) {
        (void)fault_set(why, ERR_PROTOCOL, "its best block hash is not 64 hex digits");
        return DAEMON_USELESS;
    }
    bytes_reverse(tip, shown, 32);
    return DAEMON_READY;
}

/* --- status ---------------------------------------------------------------------------------- */

static json_t *status_params(const char *hash_hex)
{
    return json_pack("[s, b]", hash_hex, 1);
}

/* A daemon says -1 for a block that is not in its best chain. */
static int64_t status_read(const struct rpc_reply *reply)
{
    if (reply->err == ERR_RPC && (reply->code == NOT_FOUND || reply->code == NOT_FOUND_BCOIN))
        return STATUS_UNKNOWN;
    const json_t *count = json_object_get(reply->result, "confirmations");
    if (reply->err || !json_is_integer(count))
        return STATUS_NOBODY;
    return json_integer_value(count) > 0 ? json_integer_value(count) : 0;
}

static const struct daemon_family family = {
    .rpc = {.path = "", .version = "1.0", .cookie = true, .option = "rpcallowip"},
    .checks = checks,
    .failures = failures,
    .template_method = "getblocktemplate",
    .template_params = template_params,
    .template_read = template_from_json,
    .longpollid = template_longpollid,
    .tip_method = "getbestblockhash",
    .tip_params = json_array,
    .tip_read = tip_read,
    .submit_method = "submitblock",
    .submit_verdict = submit_verdict,
    .status_method = "getblockheader",
    .status_params = status_params,
    .status_read = status_read,
};

static int bitcoind_open(const struct chain_options *options, uv_loop_t *loop, void **state,
                         struct fault *why)
{
    return daemons_open(&family, options, loop, state, why);
}

const struct chain_kind chain_bitcoind = {
    .name = "bitcoind",
    .title = "coin daemons of the Bitcoin family",
    .open = bitcoind_open,
    .refresh = daemons_refresh,
    .submit = daemons_submit,
    .status = daemons_status,
    .nodes = daemons_nodes,
    .close = daemons_close,
};
