/* SPDX-License-Identifier: MIT */
/* The value of a share. reward * share * (10^6 - fee) has up to 148 bits. */
#include "reward/pps.h"

#include "base/u256.h"

int reward_share_value(uint64_t reward, uint64_t share, uint64_t network, uint32_t fee_ppm,
                       uint64_t *ret)
{
    struct u256 value = u256_from_u64(reward);

    if (!network || fee_ppm > FEE_PPM_MAX)
        return ERR_FIELD;
    (void)u256_mul_u64(&value, share);
    (void)u256_mul_u64(&value, FEE_PPM_MAX - fee_ppm);
    value = u256_div_u64(&value, network);
    if (u256_bits(&value) > 64)
        return ERR_FIELD;
    *ret = value.w[0];
    return 0;
}
