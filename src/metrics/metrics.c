/* SPDX-License-Identifier: MIT */
/* The table of metrics and its printed form. */
#include "metrics/metrics.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

static const struct metric_info infos[METRICS] = {
#define X(name, kind, unit, labels, help) {#name, METRIC_##kind, unit, labels, help},
#include "metrics/metrics.def"
#undef X
};

const struct metric_info *metric_info(enum metric m)
{
    return &infos[m];
}

void metric_name(enum metric m, char out[METRIC_NAME_MAX])
{
    const char *word = infos[m].word;
    const char *prefix = strncmp(word, "PROCESS_", 8) == 0 ? "" : "otedama_";

    snprintf(out, METRIC_NAME_MAX, "%s%s", prefix, word);
    for (char *c = out; *c; c++)
        *c = (char)tolower((unsigned char)*c);
}

const char *metric_kind_name(enum metric_kind kind)
{
    return kind == METRIC_COUNTER ? "counter" : "gauge";
}

unsigned metric_labels(enum metric m, char out[METRIC_LABELS_MAX][METRIC_LABEL_MAX])
{
    const char *at = infos[m].labels;
    unsigned count = 0;

    while (*at && count < METRIC_LABELS_MAX) {
        size_t len = strcspn(at, ",");
        snprintf(out[count++], METRIC_LABEL_MAX, "%.*s", (int)len, at);
        at += len + (at[len] == ',');
    }
    return count;
}

void metrics_print(FILE *out)
{
    fputs(".TS\nallbox tab(|);\nlb lb lb lb\nl l l lx.\nName|Type|Labels|Meaning\n", out);
    for (unsigned m = 0; m < METRICS; m++) {
        const struct metric_info *info = &infos[m];
        char name[METRIC_NAME_MAX];
        metric_name(m, name);
        fprintf(out, "%s|%s|%s|T{\n%s", name, metric_kind_name(info->kind), info->labels,
                info->help);
        if (*info->unit)
            fprintf(out, " (%s)", info->unit);
        fputs(".\nT}\n", out);
    }
    fputs(".TE\n", out);
}
