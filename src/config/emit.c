/* SPDX-License-Identifier: MIT */
/* Printing the option table. */
#include "config/emit.h"

#include <string.h>

#include "config/schema.h"
#include "config/value.h"

enum { LINE_WIDTH = 100 };

/* Words of `text` in lines that begin with `lead`. */
static void wrap(FILE *out, const char *lead, const char *text)
{
    size_t column = 0;

    while (*text) {
        size_t word = strcspn(text, " ");
        if (column && column + 1 + word > LINE_WIDTH) {
            (void)fputs("\n", out);
            column = 0;
        }
        column += (size_t)fprintf(out, "%s%.*s", column ? " " : lead, (int)word, text);
        text += word + (text[word] == ' ');
    }
    (void)fputs("\n", out);
}

/* "low=10|normal=0" -> "low, normal". */
static void add_choices(struct str *out, const char *choices)
{
    for (const char *c = choices; *c; c += *c == '|') {
        str_addf(out, "%s%.*s", c == choices ? "" : ", ", (int)strcspn(c, "|="), c);
        c += strcspn(c, "|");
    }
}

static void add_bound(struct str *out, const struct opt *o, double v)
{
    static const struct opt duration = {.type = OPT_TIME};
    int64_t us = (int64_t)(v * 1e6);

    if (o->type == OPT_TIME)
        value_print(&duration, &us, out);
    else
        str_addf(out, "%.10g", v);
}

/* "Whole number from 0 to 19, or idle, low, normal." */
static void describe(struct str *out, const struct opt *o)
{
    const char *type = option_type_name(o->type);

    str_addf(out, "%c%s", *type >= 'a' && *type <= 'z' ? *type - 32 : *type, type + 1);
    if (o->min != o->max && o->type != OPT_TEXT && o->type != OPT_SIZE) {
        str_add(out, " from ");
        add_bound(out, o, o->min);
        str_add(out, " to ");
        add_bound(out, o, o->max);
    } else if (o->max > 0 && o->type == OPT_TEXT && o->max < 1000) {
        str_addf(out, " of at most %.0f bytes", o->max);
    }
    if (o->unit && o->type != OPT_SIZE && o->type != OPT_PERCENT)
        str_addf(out, " (%s)", o->unit);
    if (o->choices) {
        str_add(out, o->type == OPT_CHOICE ? ": " : ", or ");
        add_choices(out, o->choices);
    }
    if (o->flags & OPT_SECRET)
        str_add(out, "; secret: \"!file PATH\" or \"${VARIABLE}\" keeps it out of this file");
    str_add(out, ".");
}

static bool is_item(const struct opt *o)
{
    return strstr(o->path, "[].") != NULL;
}

/* Prints the sections of `path` that `before` was not in, and returns the indent of its key. */
static unsigned open_sections(FILE *out, const char *before, const char *path)
{
    unsigned indent = 0;
    size_t at = 0, same = 0;

    while (before[same] && before[same] == path[same])
        same++;
    for (size_t dot; path[dot = at + strcspn(path + at, ".")]; at = dot + 1, indent += 2) {
        if (same > dot) /* "mining." is common to both */
            continue;
        if (!indent)
            (void)fputs("\n", out);
        (void)fprintf(out, "%*s%.*s:\n", (int)indent, "", (int)(dot - at), path + at);
    }
    return indent;
}

static const char *last_key(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot ? dot + 1 : path;
}

static void example_help(FILE *out, unsigned indent, const struct opt *o)
{
    AUTO_STR struct str type = {0};
    char lead[32];

    (void)snprintf(lead, sizeof lead, "%*s# ", (int)indent, "");
    wrap(out, lead, o->help);
    if (o->type == OPT_LIST)
        return;
    describe(&type, o);
    wrap(out, lead, type.s);
}

/* A list stands empty, with one element as a comment. */
static const struct opt *example_list(FILE *out, unsigned indent, const struct opt *list)
{
    const struct opt *o = list + 1;

    (void)fprintf(out, "%*s%s: []\n", (int)indent, "", last_key(list->path));
    for (bool first = true; o->path && is_item(o); o++, first = false) {
        (void)fprintf(out, "%*s#  %s%s: %s  # %s\n", (int)indent, "", first ? "- " : "  ",
                      last_key(o->path), o->def ? *o->def ? o->def : "\"\"" : "HOST:PORT", o->help);
    }
    return o - 1;
}

void config_emit_example(FILE *out)
{
    const char *before = "";

    (void)fputs("# Configuration of otedama. Every setting stands here with its default; without a "
                "file all of\n"
                "# them hold. Looked for as ./config.yaml, ~/.config/otedama/config.yaml and\n"
                "# /etc/otedama/config.yaml; another: --config FILE or OTEDAMA_CONFIG.\n"
                "#\n"
                "# Stronger than this file: the environment (OTEDAMA_POOL_ENABLE=true for "
                "pool.enable), and\n"
                "# stronger still, flags (--set pool.enable=true). Check with `otedama config "
                "validate`.\n",
                out);
    for (const struct opt *o = option_table; o->path; o++) {
        AUTO_STR struct str value = {0};
        unsigned indent = open_sections(out, before, o->path);
        if (!indent)
            (void)fputs("\n", out);
        before = o->path;
        example_help(out, indent, o);
        if (o->type == OPT_LIST) {
            o = example_list(out, indent, o);
            continue;
        }
        if (o->type == OPT_TEXTS)
            str_add(&value, "[]");
        else if (o->def && (o->type == OPT_TEXT || o->type == OPT_CHOICE))
            yaml_scalar(&value, o->def);
        else if (!o->def && o->choices)
            str_add_n(&value, o->choices, strcspn(o->choices, "|"));
        else
            str_add(&value, o->def ? o->def : "true");
        (void)fprintf(out, "%*s%s%s: %s\n", (int)indent, "", o->def ? "" : "# ", last_key(o->path),
                      value.s);
    }
}

/* Text that roff prints as it stands. */
static void roff(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        (void)fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            (void)fputs("\\e", out);
        else if (*text == '-')
            (void)fputs("\\-", out);
        else
            (void)fputc(*text, out);
    }
}

static void roff_line(FILE *out, const char *before, const char *text, const char *after)
{
    (void)fputs(before, out);
    roff(out, text);
    (void)fputs(after, out);
}

void config_emit_roff(FILE *out)
{
    for (const struct opt *o = option_table; o->path; o++) {
        AUTO_STR struct str type = {0};
        char variable[128];
        roff_line(out, ".TP\n.B ", o->path, "\n");
        roff_line(out, "", o->help, "\n");
        describe(&type, o);
        roff_line(out, "", type.s, "\n");
        if (o->def && *o->def)
            roff_line(out, "Default: ", o->def, ".\n");
        if (o->flags & OPT_REQUIRED)
            (void)fputs("Required.\n", out);
        if (!is_item(o)) {
            option_variable(o, variable, sizeof variable);
            roff_line(out, "Environment: ", variable, ".\n");
            (void)fprintf(out, "%s\n",
                          o->flags & OPT_LIVE ? "A reload applies it." : "Needs a restart.");
        }
    }
}
