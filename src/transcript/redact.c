/* SPDX-License-Identifier: MIT */
/* Redaction, value by value. */
#include "transcript/redact.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "transcript/walk.h"

struct pass {
    struct redaction *r;
    const struct talk *talk;
    const char *method;
    bool answer;
};

static bool has_word(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcasestr(text, *words))
            return true;
    return false;
}

/* Keys that name a secret in any message, known or not. */
static bool secret_key(const char *path)
{
    static const char *const words[] = {"pass",          "secret",     "token",  "cookie",
                                        "authorization", "credential", "apikey", "api_key",
                                        "private",       NULL};
    const char *key = strrchr(path, '.');

    return has_word(key ? key + 1 : path, words);
}

/* Logins of methods that are not known: all but the first parameter of a list may be a password. */
static bool unknown_login(const struct pass *p, const char *path)
{
    static const char *const words[] = {"auth", "login", NULL};
    static const char list[] = "params.";
    size_t at = sizeof list - 1;

    return p->method && !p->answer && has_word(p->method, words) && !strncmp(path, list, at) &&
           path[at] >= '0' && path[at] <= '9' && strcmp(path + at, "0") != 0;
}

static bool is_secret(const struct pass *p, const char *path)
{
    return secret_key(path) || unknown_login(p, path) ||
           field_role(p->talk->dialect, p->method, p->answer, path) == ROLE_PASSWORD;
}

/* All that lies below a secret is one. */
static bool below_secret(const struct pass *p, const char *path)
{
    char part[WALK_PATH_MAX];
    bool ret = false;

    (void)text_copy(part, sizeof part, path);
    for (char *dot = strchr(part, '.'); dot && !ret; dot = strchr(dot + 1, '.')) {
        *dot = 0;
        ret = is_secret(p, part);
        *dot = '.';
    }
    return ret;
}

static enum role role_of(const struct pass *p, const char *path)
{
    enum role role = field_role(p->talk->dialect, p->method, p->answer, path);

    if (role)
        return role;
    if (is_secret(p, path) || below_secret(p, path))
        return ROLE_PASSWORD;
    return path_is(path, "worker") || path_is(path, "params.worker") ? ROLE_WORKER : ROLE_NONE;
}

/* The string's own characters; an escape that is not one character becomes '?'. */
static char *unescaped(const struct span *s)
{
    static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    char *text = xstrndup(s->at, s->len), *to = text;

    for (const char *at = text; *at; at++, to++) {
        const char *letter = *at == '\\' && at[1] ? strchr(letters, at[1]) : NULL;
        unsigned code = '?';
        if (*at != '\\') {
            *to = *at;
        } else if (letter) {
            *to = means[letter - letters];
            at++;
        } else {
            char digits[5] = "";
            if (at[1] == 'u')
                (void)text_copy(digits, sizeof digits, at + 2);
            if (strlen(digits) == 4)
                code = (unsigned)strtoul(digits, NULL, 16);
            *to = (char)(code && code < 0x80 ? code : '?');
            at += strlen(digits) == 4 ? 5 : at[1] != 0;
        }
    }
    *to = 0;
    return text;
}

static bool replace(void *arg, const struct span *s, struct str *out)
{
    struct pass *p = arg;
    struct placeholders *names = &p->r->names;
    enum role role = role_of(p, s->path);
    struct str text AUTO_STR = {0};

    if (!s->string && role != ROLE_PASSWORD)
        return false;
    if (!s->string && s->len == 4 && !memcmp(s->at, "null", 4))
        return false;
    AUTO_FREE char *was = unescaped(s);
    switch (role) {
    case ROLE_PASSWORD:
        str_add(&text, s->string && !*was ? "" : REDACTED_PASSWORD);
        break;
    case ROLE_USER:
        placeholder_put_user(names, was, &text);
        break;
    case ROLE_WORKER:
        placeholder_put(names, FOR_WORKER, was, &text);
        break;
    case ROLE_SESSION:
        placeholder_put(names, FOR_SESSION, was, &text);
        break;
    case ROLE_HOST:
        placeholder_put(names, FOR_HOST, was, &text);
        break;
    case ROLE_NONE:
        if (path_is(s->path, "id") || path_is(s->path, "method"))
            return false;
        placeholder_put_text(names, was, &text);
        break;
    default:
        return false;
    }
    if (!strcmp(was, str_text(&text)))
        return false; /* the bytes stay */
    json_put_text(out, str_text(&text));
    return true;
}

bool redact_line(struct redaction *r, struct talk *talk, bool by_miner, const char *line,
                 size_t len, struct str *out)
{
    struct message m;
    struct pass p = {.r = r, .talk = talk};
    size_t tag = 0;

    if (memchr(line, '\n', len) || message_parse(line, len, &m, NULL) < 0)
        return false;
    p.method = talk_hear(talk, by_miner, &m, &p.answer, &tag);
    json_rewrite(line, len, replace, &p, out);
    message_fini(&m);
    return true;
}

void redaction_free(struct redaction *r)
{
    placeholders_free(&r->names);
}
