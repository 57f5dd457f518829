/* SPDX-License-Identifier: MIT */
/* The option table and look-ups in it. */
#include "config/schema.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config/tree.h"
#include "config/value.h"

#define OPT(path, type, flags, field, def, min, max, unit, choices, help)                          \
    {path, OPT_##type, flags, offsetof(struct config, field), 0, def, min, max,                    \
     unit, choices,    help},
#define ITEM(path, type, flags, of, field, def, min, max, unit, choices, help)                     \
    {path, OPT_##type, flags, offsetof(of, field), 0, def, min, max, unit, choices, help},
#define LIST(path, flags, field, of, help)                                                         \
    {path, OPT_LIST, flags, offsetof(struct config, field), sizeof(of), "", 0, 0, NULL, NULL, help},

const struct opt option_table[] = {
#include "config/options.def"
    {0},
};

const size_t option_count = sizeof option_table / sizeof *option_table - 1;

bool option_is_item(const struct opt *o)
{
    return strstr(o->path, "[].") != NULL;
}

/* `path` with its indexes taken out: "upstreams[0].url" -> "upstreams[].url". */
static void general_path(const char *path, char *out, size_t size)
{
    size_t at = 0;

    for (bool inside = false; *path && at + 1 < size; path++) {
        if (*path == ']')
            inside = false;
        if (!inside)
            out[at++] = *path;
        if (*path == '[')
            inside = true;
    }
    out[at] = 0;
}

const struct opt *option_find(const char *path)
{
    char general[128];

    general_path(path, general, sizeof general);
    for (const struct opt *o = option_table; o->path; o++)
        if (!strcmp(o->path, general))
            return o;
    return NULL;
}

const char *option_nearest(const char *path)
{
    char general[128];
    const char *best = NULL;
    unsigned least = (unsigned)strlen(path) / 4 + 2;

    general_path(path, general, sizeof general);
    for (const struct opt *o = option_table; o->path; o++) {
        unsigned distance = text_distance(general, o->path);
        const char *last = strrchr(o->path, '.');
        if (last && !strcmp(last + 1, general)) /* "threads" for mining.cpu.threads */
            distance = 1;
        if (distance < least) {
            least = distance;
            best = o->path;
        }
    }
    return best;
}

void option_variable(const struct opt *o, char *out, size_t size)
{
    size_t at = (size_t)snprintf(out, size, "OTEDAMA_");

    for (const char *c = o->path; *c && at + 1 < size; c++)
        out[at++] = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
    out[at] = 0;
}

const char *option_origin(const struct config *config, const struct opt *o)
{
    const char *origin = config->origins[o - option_table].text;

    return origin ? origin : "default";
}

/* --- lists -------------------------------------------------------------------------------------*/

struct any_list option_list(const struct config *config, const struct opt *o)
{
    struct any_list list;
    const char *at = (const char *)config + o->at;

    memcpy(&list.items, at, sizeof list.items);
    memcpy(&list.count, at + sizeof list.items, sizeof list.count);
    return list;
}

void option_list_set(struct config *config, const struct opt *o, struct any_list list)
{
    char *at = (char *)config + o->at;

    memcpy(at, &list.items, sizeof list.items);
    memcpy(at + sizeof list.items, &list.count, sizeof list.count);
}

const struct opt *option_item_first(const struct opt *list)
{
    return list + 1;
}

bool option_item_of(const struct opt *list, const struct opt *o)
{
    size_t len = strlen(list->path);

    return o->path && !strncmp(o->path, list->path, len) && !strncmp(o->path + len, "[].", 3);
}

void option_items_free(const struct opt *list, struct any_list items)
{
    for (size_t i = 0; i < items.count; i++)
        for (const struct opt *o = option_item_first(list); option_item_of(list, o); o++)
            value_clear(o, (char *)items.items + i * list->bytes);
    free(items.items);
}

static void print_secret(const struct opt *o, const void *base, struct str *out)
{
    AUTO_STR struct str value = {0};

    value_print(o, base, &value);
    str_add(out, strcmp(value.s, "\"\"") != 0 ? "\"********\"" : "\"\"");
}

/* A password may be written into a URL: what is before the host is not shown. */
static void print_url(const struct opt *o, const void *base, struct str *out)
{
    AUTO_STR struct str value = {0};

    value_print(o, base, &value);
    const char *scheme = strstr(value.s, "://"), *at = strrchr(value.s, '@');
    if (scheme && at && at > scheme)
        str_addf(out, "%.*s********%s", (int)(scheme + 3 - value.s), value.s, at);
    else
        str_add(out, value.s);
}

static void print_value(const struct opt *o, const void *base, bool masked, struct str *out)
{
    if (masked && o->flags & OPT_SECRET)
        print_secret(o, base, out);
    else if (masked && o->type == OPT_URL)
        print_url(o, base, out);
    else
        value_print(o, base, out);
}

static void print_list(const struct config *config, const struct opt *list, bool masked,
                       struct str *out)
{
    struct any_list items = option_list(config, list);
    size_t key = strlen(list->path) + 3;

    str_add(out, "[");
    for (size_t i = 0; i < items.count; i++) {
        str_add(out, i ? ", {" : "{");
        for (const struct opt *o = option_item_first(list); option_item_of(list, o); o++) {
            str_addf(out, "%s%s: ", o > list + 1 ? ", " : "", o->path + key);
            print_value(o, (const char *)items.items + i * list->bytes, masked, out);
        }
        str_add(out, "}");
    }
    str_add(out, "]");
}

static void print_option(const struct config *config, const struct opt *o, bool masked,
                         struct str *out)
{
    if (o->type == OPT_LIST)
        print_list(config, o, masked, out);
    else
        print_value(o, config, masked, out);
}

void option_value(const struct config *config, const struct opt *o, struct str *out)
{
    print_option(config, o, true, out);
}

unsigned config_diff(const struct config *before, const struct config *after,
                     void (*each)(void *arg, const struct opt *o), void *arg)
{
    AUTO_STR struct str a = {0};
    AUTO_STR struct str b = {0};
    unsigned count = 0;

    for (const struct opt *o = option_table; o->path; o++) {
        if (option_is_item(o))
            continue;
        str_clear(&a);
        str_clear(&b);
        print_option(before, o, false, &a);
        print_option(after, o, false, &b);
        if (!strcmp(a.s, b.s))
            continue;
        count++;
        if (each)
            each(arg, o);
    }
    return count;
}
