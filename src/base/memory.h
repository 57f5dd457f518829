/* SPDX-License-Identifier: MIT */
/* How much memory can still be taken. Any thread. */
#pragma once

#include <stdint.h>

/* Bytes this process may take without anyone swapping: the smaller of what the system calls
 * available and what the control group leaves. UINT64_MAX when neither can be read. */
uint64_t memory_available(void);
