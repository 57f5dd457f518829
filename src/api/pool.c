/* SPDX-License-Identifier: MIT */
/* The embedded pool: GET /api/pool/info, /api/pool/blocks, POST /api/pool/mode. */
#include <inttypes.h>

#include "api/json.h"
#include "api/routes.h"
#include "api/views.h"
#include "base/str.h"
#include "front/front.h"
#include "hub/snapshot.h"

static json_t *view_coin(const struct coin *coin)
{
    json_t *ret;

    if (!coin)
        return json_null();
    ret = json_object();
    json_object_set_new(ret, "name", json_string(coin->name));
    json_object_set_new(ret, "symbol", json_string(coin->symbol));
    json_object_set_new(ret, "decimals", json_integer(coin->decimals));
    return ret;
}

static json_t *view_pool_shares(const struct pool_view *p)
{
    json_t *ret = json_object(), *reasons = json_object();

    for (unsigned i = 0; i < REJECTS; i++)
        json_object_set_new(reasons, reject_name(i), json_count(p->reject_reasons[i]));
    json_object_set_new(ret, "accepted", json_count(p->shares_accepted));
    json_object_set_new(ret, "rejected", json_count(p->shares_rejected));
    json_object_set_new(ret, "stale", json_count(p->shares_stale));
    json_object_set_new(ret, "reject_reasons", reasons);
    return ret;
}

static json_t *view_block_counts(const struct pool_view *p)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "found", json_count(p->blocks_found));
    json_object_set_new(ret, "mature", json_count(p->blocks_mature));
    json_object_set_new(ret, "orphaned", json_count(p->blocks_orphaned));
    return ret;
}

static json_t *view_balances(const struct pool_view *p)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "immature", json_money(p->balance_immature, p->coin));
    json_object_set_new(ret, "owed", json_money(p->balance_owed, p->coin));
    json_object_set_new(ret, "fee", json_money(p->balance_fee, p->coin));
    return ret;
}

static json_t *view_nodes(const struct snapshot *s)
{
    json_t *ret = json_array();

    for (unsigned i = 0; i < s->pool.node_count; i++) {
        const struct chain_node_view *n = &s->pool.nodes[i];
        json_t *row = json_object();
        json_object_set_new(row, "name", json_text(n->name));
        json_object_set_new(row, "up", json_boolean(n->up));
        json_object_set_new(row, "active", json_boolean(n->active));
        json_object_set_new(row, "height", json_nonzero(n->height));
        json_object_set_new(row, "tip_age_ms", json_age_ms(s->taken_us, n->tip_us));
        json_object_set_new(row, "rpc_ms", json_known(n->rpc_ms));
        json_object_set_new(row, "error", json_text_or_null(n->error));
        json_array_append_new(ret, row);
    }
    return ret;
}

json_t *view_listeners(const struct pool_view *p)
{
    json_t *ret = json_array();

    for (unsigned i = 0; i < p->listener_count; i++) {
        const struct pool_listener_view *l = &p->listener[i];
        json_t *row = json_object();
        json_object_set_new(row, "address", json_text(l->address));
        json_object_set_new(row, "listening", json_boolean(l->open));
        json_object_set_new(row, "preset", json_text(l->preset));
        json_object_set_new(row, "tls", json_text(l->tls));
        json_object_set_new(row, "start_difficulty", json_known(l->start_difficulty));
        json_object_set_new(row, "min_difficulty", json_known(l->min_difficulty));
        json_object_set_new(row, "error", json_text_or_null(l->problem));
        json_array_append_new(ret, row);
    }
    return ret;
}

static json_t *view_tls(const struct pool_view *p)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "fingerprint", json_text_or_null(p->tls_fingerprint));
    json_object_set_new(ret, "self_signed", json_boolean(p->tls_own));
    json_object_set_new(ret, "error", json_text_or_null(p->tls_problem));
    return ret;
}

static json_t *view_causes(const struct pool_view *p, enum cause_kind kind)
{
    json_t *ret = json_object();

    for (unsigned i = 0; i < CAUSES; i++)
        if (cause_kind(i) == kind)
            json_object_set_new(ret, cause_name(i), json_count(p->causes[i]));
    return ret;
}

void route_pool_info(struct request *request, struct reply *reply)
{
    const struct snapshot *s = request->snapshot;
    const struct pool_view *p = &s->pool;
    json_t *data = json_object();

    json_object_set_new(data, "serving", json_boolean(p->serving));
    json_object_set_new(data, "address", json_text_or_null(p->address));
    json_object_set_new(data, "listeners", view_listeners(p));
    json_object_set_new(data, "tls", view_tls(p));
    json_object_set_new(data, "coin", view_coin(p->coin));
    json_object_set_new(data, "network",
                        p->coin ? json_string(network_name(p->network)) : json_null());
    json_object_set_new(data, "scheme", json_text_or_null(p->scheme));
    json_object_set_new(data, "fee_basis_points", json_integer(p->fee_bp));
    json_object_set_new(data, "height", json_nonzero(p->height));
    json_object_set_new(data, "network_difficulty", json_known(p->network_difficulty));
    json_object_set_new(data, "template_age_ms", json_age_ms(request->now_us, p->template_us));
    json_object_set_new(data, "coinbase_value",
                        p->height ? json_money(p->coinbase_value, p->coin) : json_null());
    json_object_set_new(data, "hashrate_hs", json_known(p->rate_1m));
    json_object_set_new(data, "round_effort_ratio", json_known(p->round_effort));
    json_object_set_new(data, "connections", json_integer(p->connections));
    json_object_set_new(data, "max_connections", json_integer(p->max_connections));
    json_object_set_new(data, "workers", json_integer(p->workers));
    json_object_set_new(data, "refused", view_causes(p, CAUSE_REFUSED));
    json_object_set_new(data, "closed", view_causes(p, CAUSE_CLOSED));
    json_object_set_new(data, "bans", json_integer(p->bans));
    json_object_set_new(data, "shares", view_pool_shares(p));
    json_object_set_new(data, "blocks", view_block_counts(p));
    json_object_set_new(data, "balances", view_balances(p));
    json_object_set_new(data, "ledger_consistent", json_boolean(p->ledger_ok));
    json_object_set_new(data, "nodes", view_nodes(s));
    reply_data(reply, request, data);
}

static json_t *view_block(const struct pool_view *p, const struct pool_block_view *b)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "height", json_count(b->height));
    json_object_set_new(ret, "hash", json_text(b->hash));
    json_object_set_new(ret, "state", json_string(block_state_name(b->state)));
    json_object_set_new(ret, "confirmations",
                        b->confirmations < 0 ? json_null() : json_integer(b->confirmations));
    json_object_set_new(ret, "reward", json_money(b->reward, p->coin));
    json_object_set_new(ret, "found", json_wall(b->found_ms));
    json_object_set_new(ret, "finder", json_text_or_null(b->finder));
    json_object_set_new(ret, "detail", json_text_or_null(b->detail));
    return ret;
}

void route_pool_blocks(struct request *request, struct reply *reply)
{
    const struct pool_view *p = &request->snapshot->pool;
    json_t *rows;
    uint32_t limit, offset;

    if (!request_uint(request, reply, "limit", POOL_BLOCKS_SHOWN, 1, POOL_BLOCKS_SHOWN, &limit) ||
        !request_uint(request, reply, "offset", 0, 0, 1000000, &offset))
        return;
    rows = json_array();
    for (unsigned i = offset; i < p->block_count && i - offset < limit; i++)
        json_array_append_new(rows, view_block(p, &p->block[i]));
    reply_data(reply, request, view_page("blocks", rows, p->block_count, limit, offset));
}

void route_pool_mode(struct request *request, struct reply *reply)
{
    json_t *enabled = json_object_get(request->json, "enabled"), *details;
    json_t *drain = json_object_get(request->json, "drain");

    if (!request_fields(request, reply, "enabled|drain"))
        return;
    if (drain && !json_is_boolean(drain)) {
        details = json_object();
        json_object_set_new(details, "parameter", json_string("drain"));
        json_object_set_new(details, "expected", json_string("true or false"));
        reply_error(reply, request->now_ms, 400, details, "\"drain\" must be true or false");
        return;
    }
    if (!json_is_boolean(enabled)) {
        details = json_object();
        json_object_set_new(details, "parameter", json_string("enabled"));
        json_object_set_new(details, "expected", json_string("true or false"));
        reply_error(reply, request->now_ms, 400, details,
                    "the body must say {\"enabled\": true} or {\"enabled\": false}");
        return;
    }
    text_copy(reply->command, sizeof reply->command,
              json_is_true(enabled)  ? "pool on"
              : json_is_false(drain) ? "pool off now"
                                     : "pool off");
}
