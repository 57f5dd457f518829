/* SPDX-License-Identifier: MIT */
/* Texts into values, type by type. Numbers are read in the C locale, whatever the terminal's
 * language. */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "config/address.h"
#include "config/value_types.h"

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

/* --- numbers in the C locale -------------------------------------------------------------------*/

static bool read_real(const char *text, double *ret)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", NULL);
    char *end;

    *ret = strtod_l(text, &end, c);
    freelocale(c);
    return end != text && !*end && isfinite(*ret) && !strpbrk(text, "xXnN \t");
}

static bool in_range(const struct opt *o, double v, struct str *why)
{
    if (o->min == o->max || (v >= o->min && v <= o->max))
        return true;
    str_add(why, "must be between ");
    real_print(why, o->min);
    str_add(why, " and ");
    real_print(why, o->max);
    if (o->unit)
        str_addf(why, " %s", o->unit);
    return false;
}

static bool not_a(struct str *why, const char *what, const char *text)
{
    str_addf(why, "must be %s, not \"%s\"", what, text);
    return false;
}

const char *choice_find(const char *choices, const char *text, size_t *len)
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

bool set_bool(const struct opt *o, void *at, const char *text, struct str *why)
{
    size_t len;
    bool yes = choice_find("true|yes|on", text, &len) != NULL;

    (void)o;
    if (!yes && !choice_find("false|no|off", text, &len))
        return not_a(why, "true or false", text);
    *(bool *)at = yes;
    return true;
}

static bool read_integer(const struct opt *o, const char *text, long long *ret, struct str *why)
{
    size_t len;
    const char *named = choice_find(o->choices, text, &len);
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

bool set_int(const struct opt *o, void *at, const char *text, struct str *why)
{
    long long v;

    if (!read_integer(o, text, &v, why))
        return false;
    if (v < INT32_MIN || v > INT32_MAX)
        return not_a(why, "a number of 32 bits", text);
    *(int32_t *)at = (int32_t)v;
    return true;
}

bool set_uint(const struct opt *o, void *at, const char *text, struct str *why)
{
    long long v;

    if (!read_integer(o, text, &v, why))
        return false;
    if (v < 0 || v > UINT32_MAX)
        return not_a(why, "a number of 32 bits, 0 or more", text);
    *(uint32_t *)at = (uint32_t)v;
    return true;
}

bool set_real(const struct opt *o, void *at, const char *text, struct str *why)
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

bool set_text(const struct opt *o, void *at, const char *text, struct str *why)
{
    if (o->max > 0 && (double)strlen(text) > o->max) {
        str_addf(why, "is %zu bytes long: %.0f at most", strlen(text), o->max);
        return false;
    }
    return keep_text(at, text, strlen(text));
}

bool set_choice(const struct opt *o, void *at, const char *text, struct str *why)
{
    size_t len;
    const char *choice = choice_find(o->choices, text, &len);

    if (choice)
        return keep_text(at, choice, len);
    str_add(why, "must be ");
    add_choices(why, o->choices);
    str_addf(why, ", not \"%s\"", text);
    return false;
}

bool set_address(const struct opt *o, void *at, const char *text, struct str *why)
{
    char host[256];
    unsigned port;

    (void)o;
    if (!address_split(text, host, sizeof host, &port))
        return not_a(why, "an address with a port such as 127.0.0.1:8080", text);
    return keep_text(at, text, strlen(text));
}

bool set_url(const struct opt *o, void *at, const char *text, struct str *why)
{
    const char *problem;

    (void)o;
    if (*text && !url_check(text, &problem)) {
        str_add(why, problem); /* without the text: it may carry a password */
        return false;
    }
    return keep_text(at, text, strlen(text));
}

bool set_texts(const struct opt *o, void *at, const char *text, struct str *why)
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

bool set_time(const struct opt *o, void *at, const char *text, struct str *why)
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

bool set_size(const struct opt *o, void *at, const char *text, struct str *why)
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

bool set_percent(const struct opt *o, void *at, const char *text, struct str *why)
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
