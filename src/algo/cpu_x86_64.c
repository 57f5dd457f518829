/* SPDX-License-Identifier: MIT */
/* CPU features of x86-64 by CPUID, and XGETBV for what the system saves (Intel SDM vol. 1, 13.3).
 */
#include <cpuid.h>
#include <stdint.h>

#include "algo/cpu.h"

enum {
    LEAF1_ECX_SSE41 = 1 << 19,
    LEAF1_ECX_AES = 1 << 25,
    LEAF1_ECX_OSXSAVE = 1 << 27,
    LEAF7_EBX_AVX2 = 1 << 5,
    LEAF7_EBX_AVX512F = 1 << 16,
    LEAF7_EBX_AVX512CD = 1 << 28,
    LEAF7_EBX_SHA = 1 << 29,
    LEAF7_EBX_AVX512BW = 1 << 30,
    XCR0_AVX = 0x06,    /* XMM and YMM */
    XCR0_AVX512 = 0xe6, /* and the masks, the upper halves, ZMM16..31 */
};
static const unsigned leaf7_avx512 =
    LEAF7_EBX_AVX512F | LEAF7_EBX_AVX512CD | LEAF7_EBX_AVX512BW | 1u << 31; /* bit 31: VL */

static uint32_t saved_registers(void)
{
    uint32_t eax, edx;

    __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    return eax;
}

unsigned cpu_probe(void)
{
    unsigned a, b, c, d, bits = CPU_SSE2, ecx1;

    if (!__get_cpuid(1, &a, &b, &ecx1, &d))
        return bits;
    uint32_t saved = ecx1 & LEAF1_ECX_OSXSAVE ? saved_registers() : 0;
    if (ecx1 & LEAF1_ECX_SSE41)
        bits |= CPU_SSE41;
    if (ecx1 & LEAF1_ECX_AES && bits & CPU_SSE41)
        bits |= CPU_AES;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return bits;
    if (b & LEAF7_EBX_SHA && bits & CPU_SSE41)
        bits |= CPU_SHANI;
    if (b & LEAF7_EBX_AVX2 && (saved & XCR0_AVX) == XCR0_AVX)
        bits |= CPU_AVX2;
    if ((b & leaf7_avx512) == leaf7_avx512 && (saved & XCR0_AVX512) == XCR0_AVX512)
        bits |= CPU_AVX512;
    return bits;
}
