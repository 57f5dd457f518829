/* SPDX-License-Identifier: MIT */
/* One row per type: how it is read, printed and freed. Numbers are read and printed in the C
 * locale, whatever the terminal's language. */
#include "config/value.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "config/address.h"

struct unit {
    const char *name;
    uint64_t scale;
};

static const struct unit time_units[] = {
    {"us", 1},          {"ms", 1000},           {"s", 1000000},
    {"m", 60000000},    {"min", 60000000},      {"h", 3600000000},
    {"d", 86400000000}, {"w", 7 * 86400000000}, {NULL, 0},
};
static const struct unit size_units[] = {
    {"", 1},
    {"B", 1},
    {"K", 1 << 10},
    {"KB", 1 << 10},
    {"KiB", 1 << 10},
    {"M", 1 << 20},
    {"MB", 1 << 20},
    {"MiB", 1 << 20},
    {"G", 1 << 30},
    {"GB", 1 << 30},
    {"GiB", 1 << 30},
    {"T", UINT64_C(1) << 40},
    {"TB", UINT64_C(1) << 40},
    {"TiB", UINT64_C(1) << 40},
    {NULL, 0},
};

static void *field(const struct opt *o, void *base)
{
    return (char *)base + o->at;
}

static const void *field_const(const struct opt *o, const void *base)
{
    return (const char *)base + o->at;
}

/* --- numbers in the C locale -------------------------------------------------------------------*/

static bool read_real(const char *text, double *ret)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", NULL);
    char *end;

    *ret = strtod_l(text, &end, c);
    freelocale(c);
    return end != text && !*end && isfinite(*ret) && !strpbrk(text, "xXnN \t");
}

static void print_real(struct str *out, double v)
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

static bool in_range(const struct opt *o, double v, struct str *why)
{
    if (o->min == o->max || (v >= o->min && v <= o->max))
        return true;
    str_add(why, "must be between ");
    print_real(why, o->min);
    str_add(why, " and ");
    print_real(why, o->max);
    if (o->unit)
        str_addf(why, " %s", o->unit);
    return false;
}

static bool not_a(struct str *why, const char *what, const char *text)
{
    str_addf(why, "must be %s, not \"%s\"", what, text);
    return false;
}

/* Finds `text` in "a|b|c" or "a=1|b=2" (letters in either case): the entry and its length without
 * "=n", or NULL. */
static const char *find_choice(const char *choices, const char *text, size_t *len)
{
    for (const char *c = choices; c && *c; c += *c == '|') {
        size_t whole = strcspn(c, "|"), name = strcspn(c, "|=");
        if (strlen(text) == name && !strncasecmp(c, text, name)) {
            *len = name;
            return c;
        }
        c += whole;
    }
    return NULL;
}

static void add_choices(struct str *why, const char *choices)
{
    for (const char *c = choices; *c; c += *c == '|') {
        size_t whole = strcspn(c, "|"), name = strcspn(c, "|=");
        bool last = !c[whole];
        if (c != choices)
            str_add(why, last ? " or " : ", ");
        str_add_n(why, c, name);
        c += whole;
    }
}

/* --- readers -----------------------------------------------------------------------------------*/

static bool set_bool(const struct opt *o, void *at, const char *text, struct str *why)
{
    size_t len;
    bool yes = find_choice("true|yes|on", text, &len) != NULL;

    (void)o;
    if (!yes && !find_choice("false|no|off", text, &len))
        return not_a(why, "true or false", text);
    *(bool *)at = yes;
    return true;
}

static bool read_integer(const struct opt *o, const char *text, long long *ret, struct str *why)
{
    size_t len;
    const char *named = find_choice(o->choices, text, &len);
    char *end;

    if (named)
        text = named + len + 1;
    errno = 0;
    *ret = strtoll(text, &end, 10);
    if (end == text || (*end && !named) || errno || *text == ' ' || *text == '+') {
        str_add(why, "must be a whole number");
        if (o->choices) {
            str_add(why, " or one of ");
            add_choices(why, o->choices);
        }
        str_addf(why, ", not \"%s\"", text);
        return false;
    }
    return in_range(o, (double)*ret, why);
}

static bool set_int(const struct opt *o, void *at, const char *text, struct str *why)
{
    long long v;

    if (!read_integer(o, text, &v, why))
        return false;
    if (v < INT32_MIN || v > INT32_MAX)
        return not_a(why, "a number of 32 bits", text);
    *(int32_t *)at = (int32_t)v;
    return true;
}

static bool set_uint(const struct opt *o, void *at, const char *text, struct str *why)
{
    long long v;

    if (!read_integer(o, text, &v, why))
        return false;
    if (v < 0 || v > UINT32_MAX)
        return not_a(why, "a number of 32 bits, 0 or more", text);
    *(uint32_t *)at = (uint32_t)v;
    return true;
}

static bool set_real(const struct opt *o, void *at, const char *text, struct str *why)
{
    double v;

    if (!read_real(text, &v))
        return not_a(why, "a number", text);
    if (!in_range(o, v, why))
        return false;
    *(double *)at = v;
    return true;
}

static bool keep_text(void *at, const char *text, size_t len)
{
    char *copy = xstrndup(text, len);

    free(*(char **)at);
    *(char **)at = copy;
    return true;
}

static bool set_text(const struct opt *o, void *at, const char *text, struct str *why)
{
    if (o->max > 0 && (double)strlen(text) > o->max) {
        str_addf(why, "is %zu bytes long: %.0f at most", strlen(text), o->max);
        return false;
    }
    return keep_text(at, text, strlen(text));
}

static bool set_choice(const struct opt *o, void *at, const char *text, struct str *why)
{
    size_t len;
    const char *choice = find_choice(o->choices, text, &len);

    if (choice)
        return keep_text(at, choice, len);
    str_add(why, "must be ");
    add_choices(why, o->choices);
    str_addf(why, ", not \"%s\"", text);
    return false;
}

static bool set_address(const struct opt *o, void *at, const char *text, struct str *why)
{
    char host[256];
    unsigned port;

    (void)o;
    if (!address_split(text, host, sizeof host, &port))
        return not_a(why, "an address with a port such as 127.0.0.1:8080", text);
    return keep_text(at, text, strlen(text));
}

static bool set_url(const struct opt *o, void *at, const char *text, struct str *why)
{
    const char *problem;

    (void)o;
    if (*text && !url_check(text, &problem)) {
        str_add(why, problem); /* without the text: it may carry a password */
        return false;
    }
    return keep_text(at, text, strlen(text));
}

static bool set_texts(const struct opt *o, void *at, const char *text, struct str *why)
{
    (void)why;
    value_clear(o, (char *)at - o->at);
    for (const char *c = text; *c;) { /* "0, 1": from the environment or a flag */
        size_t len = strcspn(c, ","), skip = strspn(c, " ");
        size_t end = len;
        while (end > skip && c[end - 1] == ' ')
            end--;
        if (end > skip) {
            AUTO_FREE char *one = xstrndup(c + skip, end - skip);
            value_append(o, (char *)at - o->at, one);
        }
        c += len + (c[len] == ',');
    }
    return true;
}

/* One "12.5h" at `*text`, which moves on: its value in the smallest unit. */
static bool read_with_unit(const char **text, const struct unit *units, uint64_t *ret)
{
    uint64_t whole = 0, fraction = 0, divisor = 1, scaled;
    const char *c = *text, *digits = c;

    for (; *c >= '0' && *c <= '9'; c++)
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)(*c - '0'), &whole))
            return false;
    if (c == digits)
        return false;
    if (*c == '.') {
        for (c++; *c >= '0' && *c <= '9'; c++) {
            if (divisor == 1000000)
                return false;
            fraction = fraction * 10 + (uint64_t)(*c - '0');
            divisor *= 10;
        }
    }
    size_t len = 0;
    while ((c[len] | 32) >= 'a' && (c[len] | 32) <= 'z')
        len++;
    for (; units->name; units++)
        if (strlen(units->name) == len && !strncasecmp(units->name, c, len))
            break;
    if (!units->name || __builtin_mul_overflow(whole, units->scale, &whole) ||
        __builtin_mul_overflow(fraction, units->scale, &scaled) ||
        __builtin_add_overflow(whole, scaled / divisor, ret))
        return false;
    *text = c + len;
    return true;
}

static bool set_time(const struct opt *o, void *at, const char *text, struct str *why)
{
    const char *c = text;
    uint64_t total = 0, part;

    while (*c && strcmp(text, "0") != 0) {
        if (!read_with_unit(&c, time_units, &part) || __builtin_add_overflow(total, part, &total) ||
            total > INT64_MAX)
            return not_a(why, "a duration such as 30s, 5m, 2h or 1d", text);
    }
    if (!*text)
        return not_a(why, "a duration such as 30s, 5m, 2h or 1d", text);
    struct opt seconds = *o;
    seconds.unit = o->unit ? o->unit : "seconds";
    if (!in_range(&seconds, (double)total / 1e6, why))
        return false;
    *(int64_t *)at = (int64_t)total;
    return true;
}

static bool set_size(const struct opt *o, void *at, const char *text, struct str *why)
{
    const char *c = text;
    uint64_t v;

    if (!read_with_unit(&c, size_units, &v) || *c)
        return not_a(why, "a size such as 64KB, 10MB or 1GB", text);
    if (!in_range(o, (double)v, why))
        return false;
    *(uint64_t *)at = v;
    return true;
}

static bool set_percent(const struct opt *o, void *at, const char *text, struct str *why)
{
    static const struct unit percent[] = {{"", 100}, {NULL, 0}};
    AUTO_FREE char *number = xstrdup(text);
    size_t len = strlen(number);
    uint64_t v;

    if (len && number[len - 1] == '%')
        number[--len] = 0;
    const char *dot = strchr(number, '.'), *c = number;
    if (dot && strspn(dot + 1, "0123456789") > 2 && strspn(dot + 3, "0") != strlen(dot + 3)) {
        str_addf(why, "has more than two decimals: \"%s\" cannot be kept exactly", text);
        return false;
    }
    if (!read_with_unit(&c, percent, &v) || *c || v > UINT32_MAX)
        return not_a(why, "a percentage such as 1.5", text);
    if (!in_range(o, (double)v / 100, why))
        return false;
    *(uint32_t *)at = (uint32_t)v;
    return true;
}

/* --- printers ----------------------------------------------------------------------------------*/

static bool plain_is_safe(const char *text)
{
    size_t len = strlen(text), skip;

    if (!len || !strcasecmp(text, "null") ||
        find_choice("true|false|yes|no|on|off|y|n", text, &skip))
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

static void print_bool(const void *at, struct str *out)
{
    str_add(out, *(const bool *)at ? "true" : "false");
}

static void print_int(const void *at, struct str *out)
{
    str_addf(out, "%d", *(const int32_t *)at);
}

static void print_uint(const void *at, struct str *out)
{
    str_addf(out, "%u", *(const uint32_t *)at);
}

static void print_double(const void *at, struct str *out)
{
    print_real(out, *(const double *)at);
}

static void print_text(const void *at, struct str *out)
{
    const char *text = *(char *const *)at;

    yaml_scalar(out, text ? text : "");
}

static void print_texts(const void *at, struct str *out)
{
    const struct text_list *list = at;

    str_add(out, "[");
    for (size_t i = 0; i < list->count; i++) {
        str_add(out, i ? ", " : "");
        yaml_scalar(out, list->items[i]);
    }
    str_add(out, "]");
}

static void print_time(const void *at, struct str *out)
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

static void print_size(const void *at, struct str *out)
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

static void print_percent(const void *at, struct str *out)
{
    uint32_t bp = *(const uint32_t *)at;

    str_addf(out, "%u", bp / 100);
    if (bp % 100)
        str_addf(out, bp % 10 ? ".%02u" : ".%u", bp % 10 ? bp % 100 : bp % 100 / 10);
}

/* --- the types ---------------------------------------------------------------------------------*/

static const struct {
    const char *name;
    bool (*set)(const struct opt *, void *at, const char *text, struct str *why);
    void (*print)(const void *at, struct str *);
    bool is_text; /* char * */
} types[OPT_TYPES] = {
    [OPT_BOOL] = {"true or false", set_bool, print_bool, false},
    [OPT_INT] = {"whole number", set_int, print_int, false},
    [OPT_UINT] = {"whole number", set_uint, print_uint, false},
    [OPT_REAL] = {"number", set_real, print_double, false},
    [OPT_TEXT] = {"text", set_text, print_text, true},
    [OPT_CHOICE] = {"choice", set_choice, print_text, true},
    [OPT_ADDRESS] = {"address", set_address, print_text, true},
    [OPT_URL] = {"URL", set_url, print_text, true},
    [OPT_TEXTS] = {"list of texts", set_texts, print_texts, false},
    [OPT_TIME] = {"duration", set_time, print_time, false},
    [OPT_SIZE] = {"size", set_size, print_size, false},
    [OPT_PERCENT] = {"percentage", set_percent, print_percent, false},
    [OPT_LIST] = {"list", NULL, NULL, false},
};

const char *option_type_name(enum opt_type type)
{
    return types[type].name;
}

bool value_set(const struct opt *o, void *base, const char *text, struct str *why)
{
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            str_add(why, "must not contain line ends or control characters");
            return false;
        }
    }
    return types[o->type].set(o, field(o, base), text, why);
}

void value_append(const struct opt *o, void *base, const char *text)
{
    struct text_list *list = field(o, base);

    list->items = xreallocarray(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = xstrdup(text);
}

void value_print(const struct opt *o, const void *base, struct str *out)
{
    types[o->type].print(field_const(o, base), out);
}

void value_clear(const struct opt *o, void *base)
{
    void *at = field(o, base);

    if (types[o->type].is_text) {
        free(*(char **)at);
        *(char **)at = NULL;
    } else if (o->type == OPT_TEXTS) {
        struct text_list *list = at;
        for (size_t i = 0; i < list->count; i++)
            free(list->items[i]);
        free(list->items);
        *list = (struct text_list){0};
    }
}
