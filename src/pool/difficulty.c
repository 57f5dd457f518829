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

/* What markets of hash rate ask of a pool's port, in hashes a share; a rented order is as strong as
 * many farms. Sources: NiceHash takes no SHA-256 pool below difficulty 500,000, MiningRigRentals
 * asks for about 1,000,000; for a rig of Scrypt, 81,635 to 490,000 (CoiniumServ issue 1027), which
 * is below NiceHash's 500,000; NiceHash took 400,000 hashes for CryptoNight (NiceHashMiner issue
 * 1325) and 262,144 for RandomX (p2pool issue 236). Of the others nothing is known: 64 times what
 * is usual here. */
static const struct rental {
    const char *algo;
    double start, min; /* hashes */
} rentals[] = {
    {"sha256d", 0x1p52, 0x1p51}, /* difficulty 1,048,576 and 524,288 */
    {"scrypt", 0x1p35, 0x1p35},  /* 524,288 */
    {"randomx", 1 << 20, 1 << 19},
};

static const double rental_factor = 64, small_factor = 1.0 / 16;

static void rental(struct difficulty_settings *d, const struct algo *algo)
{
    double one = target_hashes(&algo->diff1);

    for (size_t i = 0; i < sizeof rentals / sizeof *rentals; i++) {
        if (strcmp(rentals[i].algo, algo->name) != 0)
            continue;
        d->start = rentals[i].start / one;
        d->min = rentals[i].min / one;
        return;
    }
    d->start *= rental_factor;
    d->min *= rental_factor;
}

bool difficulty_preset(struct difficulty_settings *out, const char *preset,
                       const struct config *config, const struct algo *algo)
{
    if (!strcmp(preset, "standard")) {
        difficulty_choose(out, config, algo);
        return true;
    }
    *out = defaults(algo);
    out->max = config->pool.difficulty.max;
    if (!strcmp(preset, "rental")) {
        rental(out, algo);
    } else if (!strcmp(preset, "small")) {
        out->start *= small_factor;
        out->min *= small_factor;
    } else {
        return false;
    }
    return true;
}

double difficulty_units(const struct algo *algo)
{
    return algo->dataset ? target_hashes(&algo->diff1) : 1e6;
}
