/* SPDX-License-Identifier: MIT */
/* JSON helpers of the API. */
#include "api/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/str.h"
#include "coin/coin.h"

json_t *json_known(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_count(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *json_nonzero(uint64_t value)
{
    return value ? json_count(value) : json_null();
}

json_t *json_text(const char *text)
{
    json_t *plain = json_string(text); /* NULL when it is not UTF-8 */
    AUTO_STR struct str clean = {0};

    if (plain)
        return plain;
    while (*text) {
        unsigned point, len = utf8_next(text, &point);
        if (len)
            str_add_n(&clean, text, len);
        else
            str_add(&clean, "\xef\xbf\xbd");
        text += len ? len : 1;
    }
    return json_string(str_text(&clean));
}

json_t *json_text_or_null(const char *text)
{
    return text && *text ? json_text(text) : json_null();
}

void rfc3339(int64_t unix_ms, char out[RFC3339_MAX])
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm tm;
    char date[24];

    gmtime_r(&seconds, &tm);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out, RFC3339_MAX, "%s.%03dZ", date, (int)(unix_ms % 1000));
}

json_t *json_wall(int64_t unix_ms)
{
    char text[RFC3339_MAX];

    if (unix_ms <= 0)
        return json_null();
    rfc3339(unix_ms, text);
    return json_string(text);
}

json_t *json_age_ms(int64_t now_us, int64_t at_us)
{
    if (!at_us)
        return json_null();
    return json_integer(now_us > at_us ? (now_us - at_us) / 1000 : 0);
}

/* `places`: decimals below the atoms. */
static json_t *money(uint64_t number, const struct coin *coin, int places)
{
    char amount[24];
    json_t *ret = json_object();

    snprintf(amount, sizeof amount, "%llu", (unsigned long long)number);
    json_object_set_new(ret, "amount", json_string(amount));
    json_object_set_new(ret, "currency", json_text_or_null(coin ? coin->symbol : NULL));
    json_object_set_new(ret, "decimals",
                        coin ? json_integer(coin->decimals + places) : json_null());
    return ret;
}

json_t *json_money(uint64_t atoms, const struct coin *coin)
{
    return money(atoms, coin, 0);
}

json_t *json_money_micro(uint64_t millionths, const struct coin *coin)
{
    return money(millionths, coin, 6);
}

char *json_print(const json_t *value)
{
    /* 12 digits: more than any measured rate has, and 0.1 stays 0.1 */
    return json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(12) | JSON_ENCODE_ANY);
}

/* Deepest nesting of brackets outside strings: found before the parser recurses. */
static unsigned bracket_depth(const char *s, size_t len)
{
    unsigned depth = 0, deepest = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        if (quoted) {
            if (s[i] == '\\')
                i++;
            else if (s[i] == '"')
                quoted = false;
        } else if (s[i] == '"') {
            quoted = true;
        } else if (s[i] == '{' || s[i] == '[') {
            if (++depth > deepest)
                deepest = depth;
        } else if ((s[i] == '}' || s[i] == ']') && depth) {
            depth--;
        }
    }
    return deepest;
}

json_t *json_read_object(const char *bytes, size_t len, unsigned depth, char *why, size_t why_size)
{
    json_error_t error;
    json_t *ret;

    if (bracket_depth(bytes, len) > depth) {
        snprintf(why, why_size, "the body is nested deeper than %u levels", depth);
        return NULL;
    }
    ret = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    if (!ret) {
        snprintf(why, why_size, "the body is not JSON: line %d, column %d: %s", error.line,
                 error.column, error.text);
    } else if (!json_is_object(ret)) {
        snprintf(why, why_size, "the body must be a JSON object");
        json_decref(ret);
        ret = NULL;
    }
    return ret;
}
