/* SPDX-License-Identifier: MIT */
/* Small files of /sys and /proc, below a folder that tests choose. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/doctor.h"

enum { LINE_BYTES = 4096, LIST_MAX = 65536 };

static FILE *open_file(const char *root, const char *path)
{
    char full[4200];

    (void)snprintf(full, sizeof full, "%s%s", root, path);
    return fopen(full, "re");
}

bool doctor_line(const char *root, const char *path, char *out, size_t size)
{
    FILE *f = open_file(root, path);
    char line[LINE_BYTES] = "";

    *out = '\0';
    if (!f)
        return false;
    if (!fgets(line, sizeof line, f))
        *line = '\0';
    (void)fclose(f);
    line[strcspn(line, "\n")] = '\0';
    (void)text_clean(out, size, line);
    return true;
}

/* Digits only: no sign, no overflow. */
static long long number(const char *text)
{
    char *end;

    text += strspn(text, " \t");
    if (!isdigit((unsigned char)*text) || strcspn(text, " \t\n") > 18)
        return -1;
    return strtoll(text, &end, 10);
}

long long doctor_number(const char *root, const char *path)
{
    char line[64];

    return doctor_line(root, path, line, sizeof line) ? number(line) : -1;
}

/* Finds the line that begins with `key` and one of `behind`, and copies what follows. */
static bool find_line(const char *root, const char *path, const char *key, char *out, size_t size)
{
    FILE *f = open_file(root, path);
    char line[LINE_BYTES];
    size_t len = strlen(key);
    bool found = false;

    *out = '\0';
    while (f && !found && fgets(line, sizeof line, f)) {
        const char *at = line + len;
        if (strncmp(line, key, len) != 0 || (*at != ':' && *at != ' ' && *at != '\t'))
            continue;
        at += strspn(at, " \t:");
        line[strcspn(line, "\n")] = '\0';
        (void)text_clean(out, size, at);
        found = true;
    }
    if (f)
        (void)fclose(f);
    return found;
}

long long doctor_field(const char *root, const char *path, const char *key)
{
    char text[64];

    return find_line(root, path, key, text, sizeof text) ? number(text) : -1;
}

bool doctor_cpuinfo(const char *root, const char *key, char *out, size_t size)
{
    return find_line(root, "/proc/cpuinfo", key, out, size);
}

unsigned doctor_list(const char *list)
{
    unsigned count = 0;

    while (isdigit((unsigned char)*list)) {
        char *end;
        unsigned long first = strtoul(list, &end, 10), last = first;
        if (*end == '-' && isdigit((unsigned char)end[1]))
            last = strtoul(end + 1, &end, 10);
        if (last < first || last >= LIST_MAX)
            return 0;
        count += (unsigned)(last - first) + 1;
        list = end + (*end == ',');
    }
    return count;
}
