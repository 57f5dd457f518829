/* SPDX-License-Identifier: MIT */
/* Unpredictable bytes from the kernel. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *out, size_t len);
uint32_t rand_u32(void);
