/* SPDX-License-Identifier: MIT */
/* Settings of engines, and the file of those that were measured. */
#include "algo/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "algo/cpu.h"
#include "base/file.h"
#include "base/str.h"

enum { FILE_MAX_BYTES = 4096 };

struct word {      /* one of a setting */
    char algo[64]; /* "" = of every algorithm */
    char impl[64];
};

static char *trimmed(char *text)
{
    text += strspn(text, " ");
    for (size_t len = strlen(text); len && text[len - 1] == ' '; len--)
        text[len - 1] = '\0';
    return text;
}

/* Takes the next word off *at. False at the end. A word that is too long is cut, and so unknown. */
static bool next_word(const char **at, struct word *word)
{
    char text[128];

    if (!*at || !**at)
        return false;
    size_t len = strcspn(*at, ","), keep = len < sizeof text - 1 ? len : sizeof text - 1;
    memcpy(text, *at, keep);
    text[keep] = '\0';
    *at += len + ((*at)[len] == ',');
    char *equals = strchr(text, '=');
    if (equals)
        *equals = '\0';
    (void)text_copy(word->algo, sizeof word->algo, equals ? trimmed(text) : "");
    (void)text_copy(word->impl, sizeof word->impl, trimmed(equals ? equals + 1 : text));
    return true;
}

static bool is_auto(const char *impl)
{
    return !*impl || !strcasecmp(impl, "auto");
}

static bool has_engine(const struct algo *algo, const char *name)
{
    for (const struct algo_impl *impl = algo->impls; impl->name; impl++)
        if (!strcmp(impl->name, name))
            return true;
    return false;
}

/* The names of all engines that run here, each once. */
static void usable_names(struct str *out)
{
    for (const struct algo *const *algo = algos; *algo; algo++)
        for (const struct algo_impl *impl = (*algo)->impls; impl->name; impl++) {
            const struct algo *const *first = algos;
            while (!has_engine(*first, impl->name))
                first++;
            if (first == algo && !(impl->needs & ~cpu_features()))
                str_addf(out, ", %s", impl->name);
        }
}

static int check_for_all(const char *impl, struct fault *why)
{
    AUTO_STR struct str names = {0};

    for (const struct algo *const *algo = algos; *algo; algo++)
        if (algo_impl_pick(*algo, impl, NULL))
            return 0;
    usable_names(&names);
    return fault_set(why, ERR_CONFIG, "mining.cpu.impl: no engine \"%s\" runs here: use auto%s",
                     impl, str_text(&names));
}

static int check_for_one(const struct word *word, struct fault *why)
{
    const struct algo *algo = algo_find(word->algo);
    AUTO_STR struct str names = {0};

    if (algo)
        return algo_impl_pick(algo, word->impl, why) ? 0 : ERR_CONFIG;
    for (const struct algo *const *at = algos; *at; at++)
        str_addf(&names, "%s%s", at == algos ? "" : ", ", (*at)->name);
    return fault_set(why, ERR_CONFIG, "mining.cpu.impl: unknown algorithm \"%s\": use %s",
                     word->algo, str_text(&names));
}

int engine_check(const char *setting, struct fault *why)
{
    struct word word;
    int err = 0;

    while (!err && next_word(&setting, &word))
        if (*word.algo)
            err = check_for_one(&word, why);
        else if (!is_auto(word.impl))
            err = check_for_all(word.impl, why);
    return err;
}

/* What a setting names for an algorithm; NULL where it says auto or cannot be had. */
static const struct algo_impl *named(const struct algo *algo, const char *setting, char *missed)
{
    const struct algo_impl *own = NULL, *general = NULL;
    bool has_own = false;
    struct word word;

    while (next_word(&setting, &word)) {
        bool mine = *word.algo && algo_find(word.algo) == algo;
        const struct algo_impl *impl =
            is_auto(word.impl) ? NULL : algo_impl_pick(algo, word.impl, NULL);
        if (mine) {
            own = impl;
            has_own = true;
        } else if (!*word.algo && impl && !general) {
            general = impl;
        } else if (!*word.algo && !impl && !is_auto(word.impl) && missed) {
            (void)text_copy(missed, ENGINE_SETTING_MAX, word.impl);
        }
    }
    if (missed && (has_own || general))
        *missed = '\0';
    return has_own ? own : general;
}

const struct algo_impl *engine_pick(const struct algo *algo, const char *setting, const char *tuned,
                                    char missed[ENGINE_SETTING_MAX])
{
    if (missed)
        *missed = '\0';
    const struct algo_impl *impl = named(algo, setting, missed);
    if (!impl)
        impl = named(algo, tuned, NULL);
    return impl ? impl : algo_impl_pick(algo, "auto", NULL);
}

/* --- what was measured ----------------------------------------------------------------------- */

static void file_path(const char *dir, char *out, size_t size)
{
    (void)snprintf(out, size, "%s/engines", dir);
}

/* What the figures depend on, as the first line of the file. */
static void file_head(unsigned threads, char *out, size_t size)
{
    (void)snprintf(out, size, "%s, %u threads, otedama %s\n", cpu_model(), threads,
                   OTEDAMA_VERSION);
}

bool engine_tuned_read(const char *dir, unsigned threads, char setting[ENGINE_SETTING_MAX])
{
    char path[4200], head[256], *text;
    size_t len;

    *setting = '\0';
    file_path(dir, path, sizeof path);
    file_head(threads, head, sizeof head);
    if (file_read(path, FILE_MAX_BYTES, &text, &len) < 0)
        return false;
    if (len == strlen(text) && !strncmp(text, head, strlen(head))) {
        char *line = text + strlen(head);
        line[strcspn(line, "\n")] = '\0';
        (void)text_copy(setting, ENGINE_SETTING_MAX, line);
    }
    free(text);
    return *setting != '\0';
}

int engine_tuned_write(const char *dir, unsigned threads, const char *setting)
{
    char path[4200], head[256];
    AUTO_STR struct str text = {0};

    file_path(dir, path, sizeof path);
    file_head(threads, head, sizeof head);
    str_addf(&text, "%s%s\n", head, setting);
    int err = dir_make(dir, 0700);
    return err < 0 ? err : file_write(path, str_text(&text), text.len, 0644);
}
