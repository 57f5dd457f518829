/* SPDX-License-Identifier: MIT */
/* Finding algorithms and implementations by name, and the nonce and value of a header. */
#include "algo/algo.h"

#include <string.h>
#include <strings.h>

#include "algo/cpu.h"
#include "base/endian.h"
#include "base/str.h"

static bool goes_by(const struct algo *algo, const char *name)
{
    if (!strcasecmp(algo->name, name))
        return true;
    for (const char *const *alias = algo->aliases; alias && *alias; alias++)
        if (!strcasecmp(*alias, name))
            return true;
    return false;
}

const struct algo *algo_find(const char *name)
{
    for (const struct algo *const *at = algos; name && *at; at++)
        if (goes_by(*at, name))
            return *at;
    return NULL;
}

static bool runs_here(const struct algo_impl *impl)
{
    return (impl->needs & ~cpu_features()) == 0;
}

static const struct algo_impl *best(const struct algo *algo)
{
    const struct algo_impl *impl = algo->pick ? algo->pick(cpu_features()) : NULL;

    for (const struct algo_impl *at = algo->impls; !impl && at->name; at++)
        if (runs_here(at))
            impl = at;
    return impl;
}

static void refuse(const struct algo *algo, const char *wanted, struct fault *why)
{
    struct str usable = {0};

    for (const struct algo_impl *at = algo->impls; at->name; at++)
        if (runs_here(at))
            str_addf(&usable, ", %s", at->name);
    (void)fault_set(why, ERR_CONFIG, "%s has no implementation \"%s\" for this CPU: use auto%s",
                    algo->name, wanted, str_text(&usable));
    str_free(&usable);
}

const struct algo_impl *algo_impl_pick(const struct algo *algo, const char *wanted,
                                       struct fault *why)
{
    if (!wanted || !*wanted || !strcasecmp(wanted, "auto"))
        return best(algo);
    for (const struct algo_impl *at = algo->impls; at->name; at++)
        if (!strcasecmp(at->name, wanted) && runs_here(at))
            return at;
    refuse(algo, wanted, why);
    return NULL;
}

bool algo_key_same(const struct algo_key *a, const struct algo_key *b)
{
    return a->height == b->height && a->seed_len == b->seed_len &&
           algo_key_has_seed(a) == algo_key_has_seed(b) && !memcmp(a->seed, b->seed, a->seed_len);
}

void algo_put_nonce(const struct algo *algo, uint8_t *input, unsigned nonce_at, uint64_t nonce)
{
    if (algo->nonce_len == 8)
        put_le64(input + nonce_at, nonce);
    else
        put_le32(input + nonce_at, (uint32_t)nonce);
}

struct u256 algo_hash_value(const struct algo *algo, const uint8_t hash[32])
{
    return algo->hash_is_be ? u256_from_be(hash) : u256_from_le(hash);
}
