/* SPDX-License-Identifier: MIT */
/* Walking JSON text without building a tree. */
#include "transcript/walk.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { DEPTH_MAX = 16 };

struct walker {
    const char *at, *end;
    char path[WALK_PATH_MAX];
    walk_fn *on_value;
    void *arg;
};

static void skip_space(struct walker *w)
{
    while (w->at < w->end && strchr(" \t\r\n", *w->at))
        w->at++;
}

/* The string that begins here; leaves the position behind its end. */
static struct span take_string(struct walker *w)
{
    struct span s = {.path = w->path, .at = w->at + 1, .string = true};
    const char *at = s.at;

    while (at < w->end && *at != '"')
        at += *at == '\\' ? 2 : 1;
    at = at < w->end ? at : w->end;
    s.len = (size_t)(at - s.at);
    w->at = at < w->end ? at + 1 : w->end;
    return s;
}

static struct span take_word(struct walker *w)
{
    struct span s = {.path = w->path, .at = w->at};

    while (w->at < w->end && !strchr(",]} \t\r\n", *w->at))
        w->at++;
    s.len = (size_t)(w->at - s.at);
    return s;
}

/* Appends a part to the path. Returns the length to cut it back to. */
static size_t path_push(struct walker *w, const char *part, size_t len)
{
    size_t was = strlen(w->path);

    (void)snprintf(w->path + was, sizeof w->path - was, "%s%.*s", was ? "." : "", (int)len, part);
    return was;
}

static bool comma_follows(struct walker *w)
{
    skip_space(w);
    return w->at < w->end && *w->at == ',';
}

static void value(struct walker *w, unsigned depth);

static void object(struct walker *w, unsigned depth)
{
    for (w->at++; w->at < w->end; w->at++) {
        skip_space(w);
        if (w->at >= w->end || *w->at != '"')
            break;
        struct span key = take_string(w);
        size_t was = path_push(w, key.at, key.len < WALK_PATH_MAX ? key.len : WALK_PATH_MAX);
        skip_space(w);
        if (w->at < w->end) /* the colon */
            w->at++;
        value(w, depth);
        w->path[was] = 0;
        if (!comma_follows(w))
            break;
    }
    if (w->at < w->end)
        w->at++;
}

static void array(struct walker *w, unsigned depth)
{
    char index[16];
    unsigned i = 0;

    for (w->at++; w->at < w->end; w->at++, i++) {
        skip_space(w);
        if (w->at >= w->end || *w->at == ']')
            break;
        size_t was = path_push(w, index, (size_t)snprintf(index, sizeof index, "%u", i));
        value(w, depth);
        w->path[was] = 0;
        if (!comma_follows(w))
            break;
    }
    if (w->at < w->end)
        w->at++;
}

static void value(struct walker *w, unsigned depth)
{
    skip_space(w);
    if (w->at >= w->end)
        return;
    bool nested = *w->at == '{' || *w->at == '[';
    if (nested && depth == DEPTH_MAX) {
        w->at = w->end;
    } else if (*w->at == '{') {
        object(w, depth + 1);
    } else if (*w->at == '[') {
        array(w, depth + 1);
    } else {
        struct span s = *w->at == '"' ? take_string(w) : take_word(w);
        w->on_value(w->arg, &s);
    }
}

void json_walk(const char *text, size_t len, walk_fn *on_value, void *arg)
{
    struct walker w = {.at = text, .end = text + len, .on_value = on_value, .arg = arg};

    value(&w, 0);
}

bool path_is(const char *path, const char *pattern)
{
    for (;;) {
        size_t have = strcspn(path, "."), want = strcspn(pattern, ".");
        bool any = want == 1 && *pattern == '*';
        if (!any && (have != want || strncmp(path, pattern, have) != 0))
            return false;
        path += have;
        pattern += want;
        if (!*path || !*pattern)
            return !*path && !*pattern;
        path++;
        pattern++;
    }
}

struct rewriter {
    const char *copied; /* up to here the text is in `out` */
    change_fn *change;
    void *arg;
    struct str *out;
};

static void rewrite_value(void *arg, const struct span *s)
{
    struct rewriter *r = arg;
    const char *from = s->at - s->string, *to = s->at + s->len + s->string;
    struct str other AUTO_STR = {0};

    if (!r->change(r->arg, s, &other))
        return;
    str_add_n(r->out, r->copied, (size_t)(from - r->copied));
    str_add_n(r->out, str_text(&other), other.len);
    r->copied = to;
}

void json_rewrite(const char *text, size_t len, change_fn *change, void *arg, struct str *out)
{
    struct rewriter r = {.copied = text, .change = change, .arg = arg, .out = out};

    json_walk(text, len, rewrite_value, &r);
    str_add_n(out, r.copied, (size_t)(text + len - r.copied));
}
