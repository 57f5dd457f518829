/* SPDX-License-Identifier: MIT */
/* A chain and a front that do what the test says. */
#include "pool_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "chain/kind.h"
#include "chain/template.h"
#include "core/target.h"

struct fake_chain fake_chain;
struct fake_front fake_front;

/* --- chain -------------------------------------------------------------------------------------
 */

static void refresh(void *state)
{
    (void)state;
}

static void submit(void *state, const uint8_t *block, size_t len, const uint8_t hash[32],
                   chain_submit_fn *done, void *arg)
{
    struct fake_chain *f = state;
    struct fake_submit *s = &f->submits[f->submit_count++];

    memcpy(s->hash, hash, 32);
    s->block = xmalloc(len);
    memcpy(s->block, block, len);
    s->len = len;
    s->done = done;
    s->arg = arg;
    if (f->answer_at_once)
        fake_chain_answer(f->submit_count - 1, SUBMIT_ACCEPTED, "");
}

static void status(void *state, const uint8_t hash[32], chain_status_fn *done, void *arg)
{
    struct fake_chain *f = state;
    int64_t confirmations = -1;

    f->asked++;
    for (unsigned i = 0; i < f->status_count; i++)
        if (!memcmp(f->status[i].hash, hash, 32))
            confirmations = f->status[i].confirmations;
    done(arg, confirmations);
}

static unsigned nodes(void *state, struct chain_node_view *out, unsigned max)
{
    (void)state;
    if (!max)
        return 0;
    *out = (struct chain_node_view){.name = "fake", .up = true, .active = true};
    return 1;
}

static void close_fake(void *state)
{
    struct fake_chain *f = state;

    for (unsigned i = 0; i < f->submit_count; i++) {
        if (f->submits[i].done)
            fake_chain_answer(i, SUBMIT_UNKNOWN, "closed");
        free(f->submits[i].block);
    }
    f->submit_count = 0;
    f->open = false;
}

static const struct chain_kind fake_kind = {
    .name = "fake",
    .title = "a chain that does what the test says",
    .refresh = refresh,
    .submit = submit,
    .status = status,
    .nodes = nodes,
    .close = close_fake,
};

static int fake_chain_open(const struct chain_options *options, uv_loop_t *loop, struct chain **ret,
                           struct fault *why)
{
    struct chain *chain = xcalloc(1, sizeof *chain);

    (void)loop;
    (void)why;
    fake_chain.options = *options;
    fake_chain.open = true;
    chain->kind = &fake_kind;
    chain->state = &fake_chain;
    *ret = chain;
    return 0;
}

void fake_chain_template(uint64_t height, uint32_t bits, uint64_t value, bool new_tip)
{
    struct chain_template *t = template_new(fake_chain.options.coin, fake_chain.options.algo);

    t->form = form_of_algo(t->algo);
    if (t->algo->dataset) {
        t->key.height = height;
        t->next_key.height = height + 100;
    }
    t->height = height;
    memset(t->prevhash, (int)(height & 0xff), sizeof t->prevhash);
    t->version = 0x20000000;
    t->bits = bits;
    t->curtime = wall_s();
    t->mintime = t->curtime - 60;
    (void)target_from_bits(bits, &t->target);
    t->coinbase_value = value;
    fake_chain.options.on_template(fake_chain.options.arg, t, new_tip);
    template_unref(t);
}

void fake_chain_answer(unsigned i, enum submit_result result, const char *text)
{
    chain_submit_fn *done = fake_chain.submits[i].done;

    fake_chain.submits[i].done = NULL;
    if (done)
        done(fake_chain.submits[i].arg, result, text);
}

void fake_chain_status(const uint8_t hash[32], int64_t confirmations)
{
    unsigned i = 0;

    while (i < fake_chain.status_count && memcmp(fake_chain.status[i].hash, hash, 32) != 0)
        i++;
    if (i == fake_chain.status_count)
        memcpy(fake_chain.status[fake_chain.status_count++].hash, hash, 32);
    fake_chain.status[i].confirmations = confirmations;
}

/* --- front -------------------------------------------------------------------------------------
 */

static struct front *const the_front = (struct front *)&fake_front;

static int fake_front_start(const struct front_options *options, struct front **ret,
                            struct fault *why)
{
    (void)options;
    if (fake_front.refuse)
        return fault_set(why, fake_front.refuse, "the port is busy");
    fake_front.running = true;
    fake_front.stopping = false;
    *ret = the_front;
    return 0;
}

static const char *fake_front_address(const struct front *front)
{
    (void)front;
    return "127.0.0.1:1";
}

static const char *fake_front_listens(const struct front *front, const char *address)
{
    (void)front;
    return address;
}

static unsigned fake_front_listen(struct front *front, const struct front_port *ports,
                                  unsigned count, struct fault trouble[])
{
    unsigned failed = 0;

    (void)front;
    for (unsigned i = 0; i < count; i++) {
        trouble[i].text[0] = 0;
        if (i && fake_front.refuse)
            failed += fault_set(&trouble[i], fake_front.refuse, "cannot listen on %s",
                                ports[i].address) < 0;
    }
    return failed;
}

static void fake_front_secure(struct front *front, struct tls_context *tls)
{
    (void)front;
    (void)tls;
}

static void fake_front_trust(struct front *front, const struct prefix *from, unsigned count)
{
    (void)front;
    (void)from;
    (void)count;
}

static void fake_front_publish(struct front *front, struct job *job)
{
    (void)front;
    job_unref(fake_front.job);
    fake_front.job = job_ref(job);
}

static void add_event(uint16_t type, void *p)
{
    fake_front.events[fake_front.count++] = (struct event){.type = type, .p = p};
}

static void fake_front_stop(struct front *front)
{
    (void)front;
    fake_front.stopping = true;
    add_event(EV_FRONT_STOPPED, NULL);
}

static void fake_front_drain(struct front *front, const struct front_drain *drain)
{
    (void)drain;
    fake_front_stop(front);
}

static json_t *fake_front_handed(struct front *front)
{
    (void)front;
    return NULL;
}

static bool fake_front_take(struct front *front, struct event *ev)
{
    (void)front;
    if (fake_front.next == fake_front.count) {
        fake_front.next = fake_front.count = 0;
        return false;
    }
    *ev = fake_front.events[fake_front.next++];
    return true;
}

static void fake_front_free(struct front *front)
{
    if (!front)
        return;
    job_unref(fake_front.job);
    fake_front = (struct fake_front){0};
}

void fake_front_share_at(const char *user, double difficulty, uint32_t count, int64_t at_ms)
{
    struct front_shares *s = xcalloc(1, sizeof *s + sizeof s->items[0]);

    s->count = 1;
    s->items[0] =
        (struct front_share){.difficulty = difficulty, .count = count, .height = 1, .at_ms = at_ms};
    (void)text_copy(s->items[0].user, sizeof s->items[0].user, user);
    add_event(EV_FRONT_SHARES, s);
}

void fake_front_share(const char *user, double difficulty, uint32_t count)
{
    fake_front_share_at(user, difficulty, count, wall_ms());
}

void fake_front_block(const char *user, uint64_t nonce)
{
    struct front_block *b = xcalloc(1, sizeof *b);
    struct share *share = xcalloc(1, sizeof *share);

    share->job = job_ref(fake_front.job);
    share->extranonce1_len = FRONT_EXTRANONCE1;
    share->extranonce2_len = FRONT_EXTRANONCE2;
    share->extranonce1[FRONT_SALT + 3] = 1;
    share->version = share->job->plan.version;
    share->ntime = share->job->plan.ntime;
    share->nonce = nonce;
    (void)share_check(share, &share->job->block_target, NULL);
    share->is_block = true;
    b->share = share;
    (void)text_copy(b->user, sizeof b->user, user);
    add_event(EV_FRONT_BLOCK, b);
}

void fake_front_stats(const char *user, int32_t connections, uint32_t stale)
{
    struct front_stats *s = xcalloc(1, sizeof *s + sizeof s->items[0]);

    s->connections = connections;
    s->rejected[REJECT_STALE] = stale;
    s->count = 1;
    s->items[0] =
        (struct front_worker){.difficulty = 8, .stale = stale, .connections = connections};
    (void)text_copy(s->items[0].user, sizeof s->items[0].user, user);
    add_event(EV_FRONT_STATS, s);
}

const struct pool_parts fake_parts = {
    .chain_open = fake_chain_open,
    .front_start = fake_front_start,
    .front_address = fake_front_address,
    .front_listens = fake_front_listens,
    .front_listen = fake_front_listen,
    .front_secure = fake_front_secure,
    .front_trust = fake_front_trust,
    .front_publish = fake_front_publish,
    .front_drain = fake_front_drain,
    .front_hand_over = fake_front_stop,
    .front_handed = fake_front_handed,
    .front_stop = fake_front_stop,
    .front_take = fake_front_take,
    .front_free = fake_front_free,
};
