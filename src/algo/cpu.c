/* SPDX-License-Identifier: MIT */
/* CPU features by name, hidden ones taken away, and the model's name from /proc/cpuinfo. */
#include "algo/cpu.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

static const struct {
    unsigned bit;
    const char *name;
} names[] = {
    {CPU_SSE2, "sse2"},   {CPU_SSE41, "sse41"}, {CPU_AVX2, "avx2"},       {CPU_AVX512, "avx512"},
    {CPU_SHANI, "shani"}, {CPU_NEON, "neon"},   {CPU_ARM_SHA2, "armsha"}, {CPU_AES, "aes"},
};
enum { NAMES = sizeof names / sizeof *names };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static unsigned features;
static char model[64];

static unsigned bits_named(const char *word, size_t len)
{
    if (len == 3 && !strncasecmp(word, "all", len))
        return ~0u;
    for (unsigned i = 0; i < NAMES; i++)
        if (strlen(names[i].name) == len && !strncasecmp(word, names[i].name, len))
            return names[i].bit;
    return 0;
}

static unsigned hidden(const char *list)
{
    unsigned bits = 0;

    while (list && *list) {
        size_t len = strcspn(list, ",");
        bits |= bits_named(list, len);
        list += len + (list[len] == ',');
    }
    return bits;
}

static void read_model(void)
{
    FILE *f = fopen("/proc/cpuinfo", "re");
    char line[256];

    while (f && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (!colon || (strncmp(line, "model name", 10) != 0 && strncmp(line, "Model", 5) != 0))
            continue;
        colon[1 + strcspn(colon + 1, "\n")] = '\0';
        (void)text_copy(model, sizeof model, colon + 1 + strspn(colon + 1, " \t"));
        break;
    }
    if (f)
        (void)fclose(f);
}

static void read_once(void)
{
    features = cpu_probe() & ~hidden(getenv("OTEDAMA_CPU_MASK"));
    read_model();
}

unsigned cpu_features(void)
{
    (void)pthread_once(&once, read_once);
    return features;
}

const char *cpu_feature_name(unsigned bit)
{
    for (unsigned i = 0; i < NAMES; i++)
        if (names[i].bit == bit)
            return names[i].name;
    return "";
}

const char *cpu_model(void)
{
    (void)pthread_once(&once, read_once);
    return model;
}
