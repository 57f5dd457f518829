/* SPDX-License-Identifier: MIT */
/* KawPow, Ravencoin's proof of work. An input is the header hash as it is displayed, then the
 * nonce; the height of the key gives the epoch of the dataset and the period of the program. */
#include "kernels/kawpow/kawpow.h"

#include "algo/cpu.h"
#include "algo/dataset.h"

static int ctx_new(struct dataset *dataset, struct algo_ctx **ret, struct fault *why)
{
    if (!dataset)
        return fault_set(why, ERR_KEY, "KawPow hashes only with a dataset");
    *ret = kawpow_ctx_over(kawpow_data_of(dataset_memory(dataset)),
                           dataset_state(dataset) == DATASET_FULL);
    return 0;
}

static const char *const aliases[] = {"kaw", "ravencoin", "rvn", NULL};

static const struct algo_impl impls[] = {
#if defined(__x86_64__)
    {"avx512-jit", CPU_AVX512, 0, kawpow_scan_avx512_jit},
    {"avx512", CPU_AVX512, 0, kawpow_scan_avx512},
    {"avx2", CPU_AVX2, 0, kawpow_scan_avx2},
#endif
    {"scalar", 0, 0, kawpow_scan_scalar},
    {0},
};

/* Implementations are tried on its cache. The other known answers: kernels/kawpow/known.c. */
static const struct algo_vector vectors[] = {
    {.source = "generated, height 7499",
     .input_hex = "0d3cb7e6e629f006e635fe64942d6af5f9932a02f9ab2b7bc21f1de9d6dd22a5"
                  "d9f55b7a210b1e8d",
     .hash_hex = "989e442b730682754becf90531af3f13c7314f4111cdacd0a6cb6bc1720d521b",
     .mix_hex = "351d9acf31d170ff2d4b425375da446c7e799a3ca08f168d33dd66de1e3a5905",
     .height = 7499,
     .slow = true},
    {0},
};

const struct algo algo_kawpow = {
    .name = "kawpow",
    .title = "KawPow",
    .aliases = aliases,
    .input_len = KAWPOW_INPUT,
    .nonce_at = KAWPOW_NONCE_AT,
    .nonce_len = 8,
    .trial_nonces = KAWPOW_LIGHT_FLIGHT + 3,
    .batch = KAWPOW_LIGHT_FLIGHT,
    .hash_is_be = true,
    .diff1 = {{0, 0, 0, UINT64_C(0xff000000)}}, /* 0xff * 2^216, as KawPow pools reckon */
    .hash = kawpow_hash,
    .quick = kawpow_final_of_mix,
    .impls = impls,
    .dataset = &kawpow_dataset,
    .ctx_new = ctx_new,
    .ctx_free = kawpow_ctx_free,
    .vectors = vectors,
    .selftest = kawpow_selftest,
};
