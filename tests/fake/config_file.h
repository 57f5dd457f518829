/* SPDX-License-Identifier: MIT */
/* A configuration file in a folder of its own, for tests: written, loaded, and what is said of it.
 */
#pragma once

#include "base/str.h"
#include "config/config.h"
#include "tests/fake/folder.h"

extern char config_folder[FOLDER_MAX], config_path[FOLDER_MAX + 16];

/* cmocka fixtures. */
int config_file_setup(void **state);
int config_file_teardown(void **state);

/* The configuration, or NULL: refused. What is wrong goes to `problems` (may be NULL), a line each,
 * with the file's name without its folder. */
struct config *config_load_with(const char *yaml, const struct config_override *flags, size_t count,
                                struct str *problems);
/* Must load without a word. */
struct config *config_load_clean(const char *yaml);
/* The file is refused (or warned about) with exactly these lines. */
void config_problems_are(const char *yaml, const char *expected);
