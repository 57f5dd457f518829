/* SPDX-License-Identifier: MIT */
/* What this CPU can do. Read once, before threads start. */
#pragma once

enum cpu_feature {
    CPU_SSE2 = 1 << 0,
    CPU_SSE41 = 1 << 1,
    CPU_AVX2 = 1 << 2,
    CPU_AVX512 = 1 << 3, /* F, BW, VL and the system saves the registers */
    CPU_SHANI = 1 << 4,
    CPU_NEON = 1 << 5,
    CPU_ARM_SHA2 = 1 << 6,
};

unsigned cpu_features(void);                /* CPU_* bits; OTEDAMA_CPU_MASK can only clear some */
const char *cpu_feature_name(unsigned bit); /* "avx2" */
const char *cpu_model(void);                /* "AMD EPYC 7763"; "" when unknown */
