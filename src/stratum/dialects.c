/* SPDX-License-Identifier: MIT */
/* The registry of dialects. The first is what a URL without a scheme means. */
#include "base/str.h"
#include "stratum/dialect.h"

extern const struct dialect dialect_v1, dialect_kawpow, dialect_monero, dialect_ethereum1,
    dialect_ethproxy, dialect_ethereum2;

const struct dialect *const dialects[] = {
    &dialect_v1,
    &dialect_kawpow,
    &dialect_monero,
    &dialect_ethereum1,
    &dialect_ethproxy,
    &dialect_ethereum2,
    NULL,
};

unsigned dialects_for(const struct algo *algo, const struct dialect *out[DIALECTS_FOR_MAX + 1])
{
    unsigned n = 0;

    for (const struct dialect *const *d = dialects; *d && n < DIALECTS_FOR_MAX; d++)
        if ((*d)->as_server && text_has_word((*d)->algos, algo->name))
            out[n++] = *d;
    out[n] = NULL;
    return n;
}
