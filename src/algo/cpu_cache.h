/* SPDX-License-Identifier: MIT */
/* How much cache a hashing thread has to itself. */
#pragma once

#include <stddef.h>

/* Shares of the second and third cache level, in bytes, of a core that has one thread: what its
 * cores share is divided among them, what the hardware threads of a core share is not. 0 = there is
 * none, or the system does not say. */
struct cpu_caches {
    size_t l2, l3;
};

/* Of the first CPU that the calling thread may use. `root` is put before "/sys/..."; "" outside
 * tests. Reads a few small files. Any thread. */
struct cpu_caches cpu_caches(const char *root);
