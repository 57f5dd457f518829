/* SPDX-License-Identifier: MIT */
/* CPU features of machines that only have the portable code. */
#include "algo/cpu.h"

unsigned cpu_probe(void)
{
    return 0;
}
