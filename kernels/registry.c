/* SPDX-License-Identifier: MIT */
/* The algorithms, in the order they are shown. */
#include "algo/algo.h"

extern const struct algo algo_sha256d, algo_scrypt, algo_randomx, algo_ethash, algo_etchash,
    algo_kawpow;

const struct algo *const algos[] = {
    &algo_sha256d, &algo_scrypt, &algo_randomx, &algo_ethash, &algo_etchash, &algo_kawpow, NULL,
};
