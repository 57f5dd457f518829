/* SPDX-License-Identifier: MIT */
/* Vectors of rewards. An account's number is the first letter of its name. */
#pragma once

#include "coin/ecip1017.h"
#include "reward/pps.h"
#include "reward/scheme.h"
#include "tests/unit/vectors/kind.h"

enum { ROWS_MAX = 16 };

static uint32_t account_of(const char *name)
{
    return (uint32_t)name[0];
}

static void assert_credits(const json_t *expect, const char *key, const struct payout *out,
                           size_t n)
{
    json_t *all = json_deep_copy(in(expect, key)), *atoms;
    const char *name;

    assert_int_equal(json_object_size(all), n);
    json_object_foreach(all, name, atoms)
    {
        size_t i = 0;
        while (i < n && out[i].account != account_of(name))
            i++;
        assert_true(i < n);
        assert_int_equal(out[i].atoms, json_integer_value(atoms));
    }
    json_decref(all);
}

/* What is left of the reward. */
static uint64_t net_of(const json_t *input, const json_t *expect)
{
    uint64_t reward = number_of(input, "reward_atomic");
    uint64_t fee = reward_fee(reward, (uint32_t)(number_of(input, "fee_ppm") / 100));

    assert_int_equal(fee, number_of(expect, "fee_atomic"));
    return reward - fee;
}

static void check_split(const json_t *input, const json_t *expect)
{
    json_t *weights = json_deep_copy(in(input, "weights")), *weight;
    struct credit credits[ROWS_MAX];
    struct payout out[ROWS_MAX];
    uint64_t net = net_of(input, expect), sum = 0;
    const char *name;
    size_t n = 0;

    assert_int_equal(net, number_of(expect, "net_atomic"));
    json_object_foreach(weights, name, weight)
    {
        assert_true(n < ROWS_MAX);
        credits[n++] = (struct credit){account_of(name), (uint64_t)json_integer_value(weight)};
    }
    size_t used = reward_split(credits, n, net, out);
    assert_credits(expect, "credits", out, used);
    for (size_t i = 0; i < used; i++)
        sum += out[i].atoms;
    assert_int_equal(sum == net, truth_of(expect, "sum_check"));
    json_decref(weights);
}

/* Shares in proportion to the work in the window; the other style of the vectors is not ours. */
static void check_window(const json_t *input, const json_t *expect)
{
    struct credit shares[ROWS_MAX], inside[ROWS_MAX];
    struct payout out[ROWS_MAX], work[ROWS_MAX];
    uint64_t window = number_of(input, "factor") * number_of(input, "network_difficulty"), sum = 0;
    const json_t *share;
    size_t n;

    json_array_foreach(in(input, "shares_oldest_first"), n, share)
    {
        assert_true(n < ROWS_MAX);
        shares[n] = (struct credit){account_of(json_string_value(json_array_get(share, 0))),
                                    (uint64_t)json_integer_value(json_array_get(share, 1))};
    }
    size_t rows = reward_last_work(shares, n, window, inside);
    for (size_t i = 0; i < rows; i++)
        sum += inside[i].work;
    assert_int_equal(sum == window, truth_of(expect, "window_filled"));
    size_t used = reward_split(inside, rows, sum, work); /* merges: the work by account */
    assert_credits(expect, "window_work", work, used);
    used = reward_find("pplns")->split(inside, rows, net_of(input, expect), out);
    assert_credits(expect, "credits_proportional_to_work_in_window", out, used);
}

static void check_share_value(const json_t *input, const json_t *expect)
{
    uint64_t subsidy = number_of(input, "subsidy_atomic"), got;
    uint64_t share = number_of(input, "share_difficulty");
    uint64_t network = number_of(input, "network_difficulty");
    uint32_t fee_ppm = (uint32_t)number_of(input, "fee_ppm");

    assert_int_equal(reward_share_value(subsidy, share, network, fee_ppm, &got), 0);
    assert_int_equal(got, number_of(expect, "pps_microatomic_floor"));
    subsidy += number_of(input, "avg_fees_atomic");
    assert_int_equal(reward_share_value(subsidy, share, network, fee_ppm, &got), 0);
    assert_int_equal(got, number_of(expect, "fpps_microatomic_floor"));
}

static void assert_wei(const json_t *expect, const char *key, uint64_t wei)
{
    char text[24];

    snprintf(text, sizeof text, "%llu", (unsigned long long)wei);
    assert_string_equal(text_of(expect, key), text);
}

static void check_block_reward(const json_t *input, const json_t *expect)
{
    uint64_t number = number_of(input, "block_number");
    const json_t *uncles = in(expect, "uncle_miner_reward_wei"), *depth;
    char key[24];
    size_t i;

    assert_int_equal(ecip1017_era(number), number_of(expect, "era"));
    assert_wei(expect, "base_reward_wei", ecip1017_reward(number));
    assert_wei(expect, "winner_bonus_per_uncle_wei", ecip1017_bonus(number));
    json_array_foreach(in(input, "uncle_depths"), i, depth)
    {
        unsigned blocks = (unsigned)json_integer_value(depth);
        snprintf(key, sizeof key, "%u", blocks);
        assert_wei(uncles, key, ecip1017_uncle(number, blocks));
    }
    assert_int_equal(i, json_object_size(uncles));
}
