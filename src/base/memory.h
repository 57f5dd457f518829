/* SPDX-License-Identifier: MIT */
/* How much memory can still be taken. Any thread. */
#pragma once

#include <stdint.h>

/* Bytes this process may take without anyone swapping: the smaller of what the system calls
 * available and what the control groups leave, its own and those above. UINT64_MAX when neither can
 * be read. */
uint64_t memory_available(void);

/* The part of the control groups: `membership` is a file as /proc/self/cgroup, `root` where they
 * are mounted. UINT64_MAX: no limit, or none that can be read. */
uint64_t memory_group_left(const char *membership, const char *root);
