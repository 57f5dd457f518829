/* SPDX-License-Identifier: MIT */
/* Comparing shapes. */
#include "transcript/compare.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

enum { DEPTH_MAX = 3 };

static const char *type_name(const json_t *v)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object",    [JSON_ARRAY] = "an array", [JSON_STRING] = "a text",
        [JSON_INTEGER] = "a number",    [JSON_REAL] = "a number",  [JSON_TRUE] = "true or false",
        [JSON_FALSE] = "true or false", [JSON_NULL] = "null",
    };

    return v ? names[json_typeof(v)] : "nothing";
}

/* null stands for any type: "no value". */
static bool same_type(const json_t *a, const json_t *b)
{
    return json_is_null(a) || json_is_null(b) || !strcmp(type_name(a), type_name(b));
}

struct compared { /* of one message */
    struct report *report;
    const struct step *step;
    unsigned found;
};

static void differ(struct compared *c, const char *path, const json_t *live, const json_t *recorded)
{
    c->found++;
    report_difference(c->report, c->step->entry->line, "%s: %s is %s, recorded %s", c->step->method,
                      path, type_name(live), type_name(recorded));
}

/* --- parameters ---------------------------------------------------------------------------- */

/* A share's numbers have fixed lengths: nonces, times, extranonces, hashes. */
static void compare_length(struct compared *c, const struct script *s, const char *path,
                           const json_t *live, const json_t *recorded)
{
    enum role role = field_role(s->dialect, c->step->method, c->step->answer, path);
    size_t have = json_string_length(live), want = json_string_length(recorded);

    if (role < ROLE_EXTRANONCE2 || !json_is_string(live) || have == want)
        return;
    c->found++;
    report_difference(c->report, c->step->entry->line, "%s: %s has %zu characters, recorded %zu",
                      c->step->method, path, have, want);
}

static void compare_value(struct compared *c, const struct script *s, const char *path,
                          const json_t *live, const json_t *recorded)
{
    if (!same_type(live, recorded))
        differ(c, path, live, recorded);
    else
        compare_length(c, s, path, live, recorded);
}

/* A share has as many parameters as the recorded one; of others the last may be missing or more,
 * except the first two. */
static void compare_params(struct compared *c, const struct script *s, const struct message *live)
{
    const json_t *have = live->params, *want = c->step->message.params;
    size_t n = json_array_size(have), recorded = json_array_size(want), must = recorded;
    char path[32];

    if (!method_is_submit(c->step->method) && must > 2)
        must = 2;
    if (!strcmp(c->step->method, "mining.subscribe"))
        must = 0;
    if (n < must || (n > recorded && method_is_submit(c->step->method))) {
        c->found++;
        report_difference(c->report, c->step->entry->line, "%s: %zu parameters, recorded %zu",
                          c->step->method, n, recorded);
    }
    for (size_t i = 0; i < n && i < recorded; i++) {
        (void)snprintf(path, sizeof path, "params.%zu", i);
        compare_value(c, s, path, json_array_get(have, i), json_array_get(want, i));
    }
}

/* By name only those count whose meaning is known. */
static void compare_named(struct compared *c, const struct script *s, const struct message *live)
{
    const char *key;
    json_t *want;
    char path[TALK_METHOD_MAX + 64];

    json_object_foreach(c->step->message.named, key, want)
    {
        (void)snprintf(path, sizeof path, "params.%.60s", key);
        enum role role = field_role(s->dialect, c->step->method, c->step->answer, path);
        const json_t *have = json_object_get(live->named, key);
        if (!role || (!have && (role == ROLE_WORKER || role == ROLE_HOST)))
            continue;
        if (!have)
            differ(c, path, have, want);
        else
            compare_value(c, s, path, have, want);
    }
}

void compare_request(struct report *r, const struct script *s, const struct step *step,
                     const struct message *live)
{
    struct compared c = {.report = r, .step = step};

    if (step->message.params || live->params)
        compare_params(&c, s, live);
    if (step->message.named)
        compare_named(&c, s, live);
    r->matched += !c.found;
}

/* --- answers ------------------------------------------------------------------------------------
 */

static void compare_shape(struct compared *c, const char *path, const json_t *live,
                          const json_t *recorded, unsigned depth)
{
    size_t n = json_array_size(recorded), have = json_array_size(live);
    char deeper[64];

    if (!same_type(live, recorded)) {
        differ(c, path, live, recorded);
        return;
    }
    if (depth == DEPTH_MAX || !json_is_array(recorded) || !json_is_array(live))
        return;
    /* arrays of arrays are lists, whose lengths are free */
    if (have != n && !json_is_array(json_array_get(recorded, 0)) &&
        !json_is_array(json_array_get(live, 0))) {
        report_note(c->report, c->step->entry->line, "%s: %s has %zu values, recorded %zu",
                    c->step->method, path, have, n);
    }
    for (size_t i = 0; i < n && i < have && i < 16; i++) {
        (void)snprintf(deeper, sizeof deeper, "%.40s.%zu", path, i);
        if (!json_is_array(json_array_get(recorded, i)))
            compare_shape(c, deeper, json_array_get(live, i), json_array_get(recorded, i),
                          depth + 1);
    }
}

static void compare_keys(struct compared *c, const json_t *live, const json_t *recorded)
{
    const char *key;
    json_t *want;

    json_object_foreach((json_t *)(uintptr_t)recorded, key, want)
    {
        const json_t *have = json_object_get(live, key);
        if (have && !same_type(have, want))
            differ(c, key, have, want);
        else if (!have)
            report_note(c->report, c->step->entry->line, "%s: no \"%s\", recorded one",
                        c->step->method, key);
    }
}

void compare_answer(struct report *r, const struct step *step, const struct message *live)
{
    struct compared c = {.report = r, .step = step};
    char have_reason[128], want_reason[128];
    int have = message_verdict(live, have_reason, sizeof have_reason);
    int want = message_verdict(&step->message, want_reason, sizeof want_reason);
    unsigned line = step->entry->line;

    if (!have != !want && method_is_optional(step->method)) {
        report_note(r, line, "%s: %s, recorded %s", step->method, have ? have_reason : "granted",
                    want ? want_reason : "granted");
    } else if (!have != !want) {
        c.found++;
        report_difference(r, line, "%s: answered with %s, recorded %s", step->method,
                          have ? have_reason : "yes", want ? want_reason : "yes");
    } else if (have != want) {
        report_note(r, line, "%s: refused with \"%s\", recorded \"%s\"", step->method, have_reason,
                    want_reason);
    } else if (!have) {
        compare_shape(&c, "result", live->result, step->message.result, 0);
        if (json_is_object(step->message.result) && json_is_object(live->result))
            compare_keys(&c, live->result, step->message.result);
    }
    r->matched += !c.found;
}

void compare_verdict(struct report *r, const struct step *step, const struct message *live)
{
    static const int not_the_work[] = {ERR_UNAUTHORIZED, ERR_NOT_SUBSCRIBED, ERR_FIELD,
                                       ERR_NO_METHOD, ERR_VERSION};
    char reason[128];
    int verdict = message_verdict(live, reason, sizeof reason);

    for (size_t i = 0; i < sizeof not_the_work / sizeof *not_the_work; i++)
        if (verdict == not_the_work[i]) {
            report_difference(r, step->entry->line,
                              "%s: refused with \"%s\", which is not about the "
                              "share's work",
                              step->method, reason);
            return;
        }
    r->matched++;
}

void compare_notice(struct report *r, const struct step *step, const struct message *live)
{
    struct compared c = {.report = r, .step = step};
    const json_t *want = step->answer ? step->message.result : step->message.params;
    const json_t *have = step->answer ? live->result : live->params;

    if (want || have) {
        compare_shape(&c, "params", have, want, 0);
        if (json_array_size(want) > json_array_size(have)) {
            c.found++;
            report_difference(r, step->entry->line, "%s: %zu parameters, recorded %zu",
                              step->method, json_array_size(have), json_array_size(want));
        }
    }
    if (step->message.named)
        compare_keys(&c, live->named, step->message.named);
    r->matched += !c.found;
}
