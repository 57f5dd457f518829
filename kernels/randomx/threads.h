/* SPDX-License-Identifier: MIT */
/* How many threads RandomX wants, and on which CPUs. */
#pragma once

#include <sched.h>

/* Each thread works in 2 MiB of L3 and 256 KiB of L2. For each L3 cache: as many threads as both
 * hold, at most its CPUs of `allowed`, at least one; one CPU of each core first, then their
 * siblings. Where the system tells of no L3, one thread for each core. Writes up to `max` CPU
 * numbers and returns the number of threads, which may be larger. `root`: where
 * /sys/devices/system/cpu is. Any thread. */
unsigned rx_threads_of(const char *root, const cpu_set_t *allowed, unsigned *cpus, unsigned max);

/* The same for this machine and the CPUs this thread may use. */
unsigned rx_threads(unsigned *cpus, unsigned max);
