/* SPDX-License-Identifier: MIT */
/* Folders of the tests. */
#include "tests/fake/folder.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"

int folder_make(char folder[FOLDER_MAX])
{
    (void)snprintf(folder, FOLDER_MAX, "/tmp/otedama-unit-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

int folder_remove(const char *folder)
{
    enum { OPEN_FOLDERS = 8 };

    return nftw(folder, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

void folder_put(const char *folder, const char *name, const char *text)
{
    AUTO_FREE char *path = xasprintf("%s/%s", folder, name);

    assert_int_equal(dir_make_parent(path, 0700), 0);
    assert_int_equal(file_write(path, text, strlen(text), 0600), 0);
}
