/* SPDX-License-Identifier: MIT */
/* Numbers for people. */
#include "ui/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"

#define UNKNOWN "\xe2\x80\x93" /* en dash */

static const char *unknown(char out[FORMAT_MAX])
{
    (void)text_copy(out, FORMAT_MAX, UNKNOWN);
    return out;
}

/* Scales to below 1000 (after rounding to `digits`) and names the power of a thousand. */
static double scale(double v, int digits, const char **prefix)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z", "Y"};
    double top = digits == 4 ? 999.95 : 999.5;
    size_t i = 0;

    while (fabs(v) >= top && i + 1 < sizeof prefixes / sizeof *prefixes) {
        v /= 1000;
        i++;
    }
    *prefix = prefixes[i];
    return v;
}

static const char *digits_si(char out[FORMAT_MAX], double value, int digits, const char *space,
                             const char *unit)
{
    const char *prefix;

    if (!isfinite(value))
        return unknown(out);
    double v = scale(value, digits, &prefix), a = fabs(v);
    int decimals = a >= 99.995 ? digits - 3 : digits - 2;
    if (digits == 3 && a < 9.995)
        decimals = 2;
    if (value == 0 || (digits == 3 && !*prefix && v == floor(v)))
        decimals = 0;
    if (digits == 3 && *prefix && v == floor(v))
        decimals = 0;
    (void)snprintf(out, FORMAT_MAX, "%.*f%s%s%s", decimals, v, *prefix ? "" : space, prefix, unit);
    return out;
}

const char *format_si(char out[FORMAT_MAX], double value)
{
    return digits_si(out, value, 4, "", "");
}

const char *format_rate(char out[FORMAT_MAX], double value)
{
    return digits_si(out, value, 4, " ", "H/s");
}

const char *format_short(char out[FORMAT_MAX], double value)
{
    if (value > 0 && value < 0.1) { /* difficulties of a devnet */
        (void)snprintf(out, FORMAT_MAX, value >= 0.001 ? "%.3f" : "%.0e", value);
        return out;
    }
    return digits_si(out, value, 3, "", "");
}

const char *format_count(char out[FORMAT_MAX], uint64_t value)
{
    char plain[24];
    int n = snprintf(plain, sizeof plain, "%" PRIu64, value), at = 0;

    for (int i = 0; i < n && at < FORMAT_MAX - 2; i++) {
        if (i && (n - i) % 3 == 0)
            out[at++] = ' ';
        out[at++] = plain[i];
    }
    out[at] = 0;
    return out;
}

const char *format_fixed(char out[FORMAT_MAX], double value, int decimals)
{
    if (!isfinite(value))
        return unknown(out);
    if (fabs(value) >= 1e9)
        return format_si(out, value);
    (void)snprintf(out, FORMAT_MAX, "%.*f", decimals, value);
    return out;
}

const char *format_percent(char out[FORMAT_MAX], uint64_t part, uint64_t whole)
{
    if (whole == 0)
        return unknown(out);
    double percent = 100.0 * (double)part / (double)whole;
    (void)snprintf(out, FORMAT_MAX, "%.*f%%", percent >= 99.95 ? 0 : 1, percent);
    return out;
}

const char *format_bytes(char out[FORMAT_MAX], uint64_t bytes)
{
    static const char units[] = "KMGTPE";
    double v = (double)bytes;
    int i = -1;

    while (v >= 999.5 && i + 1 < (int)sizeof units - 1) {
        v /= 1024;
        i++;
    }
    if (i < 0)
        (void)snprintf(out, FORMAT_MAX, "%.0f B", v);
    else
        (void)snprintf(out, FORMAT_MAX, v < 99.95 ? "%.1f %ciB" : "%.0f %ciB", v, units[i]);
    return out;
}

const char *format_age(char out[FORMAT_MAX], int64_t us)
{
    int64_t s = us / SECOND_US;

    if (us < 0)
        return unknown(out);
    if (s < 1)
        (void)snprintf(out, FORMAT_MAX, "0.%" PRId64 "s", us / 100000);
    else if (s < 100)
        (void)snprintf(out, FORMAT_MAX, "%" PRId64 "s", s);
    else if (s < 6000)
        (void)snprintf(out, FORMAT_MAX, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
    else if (s < 360000)
        (void)snprintf(out, FORMAT_MAX, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
    else
        (void)snprintf(out, FORMAT_MAX, "%" PRId64 "d%02" PRId64 "h", s / 86400, s / 3600 % 24);
    return out;
}

const char *format_since(char out[FORMAT_MAX], int64_t now, int64_t then)
{
    if (then == 0)
        return unknown(out);
    return format_age(out, now > then ? now - then : 0);
}

const char *format_uptime(char out[FORMAT_MAX], int64_t us)
{
    int64_t s = us < 0 ? 0 : us / SECOND_US;
    int n = 0;

    if (s >= 86400)
        n = snprintf(out, FORMAT_MAX, "%" PRId64 "d", s / 86400);
    (void)snprintf(out + n, FORMAT_MAX - (size_t)n, "%02d:%02d:%02d", (int)(s / 3600 % 24),
                   (int)(s / 60 % 60), (int)(s % 60));
    return out;
}

static bool utc(int64_t wall, struct tm *tm)
{
    time_t t = (time_t)(wall / 1000);

    return wall > 0 && gmtime_r(&t, tm);
}

const char *format_clock(char out[FORMAT_MAX], int64_t wall)
{
    struct tm tm;

    if (!utc(wall, &tm) || !strftime(out, FORMAT_MAX, "%H:%M:%S", &tm))
        return unknown(out);
    return out;
}

const char *format_date(char out[FORMAT_MAX], int64_t wall)
{
    struct tm tm;

    if (!utc(wall, &tm) || !strftime(out, FORMAT_MAX, "%Y-%m-%d %H:%M", &tm))
        return unknown(out);
    return out;
}
