/* SPDX-License-Identifier: MIT */
/* A chain behind coin daemons: several at once, the one with the highest tip gives the templates,
 * another takes over the moment that it fails or falls behind. */
#include "chain/bitcoind.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "chain/kind.h"

static const struct chain_timing default_timing = {
    .poll_ms = 1000,
    .refresh_ms = 30000,
    .stale_ms = 60000,
    .rpc_timeout_ms = 10000,
    .template_timeout_ms = 30000,
    .wait_timeout_ms = 20 * 60 * 1000,
    .retry_first_ms = 1000,
    .retry_limit_ms = 15000,
    .submit_timeout_ms = 60000,
    .submit_pause_ms = 1000,
    .submit_tries = 5,
};

/* --- which daemon's template is used --------------------------------------------------------- */

/* The active one stays while nobody usable is higher; else the first with the highest tip. */
static struct daemon *pick(const struct bitcoind *b)
{
    struct daemon *best = b->active && daemon_usable(b->active) ? b->active : NULL;

    for (size_t i = 0; i < b->count; i++) {
        struct daemon *d = &b->daemons[i];
        if (daemon_usable(d) && (!best || d->template->height > best->template->height))
            best = d;
    }
    return best;
}

static void give(struct bitcoind *b, struct chain_template *t)
{
    bool new_tip = !b->given || memcmp(b->given->prevhash, t->prevhash, 32) != 0;

    template_unref(b->given);
    b->given = template_ref(t);
    b->options.on_template(b->options.arg, t, new_tip);
}

static void on_changed(void *arg, struct daemon *changed)
{
    struct bitcoind *b = arg;
    struct daemon *d = pick(b);

    (void)changed;
    if (d)
        b->active = d;
    if (d && d->template != b->given)
        give(b, d->template);
}

/* --- for people ------------------------------------------------------------------------------ */

static uint64_t tip_height(const struct daemon *d)
{
    return d->template ? d->template->height - 1 : 0;
}

static void describe_behind(const struct bitcoind *b, const struct daemon *d, char *out,
                            size_t size)
{
    struct str text AUTO_STR = {0};
    uint64_t best = b->active ? tip_height(b->active) : 0, own = tip_height(d);

    if (d->state == DAEMON_READY && own + 1 < best)
        str_addf(&text, "behind: its tip is %" PRIu64 " blocks below the best", best - own);
    else if (d->state == DAEMON_READY && !daemon_usable(d))
        str_addf(&text, "its template is older than %" PRId64 " s", b->timing.stale_ms / 1000);
    text_copy(out, size, str_text(&text));
}

static unsigned bitcoind_nodes(void *state, struct chain_node_view *out, unsigned max)
{
    const struct bitcoind *b = state;
    unsigned n = 0;

    for (size_t i = 0; i < b->count && n < max; i++, n++) {
        const struct daemon *d = &b->daemons[i];
        struct chain_node_view *v = &out[n];
        memset(v, 0, sizeof *v);
        text_copy(v->name, sizeof v->name, d->name);
        v->up = d->state == DAEMON_READY;
        v->active = d == b->active && daemon_usable(d);
        v->height = tip_height(d);
        v->tip_us = d->tip_us;
        v->rpc_ms = d->rpc_ms;
        if (d->error[0])
            text_copy(v->error, sizeof v->error, d->error);
        else
            describe_behind(b, d, v->error, sizeof v->error);
    }
    return n;
}

static void bitcoind_refresh(void *state)
{
    struct bitcoind *b = state;

    for (size_t i = 0; i < b->count; i++)
        daemon_refresh(&b->daemons[i]);
}

/* --- opening and closing --------------------------------------------------------------------- */

static void free_all(struct bitcoind *b)
{
    template_unref(b->given);
    free(b->daemons);
    free(b);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct bitcoind *b = handle->data;

    if (--b->handles == 0)
        free_all(b);
}

static void on_tick_closed(uv_handle_t *handle)
{
    const struct daemon *d = handle->data;
    struct bitcoind *b = d->arg;

    if (--b->handles == 0)
        free_all(b);
}

static void bitcoind_close(void *state)
{
    struct bitcoind *b = state;

    bitcoind_submit_close(b);
    bitcoind_status_close(b);
    for (size_t i = 0; i < b->count; i++) {
        daemon_stop(&b->daemons[i]);
        uv_close((uv_handle_t *)&b->daemons[i].tick, on_tick_closed);
    }
    http_close(b->http);
    uv_close((uv_handle_t *)&b->retry, on_handle_closed);
}

static int add_daemon(struct bitcoind *b, struct daemon *d, const struct daemon_config *config,
                      struct fault *why)
{
    d->options = &b->options;
    d->timing = &b->timing;
    d->changed = on_changed;
    d->arg = b;
    d->tick.data = d;
    return rpc_new(b->http, config, d->name, sizeof d->name, &d->rpc, why);
}

static int bitcoind_open(const struct chain_options *options, uv_loop_t *loop, void **state,
                         struct fault *why)
{
    const struct daemon_config *configs = options->config->pool.daemons.items;
    size_t count = options->config->pool.daemons.count;
    int err = 0;

    if (!count)
        return fault_set(why, ERR_CONFIG, "%s needs a coin daemon: set pool.daemons",
                         options->coin->name);
    struct bitcoind *b = xcalloc(1, sizeof *b);
    b->options = *options;
    b->timing = options->timing ? *options->timing : default_timing;
    b->http = http_new(loop);
    b->daemons = xcalloc(count, sizeof *b->daemons);
    for (; b->count < count; b->count++)
        if ((err = add_daemon(b, &b->daemons[b->count], &configs[b->count], why)) < 0)
            goto fail;
    for (size_t i = 0; i < count; i++)
        daemon_start(&b->daemons[i], loop);
    uv_timer_init(loop, &b->retry);
    b->retry.data = b;
    b->handles = (unsigned)count + 1;
    *state = b;
    return 0;

fail:
    for (size_t i = 0; i < b->count; i++)
        rpc_free(b->daemons[i].rpc);
    http_close(b->http);
    free_all(b);
    return err;
}

const struct chain_kind chain_bitcoind = {
    .name = "bitcoind",
    .title = "coin daemons of the Bitcoin family",
    .open = bitcoind_open,
    .refresh = bitcoind_refresh,
    .submit = bitcoind_submit,
    .status = bitcoind_status,
    .nodes = bitcoind_nodes,
    .close = bitcoind_close,
};
