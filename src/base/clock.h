/* SPDX-License-Identifier: MIT */
/* Time. Intervals are monotonic microseconds; wall time is for people and protocols. Any thread. */
#pragma once

#include <stdint.h>

#define SECOND_US INT64_C(1000000)

int64_t now_us(void);        /* monotonic, microseconds */
int64_t wall_ms(void);       /* Unix time, milliseconds */
uint32_t wall_s(void);       /* Unix time, seconds */
int64_t thread_cpu_us(void); /* CPU time of the calling thread, microseconds */
void sleep_us(int64_t us);
