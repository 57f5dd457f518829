/* SPDX-License-Identifier: MIT */
/* Words and styles that several panels share. */
#include "ui/show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "ui/format.h"

enum { TELEMETRY_OLD_S = 30, FAR_OUTSIDE = 100000 };

const char *show_state(const struct snapshot *now)
{
    static const char *const words[][2] = {[MINING_STOPPED] = {"STOPPED", "STOPPED+POOL"},
                                           [MINING_WAITING] = {"WAITING", "WAITING+POOL"},
                                           [MINING_RUNNING] = {"MINING", "MINING+POOL"}};

    return words[now->state][now->pool_on];
}

unsigned show_state_style(const struct snapshot *now)
{
    return now->state == MINING_RUNNING ? STYLE_TITLE_STATE : STYLE_TITLE_ALARM;
}

bool show_any_sim(const struct snapshot *now)
{
    for (unsigned i = 0; i < now->device_count; i++)
        if (strcmp(now->devices[i].info.kind, "sim") == 0)
            return true;
    return false;
}

bool show_worthless(const struct snapshot *now)
{
    const struct coin *coin = now->pool.coin;

    return coin && (strcmp(coin->name, "devnet") == 0 || now->pool.network != NETWORK_MAIN);
}

static const struct {
    const char *word;
    unsigned style;
} device_states[] = {
    [DEVICE_OFF] = {"OFF", STYLE_OFF},        [DEVICE_IDLE] = {"IDLE", STYLE_OFF},
    [DEVICE_WAITING] = {"WAIT", STYLE_WARN},  [DEVICE_RUN] = {"RUN", STYLE_OK},
    [DEVICE_PAUSED] = {"PAUSED", STYLE_WARN}, [DEVICE_FAILED] = {"FAILED", STYLE_BAD}};

const char *show_device_state(const struct device_view *d)
{
    return device_states[d->state].word;
}

unsigned show_device_style(const struct device_view *d)
{
    return device_states[d->state].style;
}

float show_hottest(const struct telemetry *t)
{
    float most = NAN;

    for (size_t i = 0; i < sizeof t->celsius / sizeof *t->celsius; i++)
        if (!isnan(t->celsius[i]) && !(most >= t->celsius[i]))
            most = t->celsius[i];
    return most;
}

bool show_telemetry_old(const struct device_view *d, int64_t now)
{
    return d->telemetry_us && now - d->telemetry_us > TELEMETRY_OLD_S * SECOND_US;
}

static const struct {
    const char *word;
    unsigned style;
} upstream_states[] = {[UPSTREAM_DISABLED] = {"OFF", STYLE_OFF},
                       [UPSTREAM_STANDBY] = {"STANDBY", STYLE_OFF},
                       [UPSTREAM_DEAD] = {"DEAD", STYLE_BAD},
                       [UPSTREAM_CONNECTING] = {"CONNECT", STYLE_WARN},
                       [UPSTREAM_ALIVE] = {"ALIVE", STYLE_OK}};

const char *show_upstream_state(const struct upstream_view *u)
{
    return upstream_states[u->status].word;
}

unsigned show_upstream_style(const struct upstream_view *u)
{
    return upstream_states[u->status].style;
}

const struct upstream_view *show_active_upstream(const struct snapshot *now)
{
    for (unsigned i = 0; i < now->upstream_count && i < UPSTREAM_MAX; i++)
        if (now->upstreams[i].active)
            return &now->upstreams[i];
    return NULL;
}

static unsigned log_style(const struct log_record *r)
{
    static const unsigned categories[LOG_CATEGORIES] = {
        [LOG_CORE] = STYLE_LOG_OTHER,    [LOG_CONFIG] = STYLE_LOG_OTHER,
        [LOG_DEVICE] = STYLE_LOG_DEVICE, [LOG_JOB] = STYLE_LOG_JOB,
        [LOG_SHARE] = STYLE_LOG_SHARE,   [LOG_POOL] = STYLE_LOG_POOL,
        [LOG_CHAIN] = STYLE_LOG_POOL,    [LOG_STRATUM] = STYLE_LOG_POOL,
        [LOG_STORE] = STYLE_LOG_OTHER,   [LOG_API] = STYLE_LOG_OTHER,
        [LOG_UI] = STYLE_LOG_OTHER,      [LOG_THERMAL] = STYLE_LOG_THERMAL};

    return r->category < LOG_CATEGORIES ? categories[r->category] : STYLE_LOG_OTHER;
}

/* Name of a category without asking the log: it may come from a newer record. */
static const char *category_word(unsigned category)
{
    static const char *const words[LOG_CATEGORIES] = {
#define X(name, word) [LOG_##name] = word,
        LOG_CATEGORY_LIST(X)
#undef X
    };

    return category < LOG_CATEGORIES ? words[category] : "?";
}

void show_log(struct canvas c, int y, const struct log_record *r, bool millis, bool found)
{
    static const char marks[] = "EW   ";
    unsigned text = r->level == LOG_ERROR  ? STYLE_BAD
                    : r->level == LOG_WARN ? STYLE_WARN
                    : r->level > LOG_INFO  ? STYLE_LABEL
                                           : STYLE_TEXT;
    char clock[FORMAT_MAX], line[sizeof r->text + 16];
    int x = canvas_text(c, c.w >= 60 ? 1 : 0, y, STYLE_LOG_TIME, format_clock(clock, r->wall_ms));

    if (millis)
        x = canvas_textf(c, x, y, STYLE_LOG_TIME, ".%03d", (int)(r->wall_ms % 1000));
    if (c.w >= 60) {
        canvas_put(c, x + 1, y, text, r->level < LOG_LEVELS ? (uint32_t)marks[r->level] : ' ');
        (void)canvas_textf(c, x + 3, y, log_style(r), "%-7s", category_word(r->category));
        x += 10;
    }
    (void)snprintf(line, sizeof line, r->repeats ? "%s (\xc3\x97 %u)" : "%s", r->text,
                   r->repeats + 1U);
    (void)canvas_text_cut(c, x + 1, y, c.w - x - 1, found ? STYLE_FOUND : text, line);
}

void show_log_tail(struct canvas c, const struct log_view *log, enum log_level level)
{
    int y = c.h;

    for (unsigned i = log->count; i-- > 0 && y > 0;)
        if (log_view_at(log, i)->level <= level)
            y--;
    for (unsigned i = log->count, left = (unsigned)(c.h - y), row = left; i-- > 0 && row > 0;)
        if (log_view_at(log, i)->level <= level)
            show_log(c, (int)--row, log_view_at(log, i), c.w >= 110, false);
}

const float *show_history(const struct snapshot *now, const float all[HISTORY_POINTS],
                          unsigned *count)
{
    *count = now->history_count < HISTORY_POINTS ? now->history_count : HISTORY_POINTS;
    return all + HISTORY_POINTS - *count;
}

int show_whole(struct canvas c, int x, int y, unsigned style, const char *text)
{
    return x + text_width(text) > c.w ? FAR_OUTSIDE : canvas_text(c, x, y, style, text);
}

const char *show_url(const char *url)
{
    static const char plain[] = "stratum+tcp://";

    return strncmp(url, plain, sizeof plain - 1) == 0 ? url + sizeof plain - 1 : url;
}

int show_pair(struct canvas c, int x, int y, const char *label, unsigned style, const char *value)
{
    if (x + text_width(label) + 1 + text_width(value) > c.w)
        return FAR_OUTSIDE;
    x = canvas_text(c, x, y, STYLE_LABEL, label);
    return canvas_text(c, x + 1, y, style, value) + 2;
}

int show_wrapped(struct canvas c, int x, int y, int width, unsigned style, const char *text)
{
    while (*text && width > 0) {
        size_t n = 0, end = 0;
        while (text[n] && (int)n <= width) {
            if (text[n] == ' ')
                end = n;
            n++;
        }
        if (!text[n] && (int)n <= width)
            end = n;
        if (end == 0)
            end = n;
        (void)canvas_textf(c, x, y++, style, "%.*s", (int)end, text);
        text += end + strspn(text + end, " ");
    }
    return y;
}

const char *show_effective(const struct effective_rate *e, char out[SHOW_EFFECTIVE_MAX])
{
    char rate[FORMAT_MAX];

    if (isnan(e->rate) || !(e->rate > 0))
        (void)text_copy(out, SHOW_EFFECTIVE_MAX, "unknown");
    else
        (void)snprintf(out, SHOW_EFFECTIVE_MAX, "%s (%.0f..+%.0f%%)", format_rate(rate, e->rate),
                       (e->low / e->rate - 1) * 100, (e->high / e->rate - 1) * 100);
    return out;
}
