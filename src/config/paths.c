/* SPDX-License-Identifier: MIT */
/* The data directory by the XDG and systemd conventions. */
#include "config/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"

void path_data_dir(const struct config *config, char *out, size_t size)
{
    const char *state = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");

    if (config->data.dir && *config->data.dir)
        (void)snprintf(out, size, "%s", config->data.dir);
    else if (state && *state == '/')
        (void)snprintf(out, size, "%.*s", (int)strcspn(state, ":"), state);
    else if (xdg && *xdg == '/')
        (void)snprintf(out, size, "%s/otedama", xdg);
    else
        (void)snprintf(out, size, "%s/.local/share/otedama", home && *home ? home : "");
    size_t len = strlen(out);
    while (len > 1 && out[len - 1] == '/')
        out[--len] = 0;
}

void path_in_data(const struct config *config, const char *name, char *out, size_t size)
{
    char dir[512];

    if (*name == '/') {
        (void)snprintf(out, size, "%s", name);
        return;
    }
    path_data_dir(config, dir, sizeof dir);
    (void)snprintf(out, size, "%s/%s", dir, name);
}

int path_make_dir(const char *dir, struct fault *why)
{
    AUTO_FREE char *path = xstrdup(dir);

    for (char *at = path + 1; *path; at++) {
        if (*at && *at != '/')
            continue;
        char was = *at;
        *at = 0;
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            return fault_set(why, -errno,
                             "cannot make the directory %s: %s; choose another with data.dir", path,
                             strerror(errno));
        *at = was;
        if (!was)
            break;
    }
    return 0;
}

void path_database(const struct config *config, char *out, size_t size)
{
    path_in_data(config, "otedama.db", out, size);
}
