/* SPDX-License-Identifier: MIT */
/* Items kept in a file between runs: making them takes half a minute of all cores, reading them a
 * second or two. One file for each seed; both variants of RandomX have the same items. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"

struct rx_data;

/* Reads the items of this seed into the first copy. True when all were read and their checksum is
 * right; the caller still compares samples. A file that is not whole is logged once and ignored. */
bool rx_read(struct rx_data *, const _Atomic bool *cancel);

/* Removes the files of other seeds, at 2 GiB each, and writes this one's, in one step for whoever
 * reads. Leaves within 100 ms of `cancel` (ERR_CLOSED), and what the file system needs to remove
 * the part. A disk without room is an error with one line in the log. */
int rx_keep(void *data, const _Atomic bool *cancel, struct fault *why);

/* The path of the file, for a seed's plan name. */
char *rx_file_path(const char *dir, const char *name);
