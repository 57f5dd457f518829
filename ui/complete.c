/* SPDX-License-Identifier: MIT */
/* What a command line could become: the command table's words, with identifiers of what exists. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/screen_state.h"

enum { CANDIDATES_MAX = 2048 };

struct list {
    char **lines;
    size_t count;
};

static void add(struct list *list, const char *name, const char *arg)
{
    if (list->count < CANDIDATES_MAX)
        list->lines[list->count++] = arg ? xasprintf("%s %s", name, arg) : xstrdup(name);
}

/* One alternative of an argument: "ID", "N", "L", or a word that stands for itself. */
static void add_argument(struct list *list, const struct snapshot *now, const char *name,
                         const char *arg)
{
    if (strcmp(arg, "NAME") == 0) {
        for (unsigned i = 0; now && i < now->algo_count; i++) {
            add(list, name, now->algos[i].name);
            for (unsigned k = 0; k < now->device_count; k++) {
                AUTO_FREE char *both =
                    xasprintf("%s %s", now->algos[i].name, now->devices[k].info.id);
                add(list, name, both);
            }
        }
    } else if (strcmp(arg, "ID") == 0) {
        for (unsigned i = 0; now && i < now->device_count; i++)
            add(list, name, now->devices[i].info.id);
    } else if (strcmp(arg, "N") == 0) {
        for (unsigned i = 0; now && i < now->upstream_count; i++) {
            AUTO_FREE char *number = xasprintf("%u", now->upstreams[i].number);
            add(list, name, number);
        }
    } else if (strcmp(arg, "L") == 0 || strcmp(arg, "LEVEL") == 0) {
        for (int level = 0; level < LOG_LEVELS; level++)
            add(list, name, log_level_name((enum log_level)level));
    } else if (islower((unsigned char)*arg)) {
        add(list, name, arg);
    } else {
        add(list, name, "");
    }
}

char **complete_candidates(const struct screen *s, size_t *count)
{
    struct list list = {xcalloc(CANDIDATES_MAX, sizeof(char *)), 0};

    for (const struct command_info *c = s->opts.commands; c && c->name; c++) {
        if (!c->args || !*c->args) {
            add(&list, c->name, NULL);
            continue;
        }
        AUTO_FREE char *args = xstrdup(c->args);
        char *at = NULL;
        args[strcspn(args, "[")] = 0; /* what may follow is not completed from the table */
        for (char *arg = strtok_r(args, "| ", &at); arg; arg = strtok_r(NULL, "| ", &at))
            add_argument(&list, s->now, c->name, arg);
    }
    *count = list.count;
    return list.lines;
}

void complete_free(char **lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lines[i]);
    free(lines);
}
