/* SPDX-License-Identifier: MIT */
/* Figures as rows, as JSON and back, and side by side. */
#include "cli/bench_figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "algo/cpu.h"
#include "base/alloc.h"
#include "base/str.h"

enum { FIGURES_MAX = 10000, LINE_MAX_BYTES = 4096 };

static const struct {
    const char *name, *unit;
    bool less_is_better;
} kinds[FIGURE_KINDS] = {
    [FIGURE_HASH] = {"hash", "H/s", false},    [FIGURE_CHECK] = {"check", "/s", false},
    [FIGURE_CACHE] = {"cache", "s", true},     [FIGURE_ITEMS] = {"items", "/s", false},
    [FIGURE_DATASET] = {"dataset", "s", true},
};

const char *figure_name(enum figure_kind kind)
{
    return kinds[kind].name;
}

const char *figure_unit(enum figure_kind kind)
{
    return kinds[kind].unit;
}

bool figure_same(const struct figure *a, const struct figure *b)
{
    return a->kind == b->kind && !strcmp(a->algo, b->algo) && !strcmp(a->impl, b->impl) &&
           !strcmp(a->mode, b->mode) && a->threads == b->threads && a->height == b->height;
}

/* --- rows ------------------------------------------------------------------------------------ */

/* "33.02 M" with a unit: "33.02 MH/s" */
static void quantity(char *out, size_t len, double value, const char *unit)
{
    static const struct {
        double from;
        const char *prefix;
    } scale[] = {{1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {0, " "}};
    unsigned i = 0;

    while (scale[i].from > 0 && value < scale[i].from)
        i++;
    (void)snprintf(out, len, "%.2f%s%s", value / (scale[i].from > 0 ? scale[i].from : 1),
                   scale[i].prefix, unit);
}

void figure_head(void)
{
    (void)printf("%s\n%-9s %-8s %-10s %-6s %7s %14s %16s\n", cpu_model(), "algorithm", "figure",
                 "engine", "mode", "threads", "rate", "per CPU second");
}

static void print_row(const struct figure *f)
{
    const char *unit = figure_unit(f->kind);
    char value[40], per_cpu[40] = "", note[96] = "";

    quantity(value, sizeof value, f->value, unit);
    if (!kinds[f->kind].less_is_better)
        quantity(per_cpu, sizeof per_cpu, f->per_cpu, unit);
    if (f->kind == FIGURE_ITEMS && f->value > 0)
        (void)snprintf(note, sizeof note, "  %s: %.0f items, %.0f s at this rate", f->dataset,
                       f->total, f->total / f->value);
    else if (*f->dataset)
        (void)snprintf(note, sizeof note, "  %s", f->dataset);
    (void)printf("%-9s %-8s %-10s %-6s %7u %14s %16s%s\n", f->algo, figure_name(f->kind), f->impl,
                 f->mode, f->threads, value, per_cpu, note);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void print_json(const struct figure *f)
{
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:s, s:f, s:s, s:f, s:f, s:f}", "figure",
                  figure_name(f->kind), "algo", f->algo, "device", "cpu0", "impl", f->impl, "mode",
                  f->mode, "threads", (int)f->threads, "height", (json_int_t)f->height, "dataset",
                  f->dataset, "value", f->value, "unit", figure_unit(f->kind), "count", f->count,
                  "seconds", f->seconds, "cpu_seconds", f->cpu_seconds);

    if (f->kind == FIGURE_ITEMS)
        (void)json_object_set_new(o, "total", json_real(f->total));
    (void)json_object_set_new(o, "cpu", json_string(cpu_model()));
    (void)json_object_set_new(o, "version", json_string(OTEDAMA_VERSION));
    (void)json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
    (void)putchar('\n');
    json_decref(o);
}

void figure_print(const struct figure *f, bool json)
{
    if (json)
        print_json(f);
    else
        print_row(f);
    (void)fflush(stdout);
}

static bool take_text(const json_t *o, const char *key, char *out, size_t size)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s && text_clean(out, size, s);
}

static bool take_kind(const json_t *o, enum figure_kind *kind)
{
    const char *name = json_string_value(json_object_get(o, "figure"));

    for (unsigned i = 0; name && i < FIGURE_KINDS; i++)
        if (!strcmp(kinds[i].name, name)) {
            *kind = (enum figure_kind)i;
            return true;
        }
    return false;
}

static bool take_figure(const json_t *o, struct figure *f)
{
    json_int_t threads = json_integer_value(json_object_get(o, "threads"));
    json_int_t height = json_integer_value(json_object_get(o, "height"));

    *f = (struct figure){.value = json_number_value(json_object_get(o, "value")),
                         .count = json_number_value(json_object_get(o, "count")),
                         .cpu_seconds = json_number_value(json_object_get(o, "cpu_seconds")),
                         .threads = (unsigned)threads,
                         .height = (uint64_t)height};
    f->per_cpu = f->cpu_seconds > 0 && f->count > 0 ? f->count / f->cpu_seconds : 0;
    return threads >= 1 && threads <= 65536 && height >= 0 && f->value > 0 && isfinite(f->value) &&
           take_kind(o, &f->kind) && take_text(o, "algo", f->algo, sizeof f->algo) &&
           take_text(o, "impl", f->impl, sizeof f->impl) &&
           take_text(o, "mode", f->mode, sizeof f->mode);
}

static int read_lines(FILE *file, struct figure *figures, size_t *count, int *line)
{
    char text[LINE_MAX_BYTES];

    for (*line = 1; fgets(text, sizeof text, file); ++*line) {
        json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        bool ok = *count < FIGURES_MAX && take_figure(o, &figures[*count]);
        json_decref(o);
        if (!ok)
            return ERR_FIELD;
        ++*count;
    }
    return *count ? 0 : ERR_FIELD;
}

int figures_read(const char *path, struct figure **ret, size_t *count, struct fault *why)
{
    bool is_stdin = !strcmp(path, "-");
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    int line = 0;

    if (!file)
        return fault_set(why, ERR_FIELD, "%s cannot be read", path);
    *ret = xcalloc(FIGURES_MAX, sizeof **ret);
    *count = 0;
    int err = read_lines(file, *ret, count, &line);
    if (!is_stdin)
        (void)fclose(file);
    if (err < 0) {
        free(*ret);
        *ret = NULL;
        return fault_set(why, err, "%s, line %d: not a figure of `otedama bench --json`", path,
                         line);
    }
    return 0;
}

/* --- side by side ---------------------------------------------------------------------------- */

bool figure_compare(const struct figure *before, const struct figure *now, double tolerance,
                    bool wall)
{
    const char *unit = figure_unit(before->kind);
    bool per_cpu = !wall && before->per_cpu > 0 && now->per_cpu > 0;
    double old = per_cpu ? before->per_cpu : before->value;
    double new = per_cpu ? now->per_cpu : now->value;
    double better = kinds[before->kind].less_is_better ? old / new : new / old;
    bool fell = better < 1 - tolerance;
    char was[40], is[40];

    quantity(was, sizeof was, old, unit);
    quantity(is, sizeof is, new, unit);
    (void)printf("%-9s %-8s %-10s %-6s %7u %14s %14s %8.3f%s\n", before->algo,
                 figure_name(before->kind), before->impl, before->mode, before->threads, was, is,
                 new / old, fell ? "  worse" : "");
    (void)fflush(stdout);
    return fell;
}
