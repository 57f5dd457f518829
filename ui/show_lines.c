/* SPDX-License-Identifier: MIT */
/* Lines of devices, their algorithms and datasets, in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/format.h"
#include "ui/show.h"
#include "ui/widgets/graph.h"

enum { GAUGE_MIN = 6, GAUGE_MAX = 24 };

/* "0:52", "1:02:09". */
static const char *clock_of(double seconds, char out[24])
{
    long s = seconds < 0 ? 0 : seconds > 359999 ? 359999 : (long)seconds;

    if (s >= 3600)
        (void)snprintf(out, 24, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        (void)snprintf(out, 24, "%ld:%02ld", s / 60, s % 60);
    return out;
}

const char *show_dataset(const struct dataset_brief *d, char out[96])
{
    const char *kind = strncmp(d->title, "epoch", 5) == 0 ? "DAG" : "dataset";
    bool light = strcmp(d->state, "light") == 0, full = strcmp(d->state, "full") == 0;
    char bytes[FORMAT_MAX], eta[24];

    if (!d->known)
        return text_copy(out, 96, "none needed"), out;
    if (d->making) {
        int n = snprintf(out, 96, "%s %s%s %.0f %%", kind, d->title, light ? "" : ", light part",
                         d->progress * 100);
        if (isfinite(d->eta_s) && n > 0 && n < 80)
            (void)snprintf(out + n, 96 - (size_t)n, " eta %s", clock_of(d->eta_s, eta));
    } else if (light || full) {
        (void)snprintf(out, 96, "%s %s %s, %s", kind, d->title, d->state,
                       format_bytes(bytes, d->bytes));
    } else {
        (void)snprintf(out, 96, "%s %s: %s", kind, d->title, *d->error ? "failed" : d->state);
    }
    return out;
}

int show_dataset_row(struct canvas c, int x, int y, const struct dataset_brief *d)
{
    char text[96];
    bool failed = strcmp(d->state, "failed") == 0;
    unsigned style = failed ? STYLE_BAD : d->making || *d->error ? STYLE_WARN : STYLE_TEXT;

    x = canvas_text_cut(c, x, y, c.w - x, style, show_dataset(d, text)) + 1;
    if (d->making && c.w - x > GAUGE_MIN) {
        int width = c.w - x - 1 < GAUGE_MAX ? c.w - x - 1 : GAUGE_MAX;
        gauge_draw(c, x, y, width, d->progress, STYLE_OK);
        x += width + 1;
    }
    if (*d->error)
        return canvas_text_cut(c, x, y, c.w - x, failed ? STYLE_BAD : STYLE_WARN, d->error) + 1;
    return canvas_text_cut(c, x, y, c.w - x, STYLE_LABEL, d->pages) + 1;
}

const char *show_line_name(const struct line_view *line)
{
    return *line->name ? line->name : "devices";
}

const char *show_algorithms(const struct snapshot *now, int width, char out[160])
{
    size_t n = (size_t)snprintf(out, 160, "%s", now->algorithm);

    if (now->line_count < 2)
        return out;
    for (unsigned i = 0; i < now->line_count && n < 130; i++)
        if (*now->lines[i].name)
            n += (size_t)snprintf(out + n, 160 - n, " %s:%s", now->lines[i].name,
                                  *now->lines[i].algo ? now->lines[i].algo : now->lines[i].wish);
    if (text_width(out) > width)
        (void)snprintf(out, 160, "%s +%u", now->algorithm, now->line_count - 1);
    return out;
}
