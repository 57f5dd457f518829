/* SPDX-License-Identifier: MIT */
/* Rewards that fall by a fifth with every era. */
#include "coin/ecip1017.h"

#include <stddef.h>

__extension__ typedef unsigned __int128 u128;

#define FIRST_REWARD (UINT64_C(5000000000) * WEI_PER_GWEI)

enum {
    LAST_ERA = 192, /* the reward is less than 1 wei after it */
    LIMBS = 7,      /* 64 bits each: FIRST_REWARD * 4^LAST_ERA has 447 */
    PARTS = 32,     /* of the reward, that are paid for an uncle */
    EIGHTHS = 8,
};

uint64_t ecip1017_era(uint64_t number)
{
    return number ? (number - 1) / ECIP1017_ERA : 0;
}

/* number /= divisor; the limbs stand lowest first */
static void divide(uint64_t number[LIMBS], uint64_t divisor)
{
    u128 rest = 0;

    for (size_t i = LIMBS; i-- > 0;) {
        rest = rest << 64 | number[i];
        number[i] = (uint64_t)(rest / divisor);
        rest %= divisor;
    }
}

/* The product is whole and the quotients are rounded down one after the other, which is the same as
 * once: a fifth each era would lose more. */
uint64_t ecip1017_reward(uint64_t number)
{
    uint64_t era = ecip1017_era(number), wide[LIMBS] = {0};
    unsigned at = (unsigned)(2 * era / 64), shift = (unsigned)(2 * era % 64);

    if (era > LAST_ERA)
        return 0;
    u128 first = (u128)FIRST_REWARD << shift;
    wide[at] = (uint64_t)first;
    if (at + 1 < LIMBS)
        wide[at + 1] = (uint64_t)(first >> 64);
    for (uint64_t i = 0; i < era; i++)
        divide(wide, 5);
    return wide[0];
}

uint64_t ecip1017_bonus(uint64_t number)
{
    return ecip1017_reward(number) / PARTS;
}

uint64_t ecip1017_uncle(uint64_t number, unsigned depth)
{
    uint64_t reward = ecip1017_reward(number);

    if (depth < 1 || depth > ECIP1017_UNCLE_DEPTH_MAX || depth > number)
        return 0;
    if (ecip1017_era(number) > 0)
        return reward / PARTS;
    return (uint64_t)((u128)reward * (EIGHTHS - depth) / EIGHTHS);
}
