/* SPDX-License-Identifier: MIT */
/* Graphs: values are gathered into one sample per dot column, samples become dots of a cell. */
#include "ui/widgets/graph.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/format.h"

enum { AXIS = 7, AXIS_MIN_WIDTH = 30 };

void graph_range(const float *points, unsigned count, double *low, double *high)
{
    double least = INFINITY, most = 0;

    for (unsigned i = 0; i < count; i++)
        if (isfinite(points[i])) {
            least = fmin(least, points[i]);
            most = fmax(most, points[i]);
        }
    *low = 0;
    *high = most > 0 ? most * 1.1 : 1;
    if (!isfinite(least) || least <= most / 2)
        return;
    /* close together: show the difference, but never magnify noise below a tenth */
    double span = fmax(most - least, most * 0.1), step = pow(10, floor(log10(span)));
    if (span / step < 2)
        step /= 2;
    *low = fmax(0, floor((least - span) / step) * step);
    *high = ceil((most + span / 4) / step) * step;
}

/* `columns` samples, newest last; when there are more points than columns they are averaged over
 * the whole width, else the oldest columns stay empty. */
static double *gather(const float *points, unsigned count, int columns)
{
    double *samples = xcalloc((size_t)columns + 1, sizeof *samples);
    int64_t points_in = count > (unsigned)columns ? (int64_t)count : columns;
    int64_t empty = points_in - count;

    for (int i = 0; i < columns; i++) {
        int64_t from = i * points_in / columns - empty, to = (i + 1) * points_in / columns - empty;
        double sum = 0;
        unsigned n = 0;
        for (int64_t at = from; at < to; at++)
            if (at >= 0 && isfinite(points[at])) {
                sum += points[at];
                n++;
            }
        samples[i] = n ? sum / n : NAN;
    }
    return samples;
}

/* Filled height of a sample in `steps` steps. Anything above zero shows at least one. */
static int height(double v, double low, double high, int steps)
{
    if (isnan(v) || v <= 0)
        return 0;
    double level = (v - low) / (high - low) * steps;
    return level < 1 ? 1 : level > steps ? steps : (int)lround(level);
}

static unsigned row_style(int row, int rows)
{
    static const unsigned thirds[] = {STYLE_GRAPH_HIGH, STYLE_GRAPH_MID, STYLE_GRAPH_LOW};

    return thirds[row * 3 / rows];
}

static uint32_t braille(int left, int right)
{
    static const uint8_t fill[2][5] = {{0, 0x40, 0x44, 0x46, 0x47}, {0, 0x80, 0xa0, 0xb0, 0xb8}};

    return 0x2800U + fill[0][left] + fill[1][right];
}

static int within(int level, int row_base, int steps)
{
    int v = level - row_base;

    return v < 0 ? 0 : v > steps ? steps : v;
}

static void plot(struct canvas c, const double *samples, double low, double high)
{
    static const char ascii[] = " .:|#";
    enum symbols symbols = c.grid->symbols;
    int dots = symbols == SYMBOLS_BRAILLE ? 2 : 1, steps = symbols == SYMBOLS_BLOCK ? 8 : 4;

    for (int x = 0; x < c.w; x++)
        for (int y = 0; y < c.h; y++) {
            int base = (c.h - 1 - y) * steps;
            int a = within(height(samples[x * dots], low, high, c.h * steps), base, steps);
            int b =
                within(height(samples[x * dots + dots - 1], low, high, c.h * steps), base, steps);
            uint32_t cp = symbols == SYMBOLS_BRAILLE ? braille(a, b)
                          : symbols == SYMBOLS_BLOCK ? 0x2580U + (unsigned)a
                                                     : (uint32_t)ascii[a];
            if (a || b)
                canvas_put(c, x, y, row_style(y, c.h), cp);
        }
}

static void draw_axis(struct canvas c, double low, double high)
{
    for (int y = 0; y < c.h; y++) {
        char text[FORMAT_MAX];
        bool label = y == 0 || y == c.h - 1 || (c.h >= 5 && y == c.h / 2);
        double at = low + (high - low) * (c.h > 1 ? (double)(c.h - 1 - y) / (c.h - 1) : 1);
        if (label)
            (void)canvas_text_right(c, AXIS - 1, y, STYLE_LABEL, format_si(text, at));
        canvas_put(c, AXIS, y, STYLE_BORDER, label ? 0x2524 : 0x2502);
    }
}

void graph_draw(struct canvas c, const float *points, unsigned count)
{
    int axis = c.w >= AXIS_MIN_WIDTH ? AXIS + 1 : 0;
    struct canvas area = canvas_sub(c, axis, 0, c.w - axis, c.h);
    double low, high;

    if (area.w <= 0 || area.h <= 0)
        return;
    graph_range(points, count, &low, &high);
    if (axis)
        draw_axis(c, low, high);
    AUTO_FREE double *samples =
        gather(points, count, area.w * (c.grid->symbols == SYMBOLS_BRAILLE ? 2 : 1));
    plot(area, samples, low, high);
}

void spark_draw(struct canvas c, const float *points, unsigned count)
{
    double low, high;

    if (c.w <= 0 || c.h <= 0)
        return;
    graph_range(points, count, &low, &high);
    AUTO_FREE double *samples =
        gather(points, count, c.w * (c.grid->symbols == SYMBOLS_BRAILLE ? 2 : 1));
    plot(canvas_sub(c, 0, 0, c.w, 1), samples, low, high);
}

void gauge_draw(struct canvas c, int x, int y, int width, double ratio, unsigned style)
{
    double r = isnan(ratio) || ratio < 0 ? 0 : ratio > 1 ? 1 : ratio;
    int full = (int)lround(r * width);

    for (int i = 0; i < width; i++)
        canvas_put(c, x + i, y, i < full ? style : STYLE_GAUGE_EMPTY, i < full ? 0x2588 : 0x2591);
}
