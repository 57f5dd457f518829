/* SPDX-License-Identifier: MIT */
/* SOLO: whoever finds the block gets all of it. */
#include "reward/schemes.h"

/* The pool hands in one credit, the finder's. */
static size_t split(const struct credit *credits, size_t n, uint64_t atoms, struct payout *out)
{
    if (n == 0)
        return 0;
    out[0] = (struct payout){.account = credits[n - 1].account, .atoms = atoms};
    return 1;
}

const struct reward_scheme scheme_solo = {
    .name = "solo",
    .title = "SOLO: the finder's block",
    .help = "Whoever finds a block gets its whole reward less the pool's fee.",
    .window = WINDOW_FINDER,
    .split = split,
};
