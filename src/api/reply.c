/* SPDX-License-Identifier: MIT */
/* Answers: the envelope around data and errors, and the checks on what a request asks. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "api/routes.h"
#include "base/alloc.h"
#include "base/str.h"
#include "hub/command.h"

static const char json_content[] = "application/json";

static const struct {
    int status;
    const char *code;
} error_codes[] = {
    {400, "INVALID_REQUEST"}, {401, "UNAUTHORIZED"},
    {403, "FORBIDDEN"},       {404, "NOT_FOUND"},
    {409, "CONFLICT"},        {429, "RATE_LIMITED"},
    {500, "INTERNAL_ERROR"},  {503, "SERVICE_UNAVAILABLE"},
};

static const char *error_code(int status)
{
    for (size_t i = 0; i < sizeof error_codes / sizeof *error_codes; i++)
        if (error_codes[i].status == status)
            return error_codes[i].code;
    return status < 500 ? "INVALID_REQUEST" : "INTERNAL_ERROR";
}

static void reply_envelope(struct reply *reply, int64_t now_ms, int status, const char *key,
                           json_t *take)
{
    json_t *envelope = json_object();

    json_object_set_new(envelope, "success", json_boolean(status < 400));
    json_object_set_new(envelope, key, take);
    json_object_set_new(envelope, "time", json_wall(now_ms));
    reply_text(reply, status, json_content, json_print(envelope));
    json_decref(envelope);
}

void reply_text(struct reply *reply, int status, const char *content_type, char *take)
{
    free(reply->body);
    reply->status = status;
    reply->content_type = content_type;
    reply->body = take;
    *reply->command = '\0';
}

void reply_fini(struct reply *reply)
{
    free(reply->body);
    *reply = (struct reply){0};
}

void reply_data(struct reply *reply, const struct request *request, json_t *take)
{
    reply_envelope(reply, request->now_ms, 200, "data", take);
}

void reply_error(struct reply *reply, int64_t now_ms, int status, json_t *take_details,
                 const char *format, ...)
{
    json_t *error = json_object();
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_object_set_new(error, "code", json_string(error_code(status)));
    json_object_set_new(error, "message", json_text(text));
    if (take_details)
        json_object_set_new(error, "details", take_details);
    reply_envelope(reply, now_ms, status, "error", error);
}

void reply_unavailable(struct reply *reply, int64_t now_ms, const char *why)
{
    reply_error(reply, now_ms, 503, NULL, "%s", why);
}

/* HTTP status for a command that failed: what the caller did wrong, or what cannot be now. */
static int status_of(int err)
{
    static const struct {
        int err, status;
    } rows[] = {
        {ERR_NO_METHOD, 404}, {ERR_NO_DEVICE, 404}, {ERR_FIELD, 400},
        {ERR_CONFIG, 409},    {UV_EINVAL, 400},     {UV_EADDRINUSE, 409},
        {UV_EACCES, 409},     {UV_EAGAIN, 503},     {ERR_CLOSED, 503},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].err == err)
            return rows[i].status;
    return 409;
}

void reply_command_done(struct reply *reply, int64_t now_ms, const struct command_reply *said)
{
    json_t *data;

    if (said->err) {
        json_t *details = json_object();
        json_object_set_new(details, "command", json_text(reply->command));
        json_object_set_new(details, "reason", json_text(err_str(said->err)));
        reply_error(reply, now_ms, status_of(said->err), details, "%s", said->text);
        return;
    }
    data = json_object();
    json_object_set_new(data, "command", json_text(reply->command));
    json_object_set_new(data, "message", json_text(said->text));
    reply_envelope(reply, now_ms, 200, "data", data);
}

const char *request_param(const struct request *request, const char *name)
{
    for (unsigned i = 0; i < request->param_count; i++)
        if (strcmp(request->params[i].name, name) == 0)
            return request->params[i].value;
    return NULL;
}

/* {"parameter": NAME, "value": VALUE, "expected": WHAT} */
static json_t *details(const char *name, const char *value, const char *expected)
{
    json_t *ret = json_object();

    json_object_set_new(ret, "parameter", json_text(name));
    json_object_set_new(ret, "value", json_text_or_null(value));
    json_object_set_new(ret, "expected", json_text(expected));
    return ret;
}

bool request_uint(const struct request *request, struct reply *reply, const char *name,
                  uint32_t absent, uint32_t min, uint32_t max, uint32_t *ret)
{
    const char *value = request_param(request, name);
    char expected[64];
    unsigned long long n;

    *ret = absent;
    if (!value)
        return true;
    if (*value && strspn(value, "0123456789") == strlen(value) && strlen(value) <= 10) {
        n = strtoull(value, NULL, 10);
        if (n >= min && n <= max) {
            *ret = (uint32_t)n;
            return true;
        }
    }
    snprintf(expected, sizeof expected, "a whole number from %u to %u", min, max);
    reply_error(reply, request->now_ms, 400, details(name, value, expected), "%s must be %s", name,
                expected);
    return false;
}

/* Whether `word` is one of "a|b|c". */
static bool word_listed(const char *words, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = words; len && *at;) {
        size_t n = strcspn(at, "|");
        if (n == len && memcmp(at, word, n) == 0)
            return true;
        at += n + (at[n] == '|');
    }
    return false;
}

bool request_word(const struct request *request, struct reply *reply, const char *name,
                  const char *words, const char **ret)
{
    *ret = request_param(request, name);
    if (!*ret || word_listed(words, *ret))
        return true;
    reply_error(reply, request->now_ms, 400, details(name, *ret, words), "%s must be one of %s",
                name, words);
    return false;
}

bool request_fields(const struct request *request, struct reply *reply, const char *names)
{
    const char *key;
    json_t *value;

    json_object_foreach(request->json, key, value)
    {
        if (word_listed(names, key))
            continue;
        reply_error(reply, request->now_ms, 400, details(key, NULL, *names ? names : "no fields"),
                    "the body has a field that is not known here: %s", key);
        return false;
    }
    return true;
}
