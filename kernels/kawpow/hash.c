/* SPDX-License-Identifier: MIT */
/* One hash by the definition, with groups made from the cache. */
#include <string.h>

#include "base/endian.h"
#include "kernels/kawpow/kawpow.h"

/* The 256 bytes that a loop reads. Always from the cache, even where the dataset is at hand: what a
 * search of the dataset found is checked against something that no error in gigabytes of memory has
 * touched. */
static const uint32_t *group_at(struct algo_ctx *ctx, uint32_t group)
{
    uint32_t first = group * KAWPOW_GROUP_ITEMS;

    ethash_items_from(ctx->data->cache, first, KAWPOW_GROUP_ITEMS, ctx->made[0]);
    return ctx->made[0][0].word;
}

static void digest_of(struct algo_ctx *ctx, const struct kawpow_program *program,
                      const uint32_t seed[KAWPOW_SEED_WORDS], uint32_t digest[KAWPOW_DIGEST_WORDS])
{
    struct kawpow_mix *mix = &ctx->mix[0];

    kawpow_mix_init(seed, mix);
    for (unsigned loop = 0; loop < KAWPOW_LOOPS; loop++) {
        const uint32_t *group = group_at(ctx, kawpow_group_wanted(mix, ctx->data->groups, loop));
        kawpow_mix_loop(program, mix, ctx->data->l1[0].word, group, loop);
    }
    kawpow_mix_digest(mix, digest);
}

int kawpow_hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    uint32_t seed[KAWPOW_SEED_WORDS], digest[KAWPOW_DIGEST_WORDS];

    if (in->len != KAWPOW_INPUT)
        return ERR_FIELD;
    if (!kawpow_ctx_fits(ctx, in->key))
        return ERR_KEY;
    kawpow_seed(in->bytes, le64(in->bytes + KAWPOW_NONCE_AT), seed);
    digest_of(ctx, &kawpow_ctx_program(ctx, in->key->height)->program, seed, digest);
    kawpow_final(seed, digest, out->hash);
    for (unsigned i = 0; i < KAWPOW_DIGEST_WORDS; i++)
        put_le32(out->mix + 4 * i, digest[i]);
    return 0;
}

int kawpow_final_of_mix(const struct algo_input *in, const uint8_t mix[32], uint8_t hash[32])
{
    uint32_t seed[KAWPOW_SEED_WORDS], digest[KAWPOW_DIGEST_WORDS];

    if (in->len != KAWPOW_INPUT)
        return ERR_FIELD;
    for (unsigned i = 0; i < KAWPOW_DIGEST_WORDS; i++)
        digest[i] = le32(mix + 4 * i);
    kawpow_seed(in->bytes, le64(in->bytes + KAWPOW_NONCE_AT), seed);
    kawpow_final(seed, digest, hash);
    return 0;
}
