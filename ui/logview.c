/* SPDX-License-Identifier: MIT */
/* Newest log records, and text filters. */
#include "ui/logview.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

void log_view_add(struct log_view *log, const struct log_record *records, unsigned n)
{
    if (n && !log->records)
        log->records = xcalloc(LOG_VIEW_MAX, sizeof *log->records);
    for (unsigned i = 0; i < n; i++) {
        log->records[(log->first + log->count) % LOG_VIEW_MAX] = records[i];
        if (log->count < LOG_VIEW_MAX)
            log->count++;
        else
            log->first = (log->first + 1) % LOG_VIEW_MAX;
        log->seq = records[i].seq;
    }
}

const struct log_record *log_view_at(const struct log_view *log, unsigned i)
{
    return &log->records[(log->first + i) % LOG_VIEW_MAX];
}

void log_view_fini(struct log_view *log)
{
    free(log->records);
    *log = (struct log_view){0};
}

void filter_fini(struct filter *f)
{
    if (f->is_regex && !f->broken)
        regfree(&f->regex);
    *f = (struct filter){0};
}

void filter_set(struct filter *f, const char *text)
{
    size_t n;

    filter_fini(f);
    (void)text_copy(f->text, sizeof f->text, text);
    n = strlen(f->text);
    if (n < 3 || f->text[0] != '/' || f->text[n - 1] != '/')
        return;
    AUTO_FREE char *expression = xstrndup(f->text + 1, n - 2);
    f->is_regex = true;
    f->broken = regcomp(&f->regex, expression, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0;
}

/* One word with alternatives: "gpu0|gpu1", "!share". */
static bool word_match(const char *word, size_t n, const char *text)
{
    bool negative = *word == '!';

    if (negative) {
        word++;
        n--;
    }
    if (n == 0)
        return true;
    for (const char *end = word + n; word < end;) {
        const char *bar = memchr(word, '|', (size_t)(end - word));
        size_t len = (size_t)((bar ? bar : end) - word);
        char part[sizeof((struct filter *)0)->text];
        memcpy(part, word, len);
        part[len] = 0;
        if (len && strcasestr(text, part))
            return !negative;
        word += len + 1;
    }
    return negative;
}

bool filter_match(const struct filter *f, const char *text)
{
    if (f->is_regex)
        return !f->broken && regexec(&f->regex, text, 0, NULL, 0) == 0;
    for (const char *at = f->text; *at;) {
        size_t n = strcspn(at, " ");
        if (n && !word_match(at, n, text))
            return false;
        at += n + strspn(at + n, " ");
    }
    return true;
}
