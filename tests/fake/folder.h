/* SPDX-License-Identifier: MIT */
/* A folder of a test's own, below /tmp. */
#pragma once

enum { FOLDER_MAX = 32 };

/* Makes an empty one and writes its path. 0, or -1. */
int folder_make(char folder[FOLDER_MAX]);
/* Removes it with all that is in it. 0, or -1. */
int folder_remove(const char *folder);
/* Writes a file into it, below folders as needed; fails the test where that cannot be. */
void folder_put(const char *folder, const char *name, const char *text);
