/* SPDX-License-Identifier: MIT */
/* The layers above the file: environment variables and flags. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config/tree.h"
#include "config/value.h"

/* A value of one text: as YAML when it is a list, else as it stands. */
static void apply_text(struct config *config, const struct opt *o, void *base, const char *path,
                       const char *text, const char *origin, struct report *report)
{
    AUTO_STR struct str why = {0};

    if (o->type == OPT_LIST || (o->type == OPT_TEXTS && *text == '[')) {
        struct node *node = yaml_parse(text, strlen(text), origin, report);
        if (node)
            node_apply(config, o, base, node, path, origin, report);
        node_free(node);
    } else if (!value_set(o, base, text, &why)) {
        report_error(report, NULL, path, "%s (%s)",
                     o->flags & OPT_SECRET ? "is not a valid value" : why.s, origin);
    } else if (!option_is_item(o)) {
        origin_set(config, o, origin, 0, 0);
    }
}

/* Variables with our prefix that are not settings: the program's own, and those that Kubernetes
 * puts into every container for a service named otedama. */
static bool other_variable(const char *name, const char *value)
{
    static const char *const own[] = {"OTEDAMA_CONFIG", "OTEDAMA_CPU_MASK", "OTEDAMA_SIM"};

    for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
        if (!strcmp(own[i], name))
            return true;
    return strstr(name, "_SERVICE_") || strstr(name, "_PORT_") || !strncmp(value, "tcp://", 6) ||
           !strncmp(value, "udp://", 6);
}

static void unknown_variable(const char *name, struct report *report)
{
    char known[128];
    const char *best = NULL;
    unsigned least = 4;

    for (const struct opt *o = option_table; o->path; o++) {
        option_variable(o, known, sizeof known);
        unsigned distance = text_distance(known, name);
        if (distance < least && !option_is_item(o)) {
            least = distance;
            best = o->path;
        }
    }
    if (best)
        report_warning(report, NULL, name,
                       "this environment variable sets nothing (did you mean "
                       "the one of %s?)",
                       best);
    else
        report_warning(report, NULL, name, "this environment variable sets nothing");
}

extern char **environ;

void environment_apply(struct config *config, struct report *report)
{
    for (char **e = environ; e && *e; e++) {
        size_t len = strcspn(*e, "=");
        if (strncmp(*e, "OTEDAMA_", 8) != 0 || !(*e)[len])
            continue;
        AUTO_FREE char *name = xstrndup(*e, len);
        const struct opt *o = option_table;
        for (; o->path; o++) {
            char known[128];
            option_variable(o, known, sizeof known);
            if (!option_is_item(o) && !strcmp(known, name))
                break;
        }
        if (!o->path) {
            if (!other_variable(name, *e + len + 1))
                unknown_variable(name, report);
            continue;
        }
        AUTO_FREE char *origin = xasprintf("environment %s", name);
        apply_text(config, o, config, o->path, *e + len + 1, origin, report);
    }
}

void override_apply(struct config *config, const struct config_override *flag,
                    struct report *report)
{
    const char *origin = flag->origin ? flag->origin : "--set";
    const struct opt *o = option_find(flag->path);
    size_t name = strcspn(flag->path, "[");
    void *base = config;

    if (!o) {
        key_refuse(config, flag->path, report);
        return;
    }
    if (option_is_item(o)) {
        AUTO_FREE char *list = xstrndup(flag->path, name);
        const char *index_text = flag->path + name + 1; /* an element's path has brackets */
        char *end;
        unsigned long index = strtoul(index_text, &end, 10);
        base = end != index_text && *end == ']' && *index_text != '-'
                   ? list_element(config, option_find(list), index)
                   : NULL;
        if (!base) {
            report_error(report, NULL, flag->path,
                         "names no entry: count from 0; the first unused number adds one");
            return;
        }
        origin_set(config, option_find(list), origin, 0, 0);
    }
    apply_text(config, o, base, flag->path, flag->value, origin, report);
}
