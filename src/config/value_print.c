/* SPDX-License-Identifier: MIT */
/* Values into texts, as YAML writes them. Numbers are printed in the C locale. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/value_types.h"

void real_print(struct str *out, double v)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", NULL), before = uselocale(c);
    char text[40];

    for (int digits = 6; digits <= 17; digits++) { /* the shortest that reads back as the same */
        (void)snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    (void)uselocale(before);
    freelocale(c);
    str_add(out, text);
}

/* --- printers ----------------------------------------------------------------------------------*/

static bool plain_is_safe(const char *text)
{
    size_t len = strlen(text), skip;

    if (!len || !strcasecmp(text, "null") ||
        choice_find("true|false|yes|no|on|off|y|n", text, &skip))
        return false;
    if (strchr("-?:,[]{}#&*!|>'\"%@`~ $", text[0]) || text[len - 1] == ' ' || text[len - 1] == ':')
        return false;
    return !strpbrk(text, ",[]{}") && !strstr(text, ": ") && !strstr(text, " #");
}

void yaml_scalar(struct str *out, const char *text)
{
    if (plain_is_safe(text)) {
        str_add(out, text);
        return;
    }
    const char *quote = strstr(text, "${") ? "'" : "\"";
    str_add(out, quote);
    for (const char *c = text; *c; c++) {
        if (*quote == '\'' ? *c == '\'' : (*c == '"' || *c == '\\'))
            str_add_n(out, *quote == '\'' ? "'" : "\\", 1);
        str_add_n(out, c, 1);
    }
    str_add(out, quote);
}

void print_bool(const void *at, struct str *out)
{
    str_add(out, *(const bool *)at ? "true" : "false");
}

void print_int(const void *at, struct str *out)
{
    str_addf(out, "%d", *(const int32_t *)at);
}

void print_uint(const void *at, struct str *out)
{
    str_addf(out, "%u", *(const uint32_t *)at);
}

void print_double(const void *at, struct str *out)
{
    real_print(out, *(const double *)at);
}

void print_text(const void *at, struct str *out)
{
    const char *text = *(char *const *)at;

    yaml_scalar(out, text ? text : "");
}

void print_texts(const void *at, struct str *out)
{
    const struct text_list *list = at;

    str_add(out, "[");
    for (size_t i = 0; i < list->count; i++) {
        str_add(out, i ? ", " : "");
        yaml_scalar(out, list->items[i]);
    }
    str_add(out, "]");
}

void print_time(const void *at, struct str *out)
{
    static const struct unit parts[] = {
        {"d", 86400000000}, {"h", 3600000000}, {"m", 60000000},
        {"s", 1000000},     {"ms", 1000},      {"us", 1},
    };
    uint64_t rest = (uint64_t) * (const int64_t *)at;

    if (!rest)
        str_add(out, "0s");
    for (unsigned i = 0; rest; i++) {
        if (i == 0 && rest % parts[0].scale) /* 36h, not 1d12h */
            continue;
        if (rest >= parts[i].scale)
            str_addf(out, "%llu%s", (unsigned long long)(rest / parts[i].scale), parts[i].name);
        rest %= parts[i].scale;
    }
}

void print_size(const void *at, struct str *out)
{
    static const struct unit units[] = {
        {"TB", UINT64_C(1) << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}, {"", 1},
    };
    uint64_t v = *(const uint64_t *)at;
    unsigned i = 0;

    while (units[i].scale > 1 && (!v || v % units[i].scale))
        i++;
    str_addf(out, "%llu%s", (unsigned long long)(v / units[i].scale), units[i].name);
}

void print_percent(const void *at, struct str *out)
{
    uint32_t bp = *(const uint32_t *)at;

    str_addf(out, "%u", bp / 100);
    if (bp % 100)
        str_addf(out, bp % 10 ? ".%02u" : ".%u", bp % 10 ? bp % 100 : bp % 100 / 10);
}
