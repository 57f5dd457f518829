/* SPDX-License-Identifier: MIT */
/* Rows as text and as JSON, one a line. */
#include "cli/bench_row.h"

#include <stdio.h>

#include <jansson.h>

#include "algo/cpu.h"

void row_add(struct bench_row *row, const char *key, const char *label, double value, int digits)
{
    unsigned i = row->count;

    if (i == ROW_CELLS)
        return;
    row->cells[i].key = key;
    row->cells[i].label = label;
    row->cells[i].value = value;
    row->cells[i].digits = digits;
    row->count++;
}

static void print_json(const struct bench_row *row, const char *missing)
{
    json_t *o = json_pack("{s:s, s:s}", "bench", row->bench, "figure", row->what);

    for (unsigned i = 0; i < row->count; i++)
        (void)json_object_set_new(o, row->cells[i].key,
                                  row->cells[i].digits
                                      ? json_real(row->cells[i].value)
                                      : json_integer((json_int_t)row->cells[i].value));
    if (missing)
        (void)json_object_set_new(o, "not_measured", json_string(missing));
    (void)json_object_set_new(o, "cpu", json_string(cpu_model()));
    (void)json_object_set_new(o, "version", json_string(OTEDAMA_VERSION));
    (void)json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
    (void)putchar('\n');
    json_decref(o);
}

static void print_text(const struct bench_row *row, const char *missing)
{
    (void)printf("%-10s", row->what);
    for (unsigned i = 0; i < row->count; i++)
        if (row->cells[i].label)
            (void)printf("  %.*f %s", row->cells[i].digits, row->cells[i].value,
                         row->cells[i].label);
    (void)printf("%s%s\n", missing ? "  not measured: " : "", missing ? missing : "");
}

void row_print(const struct bench_row *row, bool json)
{
    row_missing(row, NULL, json);
}

void row_missing(const struct bench_row *row, const char *why, bool json)
{
    if (json)
        print_json(row, why);
    else
        print_text(row, why);
    (void)fflush(stdout);
}
