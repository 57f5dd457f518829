/* SPDX-License-Identifier: MIT */
/* Reading themes: user's file, installed file, built-in file. */
#include "ui/theme.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/embed.h"
#include "ui/colour.h"

enum { THEME_FILE_MAX = 64 * 1024 };

static const char *const style_keys[STYLES] = {
#define X(style, key, meaning) [STYLE_##style] = key,
#include "ui/theme.def"
#undef X
};

const char *style_key(enum style style)
{
    return style_keys[style];
}

static int style_find(const char *key)
{
    for (int i = 0; i < STYLES; i++)
        if (strcmp(style_keys[i], key) == 0)
            return i;
    return -1;
}

/* "black on cyan bold" -> style. False when a word is neither colour nor attribute. */
static bool style_parse(char *value, struct theme_style *out)
{
    static const struct {
        const char *word;
        uint8_t bit;
    } attributes[] = {{"bold", ATTR_BOLD},
                      {"dim", ATTR_DIM},
                      {"reverse", ATTR_REVERSE},
                      {"underline", ATTR_UNDERLINE}};
    struct theme_style s = {COLOUR_DEFAULT, COLOUR_DEFAULT, 0};
    bool background = false, any = false;
    char *at = NULL;

    for (char *word = strtok_r(value, " \t", &at); word; word = strtok_r(NULL, " \t", &at)) {
        size_t i = 0;
        any = true;
        if (strcasecmp(word, "on") == 0) {
            background = true;
            continue;
        }
        while (i < sizeof attributes / sizeof *attributes &&
               strcasecmp(word, attributes[i].word) != 0)
            i++;
        if (i < sizeof attributes / sizeof *attributes)
            s.attributes |= attributes[i].bit;
        else if (!colour_parse(word, background ? &s.bg : &s.fg))
            return false;
    }
    *out = s;
    return any;
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    size_t n = strlen(s);
    while (n && isspace((unsigned char)s[n - 1]))
        s[--n] = 0;
    return s;
}

static void complain(struct str *warnings, unsigned *count, int line, const char *key,
                     const char *what)
{
    if (warnings)
        str_addf(warnings, "line %d: \"%s\" %s\n", line, key, what);
    (*count)++;
}

static void check_contrast(const struct theme_style *s, int line, const char *key,
                           struct str *warnings, unsigned *count)
{
    if (s->fg == COLOUR_DEFAULT || s->bg == COLOUR_DEFAULT)
        return;
    if (colour_contrast(s->fg, s->bg) < 3)
        complain(warnings, count, line, key, "has a contrast below 3:1");
}

static void set_name(struct theme *theme, const char *value)
{
    size_t n = strlen(value);

    if (n >= 2 && value[0] == '"' && value[n - 1] == '"') {
        (void)text_copy(theme->title, sizeof theme->title, value + 1);
        theme->title[strcspn(theme->title, "\"")] = 0;
    } else {
        (void)text_copy(theme->title, sizeof theme->title, value);
    }
}

static const char *const bases[] = {"dark", "light", "mono"};

static bool base_parse(const char *word, enum theme_base *ret)
{
    for (unsigned i = 0; i < sizeof bases / sizeof *bases; i++)
        if (strcmp(word, bases[i]) == 0) {
            *ret = (enum theme_base)i;
            return true;
        }
    return false;
}

static void parse_line(struct theme *theme, char *text, int line, struct str *warnings,
                       unsigned *count)
{
    char *equals = strchr(text, '=');

    if (!equals) {
        complain(warnings, count, line, text, "has no '='");
        return;
    }
    *equals = 0;
    char *key = trim(text), *value = trim(equals + 1);
    char *comment = strstr(value, " #"); /* " #rrggbb" after "on" is a colour, "# " a comment */
    if (comment && isspace((unsigned char)comment[2]))
        *comment = 0;
    value = trim(value);
    int style = style_find(key);
    if (strcmp(key, "name") == 0) {
        set_name(theme, value);
    } else if (strcmp(key, "base") == 0) {
        if (!base_parse(value, &theme->base))
            complain(warnings, count, line, value, "is no base: dark, light or mono");
    } else if (strcmp(key, "bg") == 0) {
        if (!colour_parse(value, &theme->bg))
            complain(warnings, count, line, key, "is no colour");
    } else if (style < 0) {
        complain(warnings, count, line, key, "is no key of a theme");
    } else if (!style_parse(value, &theme->style[style])) {
        complain(warnings, count, line, key, "has a value that is no colour or attribute");
    } else {
        theme->defined[style] = true;
        check_contrast(&theme->style[style], line, key, warnings, count);
    }
}

unsigned theme_parse(struct theme *theme, const char *text, struct str *warnings)
{
    unsigned count = 0;

    memset(theme->defined, 0, sizeof theme->defined);
    for (int line = 1; *text; line++) {
        size_t n = strcspn(text, "\n");
        AUTO_FREE char *copy = xstrndup(text, n);
        char *start = trim(copy);
        if (*start && *start != '#')
            parse_line(theme, start, line, warnings, &count);
        text += n + (text[n] == '\n');
    }
    return count;
}

static const char *builtin(const char *name)
{
    char path[80];

    (void)snprintf(path, sizeof path, "themes/%s.theme", name);
    const struct embedded *file = embedded_find(path);
    return file ? file->data : NULL;
}

/* The text of the first file named NAME.theme in the folders where people put themes. */
static char *read_theme(const char *name)
{
    const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");
    AUTO_FREE char *mine =
        config && *config ? xstrdup(config) : xasprintf("%s/.config", home ? home : "/nonexistent");
    char *paths[] = {xasprintf("%s/otedama/themes/%s.theme", mine, name),
                     xasprintf("/usr/local/share/otedama/themes/%s.theme", name),
                     xasprintf("/usr/share/otedama/themes/%s.theme", name)};
    char *text = NULL;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        FILE *file = text ? NULL : fopen(paths[i], "re");
        if (file) {
            text = xcalloc(1, THEME_FILE_MAX + 1);
            (void)!fread(text, 1, THEME_FILE_MAX, file);
            (void)fclose(file);
        }
        free(paths[i]);
    }
    return text;
}

static void start_from(struct theme *theme, const char *base)
{
    const char *text = builtin(base);

    *theme = (struct theme){.bg = COLOUR_DEFAULT};
    for (int i = 0; i < STYLES; i++)
        theme->style[i] = (struct theme_style){COLOUR_DEFAULT, COLOUR_DEFAULT, 0};
    if (text)
        (void)theme_parse(theme, text, NULL);
}

static bool name_is_plain(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    return n > 0 && n < 32 && !name[n];
}

int theme_load(struct theme *theme, const char *name, struct fault *why)
{
    AUTO_FREE char *own = name_is_plain(name) ? read_theme(name) : NULL;
    const char *text = own ? own : name_is_plain(name) ? builtin(name) : NULL;
    int err = 0;

    if (!text) {
        AUTO_STR struct str names = {0};
        char first[32], at[32];
        theme_after(NULL, first);
        (void)text_copy(at, sizeof at, first);
        do {
            str_addf(&names, " %s", at);
            theme_after(at, at);
        } while (strcmp(at, first) != 0);
        err = fault_set(why, ERR_CONFIG, "there is no theme \"%.32s\"; there are:%s", name,
                        str_text(&names));
        name = "dark";
        text = builtin(name);
    }
    start_from(theme, "dark");
    if (text) {
        (void)theme_parse(theme, text, NULL); /* for its base */
        start_from(theme, bases[theme->base]);
        (void)theme_parse(theme, text, NULL);
    }
    (void)text_copy(theme->name, sizeof theme->name, name);
    return err;
}

/* The theme's name inside "themes/NAME.theme"; length 0 = another kind of file. */
static int embedded_theme(const struct embedded *file, const char **name)
{
    size_t n = strlen(file->name);

    *name = file->name + 7;
    if (n <= 13 || n >= 13 + 32 || strncmp(file->name, "themes/", 7) != 0 ||
        strcmp(file->name + n - 6, ".theme") != 0)
        return 0;
    return (int)(n - 13);
}

void theme_after(const char *name, char ret[32])
{
    const struct embedded *first = NULL;
    bool passed = false;
    const char *found;
    int n;

    for (const struct embedded *file = embedded_files; file->name; file++) {
        if ((n = embedded_theme(file, &found)) == 0)
            continue;
        if (passed) {
            (void)snprintf(ret, 32, "%.*s", n, found);
            return;
        }
        first = first ? first : file;
        passed = name && strncmp(found, name, (size_t)n) == 0 && !name[n];
    }
    n = first ? embedded_theme(first, &found) : 0;
    (void)snprintf(ret, 32, "%.*s", n, n ? found : "");
}

const char *theme_pick(const char *wanted, bool no_color)
{
    const char *env = getenv("NO_COLOR"), *term = getenv("TERM");

    if (no_color || (env && *env) || (term && strcmp(term, "dumb") == 0))
        return "mono";
    return wanted && *wanted ? wanted : "dark";
}
