/* SPDX-License-Identifier: MIT */
/* PPLNS: a block pays the last shares before it, the winning one included, in proportion to their
 * work. The whole reward goes out even when the window is not full yet. */
#include "reward/schemes.h"

size_t reward_last_work(const struct credit *shares, size_t n, uint64_t window, struct credit *out)
{
    size_t first = n;
    uint64_t left = window;

    while (first > 0 && left > 0) {
        first--;
        left -= shares[first].work < left ? shares[first].work : left;
    }
    uint64_t inside = window - left, newer = 0;
    for (size_t i = first + 1; i < n; i++)
        newer += shares[i].work;
    for (size_t i = first; i < n; i++)
        out[i - first] = shares[i];
    if (first < n)
        out[0].work = inside - newer; /* the boundary share counts in part */
    return n - first;
}

const struct reward_scheme scheme_pplns = {
    .name = "pplns",
    .title = "PPLNS: the last shares before a block",
    .help = "A block pays the last shares before it by their work; those past the window get "
            "nothing, so leaving right before a block does not pay.",
    .window = WINDOW_LAST_WORK,
    .split = reward_split,
};
