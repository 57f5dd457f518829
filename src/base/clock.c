/* SPDX-License-Identifier: MIT */
/* Clocks of POSIX in one unit. */
#include "base/clock.h"

#include <time.h>

static int64_t read_us(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

int64_t now_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

uint32_t wall_s(void)
{
    return (uint32_t)(read_us(CLOCK_REALTIME) / SECOND_US);
}

int64_t thread_cpu_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

void sleep_us(int64_t us)
{
    struct timespec t = {us / SECOND_US, us % SECOND_US * 1000};

    while (nanosleep(&t, &t) < 0)
        ;
}
