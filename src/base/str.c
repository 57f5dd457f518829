/* SPDX-License-Identifier: MIT */
/* Growing text, bounded copies, nearest names. */
#include "base/str.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

static void reserve(struct str *t, size_t more)
{
    if (t->len + more + 1 <= t->cap)
        return;
    size_t cap = t->cap ? t->cap : 64;
    while (cap < t->len + more + 1)
        cap *= 2;
    t->s = xrealloc(t->s, cap);
    t->cap = cap;
}

void str_add_n(struct str *t, const void *bytes, size_t len)
{
    reserve(t, len);
    if (len)
        memcpy(t->s + t->len, bytes, len);
    t->len += len;
    t->s[t->len] = 0;
}

void str_add(struct str *t, const char *text)
{
    str_add_n(t, text, strlen(text));
}

void str_addf(struct str *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len <= 0)
        return;
    reserve(t, (size_t)len);
    va_start(args, format);
    (void)vsnprintf(t->s + t->len, (size_t)len + 1, format, args);
    va_end(args);
    t->len += (size_t)len;
}

void str_clear(struct str *t)
{
    t->len = 0;
    if (t->s)
        t->s[0] = 0;
}

void str_free(struct str *t)
{
    free(t->s);
    *t = (struct str){0};
}

const char *str_text(const struct str *t)
{
    return t->s ? t->s : "";
}

bool text_copy(char *to, size_t size, const char *from)
{
    size_t len = strnlen(from, size);
    bool fits = len < size;

    if (!size)
        return false;
    if (!fits)
        len = size - 1;
    memcpy(to, from, len);
    to[len] = 0;
    return fits;
}

bool text_has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (*list) {
        list += strspn(list, " ");
        size_t n = strcspn(list, " ");
        if (n == len && n && !strncasecmp(list, word, len))
            return true;
        list += n;
    }
    return false;
}

unsigned utf8_next(const char *s, unsigned *ret)
{
    static const unsigned least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*s;
    unsigned len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    unsigned point = len < 2 ? first : first & (0x7fu >> len);

    if (!first || !len || first > 0xf4)
        return 0;
    for (unsigned i = 1; i < len; i++) {
        unsigned char more = (unsigned char)s[i];
        if ((more & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (more & 0x3f);
    }
    if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    *ret = point;
    return len;
}

static bool harmful(unsigned point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
           (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

bool text_clean(char *to, size_t size, const char *from)
{
    static const char dots[] = "…";
    size_t at = 0, room = size ? size - 1 : 0; /* bytes of text that fit */
    size_t cut = 0;                            /* where the dots would go */

    if (!size)
        return false;
    while (*from) {
        unsigned point = 0, len = utf8_next(from, &point);
        unsigned put = len ? len : 1;
        bool bad = !len || harmful(point);
        if (at + (bad ? 1 : put) > room)
            break;
        if (bad)
            to[at++] = len && strchr("\t\n\r", (int)point) ? ' ' : '?';
        else
            at = (size_t)((char *)mempcpy(to + at, from, put) - to);
        from += put;
        if (at + sizeof dots - 1 <= room)
            cut = at;
    }
    to[at] = 0;
    if (*from && room >= sizeof dots - 1)
        memcpy(to + cut, dots, sizeof dots);
    return !*from;
}

unsigned text_distance(const char *a, const char *b)
{
    unsigned row[65];
    size_t n = strnlen(a, 64), m = strnlen(b, 64);

    for (unsigned j = 0; j <= m; j++)
        row[j] = j;
    for (unsigned i = 1; i <= n; i++) {
        unsigned corner = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= m; j++) {
            unsigned swap = corner + (a[i - 1] != b[j - 1]);
            unsigned step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            corner = row[j];
            row[j] = swap < step ? swap : step;
        }
    }
    return row[m];
}
