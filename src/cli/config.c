/* SPDX-License-Identifier: MIT */
/* `otedama config init | validate | show | explain | example`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/flags.h"
#include "config/emit.h"
#include "config/problem.h"
#include "config/schema.h"

/* --- init --------------------------------------------------------------------------------------*/

static char *example_text(size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);

    if (!out)
        abort(); /* out of memory */
    config_emit_example(out);
    (void)fclose(out);
    return text;
}

/* The first conventional place below the user's or the system's configuration that can be written;
 * never the current directory, where a file would be taken up by accident. */
static int write_somewhere(const char *text, size_t len, bool force, char **ret)
{
    char **places = config_places();
    int err = -ENOENT;

    for (char **p = places; *p && err; p++) {
        if (!strstr(*p, "/otedama/"))
            continue;
        if (!force && !access(*p, F_OK)) {
            err = -EEXIST;
        } else {
            err = dir_make_parent(*p, 0700);
            if (!err)
                err = file_write(*p, text, len, 0600);
        }
        free(*ret);
        *ret = xstrdup(*p);
        if (err == -EEXIST)
            break;
    }
    config_places_free(places);
    return err;
}

int cli_config_init(int argc, char **argv, struct fault *why)
{
    const char *file = NULL;
    bool force = false;
    const struct cli_option rows[] = {
        {"--config", CLI_TEXT, &file}, {"--force", CLI_FLAG, &force}, {0}};
    int words = cli_options(argc, argv, rows, why), err;
    AUTO_FREE char *written = NULL;
    size_t len;

    if (words < 0)
        return EXIT_BAD_USAGE;
    if (words > 0) {
        (void)fault_set(why, ERR_CONFIG, "config init takes no words: name the file with --config");
        return EXIT_BAD_USAGE;
    }
    AUTO_FREE char *text = example_text(&len);
    if (file) {
        written = xstrdup(file);
        err = !force && !access(file, F_OK) ? -EEXIST : dir_make_parent(file, 0700);
        if (!err)
            err = file_write(file, text, len, 0600);
    } else {
        err = write_somewhere(text, len, force, &written);
    }
    if (err == -EEXIST)
        (void)fault_set(why, err, "%s is there already: --force overwrites it", written);
    else if (err)
        (void)fault_set(why, err, "cannot write %s: %s; name another place with --config",
                        written ? written : "a configuration", err_str(err));
    else
        (void)printf("%s\n", written);
    return err ? EXIT_CANNOT_WRITE : EXIT_OK;
}

/* --- validate ----------------------------------------------------------------------------------*/

static void print_problem(void *arg, const struct problem *p)
{
    char text[1024];

    (void)arg;
    problem_text(p, text, sizeof text);
    (void)printf("%s%s\n", p->warning ? "warning: " : "", text);
}

int cli_config_validate(int argc, char **argv, struct fault *why)
{
    struct config_request request = {0};
    const struct cli_option rows[] = {
        {"--config", CLI_TEXT, &request.file}, {"--strict", CLI_FLAG, &request.strict}, {0}};
    struct config *config = NULL;
    int words = cli_options(argc, argv, rows, why);

    if (words < 0)
        return EXIT_BAD_USAGE;
    if (words > 1 || (words == 1 && request.file)) {
        (void)fault_set(why, ERR_CONFIG, "config validate checks one file");
        return EXIT_BAD_USAGE;
    }
    if (words == 1)
        request.file = argv[1];
    if (config_check(&request, print_problem, NULL, &config, NULL) < 0)
        return EXIT_BAD_CONFIG;
    (void)printf("%s: valid\n", config->path ? config->path : "no file: the defaults");
    config_unref(config);
    return EXIT_OK;
}

/* --- show --------------------------------------------------------------------------------------*/

/* Takes `word` out of argv. */
static bool take_flag(int *argc, char **argv, const char *word)
{
    int kept = 1;
    bool found = false;

    for (int i = 1; i < *argc; i++) {
        if (!strcmp(argv[i], word))
            found = true;
        else
            argv[kept++] = argv[i];
    }
    *argc = kept;
    return found;
}

static void print_option(const struct config *config, const struct opt *o, bool origin)
{
    AUTO_STR struct str value = {0};

    option_value(config, o, &value);
    (void)printf("%s: %s", o->path, value.s);
    if (origin)
        (void)printf("  # %s", option_origin(config, o));
    (void)printf("\n");
}

int cli_config_show(int argc, char **argv, struct fault *why)
{
    bool origin = take_flag(&argc, argv, "--origin");
    struct config *config = NULL;
    AUTO_FREE struct flags *flags = xcalloc(1, sizeof *flags);
    int code = flags_read(argc, argv, flags, why);

    if (code)
        return code;
    if (config_load(&flags->request, &config, why) < 0)
        return EXIT_BAD_CONFIG;
    for (const struct opt *o = option_table; o->path; o++)
        if (!strstr(o->path, "[]."))
            print_option(config, o, origin);
    config_unref(config);
    return EXIT_OK;
}

/* --- explain and example -----------------------------------------------------------------------*/

static void explain(const struct opt *o)
{
    char variable[128];

    (void)printf("%s (%s)\n  %s\n", o->path, option_type_name(o->type), o->help);
    if (o->choices)
        (void)printf("  choices: %s\n", o->choices);
    if (o->min != o->max && o->type != OPT_TEXT)
        (void)printf("  range: %.10g to %.10g%s%s\n", o->min, o->max,
                     o->unit || o->type == OPT_TIME ? " " : "",
                     o->unit               ? o->unit
                     : o->type == OPT_TIME ? "seconds"
                                           : "");
    if (o->def && *o->def)
        (void)printf("  default: %s\n", o->def);
    if (!strstr(o->path, "[].")) {
        option_variable(o, variable, sizeof variable);
        (void)printf("  environment: %s\n  %s\n", variable,
                     o->flags & OPT_LIVE ? "a reload applies it" : "needs a restart");
    }
}

/* The option itself, or all that are below a section. */
static unsigned explain_all(const char *key)
{
    const struct opt *exact = option_find(key);
    size_t len = strlen(key);
    unsigned count = 0;

    if (exact && exact->type != OPT_LIST) {
        explain(exact);
        return 1;
    }
    for (const struct opt *o = option_table; o->path; o++) {
        if (strncmp(o->path, key, len) != 0 || (o->path[len] && !strchr(".[", o->path[len])))
            continue;
        if (count++)
            (void)printf("\n");
        explain(o);
    }
    return count;
}

int cli_config_explain(int argc, char **argv, struct fault *why)
{
    const struct cli_option rows[] = {{0}};
    int words = cli_options(argc, argv, rows, why);

    if (words < 0)
        return EXIT_BAD_USAGE;
    if (words != 1) {
        (void)fault_set(why, ERR_CONFIG, "name one setting: otedama config explain pool.address");
        return EXIT_BAD_USAGE;
    }
    if (explain_all(argv[1]))
        return EXIT_OK;
    const char *nearest = option_nearest(argv[1]);
    if (nearest)
        (void)fault_set(why, ERR_CONFIG, "there is no setting %s (did you mean %s?)", argv[1],
                        nearest);
    else
        (void)fault_set(why, ERR_CONFIG, "there is no setting %s; otedama config example lists all",
                        argv[1]);
    return EXIT_NOT_FOUND;
}

int cli_config_example(int argc, char **argv, struct fault *why)
{
    const struct cli_option rows[] = {{0}};

    if (cli_options(argc, argv, rows, why) < 0)
        return EXIT_BAD_USAGE;
    config_emit_example(stdout);
    return EXIT_OK;
}
