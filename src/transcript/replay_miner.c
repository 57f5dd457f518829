/* SPDX-License-Identifier: MIT */
/* A transcript's miner against a real pool. Its lines go out in the recorded order, each behind the
 * answers it was recorded behind, with the live pool's job, extranonce and session in them. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/connect.h"
#include "net/lines.h"
#include "transcript/compare.h"
#include "transcript/live.h"
#include "transcript/replay.h"

enum { READ_BYTES = 64 * 1024, QUEUE_MAX = 1 << 20 };

struct miner_play {
    const struct transcript *transcript;
    const struct replay_options *options;
    struct report *report;
    uv_loop_t loop;
    uv_timer_t timer;
    struct connector *connector;
    struct stream *stream;
    struct lines lines;
    struct script script;
    struct talk talk; /* the live conversation; tags are steps */
    struct live live, recorded;
    struct live_sessions sessions; /* over all connections */
    size_t cursor, waits_for;
    int64_t begin_us, first_ms;
    bool over;
    char buffer[READ_BYTES];
};

static void advance(struct miner_play *);

static void end_play(struct miner_play *p)
{
    if (p->over)
        return;
    p->over = true;
    net_connect_cancel(p->connector);
    p->connector = NULL;
    stream_close_after_send(p->stream);
    p->stream = NULL;
    uv_close((uv_handle_t *)&p->timer, NULL);
}

/* --- the miner speaks ----------------------------------------------------------------------------
 */

static void say(struct miner_play *p, struct step *s)
{
    const struct live_words words = {.recorded = &p->recorded,
                                     .live = &p->live,
                                     .sessions = &p->sessions,
                                     .user = p->options->user,
                                     .password = p->options->password};
    struct str line AUTO_STR = {0};
    struct message m;
    bool answer;
    size_t tag = (size_t)(s - p->script.steps);

    if (s->message.root)
        live_rewrite(&words, &p->script, s, &line);
    else
        str_add_n(&line, s->entry->text, s->entry->len);
    if (message_parse(str_text(&line), line.len, &m, NULL) == 0) {
        (void)talk_hear(&p->talk, true, &m, &answer, &tag);
        message_fini(&m);
    }
    str_add(&line, "\n");
    uv_buf_t buf = uv_buf_init(line.s, (unsigned)line.len);
    s->done = true;
    if (stream_send(p->stream, &buf, 1) < 0) {
        report_difference(p->report, s->entry->line, "the pool takes nothing more");
        end_play(p);
    }
}

/* --- going on
 * ------------------------------------------------------------------------------------- */

static void on_waited(uv_timer_t *timer)
{
    struct miner_play *p = timer->data;
    struct step *s = &p->script.steps[p->cursor];

    if (p->waits_for == p->cursor && s->entry->kind == ENTRY_POOL) {
        s->skipped = true;
        report_difference(p->report, s->entry->line, "the pool did not %s %s within %g s",
                          s->answer ? "answer" : "send", s->method, p->options->wait_s);
    }
    p->waits_for = NO_STEP;
    advance(p);
}

static void start_timer(struct miner_play *p, int64_t us)
{
    if (p->waits_for == p->cursor)
        return;
    p->waits_for = p->cursor;
    (void)uv_timer_start(&p->timer, on_waited, (uint64_t)((us + 999) / 1000), 0);
}

static bool miner_step(struct miner_play *p, struct step *s)
{
    int64_t us = replay_delay_us(p->options, p->begin_us, p->first_ms, s->entry->at_ms);

    if (s->answer || s->done)
        return true; /* answers are given when the live pool asks */
    if (us > 0) {
        start_timer(p, us);
        return false;
    }
    say(p, s);
    return true;
}

/* Answers and the first job are waited for; what else the recorded pool said need not come. */
static bool pool_step(struct miner_play *p, struct step *s)
{
    bool work = is_job(&s->message, s->method, s->answer);
    bool asked = s->answer && s->partner != NO_STEP && p->script.steps[s->partner].done;
    bool waits = asked || (work && !p->live.work);

    if (s->message.root)
        live_learn(&p->recorded, p->script.dialect, *s->method ? s->method : NULL, s->answer,
                   &s->message);
    if (!waits || s->done || s->skipped)
        return true;
    start_timer(p, (int64_t)(p->options->wait_s * 1e6));
    return false;
}

static void advance(struct miner_play *p)
{
    while (!p->over && p->cursor < p->script.count) {
        struct step *s = &p->script.steps[p->cursor];
        bool over = s->entry->kind == ENTRY_MINER  ? miner_step(p, s)
                    : s->entry->kind == ENTRY_POOL ? pool_step(p, s)
                                                   : true;
        if (!over)
            return;
        p->cursor++;
    }
    end_play(p);
}

/* --- the pool speaks
 * ------------------------------------------------------------------------------ */

static void on_answer(struct miner_play *p, const struct message *m, size_t request,
                      const char *line, size_t len)
{
    const struct step *asked = &p->script.steps[request];
    struct step *s = asked->partner == NO_STEP ? NULL : &p->script.steps[asked->partner];

    if (!s || s->done)
        return;
    s->done = true;
    if (method_is_submit(s->method) && !live_same_work(&p->live, &p->recorded))
        compare_verdict(p->report, s, m);
    else
        compare_answer(p->report, s, m);
    live_sessions_learn(&p->sessions, p->script.dialect, s, line, len);
}

/* The live pool asks: the recorded miner's answer to the same question. */
static void on_question(struct miner_play *p, const struct message *m)
{
    for (size_t i = 0; i < p->script.count; i++) {
        struct step *s = &p->script.steps[i];
        if (s->entry->kind != ENTRY_MINER || !s->answer || s->done || strcmp(s->method, m->method))
            continue;
        s->done = true;
        AUTO_FREE char *result = json_dumps(s->message.result, JSON_COMPACT | JSON_ENCODE_ANY);
        AUTO_FREE char *line = xasprintf("{\"id\":%.*s,\"result\":%s,\"error\":null}\n", m->id_len,
                                         m->id, result ? result : "null");
        uv_buf_t buf = uv_buf_init(line, (unsigned)strlen(line));
        if (stream_send(p->stream, &buf, 1) < 0)
            end_play(p);
        return;
    }
    report_note(p->report, 0, "the pool asks %.40s, which it did not when recorded", m->method);
}

static void check_first_job(struct miner_play *p, const char *method, bool answer,
                            const struct message *m)
{
    for (size_t i = 0; i < p->script.count; i++) {
        const struct step *s = &p->script.steps[i];
        if (s->entry->kind == ENTRY_POOL && s->answer == answer && !strcmp(s->method, method) &&
            is_job(&s->message, s->method, s->answer)) {
            compare_notice(p->report, s, m);
            return;
        }
    }
}

static int on_line(void *arg, char *line, size_t len)
{
    struct miner_play *p = arg;
    struct message m;
    size_t tag = NO_STEP;
    bool answer;

    if (message_parse(line, len, &m, NULL) < 0) {
        report_difference(p->report, 0, "the pool sent a line that is no message");
        return 0;
    }
    const char *method = talk_hear(&p->talk, false, &m, &answer, &tag);
    bool first = !p->live.work && is_job(&m, method, answer);
    live_learn(&p->live, p->script.dialect, method, answer, &m);
    if (first && !answer)
        check_first_job(p, method, answer, &m);
    if (answer && tag != NO_STEP)
        on_answer(p, &m, tag, line, len);
    else if (!answer && message_has_id(&m))
        on_question(p, &m);
    message_fini(&m);
    if (!p->over)
        advance(p);
    return p->over ? ERR_CLOSED : 0;
}

static void on_data(void *arg, char *bytes, size_t len)
{
    struct miner_play *p = arg;

    if (lines_feed(&p->lines, bytes, len, on_line, p) != ERR_PROTOCOL)
        return;
    report_difference(p->report, 0, "the pool sent too long a line");
    end_play(p);
}

static void on_ended(void *arg, int err)
{
    struct miner_play *p = arg;
    size_t i = p->cursor;

    (void)err;
    while (i < p->script.count && !step_is_event(&p->script.steps[i], EVENT_CLOSED_BY_POOL))
        i++;
    const struct step *s = p->cursor < p->script.count ? &p->script.steps[p->cursor] : NULL;
    if (i == p->script.count && s)
        report_difference(p->report, s->entry->line, "the pool closed the connection");
    end_play(p);
}

/* --- the whole
 * ------------------------------------------------------------------------------------ */

static const struct stream_events events = {.data = on_data, .ended = on_ended};

static void on_connected(void *arg, int err, struct stream *take, const char *reason)
{
    struct miner_play *p = arg;

    p->connector = NULL;
    p->stream = take;
    if (!err)
        err = stream_start(take, p->buffer, sizeof p->buffer, QUEUE_MAX, &events, p);
    if (err) {
        report_difference(p->report, 0, "cannot connect: %s",
                          reason && *reason ? reason : err_str(err));
        end_play(p);
        return;
    }
    p->begin_us = now_us();
    advance(p);
}

static void play_connection(struct miner_play *p, uint32_t number)
{
    script_init(&p->script, p->transcript, number);
    if (script_has_miner(&p->script)) {
        p->first_ms = p->script.steps[0].entry->at_ms;
        p->waits_for = NO_STEP;
        p->lines.limit = TRANSCRIPT_LINE_MAX;
        (void)uv_loop_init(&p->loop);
        (void)uv_timer_init(&p->loop, &p->timer);
        p->timer.data = p;
        p->connector = net_connect(&p->loop, &p->options->to, NULL, 0,
                                   (int64_t)(p->options->wait_s * 1e6), on_connected, p);
        (void)uv_run(&p->loop, UV_RUN_DEFAULT);
        (void)uv_loop_close(&p->loop);
    }
    lines_fini(&p->lines);
    live_fini(&p->live);
    live_fini(&p->recorded);
    script_fini(&p->script);
}

int replay_as_miner(const struct transcript *t, const struct replay_options *options,
                    struct report *report, struct fault *why)
{
    struct miner_play *p = xcalloc(1, sizeof *p);

    (void)why;
    net_block_sigpipe();
    for (uint32_t i = 1; i <= t->connections; i++) {
        struct live_sessions sessions = p->sessions;
        *p = (struct miner_play){.transcript = t, .options = options, .report = report};
        p->sessions = sessions;
        play_connection(p, i);
    }
    free(p);
    return 0;
}
