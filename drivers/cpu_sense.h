/* SPDX-License-Identifier: MIT */
/* The CPU's temperature from the kernel's hardware monitors. */
#pragma once

#include <stdbool.h>

enum { CPU_SENSOR_MAX = 96 };

void cpu_sensor_find(char path[CPU_SENSOR_MAX]); /* "" when the machine has none */
bool cpu_sensor_read(const char *path, float *celsius);
