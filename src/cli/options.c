/* SPDX-License-Identifier: MIT */
/* The option reader of the subcommands: "--name", "--name value", "--name=value", "--". */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/cli.h"

static const struct cli_option *find(const struct cli_option *rows, const char *word, size_t len)
{
    for (; rows->name; rows++)
        if (strlen(rows->name) == len && !strncmp(rows->name, word, len))
            return rows;
    return NULL;
}

static int unknown(const struct cli_option *rows, const char *word, struct fault *why)
{
    const char *best = NULL;
    unsigned least = (unsigned)strlen(word) / 3 + 2;

    for (; rows->name; rows++) {
        unsigned distance = text_distance(rows->name, word);
        if (distance < least) {
            least = distance;
            best = rows->name;
        }
    }
    if (best)
        (void)fault_set(why, ERR_CONFIG, "unknown option %s (did you mean %s?)", word, best);
    else
        (void)fault_set(why, ERR_CONFIG, "unknown option %s; see otedama help", word);
    return -1;
}

static bool read_uint(const char *text, unsigned *ret)
{
    char *end;

    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno || v > 0xffffffffu)
        return false;
    *ret = (unsigned)v;
    return true;
}

static bool read_real(const char *text, double *ret)
{
    char *end;
    double v = strtod(text, &end);

    if (end == text || *end || !isfinite(v) || isspace((unsigned char)*text))
        return false;
    *ret = v;
    return true;
}

static int store(const struct cli_option *o, const char *value, struct fault *why)
{
    if (o->type == CLI_FLAG) {
        *(bool *)o->at = true;
        return 0;
    }
    if (o->type == CLI_TEXT)
        *(const char **)o->at = value;
    else if (o->type == CLI_UINT && !read_uint(value, o->at))
        return fault_set(why, -1, "%s needs a whole number, 0 or more, not \"%s\"", o->name, value);
    else if (o->type == CLI_REAL && !read_real(value, o->at))
        return fault_set(why, -1, "%s needs a number, not \"%s\"", o->name, value);
    return 0;
}

int cli_options(int argc, char **argv, const struct cli_option *rows, struct fault *why)
{
    int kept = 0;
    bool ended = false;

    for (int i = 1; i < argc; i++) {
        char *word = argv[i];
        if (ended || *word != '-' || !word[1]) { /* "-" alone is a word: standard input */
            argv[++kept] = word;
            continue;
        }
        if (!strcmp(word, "--")) {
            ended = true;
            continue;
        }
        size_t len = strcspn(word, "=");
        const struct cli_option *o = find(rows, word, len);
        const char *value = word[len] ? word + len + 1 : NULL;
        if (!o)
            return unknown(rows, word, why);
        if (o->type == CLI_FLAG && value)
            return fault_set(why, -1, "%s takes no value", o->name);
        if (o->type != CLI_FLAG && !value && i + 1 < argc)
            value = argv[++i];
        if (o->type != CLI_FLAG && !value)
            return fault_set(why, -1, "%s needs a value", o->name);
        if (store(o, value, why) < 0)
            return -1;
    }
    return kept;
}
