/* SPDX-License-Identifier: MIT */
/* Reading one JSON-RPC message: a pass for limits and the id's bytes, then jansson. */
#include "stratum/message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- limits and the id, before anything is allocated ---------------------------------------- */

struct scan_state {
    const char *at, *end;
    unsigned depth, values;
};

static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : end;
}

/* Is the string that starts at `at` the key "id"? Its value then starts at `*value`. */
static bool is_id_key(const char *at, const char *end, const char **value)
{
    if (end - at < 5 || memcmp(at, "\"id\"", 4) != 0)
        return false;
    for (at += 4; at < end && strchr(" \t", *at); at++)
        ;
    if (at == end || *at != ':')
        return false;
    for (at++; at < end && strchr(" \t", *at); at++)
        ;
    *value = at;
    return true;
}

static size_t id_length(const char *at, const char *end)
{
    if (at < end && *at == '"')
        return (size_t)(skip_string(at, end) - at);
    const char *from = at;
    while (at < end && !strchr(",}] \t", *at))
        at++;
    return (size_t)(at - from);
}

static int scan_limits(const char *line, size_t len, struct message *m, struct fault *why)
{
    struct scan_state s = {.at = line, .end = line + len};
    const char *id;

    while (s.at < s.end) {
        switch (*s.at) {
        case '"':
            if (s.depth == 1 && is_id_key(s.at, s.end, &id)) {
                size_t n = id_length(id, s.end);
                if (n > MESSAGE_ID_MAX)
                    return fault_set(why, ERR_PROTOCOL, "message id is too long");
                m->id = id;
                m->id_len = (uint16_t)n;
            }
            s.at = skip_string(s.at, s.end);
            continue;
        case '{':
        case '[':
            s.depth++;
            s.values++;
            break;
        case '}':
        case ']':
            s.depth -= s.depth > 0;
            break;
        case ',':
            s.values++;
            break;
        default:
            break;
        }
        if (s.depth > MESSAGE_DEPTH_MAX || s.values > MESSAGE_VALUES_MAX)
            return fault_set(why, ERR_PROTOCOL,
                             "message is nested too deeply or has too many "
                             "values");
        s.at++;
    }
    return 0;
}

/* --- parsing ------------------------------------------------------------------------------- */

static bool is_ascii(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)bytes[i] >= 0x80)
            return false;
    return true;
}

/* An id that is not UTF-8 is not forgiven: its echo would not be JSON. */
static json_t *load(const char *line, size_t len, const struct message *m, struct fault *why)
{
    json_error_t error;
    json_t *root = json_loadb(line, len, 0, &error);

    if (!root && json_error_code(&error) == json_error_invalid_utf8 && is_ascii(m->id, m->id_len)) {
        char *clean = malloc(len);
        if (!clean)
            return NULL;
        for (size_t i = 0; i < len; i++)
            clean[i] = (unsigned char)line[i] < 0x80 ? line[i] : '?';
        root = json_loadb(clean, len, 0, &error);
        free(clean);
    }
    if (!root)
        (void)fault_set(why, ERR_PROTOCOL, "line is not JSON (%.100s)", error.text);
    return root;
}

int message_parse(const char *line, size_t len, struct message *ret, struct fault *why)
{
    struct message m = {.id = "null", .id_len = 4};
    int err = scan_limits(line, len, &m, why);

    if (err < 0)
        return err;
    m.root = load(line, len, &m, why);
    if (!m.root)
        return ERR_PROTOCOL;
    if (!json_is_object(m.root)) {
        json_decref(m.root);
        return fault_set(why, ERR_PROTOCOL, "line is not a JSON object");
    }
    json_t *id = json_object_get(m.root, "id");
    if (json_is_object(id) || json_is_array(id) || !m.id_len) {
        json_decref(m.root);
        return fault_set(why, ERR_PROTOCOL, "message id is not a number or a text");
    }
    m.method = json_string_value(json_object_get(m.root, "method"));
    m.params = m.named = json_object_get(m.root, "params");
    if (!json_is_array(m.params))
        m.params = NULL;
    if (!json_is_object(m.named))
        m.named = NULL;
    m.result = json_object_get(m.root, "result");
    m.error = json_object_get(m.root, "error");
    *ret = m;
    return 0;
}

void message_fini(struct message *m)
{
    json_decref(m->root);
    m->root = NULL;
}

bool message_has_id(const struct message *m)
{
    return !(m->id_len == 4 && !memcmp(m->id, "null", 4));
}

bool message_id_number(const struct message *m, uint64_t *ret)
{
    double v;

    if (!json_to_number(json_object_get(m->root, "id"), &v) || v < 0 || v > 0x1p53 || v != floor(v))
        return false;
    *ret = (uint64_t)v;
    return true;
}

const json_t *message_param(const struct message *m, size_t i)
{
    return json_array_get(m->params, i); /* NULL for a NULL array too */
}

const char *message_named(const struct message *m, const char *name)
{
    return json_string_value(json_object_get(m->named, name));
}

bool message_given(const struct message *m, size_t i)
{
    const json_t *v = message_param(m, i);

    return i < m->text_count || (v && !json_is_null(v));
}

const char *message_text(const struct message *m, size_t i)
{
    if (i < m->text_count)
        return m->texts[i];
    return json_string_value(message_param(m, i));
}

bool json_to_number(const json_t *v, double *ret)
{
    double number;

    if (json_is_number(v)) {
        number = json_number_value(v);
    } else if (json_is_string(v) && json_string_length(v) < 32) {
        const char *text = json_string_value(v);
        char *end;
        if (!*text || strspn(text, "0123456789+-.eE") != strlen(text))
            return false;
        number = strtod(text, &end);
        if (*end)
            return false;
    } else {
        return false;
    }
    if (!isfinite(number))
        return false;
    *ret = number;
    return true;
}

bool message_number(const struct message *m, size_t i, double *ret)
{
    return json_to_number(message_param(m, i), ret);
}

void json_put_text(struct str *out, const char *text)
{
    str_add(out, "\"");
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\') {
            char pair[2] = {'\\', *at};
            str_add_n(out, pair, 2);
        } else if (c < 0x20 || c == 0x7f) {
            str_addf(out, "\\u%04x", c);
        } else {
            str_add_n(out, at, 1);
        }
    }
    str_add(out, "\"");
}

void json_put_number(struct str *out, double v)
{
    char text[32];

    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    if (v == floor(v) && fabs(v) < 1e15) /* 1048576, not 1.04858e+06 */
        (void)snprintf(text, sizeof text, "%.0f", v);
    str_add(out, text);
}
