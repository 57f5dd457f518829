/* SPDX-License-Identifier: MIT */
/* Rates of miners differ by twelve orders of magnitude, and so does what difficulty 1 stands for.
 */
#include "pool/difficulty.h"

#include <math.h>
#include <string.h>

#include "core/target.h"

/* In hashes a share. A miner starts with some seconds of its usual hardware. A device of the rig
 * may be a core that hashes with a light dataset: 30 (RandomX) to 300 (Ethash) hashes a second. */
static const struct row {
    const char *algo; /* NULL: all others with a dataset */
    double start, min, local_start, local_min;
} rows[] = {
    {"randomx", 1 << 14, 1 << 10, 64, 16},
    {NULL, 1 << 24, 1 << 12, 64, 16},
};

/* What has no dataset: as a difficulty. */
static const double plain_start = 0.002, plain_min = 0.0001;

static struct difficulty_settings defaults(const struct algo *algo)
{
    double one = target_hashes(&algo->diff1);
    const struct row *row = rows;

    if (!algo->dataset)
        return (struct difficulty_settings){plain_start, plain_min, 0, plain_start, plain_min};
    while (row->algo && strcmp(row->algo, algo->name) != 0)
        row++;
    return (struct difficulty_settings){row->start / one, row->min / one, 0, row->local_start / one,
                                        row->local_min / one};
}

void difficulty_choose(struct difficulty_settings *out, const struct config *config,
                       const struct algo *algo)
{
    double start = config->pool.difficulty.start, min = config->pool.difficulty.min;

    *out = defaults(algo);
    out->max = config->pool.difficulty.max;
    if (min > 0)
        out->min = out->local_min = min;
    if (start > 0)
        out->start = out->local_start = start;
    if (out->max > 0) {
        out->start = fmin(out->start, out->max);
        out->min = fmin(out->min, out->max);
    }
    out->start = fmax(out->start, out->min);
    out->local_start = fmax(out->local_start, out->local_min);
}

double difficulty_units(const struct algo *algo)
{
    return algo->dataset ? target_hashes(&algo->diff1) : 1e6;
}
