/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over its corpus, and over cheap mutations of it, without libFuzzer: TAP
 * output. The corpus of fuzz_NAME is tests/fuzz/corpus/NAME/, and build/corpus/NAME/ where the
 * build makes one. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MUTATIONS = 400, SIZE_MAX_BYTES = 1 << 16 };

static uint64_t state = 88172645463325252u;

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

static void mutate(const uint8_t *data, size_t size)
{
    for (unsigned round = 0; round < MUTATIONS; round++) {
        uint8_t *copy = malloc(size + 1);
        size_t len = size;
        memcpy(copy, data, size);
        for (unsigned n = next() % 4 + 1; n && len; n--) {
            size_t at = next() % len;
            switch (next() % 4) {
            case 0:
                copy[at] = (uint8_t)next();
                break;
            case 1:
                copy[at] ^= (uint8_t)(1u << next() % 8);
                break;
            case 2:
                len = at;
                break;
            default:
                memmove(copy + at, copy + at + 1, len - at - 1);
                len--;
            }
        }
        /* exact size, so that a sanitizer sees the first byte past the end */
        uint8_t *exact = malloc(len ? len : 1);
        memcpy(exact, copy, len);
        (void)LLVMFuzzerTestOneInput(exact, len);
        free(exact);
        free(copy);
    }
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    uint8_t *data = malloc(SIZE_MAX_BYTES);
    size_t size = fread(data, 1, SIZE_MAX_BYTES, file);
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(data, size);
    mutate(data, size);
    free(data);
    return 1;
}

/* How many files there were. */
static int run_folder(const char *root, const char *name)
{
    char folder[512], path[1024];
    int files = 0;

    (void)snprintf(folder, sizeof folder, "%s/%s", root, name);
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        files += run_file(path);
    }
    if (dir)
        (void)closedir(dir);
    return files;
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');

    (void)argc;
    name = strstr(name ? name : argv[0], "fuzz_");
    name = name ? name + 5 : "";
    int files = run_folder("tests/fuzz/corpus", name) + run_folder("build/corpus", name);
    printf("%s 1 - corpus of %d files with %d mutations each\n", files ? "ok" : "not ok", files,
           MUTATIONS);
    return files ? 0 : 1;
}
