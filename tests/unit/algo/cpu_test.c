/* SPDX-License-Identifier: MIT */
/* Hidden CPU features: the environment takes away, never adds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "algo/algo.h"
#include "algo/cpu.h"

static void named_features_are_hidden_and_others_stay(void **state)
{
    (void)state;
    assert_int_equal(cpu_features() & (CPU_AVX512 | CPU_SHANI), 0);
    assert_int_equal(cpu_features(), cpu_probe() & ~(unsigned)(CPU_AVX512 | CPU_SHANI));
}

static void a_hidden_implementation_is_not_picked(void **state)
{
    (void)state;
    for (const struct algo *const *at = algos; *at; at++) {
        assert_string_not_equal(algo_impl_pick(*at, "auto", NULL)->name, "avx512");
        assert_null(algo_impl_pick(*at, "avx512", NULL));
    }
}

static void each_feature_has_a_name(void **state)
{
    (void)state;
    for (unsigned bit = CPU_SSE2; bit <= CPU_AES; bit <<= 1)
        assert_true(*cpu_feature_name(bit));
    assert_string_equal(cpu_feature_name(0), "");
    assert_string_equal(cpu_feature_name(CPU_SSE2 | CPU_AVX2), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_features_are_hidden_and_others_stay),
        cmocka_unit_test(a_hidden_implementation_is_not_picked),
        cmocka_unit_test(each_feature_has_a_name),
    };

    if (setenv("OTEDAMA_CPU_MASK", "AVX512,nonsense,,shani", 1)) /* before the first look */
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
