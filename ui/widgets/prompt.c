/* SPDX-License-Identifier: MIT */
/* A line that is typed. */
#include "ui/widgets/prompt.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

void prompt_start(struct prompt *p, const char *text)
{
    (void)text_copy(p->text, sizeof p->text, text);
    p->len = p->at = strlen(p->text);
    p->history_at = p->history_count;
}

void prompt_remember(struct prompt *p)
{
    if (!p->len || (p->history_count && strcmp(p->history[p->history_count - 1], p->text) == 0))
        return;
    if (p->history_count == PROMPT_HISTORY) {
        memmove(p->history[0], p->history[1], sizeof p->history - sizeof p->history[0]);
        p->history_count--;
    }
    memcpy(p->history[p->history_count++], p->text, sizeof p->text);
}

static size_t before(const struct prompt *p, size_t at)
{
    while (at > 0 && ((uint8_t)p->text[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static size_t after(const struct prompt *p, size_t at)
{
    if (at < p->len)
        at++;
    while (at < p->len && ((uint8_t)p->text[at] & 0xc0) == 0x80)
        at++;
    return at;
}

static size_t word_before(const struct prompt *p, size_t at)
{
    while (at > 0 && p->text[at - 1] == ' ')
        at--;
    while (at > 0 && p->text[at - 1] != ' ')
        at--;
    return at;
}

static void cut(struct prompt *p, size_t from, size_t to)
{
    memmove(p->text + from, p->text + to, p->len - to + 1);
    p->len -= to - from;
    p->at = from;
}

static void insert(struct prompt *p, int key)
{
    char bytes[4];
    size_t n = utf8_put((uint32_t)key, bytes);

    if (char_width((uint32_t)key) == 0 || p->len + n >= sizeof p->text)
        return;
    memmove(p->text + p->at + n, p->text + p->at, p->len - p->at + 1);
    memcpy(p->text + p->at, bytes, n);
    p->len += n;
    p->at += n;
}

static void look_back(struct prompt *p, unsigned to)
{
    if (to > p->history_count)
        return;
    if (p->history_at == p->history_count)
        memcpy(p->draft, p->text, sizeof p->draft);
    memcpy(p->text, to == p->history_count ? p->draft : p->history[to], sizeof p->text);
    p->len = p->at = strlen(p->text);
    p->history_at = to;
}

enum prompt_result prompt_key(struct prompt *p, int key)
{
    switch (key) {
    case KEY_ENTER:
        return PROMPT_DONE;
    case KEY_ESC:
    case KEY_CTRL('c'):
    case KEY_CTRL('g'):
        return PROMPT_CANCELLED;
    case KEY_BACKSPACE:
        if (p->len == 0)
            return PROMPT_CANCELLED;
        cut(p, before(p, p->at), p->at);
        break;
    case KEY_DELETE:
    case KEY_CTRL('d'):
        cut(p, p->at, after(p, p->at));
        break;
    case KEY_LEFT:
    case KEY_CTRL('b'):
        p->at = before(p, p->at);
        break;
    case KEY_RIGHT:
    case KEY_CTRL('f'):
        p->at = after(p, p->at);
        break;
    case KEY_HOME:
    case KEY_CTRL('a'):
        p->at = 0;
        break;
    case KEY_END:
    case KEY_CTRL('e'):
        p->at = p->len;
        break;
    case KEY_CTRL('u'):
        cut(p, 0, p->at);
        break;
    case KEY_CTRL('k'):
        cut(p, p->at, p->len);
        break;
    case KEY_CTRL('w'):
        cut(p, word_before(p, p->at), p->at);
        break;
    case KEY_UP:
    case KEY_CTRL('p'):
        if (p->history_at > 0)
            look_back(p, p->history_at - 1);
        break;
    case KEY_DOWN:
    case KEY_CTRL('n'):
        look_back(p, p->history_at + 1);
        break;
    default:
        if (key >= 0x20 && key < KEY_SPECIAL)
            insert(p, key);
    }
    return PROMPT_OPEN;
}

/* The words that may come next, each once. */
static void list_choices(const struct prompt *p, char *const *candidates, size_t count,
                         char *choices, size_t size)
{
    const char *last = strrchr(p->text, ' ');
    size_t word = last ? (size_t)(last - p->text) + 1 : 0, used = 1;

    (void)snprintf(choices, size, " ");
    for (size_t i = 0; i < count; i++) {
        const char *c = candidates[i];
        char next[64];
        size_t n;
        if (strncmp(c, p->text, p->len) != 0 || (n = strcspn(c + word, " ")) == 0)
            continue;
        (void)snprintf(next, sizeof next, " %.*s ", (int)(n < 60 ? n : 60), c + word);
        if (strstr(choices, next) || used + strlen(next) >= size)
            continue;
        (void)snprintf(choices + used, size - used, "%s", next + 1);
        used += strlen(next) - 1;
    }
    if (used == 1)
        choices[0] = 0;
}

void prompt_complete(struct prompt *p, char *const *candidates, size_t count, char *choices,
                     size_t size)
{
    const char *common = NULL;
    size_t common_len = 0;

    for (size_t i = 0; i < count; i++) {
        const char *c = candidates[i];
        size_t same = 0;
        if (strncmp(c, p->text, p->len) != 0)
            continue;
        while (common && same < common_len && common[same] == c[same])
            same++;
        common_len = common ? same : strlen(c);
        common = common ? common : c;
    }
    if (common && common_len >= p->len && common_len < sizeof p->text) {
        (void)snprintf(p->text, sizeof p->text, "%.*s", (int)common_len, common);
        p->len = p->at = strlen(p->text);
    }
    list_choices(p, candidates, count, choices, size);
}

int prompt_draw(const struct prompt *p, struct canvas c, int y, const char *mark)
{
    char head[sizeof p->text];

    canvas_fill(c, 0, y, c.w, 1, STYLE_PROMPT, ' ');
    (void)snprintf(head, sizeof head, "%.*s", (int)p->at, p->text);
    int x = text_width(mark), cursor = x + text_width(head), shift = cursor - (c.w - 1);
    if (shift < 0)
        shift = 0;
    struct canvas line = canvas_sub(c, 0, y, c.w, 1);
    (void)canvas_text(line, -shift, 0, STYLE_PROMPT, mark);
    (void)canvas_text(line, x - shift, 0, STYLE_PROMPT, p->text);
    return cursor - shift;
}
