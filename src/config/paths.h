/* SPDX-License-Identifier: MIT */
/* Where the program keeps its files. Any thread. */
#pragma once

#include <stddef.h>

#include "config/config.h"

/* The data directory, without a final slash: data.dir, else $STATE_DIRECTORY (systemd), else
 * $XDG_DATA_HOME/otedama, else ~/.local/share/otedama. Not created. */
void path_data_dir(const struct config *, char *out, size_t size);

/* `name` inside the data directory; an absolute name stays as it is. */
void path_in_data(const struct config *, const char *name, char *out, size_t size);

/* Makes a directory and its parents (mode 0700 for new ones). 0 or -errno with `why`. */
int path_make_dir(const char *dir, struct fault *why);

/* The database of the store. */
void path_database(const struct config *, char *out, size_t size);
