/* SPDX-License-Identifier: MIT */
/* Nodes into fields: unknown keys, wrong kinds, secrets from files and the environment. */
#include "config/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "config/value.h"

enum { SECRET_MAX = 64 * 1024, PATH_MAX_BYTES = 256 };

struct applier {
    struct config *config;
    struct report *report;
    const char *origin; /* NULL: the node's own place */
    bool legacy_told[64];
};

static const struct {
    const char *path, *reason;
} legacy[] = {
#define X(path, reason) {path, reason},
#include "config/legacy.def"
#undef X
};
_Static_assert(sizeof legacy / sizeof *legacy <= 64, "legacy_told has a flag for each");

void origin_set(struct config *config, const struct opt *o, const char *text, int line, int column)
{
    struct option_origin *origin = &config->origins[o - option_table];

    free(origin->text);
    *origin = (struct option_origin){xstrdup(text), line, column};
}

static void node_origin(struct applier *a, const struct opt *o, const struct node *node)
{
    const struct place *place = &node->place;

    if (a->origin) {
        origin_set(a->config, o, a->origin, 0, 0);
        return;
    }
    AUTO_FREE char *text = xasprintf("%s:%d", place->file ? place->file : "?", place->line);
    origin_set(a->config, o, text, place->line, place->column);
}

/* --- texts from elsewhere ----------------------------------------------------------------------*/

/* A path in the configuration is relative to the configuration's folder. */
static char *beside(const char *file, const char *path)
{
    const char *slash = file ? strrchr(file, '/') : NULL;

    if (*path == '/' || !slash)
        return xstrdup(path);
    return xasprintf("%.*s/%s", (int)(slash - file), file, path);
}

static char *from_file(struct applier *a, const struct node *node, const char *path)
{
    AUTO_FREE char *name = beside(node->place.file, node->text);
    char *text = NULL;
    size_t len;
    int err = file_read(name, SECRET_MAX, &text, &len);

    if (err < 0) {
        report_error(a->report, &node->place, path, "cannot read %s: %s", name, err_str(err));
        return NULL;
    }
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        text[--len] = 0;
    if (strlen(text) != len) {
        report_error(a->report, &node->place, path, "%s is not a text file", name);
        free(text);
        return NULL;
    }
    return text;
}

static bool variable_name(const char *text, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

    return len && strspn(text, letters) == len;
}

/* The scalar's text; "${NAME}" as a whole stands for the environment variable. NULL with an error.
 */
static char *scalar_text(struct applier *a, const struct node *node, const struct opt *o,
                         const char *path)
{
    size_t len = strlen(node->text);

    if (node->file && !(o->flags & OPT_SECRET)) {
        report_error(a->report, &node->place, path, "!file is for secrets only");
        return NULL;
    }
    if (node->file)
        return from_file(a, node, path);
    if (node->literal || len < 4 || strncmp(node->text, "${", 2) != 0 ||
        node->text[len - 1] != '}' || !variable_name(node->text + 2, len - 3))
        return xstrdup(node->text);
    AUTO_FREE char *name = xstrndup(node->text + 2, len - 3);
    const char *value = getenv(name);
    if (!value)
        report_error(a->report, &node->place, path, "the environment has no %s", name);
    return value ? xstrdup(value) : NULL;
}

/* --- values ------------------------------------------------------------------------------------*/

static void apply_scalar(struct applier *a, const struct opt *o, void *base,
                         const struct node *node, const char *path)
{
    AUTO_STR struct str why = {0};
    AUTO_FREE char *text = scalar_text(a, node, o, path);

    if (text && !value_set(o, base, text, &why))
        report_error(a->report, &node->place, path, "%s",
                     o->flags & OPT_SECRET ? "is not a valid value" : why.s);
}

static void apply_texts(struct applier *a, const struct opt *o, void *base, const struct node *node,
                        const char *path)
{
    value_clear(o, base);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *one = node->child[i];
        if (one->kind != NODE_SCALAR)
            report_error(a->report, &one->place, path, "must be a list of texts");
        else
            value_append(o, base, one->text);
    }
}

static void apply_list(struct applier *a, const struct opt *o, const struct node *node);

/* `o` is not a section; `base` is the config or a list's element. */
static void apply_value(struct applier *a, const struct opt *o, void *base, const struct node *node,
                        const char *path)
{
    if (node->kind == NODE_SCALAR && node->null && !node->file)
        return; /* "key:" without a value: not set */
    if (o->type == OPT_LIST) {
        if (node->kind == NODE_LIST)
            apply_list(a, o, node);
        else
            report_error(a->report, &node->place, path,
                         "must be a list, one \"- \" for each entry");
        return;
    }
    if (o->type == OPT_TEXTS && node->kind == NODE_LIST)
        apply_texts(a, o, base, node, path);
    else if (node->kind == NODE_SCALAR)
        apply_scalar(a, o, base, node, path);
    else
        report_error(a->report, &node->place, path, "must be one value (%s), not a %s",
                     option_type_name(o->type), node->kind == NODE_MAP ? "map" : "list");
    if (!option_is_item(o))
        node_origin(a, o, node);
}

static void set_defaults(const struct opt *first, const struct opt *list, void *base)
{
    for (const struct opt *o = first; o->path; o++) {
        if (list ? !option_item_of(list, o) : o->type == OPT_LIST || option_is_item(o)) {
            if (list)
                return;
            continue;
        }
        AUTO_STR struct str why = {0};
        if (!o->def)
            value_blank(o, base);
        else if (!value_set(o, base, o->def, &why)) {
            (void)fprintf(stderr, "otedama: default of %s %s\n", o->path, why.s);
            abort(); /* the table is wrong: a unit test sees it first */
        }
    }
}

/* --- keys --------------------------------------------------------------------------------------*/

/* True when `path` is a key of the original program: said once for each row. */
static bool is_legacy(struct applier *a, const struct place *place, const char *path)
{
    for (unsigned i = 0; i < sizeof legacy / sizeof *legacy; i++) {
        size_t len = strlen(legacy[i].path);
        bool section = len > 2 && !strcmp(legacy[i].path + len - 2, ".*");
        size_t stem = section ? len - 2 : len;
        if (strncmp(path, legacy[i].path, stem) != 0 ||
            (path[stem] && !(section && path[stem] == '.')))
            continue;
        if (!a->legacy_told[i])
            report_warning(a->report, place, path, "has no effect: %s", legacy[i].reason);
        a->legacy_told[i] = true;
        return true;
    }
    return false;
}

static bool is_section(const char *path)
{
    size_t len = strlen(path);

    for (const struct opt *o = option_table; o->path; o++)
        if (!strncmp(o->path, path, len) && o->path[len] == '.')
            return true;
    return false;
}

static void unknown_key(struct applier *a, const struct place *place, const char *path)
{
    const char *nearest = option_nearest(path);

    if (nearest)
        report_error(a->report, place, path, "unknown key (did you mean %s?)", nearest);
    else
        report_error(a->report, place, path, "unknown key; `otedama config example` lists all");
}

/* "pass_file: PATH" beside "pass": the secret is in that file. */
static const struct opt *secret_file_row(const char *path, char *stem, size_t size)
{
    size_t len = strlen(path);
    const struct opt *o;

    if (len < 6 || strcmp(path + len - 5, "_file") != 0 || len - 5 >= size)
        return NULL;
    memcpy(stem, path, len - 5);
    stem[len - 5] = 0;
    o = option_find(stem);
    return o && o->flags & OPT_SECRET ? o : NULL;
}

static void apply_map(struct applier *a, const struct node *map, const char *prefix, void *base);

static void apply_key(struct applier *a, const struct node *node, const char *prefix, void *base)
{
    char path[PATH_MAX_BYTES], stem[PATH_MAX_BYTES];
    int len = snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", node->key);
    const struct opt *o = len < (int)sizeof path ? option_find(path) : NULL;

    /* brackets and dots in a key would reach other rows: keys are single words */
    if (strpbrk(node->key, "[].") || len >= (int)sizeof path) {
        unknown_key(a, &node->key_place, path);
    } else if (o) {
        apply_value(a, o, base, node, path);
    } else if ((o = secret_file_row(path, stem, sizeof stem)) && node->kind == NODE_SCALAR) {
        struct node file = *node;
        file.file = true;
        file.null = false;
        apply_value(a, o, base, &file, path);
    } else if (is_legacy(a, &node->key_place, path)) {
        return;
    } else if (!is_section(path)) {
        unknown_key(a, &node->key_place, path);
    } else if (node->kind == NODE_MAP) {
        apply_map(a, node, path, base);
    } else if (node->kind == NODE_LIST || !node->null) {
        report_error(a->report, &node->place, path,
                     "is a section: put its keys below it, indented, each as \"key: value\"");
    }
}

static void apply_map(struct applier *a, const struct node *map, const char *prefix, void *base)
{
    for (size_t i = 0; i < map->count; i++)
        apply_key(a, map->child[i], prefix, base);
}

/* --- lists -------------------------------------------------------------------------------------*/

static void apply_item(struct applier *a, const struct opt *list, size_t index, void *element,
                       const struct node *node)
{
    char prefix[PATH_MAX_BYTES];
    size_t key = strlen(list->path) + 3;

    (void)snprintf(prefix, sizeof prefix, "%s[%zu]", list->path, index);
    set_defaults(option_item_first(list), list, element);
    if (node->kind != NODE_MAP) {
        report_error(a->report, &node->place, prefix, "must be a map with the key %s",
                     option_item_first(list)->path + key);
        return;
    }
    apply_map(a, node, prefix, element);
    for (const struct opt *o = option_item_first(list); option_item_of(list, o); o++) {
        bool given = false;
        for (size_t i = 0; i < node->count; i++)
            given |= !strcmp(node->child[i]->key, o->path + key) && !node->child[i]->null;
        if (o->flags & OPT_REQUIRED && !given)
            report_error(a->report, &node->place, prefix, "needs the key %s", o->path + key);
    }
}

static void apply_list(struct applier *a, const struct opt *o, const struct node *node)
{
    struct any_list list = {xcalloc(node->count, o->bytes), node->count};

    option_items_free(o, option_list(a->config, o));
    option_list_set(a->config, o, list);
    for (size_t i = 0; i < node->count; i++)
        apply_item(a, o, i, (char *)list.items + i * o->bytes, node->child[i]);
    node_origin(a, o, node);
}

void *list_element(struct config *config, const struct opt *o, size_t index)
{
    struct any_list list = option_list(config, o);

    if (index > list.count)
        return NULL;
    if (index == list.count) {
        list.items = xreallocarray(list.items, list.count + 1, o->bytes);
        memset((char *)list.items + index * o->bytes, 0, o->bytes);
        set_defaults(option_item_first(o), o, (char *)list.items + index * o->bytes);
        list.count++;
        option_list_set(config, o, list);
    }
    return (char *)list.items + index * o->bytes;
}

/* --- the layers --------------------------------------------------------------------------------*/

struct config *config_new(void)
{
    struct config *config = xcalloc(1, sizeof *config);

    atomic_init(&config->refs, 1);
    config->origins = xcalloc(option_count, sizeof *config->origins);
    set_defaults(option_table, NULL, config);
    return config;
}

void tree_apply(struct config *config, const struct node *root, struct report *report)
{
    struct applier a = {.config = config, .report = report};

    if (root->kind == NODE_MAP)
        apply_map(&a, root, "", config);
    else
        report_error(report, &root->place, NULL,
                     "a configuration begins with sections such as \"mining:\"");
}

void node_apply(struct config *config, const struct opt *o, void *base, const struct node *node,
                const char *path, const char *origin, struct report *report)
{
    struct applier a = {.config = config, .report = report, .origin = origin};

    apply_value(&a, o, base, node, path);
}

void key_refuse(struct config *config, const char *path, struct report *report)
{
    struct applier a = {.config = config, .report = report};

    if (!is_legacy(&a, NULL, path))
        unknown_key(&a, NULL, path);
}
