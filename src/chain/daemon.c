/* SPDX-License-Identifier: MIT */
/* The life of a daemon: its network is checked once, then templates are fetched every so often,
 * when its tip moves (polled) and by long poll. Every failure names a state, an error for people,
 * and a pause that doubles. */
#include "chain/daemon.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/str.h"

enum { TEMPLATE_BYTES = 24 << 20 };

static void on_tick(uv_timer_t *timer);

static void keep_waiting(struct daemon *d);

static void tick_in(struct daemon *d, int64_t ms)
{
    uv_timer_start(&d->tick, on_tick, (uint64_t)ms, 0);
}

/* --- failures -------------------------------------------------------------------------------- */

/* Which state an answer puts the daemon into, and what a person can do about it. */
struct failure {
    int err;
    long code; /* 0 = any */
    enum daemon_state state;
    const char *advice;
};
static const struct failure failures[] = {
    {ERR_RPC, -28, DAEMON_WARMING, "it is starting: this passes"},
    {ERR_RPC, -9, DAEMON_ALONE, "it has no peers: check its network, or give it a connect="},
    {ERR_RPC, -10, DAEMON_SYNCING, "it is downloading the chain: this passes"},
    {ERR_RPC, 0, DAEMON_USELESS, ""},
    {ERR_UNAUTHORIZED, 0, DAEMON_REFUSED, ""},
    {UV_EBUSY, 0, DAEMON_BUSY, ""},
    {ERR_PROTOCOL, 0, DAEMON_USELESS, ""},
};

static const struct failure *failure_of(const struct rpc_reply *reply)
{
    static const struct failure none = {0, 0, DAEMON_DOWN, ""};

    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].err == reply->err && (!failures[i].code || failures[i].code == reply->code))
            return &failures[i];
    return &none;
}

static void enter(struct daemon *d, enum daemon_state state, const char *error)
{
    d->state = state;
    text_copy(d->error, sizeof d->error, error);
}

/* The long poll ends too; the next tick comes after a pause that doubles up to its limit. */
static void fail(struct daemon *d, enum daemon_state state, const char *error)
{
    int64_t pause = d->timing->retry_first_ms;

    for (unsigned i = 0; i < d->failures && pause < d->timing->retry_limit_ms; i++)
        pause *= 2;
    if (pause > d->timing->retry_limit_ms)
        pause = d->timing->retry_limit_ms;
    d->failures++;
    if (state == DAEMON_DOWN || state == DAEMON_REFUSED || state == DAEMON_FOREIGN)
        d->checked = false; /* another program may answer next time */
    rpc_abort(d->wait);
    d->wait = NULL;
    enter(d, state, error);
    tick_in(d, pause);
    d->changed(d->arg, d);
}

static void fail_reply(struct daemon *d, const struct rpc_reply *reply)
{
    const struct failure *f = failure_of(reply);
    char error[sizeof d->error];
    struct str text AUTO_STR = {0};

    if (reply->err == ERR_RPC)
        str_addf(&text, "%s (%ld)%s%s", reply->text, reply->code, *f->advice ? ": " : "",
                 f->advice);
    else
        str_add(&text, reply->text);
    text_copy(error, sizeof error, str_text(&text));
    fail(d, f->state, error);
}

/* --- templates ------------------------------------------------------------------------------- */

static void take_template(struct daemon *d, const json_t *result)
{
    struct chain_template *t;
    struct fault why = {0};

    int err = template_from_json(result, d->options->coin, d->options->algo, &t, &why);
    if (err < 0) {
        fail(d, DAEMON_USELESS, why.text);
        return;
    }
    if (!d->template || memcmp(d->template->prevhash, t->prevhash, 32) != 0)
        d->tip_us = now_us();
    template_unref(d->template);
    d->template = t;
    d->fetched_us = now_us();
    d->failures = 0;
    if (!template_longpollid(result, d->longpollid))
        d->longpollid[0] = '\0';
    enter(d, DAEMON_READY, "");
    tick_in(d, d->timing->poll_ms);
    keep_waiting(d);
    d->changed(d->arg, d);
}

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

/* The answer of a long poll is a template too; an error of it only means to ask again later. */
static void on_wait(void *arg, const struct rpc_reply *reply)
{
    struct daemon *d = arg;

    d->wait = NULL;
    if (reply->err)
        d->wait_after_us = now_us() + d->timing->retry_first_ms * 1000;
    else if (!d->fetch)
        take_template(d, reply->result);
    else
        d->fetch_again = true;
}

static void keep_waiting(struct daemon *d)
{
    if (d->wait || !d->longpollid[0] || now_us() < d->wait_after_us)
        return;
    d->wait = rpc_start(d->rpc, "getblocktemplate", template_params(d, d->longpollid),
                        d->timing->wait_timeout_ms, TEMPLATE_BYTES, on_wait, d);
    d->wait_after_us = now_us() + d->timing->poll_ms * 1000; /* a daemon that answers at once */
}

static void on_fetch(void *arg, const struct rpc_reply *reply);

static void fetch(struct daemon *d)
{
    d->fetch_again = false;
    d->fetch = rpc_start(d->rpc, "getblocktemplate", template_params(d, NULL),
                         d->timing->template_timeout_ms, TEMPLATE_BYTES, on_fetch, d);
}

static void on_fetch(void *arg, const struct rpc_reply *reply)
{
    struct daemon *d = arg;

    d->fetch = NULL;
    d->rpc_ms = reply->ms;
    if (reply->err)
        fail_reply(d, reply);
    else
        take_template(d, reply->result);
    if (d->fetch_again && d->state == DAEMON_READY)
        fetch(d);
}

/* --- checks ---------------------------------------------------------------------------------- */

/* `list`: hashes of 64 digits, separated by a space. */
static bool listed(const char *list, const char *hash)
{
    for (; list; list = strchr(list, ' ') ? strchr(list, ' ') + 1 : NULL)
        if (strlen(hash) == 64 && !strncasecmp(list, hash, 64))
            return true;
    return false;
}

static void on_check(void *arg, const struct rpc_reply *reply)
{
    struct daemon *d = arg;
    const char *genesis = d->options->coin->genesis[d->options->network];

    d->check = NULL;
    d->rpc_ms = reply->ms;
    if (reply->err) {
        fail_reply(d, reply);
        return;
    }
    const char *hash = json_string_value(reply->result);
    if (!hash || (genesis && !listed(genesis, hash))) {
        char error[sizeof d->error];
        struct str text AUTO_STR = {0};
        str_addf(&text, "it is not on the %s network of %s: its first block is another",
                 network_name(d->options->network), d->options->coin->name);
        text_copy(error, sizeof error, text.s);
        fail(d, DAEMON_FOREIGN, error);
        return;
    }
    d->checked = true;
    fetch(d);
}

static void on_poll(void *arg, const struct rpc_reply *reply)
{
    struct daemon *d = arg;
    uint8_t shown[32], tip[32];

    d->poll = NULL;
    d->rpc_ms = reply->ms;
    if (reply->err) {
        fail_reply(d, reply);
        return;
    }
    const char *hash = json_string_value(reply->result);
    if (!hash || !hex_decode(hash, shown, 32)) {
        fail(d, DAEMON_USELESS, "its best block hash is not 64 hex digits");
        return;
    }
    bytes_reverse(tip, shown, 32);
    tick_in(d, d->timing->poll_ms);
    if (memcmp(tip, d->template->prevhash, 32) != 0)
        daemon_refresh(d);
}

/* --- the clock ------------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
    struct daemon *d = timer->data;

    if (d->check || d->fetch || d->poll)
        return; /* its answer starts the next tick */
    if (!d->checked) {
        d->check = rpc_start(d->rpc, "getblockhash", json_pack("[i]", 0), d->timing->rpc_timeout_ms,
                             RPC_BYTES, on_check, d);
    } else if (d->state != DAEMON_READY ||
               now_us() - d->fetched_us >= d->timing->refresh_ms * 1000) {
        fetch(d);
    } else {
        keep_waiting(d);
        d->poll = rpc_start(d->rpc, "getbestblockhash", json_array(), d->timing->rpc_timeout_ms,
                            RPC_BYTES, on_poll, d);
    }
}

void daemon_start(struct daemon *d, uv_loop_t *loop)
{
    uv_timer_init(loop, &d->tick);
    d->rpc_ms = NAN;
    tick_in(d, 0);
}

void daemon_refresh(struct daemon *d)
{
    if (d->fetch)
        d->fetch_again = true;
    else if (d->state == DAEMON_READY)
        fetch(d);
}

void daemon_stop(struct daemon *d)
{
    uv_timer_stop(&d->tick);
    rpc_free(d->rpc);
    d->rpc = NULL;
    template_unref(d->template);
    d->template = NULL;
}

bool daemon_usable(const struct daemon *d)
{
    return d->state == DAEMON_READY && d->template &&
           now_us() - d->template->received_us < d->timing->stale_ms * 1000;
}
