/* SPDX-License-Identifier: MIT */
/* CPU features of 64-bit ARM from the kernel's hardware capabilities. */
#include <sys/auxv.h>

#include "algo/cpu.h"

unsigned cpu_probe(void)
{
    unsigned long caps = getauxval(AT_HWCAP);

    return (caps & 1ul << 1 ? CPU_NEON : 0u) | (caps & 1ul << 6 ? CPU_ARM_SHA2 : 0u);
}
