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

const struct dialect *dialect_for(const struct algo *algo)
{
    for (const struct dialect *const *d = dialects; *d; d++)
        if ((*d)->as_server && text_has_word((*d)->algos, algo->name))
            return *d;
    return NULL;
}
