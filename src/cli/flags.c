/* SPDX-License-Identifier: MIT */
/* Flags to configuration overrides: a row each; they are stronger than environment and file. */
#include "cli/flags.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "cli/cli.h"

struct flag {
    const char *name;
    const char *path;  /* the setting; NULL = the flag itself is handled below */
    const char *fixed; /* its value when the flag takes none; NULL = the next word */
    const char *help;
};

static const struct flag table[] = {
    {"--config", NULL, NULL, "FILE: the configuration file"},
    {"--set", NULL, NULL, "KEY=VALUE: any setting"},
    {"--headless", NULL, "", "no console: plain lines on standard output"},
    {"--no-color", NULL, "", "no colours in the console"},
    {"--strict", NULL, "", "configuration warnings are errors"},
    {"--algorithm", "mining.algorithm", NULL, "NAME: what to hash"},
    {"--threads", "mining.cpu.threads", NULL, "N: CPU threads; 0 = one per physical core"},
    {"--impl", "mining.cpu.impl", NULL, "NAME: CPU engine; auto = the fastest"},
    {"--cpu-only", "mining.enable_gpu", "false", "do not use GPUs"},
    {"--no-mining", "mining.autostart", "false", "do not start hashing by itself"},
    {"--pool", "pool.enable", "true", "open the embedded pool"},
    {"--no-pool", "pool.enable", "false", "leave the embedded pool closed"},
    {"--data", "data.dir", NULL, "DIR: database and logs"},
    {"--log-level", "log.level", NULL, "LEVEL: error, warn, info, debug, trace"},
    {"--theme", "ui.theme", NULL, "NAME: console colours"},
    {"--symbols", "ui.symbols", NULL, "braille, block or ascii"},
    {0},
};

static const struct flag *find(const char *word, size_t len)
{
    for (const struct flag *f = table; f->name; f++)
        if (strlen(f->name) == len && !strncmp(f->name, word, len))
            return f;
    return NULL;
}

static int unknown(const char *word, struct fault *why)
{
    const char *best = table[0].name;
    unsigned least = 1000;

    for (const struct flag *f = table; f->name; f++) {
        unsigned d = text_distance(word, f->name);
        if (d < least)
            least = d, best = f->name;
    }
    (void)fault_set(why, ERR_CONFIG, "unknown flag %s; did you mean %s? See otedama help", word,
                    best);
    return EXIT_BAD_USAGE;
}

static int add(struct flags *flags, const char *path, const char *value, const char *origin,
               struct fault *why)
{
    size_t n = flags->request.override_count;

    if (n == FLAG_OVERRIDES)
        return fault_set(why, EXIT_BAD_USAGE, "more than %d settings on the command line",
                         FLAG_OVERRIDES);
    flags->overrides[n] = (struct config_override){path, value, origin};
    flags->request.override_count = n + 1;
    return 0;
}

static int add_set(struct flags *flags, const char *text, struct fault *why)
{
    size_t n = flags->request.override_count, len = strcspn(text, "=");
    char *path = flags->set_path[n < FLAG_OVERRIDES ? n : 0];

    if (!text[len] || len >= sizeof flags->set_path[0])
        return fault_set(why, EXIT_BAD_USAGE, "--set needs KEY=VALUE, not \"%s\"", text);
    if (n < FLAG_OVERRIDES) {
        memcpy(path, text, len);
        path[len] = 0;
    }
    return add(flags, path, text + len + 1, "--set", why);
}

static int apply(struct flags *flags, const struct flag *flag, const char *value, struct fault *why)
{
    if (flag->path)
        return add(flags, flag->path, value, flag->name, why);
    if (!strcmp(flag->name, "--set"))
        return add_set(flags, value, why);
    if (!strcmp(flag->name, "--config"))
        flags->request.file = value;
    flags->headless |= !strcmp(flag->name, "--headless");
    flags->no_color |= !strcmp(flag->name, "--no-color");
    flags->request.strict |= !strcmp(flag->name, "--strict");
    return 0;
}

int flags_read(int argc, char **argv, struct flags *flags, struct fault *why)
{
    *flags = (struct flags){0};
    flags->request.overrides = flags->overrides;
    for (int i = 1; i < argc; i++) {
        size_t len = strcspn(argv[i], "=");
        const struct flag *flag = find(argv[i], len);
        const char *value = flag ? flag->fixed : NULL;
        if (!flag)
            return unknown(argv[i], why);
        if (value && argv[i][len])
            return fault_set(why, EXIT_BAD_USAGE, "%s takes no value", flag->name);
        if (!value && argv[i][len] == '=')
            value = argv[i] + len + 1;
        else if (!value && i + 1 < argc)
            value = argv[++i];
        if (!value)
            return fault_set(why, EXIT_BAD_USAGE, "%s needs a value", flag->name);
        int code = apply(flags, flag, value, why);
        if (code)
            return code;
    }
    return 0;
}

void flags_print(FILE *out)
{
    for (const struct flag *f = table; f->name; f++)
        (void)fprintf(out, "  %-14s %s\n", f->name, f->help);
}

void flags_roff(FILE *out)
{
    for (const struct flag *f = table; f->name; f++)
        (void)fprintf(out, ".TP\n.B \\-\\-%s\n%s.\n", f->name + 2, f->help);
}
