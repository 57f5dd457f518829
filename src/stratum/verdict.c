/* SPDX-License-Identifier: MIT */
/* Errors of the Stratum v1 family, both ways: what a peer's refusal means, and what ours says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stratum/message.h"

/* Words first: pools agree on them more than on codes. The first that occurs wins. */
static const struct {
    const char *word;
    int err;
} words[] = {
    {"duplicate", ERR_DUPLICATE},
    {"stale", ERR_STALE},
    {"job not found", ERR_STALE},
    {"invalid jobid", ERR_STALE},
    {"invalid job id", ERR_STALE},
    {"unknown job", ERR_STALE},
    {"unknown-work", ERR_STALE},
    {"job is not active", ERR_STALE},
    {"low diff", ERR_LOW_DIFF},
    {"lowdiff", ERR_LOW_DIFF},
    {"above target", ERR_LOW_DIFF},
    {"below minimum diff", ERR_LOW_DIFF},
    {"high-hash", ERR_LOW_DIFF},
    {"h-not-zero", ERR_LOW_DIFF},
    {"unauthori", ERR_UNAUTHORIZED},
    {"not authori", ERR_UNAUTHORIZED},
    {"not subscribed", ERR_NOT_SUBSCRIBED},
    {"ntime", ERR_TIME_RANGE},
    {"time-too", ERR_TIME_RANGE},
    {"version", ERR_VERSION},
    {"method not found", ERR_NO_METHOD},
};

static const struct {
    int err, code;
    const char *text;
} codes[] = {
    {ERR_STALE, 21, "stale: the job belongs to an old block"},
    {ERR_NO_JOB, 21, "job not found"},
    {ERR_DUPLICATE, 22, "duplicate share"},
    {ERR_LOW_DIFF, 23, "low difficulty share"},
    {ERR_UNAUTHORIZED, 24, "worker is not authorised on this connection"},
    {ERR_NOT_SUBSCRIBED, 25, "not subscribed"},
    {ERR_TIME_RANGE, 20, "ntime out of range"},
    {ERR_VERSION, 20, "version bits outside the negotiated mask"},
    {ERR_FIELD, 20, "a field has a wrong length or value"},
    {ERR_NO_METHOD, -3, "method not found"},
};

void error_say(int err, int *code, const char **text)
{
    *code = 20;
    *text = err_str(err);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].err == err) {
            *code = codes[i].code;
            *text = codes[i].text;
        }
}

static int err_of_text(const char *text)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(text, words[i].word))
            return words[i].err;
    return 0;
}

static int err_of_code(double code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code != 20 && codes[i].code == code)
            return codes[i].err;
    return 0;
}

struct refusal {
    double code; /* NAN = none */
    const char *text;
};

static struct refusal read_error(const json_t *error)
{
    struct refusal r = {.code = NAN};

    if (json_is_array(error)) {
        for (size_t i = 0; i < 2; i++) {
            const json_t *item = json_array_get(error, i);
            if (json_is_number(item))
                r.code = json_number_value(item);
            else if (!r.text)
                r.text = json_string_value(item);
        }
    } else if (json_is_object(error)) {
        (void)json_to_number(json_object_get(error, "code"), &r.code);
        r.text = json_string_value(json_object_get(error, "message"));
    } else if (json_is_number(error)) {
        r.code = json_number_value(error);
    } else {
        r.text = json_string_value(error);
    }
    return r;
}

static bool is_yes(const json_t *result)
{
    return result && !json_is_null(result) && !json_is_false(result) &&
           !(json_is_integer(result) && !json_integer_value(result));
}

static bool is_error(const json_t *error)
{
    return error && !json_is_null(error) && !json_is_false(error) &&
           !(json_is_array(error) && !json_array_size(error));
}

int message_verdict(const struct message *m, char *reason, size_t size)
{
    (void)text_copy(reason, size, "");
    if ((is_yes(m->result) || (!m->result && !m->error)) && !is_error(m->error))
        return 0;
    struct refusal r = read_error(m->error);
    if (!r.text)
        r.text = json_string_value(json_object_get(m->root, "reject-reason"));
    if (r.text)
        (void)text_clean(reason, size, r.text);
    else if (!isnan(r.code))
        (void)snprintf(reason, size, "error code %g", r.code);
    else
        (void)text_copy(reason, size, "refused without a reason");
    int err = r.text ? err_of_text(r.text) : 0;
    if (!err && !isnan(r.code))
        err = err_of_code(r.code);
    return err ? err : ERR_REJECTED;
}
