/* SPDX-License-Identifier: MIT */
/* A chain behind coin daemons: several at once, the one with the highest tip gives the templates,
 * another takes over the moment that it fails or falls behind. */
#include "chain/daemons.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

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
static struct daemon *pick(const struct daemons *b)
{
    struct daemon *best = b->active && daemon_usable(b->active) ? b->active : NULL;

    for (size_t i = 0; i < b->count; i++) {
        struct daemon *d = &b->items[i];
        if (daemon_usable(d) && (!best || d->template->height > best->template->height))
            best = d;
    }
    return best;
}

static void give(struct daemons *b, struct chain_template *t)
{
    bool new_tip = !b->given || memcmp(b->given->prevhash, t->prevhash, 32) != 0;

    template_unref(b->given);
    b->given = template_ref(t);
    b->options.on_template(b->options.arg, t, new_tip);
}

static void on_changed(void *arg, struct daemon *changed)
{
    struct daemons *b = arg;
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

static void describe_behind(const struct daemons *b, const struct daemon *d, char *out, size_t size)
{
    struct str text AUTO_STR = {0};
    uint64_t best = b->active ? tip_height(b->active) : 0, own = tip_height(d);

    if (d->state == DAEMON_READY && own + 1 < best)
        str_addf(&text, "behind: its tip is %" PRIu64 " blocks below the best", best - own);
    else if (d->state == DAEMON_READY && !daemon_usable(d))
        str_addf(&text, "its template is older than %" PRId64 " s", b->timing.stale_ms / 1000);
    text_copy(out, size, str_text(&text));
}

unsigned daemons_nodes(void *state, struct chain_node_view *out, unsigned max)
{
    const struct daemons *b = state;
    unsigned n = 0;

    for (size_t i = 0; i < b->count && n < max; i++, n++) {
        const struct daemon *d = &b->items[i];
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

void daemons_refresh(void *state)
{
    struct daemons *b = state;

    for (size_t i = 0; i < b->count; i++)
        daemon_refresh(&b->items[i]);
}

/* --- opening and closing --------------------------------------------------------------------- */

static void free_all(struct daemons *b)
{
    if (b->family->forget)
        b->family->forget(b->own);
    template_unref(b->given);
    free(b->items);
    free(b);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct daemons *b = handle->data;

    if (--b->handles == 0)
        free_all(b);
}

static void on_tick_closed(uv_handle_t *handle)
{
    const struct daemon *d = handle->data;
    struct daemons *b = d->arg;

    if (--b->handles == 0)
        free_all(b);
}

void daemons_close(void *state)
{
    struct daemons *b = state;

    daemons_submit_close(b);
    daemons_status_close(b);
    for (size_t i = 0; i < b->count; i++) {
        daemon_stop(&b->items[i]);
        uv_close((uv_handle_t *)&b->items[i].tick, on_tick_closed);
    }
    http_close(b->http);
    uv_close((uv_handle_t *)&b->retry, on_handle_closed);
}

static int add_daemon(struct daemons *b, struct daemon *d, const struct daemon_config *config,
                      struct fault *why)
{
    d->family = b->family;
    d->options = &b->options;
    d->payout = b->payout;
    d->own = b->own;
    d->timing = &b->timing;
    d->changed = on_changed;
    d->arg = b;
    d->tick.data = d;
    return rpc_new(b->http, &b->family->rpc, config, d->name, sizeof d->name, &d->rpc, why);
}

int daemons_open(const struct daemon_family *family, const struct chain_options *options,
                 uv_loop_t *loop, void **state, struct fault *why)
{
    const struct daemon_config *configs = options->config->pool.daemons.items;
    size_t count = options->config->pool.daemons.count;
    void *own = NULL;
    int err = 0;

    if (!count)
        return fault_set(why, ERR_CONFIG, "%s needs a coin daemon: set pool.daemons",
                         options->coin->name);
    if (family->prepare && (err = family->prepare(options, &own, why)) < 0)
        return err;
    struct daemons *b = xcalloc(1, sizeof *b);
    b->family = family;
    b->own = own;
    b->options = *options;
    b->options.config = NULL;
    if (options->config->pool.payout_address)
        (void)text_copy(b->payout, sizeof b->payout, options->config->pool.payout_address);
    b->timing = options->timing ? *options->timing : default_timing;
    b->http = http_new(loop);
    b->items = xcalloc(count, sizeof *b->items);
    for (; b->count < count; b->count++)
        if ((err = add_daemon(b, &b->items[b->count], &configs[b->count], why)) < 0)
            goto fail;
    for (size_t i = 0; i < count; i++)
        daemon_start(&b->items[i], loop);
    uv_timer_init(loop, &b->retry);
    b->retry.data = b;
    b->handles = (unsigned)count + 1;
    *state = b;
    return 0;

fail:
    for (size_t i = 0; i < b->count; i++)
        rpc_free(b->items[i].rpc);
    http_close(b->http);
    free_all(b);
    return err;
}
