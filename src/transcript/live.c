/* SPDX-License-Identifier: MIT */
/* Learning the pool's values, and putting them into a recorded miner's lines. */
#include "transcript/live.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/str.h"
#include "transcript/walk.h"

/* --- learning --------------------------------------------------------------------------------- */

static void take(char to[LIVE_TEXT_MAX], const json_t *value)
{
    if (json_is_string(value))
        (void)text_copy(to, LIVE_TEXT_MAX, json_string_value(value));
}

static void take_size(size_t *to, const json_t *value)
{
    json_int_t n = json_integer_value(value);

    if (n >= 1 && n <= 16)
        *to = (size_t)n;
}

static void take_mask(struct live *l, const json_t *value)
{
    if (json_is_string(value))
        l->mask = (uint32_t)strtoul(json_string_value(value), NULL, 16);
}

/* Where the dialects put a job's id, its time, and the hash that names the work; -1 = nowhere. */
static const struct job_places {
    enum talk_dialect dialect;
    int id, header, time;
} job_places[] = {
    {TALK_BITCOIN, 0, -1, 7},
    {TALK_ETHEREUM1, 0, 2, -1},
    {TALK_ETHEREUM2, 0, 2, -1},
    {TALK_KAWPOW, 0, 1, -1},
};

static void take_at(char to[LIVE_TEXT_MAX], const json_t *list, int at)
{
    if (at >= 0)
        take(to, json_array_get(list, (size_t)at));
}

static void learn_job(struct live *l, enum talk_dialect dialect, bool answer,
                      const struct message *m)
{
    json_t *work = answer ? m->result : m->params ? m->params : m->named;

    if (dialect == TALK_MONERO) {
        work = answer ? json_object_get(m->result, "job") : m->named;
        take(l->job, json_object_get(work, "job_id"));
    } else if (answer) {
        take_at(l->header, work, 0); /* ETHPROXY: the header hash is the job's only name */
    }
    for (size_t i = 0; !answer && i < sizeof job_places / sizeof *job_places; i++)
        if (job_places[i].dialect == dialect) {
            take_at(l->job, work, job_places[i].id);
            take_at(l->header, work, job_places[i].header);
            take_at(l->time, work, job_places[i].time);
        }
    json_decref(l->work);
    l->work = json_incref(work);
}

static void learn_subscription(struct live *l, const struct message *m)
{
    take_at(l->extranonce1, m->result, 1);
    take_size(&l->extranonce2_size, json_array_get(m->result, 2));
}

static void learn_rolling(struct live *l, const struct message *m)
{
    l->rolling = json_is_true(json_object_get(m->result, "version-rolling"));
    take_mask(l, json_object_get(m->result, "version-rolling.mask"));
}

void live_learn(struct live *l, enum talk_dialect dialect, const char *method, bool answer,
                const struct message *m)
{
    if (is_job(m, method, answer)) {
        learn_job(l, dialect, answer, m);
    } else if (!method) {
        return;
    } else if (!strcmp(method, "mining.subscribe") && answer) {
        learn_subscription(l, m);
    } else if (!strcmp(method, "mining.configure") && answer) {
        learn_rolling(l, m);
    } else if (!strcmp(method, "mining.set_extranonce")) {
        take_at(l->extranonce1, m->params, 0);
        take_size(&l->extranonce2_size, json_array_get(m->params, 1));
    } else if (!strcmp(method, "mining.set")) {
        take(l->extranonce1, json_object_get(m->named, "extranonce"));
    } else if (!strcmp(method, "mining.set_version_mask")) {
        take_mask(l, json_array_get(m->params, 0));
    }
}

void live_fini(struct live *l)
{
    json_decref(l->work);
    l->work = NULL;
}

bool live_same_work(const struct live *a, const struct live *b)
{
    return a->work && b->work && json_equal(a->work, b->work) &&
           !strcmp(a->extranonce1, b->extranonce1);
}

/* --- sessions --------------------------------------------------------------------------------- */

struct session_search {
    enum talk_dialect dialect;
    const struct step *step;
    unsigned found;
    char values[8][LIVE_TEXT_MAX];
};

static void find_session(void *arg, const struct span *s)
{
    struct session_search *f = arg;

    if (s->string && s->len < LIVE_TEXT_MAX && f->found < 8 &&
        field_role(f->dialect, f->step->method, true, s->path) == ROLE_SESSION) {
        memcpy(f->values[f->found], s->at, s->len);
        f->values[f->found++][s->len] = 0;
    }
}

void live_sessions_learn(struct live_sessions *to, enum talk_dialect dialect,
                         const struct step *recorded, const char *line, size_t len)
{
    struct session_search was = {.dialect = dialect, .step = recorded}, is = was;

    json_walk(recorded->entry->text, recorded->entry->len, find_session, &was);
    json_walk(line, len, find_session, &is);
    for (unsigned i = 0; i < was.found && i < is.found && to->count < LIVE_SESSIONS_MAX; i++) {
        memcpy(to->recorded[to->count], was.values[i], LIVE_TEXT_MAX);
        memcpy(to->live[to->count++], is.values[i], LIVE_TEXT_MAX);
    }
}

/* --- rewriting ----------------------------------------------------------------------------------
 */

struct rewriting {
    const struct live_words *words;
    const struct script *script;
    const struct step *step;
};

static bool put(struct str *out, const char *text)
{
    if (*text)
        json_put_text(out, text);
    return *text;
}

/* `digits` hexadecimal digits: the last ones of the text, with zeros before them. */
static bool put_digits(struct str *out, const struct span *s, size_t digits)
{
    static const char zeros[] = "00000000000000000000000000000000"; /* 16 bytes are the most */
    size_t have = s->len;
    const char *from = s->at;

    if (have > 2 && from[0] == '0' && (from[1] == 'x' || from[1] == 'X')) {
        from += 2;
        have -= 2;
    }
    if (have > digits) {
        from += have - digits;
        have = digits;
    }
    str_addf(out, "\"%.*s%.*s\"", (int)(digits - have), zeros, (int)have, from);
    return true;
}

/* A 64-bit nonce that begins with what the live pool gave. */
static bool put_nonce64(struct str *out, const struct span *s, const char *prefix)
{
    size_t len = strlen(prefix);
    bool x = s->len > 2 && s->at[1] == 'x';

    if (len > 16)
        return false;
    str_addf(out, "\"%s%s", x ? "0x" : "", prefix);
    struct str tail AUTO_STR = {0};
    (void)put_digits(&tail, s, 16 - len);
    str_add(out, str_text(&tail) + 1);
    return true;
}

static bool put_session(const struct live_sessions *known, const struct span *s, struct str *out)
{
    for (unsigned i = known->count; i-- > 0;)
        if (strlen(known->recorded[i]) == s->len && !memcmp(known->recorded[i], s->at, s->len))
            return put(out, known->live[i]);
    return false;
}

static bool put_bits(struct str *out, const struct span *s, uint32_t mask)
{
    uint32_t bits = (uint32_t)strtoul(s->at, NULL, 16);

    str_addf(out, "\"%08" PRIx32 "\"", bits & mask);
    return true;
}

static bool change(void *arg, const struct span *s, struct str *out)
{
    const struct rewriting *r = arg;
    const struct live_words *w = r->words;
    const struct live *live = w->live;
    enum role role = field_role(r->script->dialect, r->step->method, r->step->answer, s->path);
    bool same = live_same_work(live, w->recorded);

    if (!s->string)
        return false;
    switch (role) {
    case ROLE_USER:
        return w->user && put(out, w->user);
    case ROLE_PASSWORD:
        return w->password && put(out, w->password);
    case ROLE_SESSION:
        return put_session(w->sessions, s, out);
    case ROLE_JOB:
        return !same && put(out, live->job);
    case ROLE_HEADER:
        return !same && put(out, live->header);
    case ROLE_TIME:
        return !same && put(out, live->time);
    case ROLE_EXTRANONCE2:
        return live->extranonce2_size && put_digits(out, s, 2 * live->extranonce2_size);
    case ROLE_NONCE_TAIL:
        return strlen(live->extranonce1) <= 16 &&
               put_digits(out, s, 16 - strlen(live->extranonce1));
    case ROLE_NONCE64:
        return !same && put_nonce64(out, s, live->extranonce1);
    case ROLE_VERSION_BITS:
        return put_bits(out, s, live->rolling ? live->mask : 0);
    default:
        return false;
    }
}

/* Without version rolling a share has no sixth parameter. */
static void drop_bits(const struct live *live, struct str *line)
{
    struct message m;

    if (live->rolling || !line->len || message_parse(line->s, line->len, &m, NULL) < 0)
        return;
    if (m.method && !strcmp(m.method, "mining.submit") && json_array_size(m.params) == 6) {
        (void)json_array_remove(m.params, 5);
        char *text = json_dumps(m.root, JSON_COMPACT);
        str_clear(line);
        str_add(line, text ? text : "");
        free(text);
    }
    message_fini(&m);
}

void live_rewrite(const struct live_words *words, const struct script *script,
                  const struct step *step, struct str *out)
{
    struct rewriting r = {.words = words, .script = script, .step = step};

    json_rewrite(step->entry->text, step->entry->len, change, &r, out);
    if (script->dialect == TALK_BITCOIN)
        drop_bits(words->live, out);
}
