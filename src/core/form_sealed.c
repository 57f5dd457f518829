/* SPDX-License-Identifier: MIT */
/* Headers as Ravencoin has them, for algorithms that hash a 32-byte header hash and a 64-bit nonce:
 * version, prev, root, time, bits, height (80 bytes); their double SHA-256 in display order is the
 * header hash; behind them stand the nonce and the mix hash, the latter in internal order. */
#include <string.h>

#include "base/endian.h"
#include "core/form.h"
#include "core/job.h"
#include "crypto/sha256.h"

enum { PLAIN = 80, HASH = 32, NONCE = 8, HEADER = PLAIN + NONCE + 32 };

static void plain(const struct job *job, const uint8_t root[32], uint32_t version, uint32_t ntime,
                  uint8_t to[PLAIN])
{
    plan_header(&job->plan, root, version, ntime, (uint32_t)job->height, to);
}

static void header_hash(const uint8_t from[PLAIN], uint8_t to[HASH])
{
    uint8_t digest[HASH];

    sha256d(from, PLAIN, digest);
    bytes_reverse(to, digest, HASH);
}

static void input(const struct job *job, const uint8_t root[32], uint32_t version, uint32_t ntime,
                  uint8_t *to)
{
    uint8_t bytes[PLAIN];

    plain(job, root, version, ntime, bytes);
    header_hash(bytes, to);
    memset(to + HASH, 0, NONCE);
}

static void header(const struct job *job, const uint8_t root[32], uint32_t version, uint32_t ntime,
                   const uint8_t *from, const struct algo_result *result, uint8_t *to)
{
    plain(job, root, version, ntime, to);
    memcpy(to + PLAIN, from + HASH, NONCE);
    bytes_reverse(to + PLAIN + NONCE, result->mix, 32);
}

static bool read(const uint8_t *header, struct header_fields *out)
{
    *out = (struct header_fields){
        .version = le32(header),
        .time = le32(header + 68),
        .bits = le32(header + 72),
        .height = le32(header + 76),
        .has_height = true,
    };
    memcpy(out->prev, header + 4, 32);
    memcpy(out->root, header + 36, 32);
    return true;
}

static void unseal(const uint8_t *header, uint8_t *input, uint8_t mix[32])
{
    header_hash(header, input);
    memcpy(input + HASH, header + PLAIN, NONCE);
    bytes_reverse(mix, header + PLAIN + NONCE, 32);
}

const struct header_form form_sealed = {
    .name = "sealed",
    .header_len = HEADER,
    .input_len = HASH + NONCE,
    .nonce_at = HASH,
    .nonce_len = NONCE,
    .root = plan_merkle_root,
    .input = input,
    .header = header,
    .read = read,
    .unseal = unseal,
};
