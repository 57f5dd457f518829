/* SPDX-License-Identifier: MIT */
/* The devnet as a chain: templates out, blocks in. Answers come on the next turn of the loop, never
 * from inside the call that asks. */
#include "chain/devnet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "chain/devnet_chain.h"
#include "chain/kind.h"
#include "chain/template.h"
#include "core/target.h"

enum {
    REFRESH_MS = 15000,
    WAIT_MS = 50, /* between two looks at a dataset that is being prepared */
    BLOCK_VERSION = 0x20000000,
};

/* An answer that waits for its turn. */
struct answer {
    struct answer *next;
    chain_submit_fn *submitted;
    chain_status_fn *status;
    void *arg;
    enum submit_result result;
    const char *text;
    int64_t confirmations;
};

/* A block that cannot be hashed before its dataset is there. */
struct waiting {
    struct waiting *next;
    chain_submit_fn *done;
    void *arg;
    size_t len;
    uint8_t block[];
};

struct devnet {
    struct chain_options options;
    struct devnet_chain chain;
    struct answer *answers, **answers_end;
    struct waiting *waiting;         /* oldest first */
    const struct devnet_block *told; /* tip of the newest template given out */
    int64_t tip_us;
    bool fresh; /* a template is due */
    uv_timer_t deliver, refresh, look;
    unsigned handles;
};

static struct chain_template *make_template(struct devnet *d)
{
    const struct devnet_block *tip = d->chain.tip;
    const struct devnet_rules *rules = &d->chain.rules;
    struct chain_template *t = template_new(d->options.coin, d->options.algo);
    uint32_t earliest = devnet_median_time(tip) + 1, now = wall_s();

    t->form = rules->form;
    devnet_key(rules, tip, false, &t->key);
    devnet_key(rules, tip, true, &t->next_key);
    t->height = tip->height + 1;
    memcpy(t->prevhash, tip->hash, 32);
    t->version = BLOCK_VERSION;
    t->curtime = now > earliest ? now : earliest;
    unsigned steps = devnet_ease_steps(rules, tip, t->curtime);
    uint32_t eased = tip->time + steps * DEVNET_EASE_INTERVALS * rules->interval_s;
    t->mintime = steps && eased > earliest ? eased : earliest;
    t->bits = devnet_eased_bits(rules, devnet_target(rules, tip), steps);
    (void)target_from_bits(t->bits, &t->target);
    t->coinbase_value = devnet_subsidy(rules, t->height);
    return t;
}

static void give_template(struct devnet *d)
{
    struct chain_template *t = make_template(d);
    bool new_tip = d->told != d->chain.tip;

    if (new_tip)
        d->tip_us = now_us();
    d->told = d->chain.tip;
    d->fresh = false;
    d->options.on_template(d->options.arg, t, new_tip);
    template_unref(t);
}

static void give_answers(struct devnet *d)
{
    while (d->answers) {
        struct answer *a = d->answers;
        d->answers = a->next;
        if (!d->answers)
            d->answers_end = &d->answers;
        if (a->submitted)
            a->submitted(a->arg, a->result, a->text);
        else
            a->status(a->arg, a->confirmations);
        free(a);
    }
}

static void on_deliver(uv_timer_t *timer)
{
    struct devnet *d = timer->data;

    if (d->fresh)
        give_template(d);
    give_answers(d);
}

static void deliver_soon(struct devnet *d)
{
    uv_timer_start(&d->deliver, on_deliver, 0, 0);
}

static void devnet_refresh(void *state)
{
    struct devnet *d = state;

    d->fresh = true;
    deliver_soon(d);
}

static void on_refresh(uv_timer_t *timer)
{
    devnet_refresh(timer->data);
}

static struct answer *answer_new(struct devnet *d, void *arg)
{
    struct answer *a = xcalloc(1, sizeof *a);

    a->arg = arg;
    *d->answers_end = a;
    d->answers_end = &a->next;
    deliver_soon(d);
    return a;
}

static int devnet_open(const struct chain_options *options, uv_loop_t *loop, void **state,
                       struct fault *why)
{
    struct devnet *d = xcalloc(1, sizeof *d);
    int64_t interval_us = options->config->pool.devnet.block_interval_us;
    int err = devnet_chain_init(&d->chain, options->algo, options->datasets,
                                (uint32_t)((interval_us + SECOND_US / 2) / SECOND_US),
                                options->store, why);

    if (err < 0) {
        free(d);
        return err;
    }
    d->options = *options;
    d->answers_end = &d->answers;
    uv_timer_init(loop, &d->deliver);
    uv_timer_init(loop, &d->refresh);
    uv_timer_init(loop, &d->look);
    d->deliver.data = d->refresh.data = d->look.data = d;
    d->handles = 3;
    uv_timer_start(&d->refresh, on_refresh, 0, REFRESH_MS);
    *state = d;
    return 0;
}

static enum submit_result result_of(const char *word)
{
    if (!word || !strcmp(word, "duplicate"))
        return SUBMIT_ACCEPTED;
    if (word == devnet_wait || word == devnet_lost || !strcmp(word, "inconclusive"))
        return SUBMIT_UNKNOWN;
    return SUBMIT_REJECTED;
}

static void answer_submit(struct devnet *d, const char *word, chain_submit_fn *done, void *arg)
{
    struct answer *a = answer_new(d, arg);

    a->submitted = done;
    a->result = result_of(word);
    a->text = word ? word : "accepted";
    d->fresh |= d->told != d->chain.tip;
}

/* --- blocks that wait for their dataset ------------------------------------------------------ */

static void on_look(uv_timer_t *timer)
{
    struct devnet *d = timer->data;

    while (d->waiting) {
        struct waiting *w = d->waiting;
        const char *word = devnet_accept(&d->chain, w->block, w->len, wall_s());
        if (word == devnet_wait)
            return;
        answer_submit(d, word, w->done, w->arg);
        d->waiting = w->next;
        free(w);
    }
    (void)uv_timer_stop(timer);
}

static void keep_waiting(struct devnet *d, const uint8_t *block, size_t len, chain_submit_fn *done,
                         void *arg)
{
    struct waiting *w = xmalloc(sizeof *w + len), **end = &d->waiting;

    w->next = NULL;
    w->done = done;
    w->arg = arg;
    w->len = len;
    memcpy(w->block, block, len);
    while (*end)
        end = &(*end)->next;
    *end = w;
    (void)uv_timer_start(&d->look, on_look, WAIT_MS, WAIT_MS);
}

static void drop_waiting(struct devnet *d)
{
    while (d->waiting) {
        struct waiting *w = d->waiting;
        d->waiting = w->next;
        answer_submit(d, devnet_wait, w->done, w->arg);
        free(w);
    }
}

static void devnet_submit(void *state, const uint8_t *block, size_t len, const uint8_t hash[32],
                          chain_submit_fn *done, void *arg)
{
    struct devnet *d = state;
    const char *word = devnet_accept(&d->chain, block, len, wall_s());

    (void)hash;
    if (word == devnet_wait)
        keep_waiting(d, block, len, done, arg);
    else
        answer_submit(d, word, done, arg);
}

static void devnet_status(void *state, const uint8_t hash[32], chain_status_fn *done, void *arg)
{
    struct devnet *d = state;
    const struct devnet_block *b = devnet_find(&d->chain, hash);
    struct answer *a = answer_new(d, arg);

    a->status = done;
    if (!b)
        a->confirmations = -1;
    else if (devnet_in_best_chain(&d->chain, b))
        a->confirmations = (int64_t)(d->chain.tip->height - b->height) + 1;
}

static unsigned devnet_nodes(void *state, struct chain_node_view *out, unsigned max)
{
    const struct devnet *d = state;

    if (!max)
        return 0;
    memset(out, 0, sizeof *out);
    text_copy(out->name, sizeof out->name, chain_devnet.title);
    out->up = out->active = true;
    out->height = d->chain.tip->height;
    out->tip_us = d->tip_us;
    out->rpc_ms = NAN;
    return 1;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct devnet *d = handle->data;

    if (--d->handles == 0)
        free(d);
}

static void devnet_close(void *state)
{
    struct devnet *d = state;

    drop_waiting(d);
    give_answers(d);
    devnet_chain_fini(&d->chain);
    uv_close((uv_handle_t *)&d->deliver, on_handle_closed);
    uv_close((uv_handle_t *)&d->refresh, on_handle_closed);
    uv_close((uv_handle_t *)&d->look, on_handle_closed);
}

int devnet_reorg(struct chain *chain, unsigned depth)
{
    if (chain->kind != &chain_devnet)
        return ERR_FIELD;
    struct devnet *d = chain->state;
    int err = devnet_invalidate(&d->chain, depth);
    if (!err)
        devnet_refresh(d);
    return err;
}

static bool suits(const struct algo *algo)
{
    return form_of_algo(algo) != NULL;
}

const struct chain_kind chain_devnet = {
    .name = "devnet",
    .title = "devnet: coins have no value",
    .suits = suits,
    .open = devnet_open,
    .refresh = devnet_refresh,
    .submit = devnet_submit,
    .status = devnet_status,
    .nodes = devnet_nodes,
    .close = devnet_close,
};
