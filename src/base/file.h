/* SPDX-License-Identifier: MIT */
/* Whole files and folders. Blocking: not for the hub's loop once it runs. Any thread. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Reads a regular file of at most `max` bytes. 0, `*ret` with a NUL after its `*ret_len` bytes; or
 * -errno (-EFBIG past the limit, -EISDIR for a folder). */
int file_read(const char *path, size_t max, char **ret, size_t *ret_len);

/* Replaces `path` in one step: a crash leaves the old or the new content, never a part. 0 or
 * -errno. */
int file_write(const char *path, const void *data, size_t len, mode_t mode);

/* Makes a folder and those above it. 0 (also when it is there) or -errno. */
int dir_make(const char *path, mode_t mode);
int dir_make_parent(const char *path, mode_t mode); /* the folder that `path` lies in */
