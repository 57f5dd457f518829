/* SPDX-License-Identifier: MIT */
/* The Prometheus text format, version 0.0.4 (prometheus.io, "Exposition formats"). */
#include "metrics/prometheus.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void add_escaped(struct str *out, const char *text, bool quotes)
{
    for (; *text; text++) {
        if (*text == '\\')
            str_add(out, "\\\\");
        else if (*text == '\n')
            str_add(out, "\\n");
        else if (*text == '"' && quotes)
            str_add(out, "\\\"");
        else
            str_add_n(out, text, 1);
    }
}

static void begin(struct prom_page *page, enum metric m, const char *name)
{
    const struct metric_info *info = metric_info(m);

    assert(!page->done[m]);
    page->done[m] = true;
    page->open = (int)m + 1;
    str_addf(&page->out, "# HELP %s ", name);
    add_escaped(&page->out, info->help, false);
    str_addf(&page->out, "\n# TYPE %s %s\n", name, metric_kind_name(info->kind));
}

/* As few digits as read back the same. */
static void add_value(struct str *out, double value)
{
    char text[40];

    if (isinf(value)) {
        str_add(out, value > 0 ? "+Inf" : "-Inf");
        return;
    }
    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, NULL) < value || strtod(text, NULL) > value)
        snprintf(text, sizeof text, "%.17g", value);
    str_add(out, text);
}

void prom_add(struct prom_page *page, enum metric m, double value, const char *const *values)
{
    char labels[METRIC_LABELS_MAX][METRIC_LABEL_MAX], name[METRIC_NAME_MAX];
    unsigned count = metric_labels(m, labels);

    if (isnan(value))
        return;
    metric_name(m, name);
    if (page->open != (int)m + 1)
        begin(page, m, name);
    str_add(&page->out, name);
    for (unsigned i = 0; i < count; i++) {
        assert(values && values[i]);
        str_addf(&page->out, "%s%s=\"", i ? "," : "{", labels[i]);
        add_escaped(&page->out, values[i], true);
        str_add(&page->out, "\"");
    }
    assert(!values || !values[count]); /* no label value too many */
    str_add(&page->out, count ? "} " : " ");
    add_value(&page->out, value);
    str_add(&page->out, "\n");
}
