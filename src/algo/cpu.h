/* SPDX-License-Identifier: MIT */
/* What this CPU can do. Read once, on the first call; any thread. */
#pragma once

enum cpu_feature {
    CPU_SSE2 = 1 << 0,
    CPU_SSE41 = 1 << 1,
    CPU_AVX2 = 1 << 2,
    CPU_AVX512 = 1 << 3, /* F, CD, BW, VL and the system saves the registers */
    CPU_SHANI = 1 << 4,
    CPU_NEON = 1 << 5,
    CPU_ARM_SHA2 = 1 << 6,
    CPU_AES = 1 << 7, /* x86-64 */
};

/* CPU_* bits. The environment variable OTEDAMA_CPU_MASK hides those it names ("avx512,shani";
 * "all" hides every one), so that slower code can be tested on a faster machine. */
unsigned cpu_features(void);
const char *cpu_feature_name(unsigned bit); /* "avx2"; "" for anything but one CPU_* bit */
const char *cpu_model(void);                /* "AMD EPYC 7763"; "" when unknown */

/* The bits the hardware and the system offer: one file for each architecture. */
unsigned cpu_probe(void);
