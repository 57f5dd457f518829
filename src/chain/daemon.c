/* SPDX-License-Identifier: MIT */
/* The life of a daemon: its network is checked first, then templates are fetched every so often,
 * when its tip moves (polled) and by long poll. Every failure names a state, an error for people,
 * and a pause that doubles. */
#include "chain/daemon.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

enum { TEMPLATE_BYTES = 24 << 20 };

static void on_tick(uv_timer_t *timer);

static void keep_waiting(struct daemon *d);

static void tick_in(struct daemon *d, int64_t ms)
{
    uv_timer_start(&d->tick, on_tick, (uint64_t)ms, 0);
}

/* --- failures -------------------------------------------------------------------------------- */

static const struct daemon_failure *failure_of(const struct daemon *d,
                                               const struct rpc_reply *reply)
{
    static const struct daemon_failure none = {0, 0, DAEMON_DOWN, ""};

    for (const struct daemon_failure *f = d->family->failures; f->err; f++)
        if (f->err == reply->err && (!f->code || f->code == reply->code))
            return f;
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
        d->checks = 0; /* another program may answer next time */
    rpc_abort(d->wait);
    d->wait = NULL;
    enter(d, state, error);
    tick_in(d, pause);
    d->changed(d->arg, d);
}

static void fail_reply(struct daemon *d, const struct rpc_reply *reply)
{
    const struct daemon_failure *f = failure_of(d, reply);
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

/* A refusal is told once, loudly: the daemon means something else than its answers' form shows. */
static int check_template(struct daemon *d, const struct chain_template *t, struct fault *why)
{
    int err = d->family->template_check ? d->family->template_check(d, t, why) : 0;
    char error[sizeof d->error];

    text_copy(error, sizeof error, why->text);
    if (err < 0 && strcmp(error, d->error) != 0)
        log_error(CHAIN, "node %s: %s", d->name, why->text);
    return err;
}

static void take_template(struct daemon *d, const json_t *result)
{
    struct chain_template *t = NULL;
    struct fault why = {0};

    int err = d->family->template_read(result, d->options->coin, d->options->algo, &t, &why);
    if (err == 0)
        err = check_template(d, t, &why);
    if (err < 0) {
        template_unref(t);
        fail(d, DAEMON_USELESS, why.text);
        return;
    }
    if (!d->template || memcmp(d->template->prevhash, t->prevhash, 32) != 0)
        d->tip_us = now_us();
    template_unref(d->template);
    d->template = t;
    d->fetched_us = now_us();
    d->failures = 0;
    if (!d->family->longpollid || !d->family->longpollid(result, d->longpollid))
        d->longpollid[0] = '\0';
    enter(d, DAEMON_READY, "");
    tick_in(d, d->timing->poll_ms);
    keep_waiting(d);
    d->changed(d->arg, d);
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
    d->wait =
        rpc_start(d->rpc, d->family->template_method, d->family->template_params(d, d->longpollid),
                  d->timing->wait_timeout_ms, TEMPLATE_BYTES, on_wait, d);
    d->wait_after_us = now_us() + d->timing->poll_ms * 1000; /* a daemon that answers at once */
}

static void on_fetch(void *arg, const struct rpc_reply *reply);

static void fetch(struct daemon *d)
{
    d->fetch_again = false;
    d->fetch = rpc_start(d->rpc, d->family->template_method, d->family->template_params(d, NULL),
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

static void go_on(struct daemon *d);

/* --- checks ---------------------------------------------------------------------------------- */

/* `list`: hashes of 64 digits, separated by a space. */
static bool listed(const char *list, const char *hash)
{
    for (; list; list = strchr(list, ' ') ? strchr(list, ' ') + 1 : NULL)
        if (strlen(hash) == 64 && !strncasecmp(list, hash, 64))
            return true;
    return false;
}

enum daemon_state daemon_verify_genesis(const struct daemon *d, const json_t *result,
                                        struct fault *why)
{
    const char *genesis = d->options->coin->genesis[d->options->network];
    const char *hash = json_string_value(result);

    if (hash && (!genesis || listed(genesis, hash)))
        return DAEMON_READY;
    (void)fault_set(why, ERR_PROTOCOL,
                    "it is not on the %s network of %s: its first block is another",
                    network_name(d->options->network), d->options->coin->name);
    return DAEMON_FOREIGN;
}

static void on_check(void *arg, const struct rpc_reply *reply)
{
    struct daemon *d = arg;
    const struct daemon_check *check = &d->family->checks[d->checks];
    struct fault why = {0};

    d->check = NULL;
    d->rpc_ms = reply->ms;
    if (reply->err) {
        fail_reply(d, reply);
        return;
    }
    enum daemon_state state = check->verify(d, reply->result, &why);
    if (state != DAEMON_READY) {
        fail(d, state, why.text);
        return;
    }
    d->checks++;
    go_on(d);
}

/* The next check, or the first template after the last of them. */
static void go_on(struct daemon *d)
{
    const struct daemon_check *check = &d->family->checks[d->checks];

    if (check->method)
        d->check = rpc_start(d->rpc, check->method, check->params(), d->timing->rpc_timeout_ms,
                             RPC_BYTES, on_check, d);
    else
        fetch(d);
}

static void on_poll(void *arg, const struct rpc_reply *reply)
{
    struct daemon *d = arg;
    struct fault why = {0};
    uint8_t tip[32];

    d->poll = NULL;
    d->rpc_ms = reply->ms;
    if (reply->err) {
        fail_reply(d, reply);
        return;
    }
    enum daemon_state state = d->family->tip_read(reply->result, tip, &why);
    if (state != DAEMON_READY) {
        fail(d, state, why.text);
        return;
    }
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
    if (d->family->checks[d->checks].method) {
        go_on(d);
    } else if (d->state != DAEMON_READY ||
               now_us() - d->fetched_us >= d->timing->refresh_ms * 1000) {
        fetch(d);
    } else {
        keep_waiting(d);
        d->poll = rpc_start(d->rpc, d->family->tip_method, d->family->tip_params(),
                            d->timing->rpc_timeout_ms, RPC_BYTES, on_poll, d);
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
