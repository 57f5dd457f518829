/* SPDX-License-Identifier: MIT */
/* A miner's connection: its life, its logins, its difficulty and the jobs it is sent. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/log.h"
#include "core/target.h"
#include "pool/front_state.h"

/* --- the log, limited per cause ----------------------------------------------------------------
 */

static const char *const causes[CAUSES] = {
    [CAUSE_FULL] = "refused: the pool has all connections it may have",
    [CAUSE_HTTP] = "closed: it speaks HTTP to the Stratum port",
    [CAUSE_TLS] = "closed: it speaks TLS to the plain Stratum port",
    [CAUSE_JUNK] = "closed: it does not speak Stratum",
    [CAUSE_LONG] = "closed: a line is longer than 16 KiB",
    [CAUSE_LOGIN] = "closed: it did not log in",
    [CAUSE_IDLE] = "closed: it was silent too long",
    [CAUSE_SLOW] = "closed: it does not read what it is sent",
    [CAUSE_FALSE] = "closed: the results or mix hashes it claims are wrong",
};

void front_note(struct front *f, enum cause cause, const char *peer)
{
    int64_t now = now_us();

    if (f->noted[cause].last_us && now - f->noted[cause].last_us < 60 * SECOND_US) {
        f->noted[cause].silent++;
        return;
    }
    if (f->noted[cause].silent)
        log_warn(STRATUM, "%s %s (and %u more since the last such line)", peer, causes[cause],
                 f->noted[cause].silent);
    else
        log_warn(STRATUM, "%s %s", peer, causes[cause]);
    f->noted[cause].last_us = now;
    f->noted[cause].silent = 0;
}

void session_close_noted(struct session *s, enum cause cause)
{
    char peer[PEER_MAX];

    stream_peer(s->stream, peer);
    front_note(s->front, cause, peer);
    session_close(s);
}

/* --- difficulty --------------------------------------------------------------------------------
 */

/* Not above the network's difficulty, so that every solution is reported; but the pool's own floor
 * holds even above it: on a test chain where every other hash is a block, it keeps shares rare. */
void session_limits(const struct session *s, struct vardiff_limits *limits)
{
    const struct front_options *o = &s->front->options;
    double max = o->max_difficulty > 0 ? o->max_difficulty : INFINITY;

    if (s->front->jobs && s->front->jobs->network_difficulty > 0)
        max = fmin(max, s->front->jobs->network_difficulty);
    limits->max = fmax(max, o->min_difficulty);
    limits->min = fmin(fmax(o->min_difficulty, s->floor), limits->max);
    limits->interval_us = o->share_interval_us;
}

static struct u256 target_of(const struct session *s, double difficulty)
{
    struct u256 target = target_from_difficulty(&s->front->options.algo->diff1, difficulty);

    if (s->miner.dialect->round_target)
        s->miner.dialect->round_target(&target);
    return target;
}

static void push_step(struct session *s, uint32_t serial)
{
    const struct step *last = s->step_count ? &s->steps[s->step_count - 1] : NULL;

    if (last && last->difficulty == s->sent_difficulty)
        return;
    if (s->step_count == FRONT_STEPS)
        memmove(s->steps, s->steps + 1, --s->step_count * sizeof *s->steps);
    s->steps[s->step_count++] = (struct step){
        .serial = serial,
        .variant = s->variant,
        .difficulty = s->sent_difficulty,
        .target = target_of(s, s->sent_difficulty),
    };
}

static bool ready(const struct session *s)
{
    return s->miner.subscribed && s->worker_count;
}

/* Appends set_difficulty when it changed, and remembers from which job on. */
static void say_difficulty(struct session *s, const struct front_job *fj)
{
    struct vardiff_limits limits;

    session_limits(s, &limits);
    if (s->vardiff.difficulty < limits.min || s->vardiff.difficulty > limits.max)
        s->vardiff.difficulty = vardiff_clamp(s->vardiff.difficulty, &limits);
    if (s->sent_difficulty != s->vardiff.difficulty) {
        struct u256 target = target_of(s, s->vardiff.difficulty);
        s->sent_difficulty = s->vardiff.difficulty;
        if (s->miner.dialect->set_difficulty)
            s->miner.dialect->set_difficulty(&s->front->out, &s->miner, s->sent_difficulty,
                                             &target);
    }
    push_step(s, fj->serial);
}

void session_extranonce1(const struct session *s, uint8_t out[FRONT_EXTRANONCE1])
{
    const struct dialect *d = s->miner.dialect;
    bool shared = d->makes_input && !d->own_input;

    put_be32(out, s->front->options.node_id << 24 |
                      (shared ? s->front->shared_extranonce : s->extranonce));
}

/* What is hashed of a job that is this connection's own: the variant is in its extranonce2. */
static void own_input(const struct session *s, const struct front_job *fj,
                      uint8_t input[ALGO_INPUT_MAX])
{
    const struct job *job = fj->job;
    const struct block_plan *plan = &job->plan;
    uint8_t extranonce1[FRONT_EXTRANONCE1], extranonce2[FRONT_EXTRANONCE2], root[32];

    session_extranonce1(s, extranonce1);
    put_le64(extranonce2, s->variant);
    job->form->root(plan, extranonce1, sizeof extranonce1, extranonce2, sizeof extranonce2, root);
    job->form->input(job, root, plan->version, plan->ntime, input);
}

static struct notice notice_of(struct session *s, struct front_job *fj, uint32_t ntime, bool clean,
                               struct wording *w)
{
    (void)snprintf(w->id, sizeof w->id, s->variant ? "%xv%x" : "%x", fj->serial, s->variant);
    if (s->miner.dialect->own_input)
        own_input(s, fj, w->input);
    return (struct notice){
        .job = fj->job,
        .body = &session_told(s, fj)->body,
        .id = w->id,
        .ntime = ntime,
        .clean = clean,
        .difficulty = s->sent_difficulty,
        .target = target_of(s, s->sent_difficulty),
        .input = s->miner.dialect->own_input ? w->input : fj->input,
        .input_len = job_input_len(fj->job),
    };
}

static void send_now(struct session *s, const struct str *first, const struct str *second)
{
    uv_buf_t bufs[2] = {uv_buf_init(first->s, (unsigned)first->len),
                        uv_buf_init(second ? second->s : NULL, second ? (unsigned)second->len : 0)};
    int err = stream_send(s->stream, first->len ? bufs : bufs + 1, first->len ? 2u : 1u);

    if (err == UV_ENOBUFS)
        session_close_noted(s, CAUSE_SLOW);
    else if (err < 0)
        session_close(s);
}

void session_send(struct session *s)
{
    if (s->front->out.len)
        send_now(s, &s->front->out, NULL);
}

static void note_sent(struct session *s, const struct front_job *fj, uint32_t ntime)
{
    if (!s->first_serial) {
        s->first_serial = fj->serial;
        s->vardiff.start_us = s->vardiff.changed_us = now_us(); /* it had nothing to do before */
    }
    s->last_serial = fj->serial;
    s->last_ntime = ntime;
    s->notified_us = now_us();
}

static void append_notice(struct session *s, struct front_job *fj, bool clean)
{
    struct wording words;
    const struct notice n = notice_of(s, fj, s->last_ntime, clean, &words);

    s->miner.dialect->notify(&s->front->out, &n);
}

/* A new job for everybody: the same text for all, after what this connection has to know. */
void session_job(struct session *s, struct front_job *fj)
{
    struct str *out = &s->front->out;

    if (!ready(s))
        return;
    str_clear(out);
    miner_remask(&s->miner, s->front->version_mask);
    s->variant = 0;
    say_difficulty(s, fj);
    note_sent(s, fj, fj->job->plan.ntime);
    if (s->miner.dialect->same_for_all) {
        send_now(s, out, &session_told(s, fj)->text);
        return;
    }
    append_notice(s, fj, fj->clean);
    send_now(s, out, NULL);
}

/* The first job of a connection, among its other replies. */
static void first_job(struct session *s)
{
    struct front_job *fj = s->front->jobs;

    if (!fj || !ready(s) || s->first_serial)
        return;
    say_difficulty(s, fj);
    note_sent(s, fj, fj->job->plan.ntime);
    const struct str *text = &session_told(s, fj)->text;
    if (s->miner.dialect->same_for_all)
        str_add_n(&s->front->out, text->s, text->len);
    else
        append_notice(s, fj, true);
}

/* For a dialect that gives work when it is asked: the first job counts as told by it. */
static bool current(struct miner *m, struct notice *n)
{
    struct session *s = (struct session *)m;
    struct front_job *fj = s->front->jobs;

    if (!fj || !ready(s))
        return false;
    if (!s->first_serial || s->last_serial != fj->serial) {
        s->variant = 0;
        say_difficulty(s, fj);
        note_sent(s, fj, fj->job->plan.ntime);
    }
    *n = notice_of(s, fj, s->last_ntime, true, &s->front->wording);
    return true;
}

static void note_variant(struct session *s, uint32_t serial)
{
    if (s->sent_count && s->sent[s->sent_count - 1].serial == serial)
        s->sent_count--;
    if (s->sent_count == FRONT_STEPS)
        memmove(s->sent, s->sent + 1, --s->sent_count * sizeof *s->sent);
    s->sent[s->sent_count++] = (struct sent){.serial = serial, .variant = s->variant};
}

/* The newest job once more under an id of its own, at the new difficulty. A later ntime, or another
 * extranonce2 where the input is ours to make, keeps its work apart from what was done before.
 * False: the next job has to do. No later time is left; or all connections share the input; or the
 * miner rolls the time itself and the difficulty falls: hashes that it kept back would become
 * shares; or the steps of the job would no longer be remembered. */
static bool job_again(struct session *s, int64_t now)
{
    struct front_job *fj = s->front->jobs;
    const struct dialect *d = s->miner.dialect;
    const struct block_plan *plan = &fj->job->plan;
    uint64_t ntime = plan->ntime + (uint64_t)((now - fj->published_us) / SECOND_US);

    if (d->makes_input && !d->own_input)
        return false;
    if (!d->own_input && s->vardiff.difficulty < s->sent_difficulty)
        return false;
    if (s->variant + 1 >= FRONT_STEPS)
        return false;
    if (ntime <= s->last_ntime)
        ntime = (uint64_t)s->last_ntime + 1;
    if (d->own_input)
        ntime = plan->ntime;
    if (s->last_serial != fj->serial || ntime > plan->ntime_max)
        return false;
    s->variant++;
    note_variant(s, fj->serial);
    say_difficulty(s, fj);
    note_sent(s, fj, (uint32_t)ntime);
    append_notice(s, fj, false);
    return true;
}

/* Appends to the front's `out`; the caller sends it. */
void session_retarget(struct session *s, int64_t now)
{
    struct vardiff_limits limits;

    if (!s->first_serial || now - s->notified_us < SECOND_US || !s->front->jobs)
        return;
    session_limits(s, &limits);
    if (vardiff_next(&s->vardiff, &limits, now) > 0)
        (void)job_again(s, now);
}

static void suggest(struct miner *m, double difficulty, bool floor)
{
    struct session *s = (struct session *)m;
    struct vardiff_limits limits;

    if (floor)
        s->floor = difficulty;
    session_limits(s, &limits);
    if (floor && difficulty < s->vardiff.difficulty)
        return; /* a minimum, and it is met */
    s->asked = true;
    /* told with the next job: a share is judged by what its job was sent with */
    s->vardiff.difficulty = fmax(limits.min, fmin(difficulty, limits.max));
}

/* "x,d=1024" or "d=1024;x": what is not understood is ignored. */
static void read_password(struct session *s, const char *pass)
{
    while (*pass) {
        size_t len = strcspn(pass, ",; ");
        const char *value = !strncasecmp(pass, "d=", 2)      ? pass + 2
                            : !strncasecmp(pass, "diff=", 5) ? pass + 5
                                                             : NULL;
        char text[32] = "", *end;
        if (value && (size_t)(pass + len - value) < sizeof text)
            memcpy(text, value, (size_t)(pass + len - value));
        if (text[0] && strspn(text, "0123456789.eE+") == strlen(text)) {
            double d = strtod(text, &end);
            if (!*end && d > 0 && d < 0x1p200) {
                s->floor = d;
                suggest(&s->miner, d, false); /* down too: it is the miner's choice */
            }
        }
        pass += len;
        pass += strspn(pass, ",; ");
    }
}

/* --- logins ------------------------------------------------------------------------------------
 */

/* An extranonce1 for the coinbase; or the first three bytes of the connection's nonces. */
static void give_extranonce(struct session *s)
{
    struct miner *m = &s->miner;
    uint8_t bytes[FRONT_EXTRANONCE1];

    put_be32(bytes, s->front->options.node_id << 24 | s->extranonce);
    bool prefix = m->dialect->makes_input && !m->dialect->own_input;
    memcpy(m->extranonce1, bytes + prefix, sizeof bytes - prefix);
    m->extranonce1_len = (uint8_t)(sizeof bytes - prefix);
    m->extranonce2_len = prefix ? 0 : FRONT_EXTRANONCE2;
}

static int subscribe(struct miner *m, struct fault *why)
{
    struct session *s = (struct session *)m;

    if (!s->extranonce) {
        s->extranonce = front_extranonce_take(s->front);
        if (!s->extranonce)
            return fault_set(why, ERR_REJECTED, "the pool has no extranonce left: try later");
        give_extranonce(s);
        m->subscribed = true;
    }
    return 0;
}

/* The address is what stands before the first dot. Anything goes on the devnet. */
static int check_user(const struct front *f, const char *user, struct fault *why)
{
    size_t len = strlen(user), address_len = strcspn(user, ".");
    char address[sizeof((struct front_worker *)0)->user];
    uint8_t script[SCRIPT_MAX];

    if (len >= sizeof address)
        return fault_set(why, ERR_UNAUTHORIZED, "the user name is longer than %zu characters",
                         sizeof address - 1);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)user[i] <= ' ' || (unsigned char)user[i] >= 0x7f)
            return fault_set(why, ERR_UNAUTHORIZED,
                             "the user name has a blank or a character that is not ASCII");
    if (!address_len)
        return fault_set(why, ERR_UNAUTHORIZED,
                         "the user name must be your payout address, with .WORKER if you like");
    if (!f->options.coin || !strcmp(f->options.coin->name, "devnet"))
        return 0;
    memcpy(address, user, address_len);
    address[address_len] = 0;
    int err = address_script(f->options.coin, f->options.network, address, script, why);
    return err < 0 ? ERR_UNAUTHORIZED : 0;
}

static int authorize(struct miner *m, const char *user, const char *pass, struct fault *why)
{
    struct session *s = (struct session *)m;
    struct front *f = s->front;
    int err = check_user(f, user, why);

    if (err < 0)
        return err;
    if (!session_worker(s, user)) {
        struct worker *w = s->worker_count < SESSION_WORKERS_MAX ? front_worker(f, user) : NULL;
        if (!w)
            return fault_set(why, ERR_UNAUTHORIZED, "too many workers");
        s->workers = xreallocarray(s->workers, s->worker_count + 1u, sizeof(struct worker *));
        s->workers[s->worker_count++] = w;
        w->counters.connections++;
        memcpy(w->counters.agent, m->agent, sizeof w->counters.agent);
        if (!s->asked && !s->sent_difficulty && w->counters.difficulty > 0)
            s->vardiff.difficulty = w->counters.difficulty; /* where it was before */
    }
    read_password(s, pass);
    return 0;
}

static uint32_t roll(struct miner *m, uint32_t mask)
{
    const struct front *f = ((struct session *)m)->front;

    return mask & (f->jobs ? f->version_mask : VERSION_ROLLING_MASK);
}

const struct miner_hooks front_hooks = {
    .subscribe = subscribe,
    .authorize = authorize,
    .submit = front_submit,
    .refused = front_refused,
    .current = current,
    .roll = roll,
    .suggest = suggest,
};

/* --- reading -----------------------------------------------------------------------------------
 */

static int on_line(void *arg, char *line, size_t len)
{
    struct session *s = arg;
    struct fault why;

    why.text[0] = 0;
    s->line_us = now_us();
    int err = miner_line(&s->miner, line, len, &why);
    if (err < 0 && err != ERR_PROTOCOL)
        return err; /* it says goodbye */
    if (err < 0) {
        str_addf(&s->front->out, "{\"id\":null,\"result\":null,\"error\":[20,\"%s\",null]}\n",
                 "the line is not a Stratum message");
        return ++s->junk >= SESSION_JUNK_MAX ? ERR_REJECTED : 0;
    }
    first_job(s);
    return 0;
}

/* What knocks at a Stratum port and is none is known by its first byte. */
static bool wrong_protocol(const char *bytes, size_t len, enum cause *cause)
{
    static const char *const verbs[] = {"GET ", "POST", "HEAD", "PUT ", "OPTI", "CONN", "PRI "};

    while (len && strchr(" \t\r\n", *bytes)) {
        bytes++;
        len--;
    }
    if (!len || *bytes == '{')
        return false;
    *cause = *bytes == 0x16 ? CAUSE_TLS : CAUSE_JUNK;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (len >= 4 && !memcmp(bytes, verbs[i], 4))
            *cause = CAUSE_HTTP;
    return true;
}

static void on_data(void *arg, char *bytes, size_t len)
{
    struct session *s = arg;
    struct front *f = s->front;
    enum cause cause;

    if (!s->line_us && !s->lines.len && wrong_protocol(bytes, len, &cause)) {
        session_close_noted(s, cause);
        return;
    }
    str_clear(&f->out);
    int err = lines_feed(&s->lines, bytes, len, on_line, s);
    if (!err)
        session_retarget(s, s->line_us);
    if (f->out.len && err != ERR_PROTOCOL) {
        uv_buf_t buf = uv_buf_init(f->out.s, (unsigned)f->out.len);
        int sent = stream_send(s->stream, &buf, 1);
        if (sent == UV_ENOBUFS) {
            session_close_noted(s, CAUSE_SLOW);
            return;
        }
        if (sent < 0)
            err = sent;
    }
    if (err == ERR_PROTOCOL || err == ERR_REJECTED)
        session_close_noted(s, err == ERR_PROTOCOL ? CAUSE_LONG : CAUSE_JUNK);
    else if (err < 0)
        session_close(s);
}

static void on_ended(void *arg, int err)
{
    (void)err;
    session_close(arg);
}

static const struct stream_events stream_events = {.data = on_data, .ended = on_ended};

/* --- life --------------------------------------------------------------------------------------
 */

static void refuse_full(struct front *f, struct stream *stream)
{
    char text[128], peer[PEER_MAX];

    stream_peer(stream, peer);
    front_note(f, CAUSE_FULL, peer);
    int len = snprintf(text, sizeof text,
                       "{\"id\":null,\"result\":null,\"error\":[20,\"the pool is full: %u "
                       "connections\",null]}\n",
                       f->session_count);
    uv_buf_t buf = uv_buf_init(text, (unsigned)len);
    stream->queue_limit = sizeof text;
    (void)stream_send(stream, &buf, 1);
    stream_close_after_send(stream);
}

void front_accept(uv_stream_t *listener, int status)
{
    struct front *f = listener->data;

    if (status < 0)
        return;
    struct stream *stream = stream_new(&f->loop);
    if (uv_accept(listener, (uv_stream_t *)&stream->tcp) < 0) {
        stream_close(stream);
        return;
    }
    if (f->session_count >= f->options.max_connections) {
        refuse_full(f, stream);
        return;
    }
    struct session *s = xcalloc(1, sizeof *s);
    s->miner = (struct miner){.dialect = f->dialects[1] ? NULL : f->dialects[0],
                              .offered = f->dialects,
                              .hooks = &front_hooks,
                              .algo = f->options.algo,
                              .pool_agent = f->agent,
                              .out = &f->out};
    s->front = f;
    s->stream = stream;
    s->lines.limit = FRONT_LINE_MAX;
    s->since_us = now_us();
    vardiff_init(&s->vardiff, f->options.start_difficulty, s->since_us);
    s->next = f->sessions;
    if (s->next)
        s->next->prev = s;
    f->sessions = s;
    f->session_count++;
    if (stream_start(stream, f->read_buffer, sizeof f->read_buffer, FRONT_QUEUE_MAX, &stream_events,
                     s) < 0)
        session_close(s);
}

void session_close(struct session *s)
{
    struct front *f = s->front;

    stream_close(s->stream);
    lines_fini(&s->lines);
    if (s->extranonce)
        front_extranonce_rest(f, s->extranonce, now_us());
    for (unsigned i = 0; i < s->worker_count; i++) {
        s->workers[i]->counters.connections--;
        s->workers[i]->seen_us = now_us();
    }
    free(s->workers);
    if (s->prev)
        s->prev->next = s->next;
    else
        f->sessions = s->next;
    if (s->next)
        s->next->prev = s->prev;
    f->session_count--;
    s->gone = true;
    if (!s->pending)
        session_free(s);
}

void session_free(struct session *s)
{
    free(s);
}

bool session_tick(struct session *s, int64_t now)
{
    struct front *f = s->front;
    int64_t idle = f->options.idle_us, login = FRONT_LOGIN_US < idle ? FRONT_LOGIN_US : idle;

    if (!s->worker_count && now - s->since_us > login) {
        session_close_noted(s, CAUSE_LOGIN);
        return false;
    }
    if (now - (s->line_us ? s->line_us : s->since_us) > idle) {
        session_close_noted(s, CAUSE_IDLE);
        return false;
    }
    if (s->stream->stalled_us && now - s->stream->stalled_us > FRONT_STALL_US) {
        session_close_noted(s, CAUSE_SLOW);
        return false;
    }
    str_clear(&f->out);
    session_retarget(s, now);
    if (f->out.len) {
        uint32_t before = f->session_count;
        send_now(s, &f->out, NULL);
        return f->session_count == before;
    }
    return true;
}
