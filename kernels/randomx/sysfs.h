/* SPDX-License-Identifier: MIT */
/* Small files of /sys: numbers, sizes, lists of CPUs and nodes. */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

/* The file's first line, without its end. False when it cannot be read. */
bool sysfs_line(const char *path, char *out, size_t size);

/* "0-3,8" as a set. False when the file is missing, empty or malformed; numbers past CPU_SETSIZE
 * are left out. */
bool sysfs_list(const char *path, cpu_set_t *ret);

/* "32768K", "1M" or "512" in bytes; 0 when it cannot be read. */
size_t sysfs_size(const char *path);
