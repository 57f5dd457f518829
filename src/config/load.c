/* SPDX-License-Identifier: MIT */
/* Loading: find the file, put the layers on each other, check, hand out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "config/tree.h"
#include "config/value.h"

char **config_places(void)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char **places = xcalloc(6, sizeof *places);
    unsigned n = 0;

    places[n++] = xstrdup("config.yaml");
    places[n++] = xstrdup("/app/config/config.yaml");
    places[n++] = xstrdup("/config.yaml");
    if (xdg && *xdg == '/')
        places[n++] = xasprintf("%s/otedama/config.yaml", xdg);
    else if (home && *home == '/')
        places[n++] = xasprintf("%s/.config/otedama/config.yaml", home);
    places[n++] = xstrdup("/etc/otedama/config.yaml");
    return places;
}

void config_places_free(char **places)
{
    for (char **p = places; p && *p; p++)
        free(*p);
    free(places);
}

/* The file that is named, else the first that exists; NULL when there is none. */
static char *find_file(const struct config_request *request)
{
    const char *named = request->file;
    char *found = NULL;

    if (!named || !*named)
        named = getenv("OTEDAMA_CONFIG");
    if (named && *named)
        return xstrdup(named);
    char **places = config_places();
    for (char **p = places; *p && !found; p++)
        if (!access(*p, F_OK))
            found = xstrdup(*p);
    config_places_free(places);
    return found;
}

static void cannot_read(const char *file, int err, struct report *report)
{
    struct place place = {file, 0, 0};
    AUTO_STR struct str tried = {0};
    char **places = config_places();

    for (char **p = places; *p; p++)
        str_addf(&tried, "%s%s", p == places ? "" : ", ", *p);
    config_places_free(places);
    if (err == -ENOENT)
        report_error(
            report, &place, NULL,
            "there is no such file; without --config and OTEDAMA_CONFIG these are tried: %s",
            tried.s);
    else if (err == -EFBIG)
        report_error(report, &place, NULL, "larger than 1 MB: not a configuration");
    else
        report_error(report, &place, NULL, "cannot be read: %s", err_str(err));
}

static void apply_file(struct config *config, struct report *report)
{
    char *text = NULL;
    size_t len;

    if (!strcmp(config->path, "/dev/null"))
        return; /* the defaults, whatever file lies about */
    int err = file_read(config->path, YAML_FILE_MAX, &text, &len);

    if (err < 0) {
        cannot_read(config->path, err, report);
        return;
    }
    struct node *root = yaml_parse(text, len, config->path, report);
    if (root)
        tree_apply(config, root, report);
    node_free(root);
    free(text);
}

static struct config *build(const struct config_request *request, struct report *report)
{
    struct config *config = config_new();

    config->path = find_file(request);
    if (config->path)
        apply_file(config, report);
    environment_apply(config, report);
    for (size_t i = 0; i < request->override_count; i++)
        override_apply(config, &request->overrides[i], report);
    if (!report->errors)
        config_validate(config, report);
    return config;
}

static int finish(struct config *config, const struct report *report, struct config **ret,
                  struct fault *why)
{
    const struct problem *p = &report->first;

    if (!report->errors) {
        *ret = config;
        return 0;
    }
    config_unref(config);
    if (why) {
        (void)text_copy(why->file, sizeof why->file, p->file);
        why->line = p->line;
        why->column = p->column;
    }
    return fault_set(why, ERR_CONFIG, "%s%s%s", p->key, *p->key ? ": " : "", p->text);
}

int config_check(const struct config_request *request,
                 void (*say)(void *arg, const struct problem *), void *arg, struct config **ret,
                 struct fault *why)
{
    struct report report = {.say = say, .arg = arg, .strict = request->strict};
    struct config *config = build(request, &report);

    return finish(config, &report, ret, why);
}

static void log_problem(void *arg, const struct problem *p)
{
    char text[900];

    (void)arg;
    if (!p->warning)
        return; /* returned to the caller as a fault */
    problem_text(p, text, sizeof text);
    log_warn(CONFIG, "%s", text);
}

int config_load(const struct config_request *request, struct config **ret, struct fault *why)
{
    return config_check(request, log_problem, NULL, ret, why);
}

struct config *config_ref(struct config *config)
{
    if (config)
        atomic_fetch_add_explicit(&config->refs, 1, memory_order_relaxed);
    return config;
}

void config_unref(struct config *config)
{
    /* release: our reads happen before the last holder frees; pairs with its acquire */
    if (!config || atomic_fetch_sub_explicit(&config->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (const struct opt *o = option_table; o->path; o++) {
        if (o->type == OPT_LIST)
            option_items_free(o, option_list(config, o));
        else if (!option_is_item(o))
            value_clear(o, config);
        free(config->origins[o - option_table].text);
    }
    free(config->origins);
    free(config->path);
    free(config);
}
