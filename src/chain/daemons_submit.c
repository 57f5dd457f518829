/* SPDX-License-Identifier: MIT */
/* A solved block goes to every daemon at once and again where none judged it. The first that takes
 * it decides; a refusal counts once all have spoken. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/str.h"
#include "chain/daemons.h"

struct attempt { /* one daemon's part */
    struct submission *of;
    struct daemon *daemon;
    struct rpc_call *call; /* under way */
    unsigned tries;
    int64_t due_us; /* of the next try; 0 = finished or under way */
    char text[160]; /* its newest word */
};

struct submission {
    struct submission *prev, *next;
    struct daemons *chain;
    json_t *hex;
    char hash[65];         /* display order */
    chain_submit_fn *done; /* NULL once told */
    void *arg;
    bool rejected, later;
    char text[160]; /* of the daemon whose word counts most so far */
    size_t open;    /* attempts not finished */
    size_t count;
    struct attempt attempts[];
};

static void tell(struct submission *s, enum submit_result result, const char *text)
{
    chain_submit_fn *done = s->done;

    s->done = NULL;
    if (done)
        done(s->arg, result, text);
}

static void submission_free(struct submission *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        s->chain->submissions = s->next;
    if (s->next)
        s->next->prev = s->prev;
    for (size_t i = 0; i < s->count; i++)
        rpc_abort(s->attempts[i].call);
    json_decref(s->hex);
    free(s);
}

static void finish(struct attempt *a)
{
    struct submission *s = a->of;

    a->due_us = 0;
    if (--s->open)
        return;
    tell(s, s->rejected && !s->later ? SUBMIT_REJECTED : SUBMIT_UNKNOWN,
         s->text[0] ? s->text : "no daemon answered");
    submission_free(s);
}

static bool try_later(struct attempt *a)
{
    if (a->tries >= a->of->chain->timing.submit_tries)
        return false;
    a->due_us = now_us() + a->of->chain->timing.submit_pause_ms * 1000;
    return true;
}

/* A daemon's last word. */
static void settle(struct attempt *a, enum verdict verdict, const char *text)
{
    struct submission *s = a->of;

    if (verdict == VERDICT_REJECTED && a->daemon->state == DAEMON_FOREIGN)
        verdict = VERDICT_RETRY; /* it cannot know: nobody's judgement */
    if (verdict == VERDICT_REJECTED || !s->rejected)
        text_copy(s->text, sizeof s->text, text);
    s->rejected |= verdict == VERDICT_REJECTED;
    s->later |= verdict == VERDICT_LATER;
    if (verdict == VERDICT_ACCEPTED) {
        daemon_refresh(a->daemon);
        tell(s, SUBMIT_ACCEPTED, text);
    }
    finish(a);
}

/* The block was refused without a reason: does the daemon know it? */
static void on_known(void *arg, const struct rpc_reply *reply)
{
    struct attempt *a = arg;
    int64_t status = a->daemon->family->status_read(reply);

    a->call = NULL;
    if (status == STATUS_NOBODY && try_later(a))
        return;
    if (status >= 0)
        settle(a, VERDICT_ACCEPTED, "the daemon has it");
    else
        settle(a, status == STATUS_NOBODY ? VERDICT_RETRY : VERDICT_REJECTED, a->text);
}

static void ask(struct attempt *a)
{
    const struct daemon_family *family = a->daemon->family;

    a->call = rpc_start(a->daemon->rpc, family->status_method, family->status_params(a->of->hash),
                        a->of->chain->timing.rpc_timeout_ms, RPC_BYTES, on_known, a);
}

static void on_answer(void *arg, const struct rpc_reply *reply)
{
    struct attempt *a = arg;
    enum verdict verdict = a->daemon->family->submit_verdict(reply, a->text, sizeof a->text);

    a->call = NULL;
    if (verdict == VERDICT_ASK) {
        ask(a);
        return;
    }
    if ((verdict == VERDICT_RETRY || verdict == VERDICT_UNSURE) && try_later(a))
        return;
    settle(a, verdict == VERDICT_UNSURE ? VERDICT_REJECTED : verdict, a->text);
}

static void send_block(struct attempt *a)
{
    struct submission *s = a->of;

    a->tries++;
    a->due_us = 0;
    a->call = rpc_start(a->daemon->rpc, a->daemon->family->submit_method, json_pack("[O]", s->hex),
                        s->chain->timing.submit_timeout_ms, RPC_BYTES, on_answer, a);
}

/* The block as JSON text: two digits a byte. */
static json_t *block_hex(const uint8_t *block, size_t len)
{
    char *text = xmalloc(2 * len + 1);

    hex_encode(block, len, text);
    json_t *hex = json_stringn_nocheck(text, 2 * len);
    free(text);
    return hex;
}

void daemons_submit(void *state, const uint8_t *block, size_t len, const uint8_t hash[32],
                    chain_submit_fn *done, void *arg)
{
    struct daemons *b = state;
    struct submission *s = xcalloc(1, sizeof *s + b->count * sizeof *s->attempts);
    uint8_t shown[32];

    bytes_reverse(shown, hash, 32);
    hex_encode(shown, 32, s->hash);
    s->chain = b;
    s->hex = block_hex(block, len);
    s->done = done;
    s->arg = arg;
    s->next = b->submissions;
    if (s->next)
        s->next->prev = s;
    b->submissions = s;
    s->open = s->count = b->count;
    for (size_t i = 0; i < b->count; i++) {
        s->attempts[i].of = s;
        s->attempts[i].daemon = &b->items[i];
        send_block(&s->attempts[i]);
    }
    uint64_t pause = (uint64_t)(b->timing.submit_pause_ms / 4 + 1);
    uv_timer_start(&b->retry, daemons_retry, pause, pause);
}

void daemons_retry(uv_timer_t *timer)
{
    struct daemons *b = timer->data;
    int64_t now = now_us();

    for (struct submission *s = b->submissions; s; s = s->next)
        for (size_t i = 0; i < s->count; i++)
            if (s->attempts[i].due_us && s->attempts[i].due_us <= now)
                send_block(&s->attempts[i]);
    if (!b->submissions)
        uv_timer_stop(timer);
}

void daemons_submit_close(struct daemons *b)
{
    uv_timer_stop(&b->retry);
    while (b->submissions) {
        struct submission *s = b->submissions;
        tell(s, SUBMIT_UNKNOWN, "the program stopped before a daemon answered");
        submission_free(s);
    }
}
