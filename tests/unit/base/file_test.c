/* SPDX-License-Identifier: MIT */
/* Whole files: limits, replacing in one step, folders. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "tests/fake/folder.h"

static char folder[FOLDER_MAX], path[128];

static int make_folder(void **state)
{
    (void)state;
    if (folder_make(folder) < 0)
        return -1;
    (void)snprintf(path, sizeof path, "%s/a", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return folder_remove(folder);
}

static void a_file_reads_back_as_written(void **state)
{
    char *data = NULL;
    size_t len;
    struct stat st;

    (void)state;
    assert_int_equal(file_write(path, "one\0two", 7, 0640), 0);
    assert_int_equal(file_read(path, 7, &data, &len), 0);
    assert_int_equal(len, 7);
    assert_memory_equal(data, "one\0two", 8);
    free(data);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(file_write(path, "", 0, 0600), 0);
    assert_int_equal(file_read(path, 0, &data, &len), 0);
    assert_int_equal(len, 0);
    assert_string_equal(data, "");
    free(data);
}

static void reading_has_a_limit_and_takes_files_only(void **state)
{
    char *data = NULL;
    size_t len;

    (void)state;
    assert_int_equal(file_write(path, "12345678", 8, 0600), 0);
    assert_int_equal(file_read(path, 7, &data, &len), -EFBIG);
    assert_int_equal(file_read(folder, 100, &data, &len), -EISDIR);
    assert_int_equal(file_read("/nowhere", 100, &data, &len), -ENOENT);
    assert_int_equal(file_read("/dev/zero", 100, &data, &len), -EINVAL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(file_read(path, 100, &data, &len),
                     -EINVAL); /* and does not wait for a writer */
    assert_int_equal(file_read("/proc/self/stat", 4000, &data, &len), 0); /* says size 0 */
    assert_true(len > 0);
    free(data);
}

static void a_failed_write_leaves_nothing_behind(void **state)
{
    char missing[160], command[160];

    (void)state;
    (void)snprintf(missing, sizeof missing, "%s/no/such", folder);
    assert_int_equal(file_write(missing, "x", 1, 0600), -ENOENT);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(file_write(path, "x", 1, 0600) < 0); /* a folder is in the way */
    (void)snprintf(command, sizeof command, "test \"$(ls '%s')\" = a", folder);
    assert_int_equal(system(command), 0);
}

static void folders_are_made_with_those_above(void **state)
{
    char deep[200];
    struct stat st;

    (void)state;
    (void)snprintf(deep, sizeof deep, "%s/x/y//z", folder);
    assert_int_equal(dir_make(deep, 0700), 0);
    assert_int_equal(dir_make(deep, 0700), 0);
    assert_int_equal(stat(deep, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    (void)snprintf(deep, sizeof deep, "%s/p/q/file", folder);
    assert_int_equal(dir_make_parent(deep, 0700), 0);
    assert_int_equal(access(deep, F_OK), -1);
    assert_int_equal(file_write(deep, "", 0, 0600), 0);
    assert_int_equal(dir_make(deep, 0700), -ENOTDIR);
    assert_int_equal(dir_make_parent("file", 0700), 0);
    assert_int_equal(dir_make_parent("/file", 0700), 0);
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_file_reads_back_as_written),
        IN_FOLDER(reading_has_a_limit_and_takes_files_only),
        IN_FOLDER(a_failed_write_leaves_nothing_behind),
        IN_FOLDER(folders_are_made_with_those_above),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
