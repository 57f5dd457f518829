/* SPDX-License-Identifier: MIT */
/* The header of Bitcoin and its kin: 80 bytes, hashed as they stand. */
#include <string.h>

#include "base/endian.h"
#include "core/form.h"
#include "core/job.h"

enum { HEADER = 80 };

static void input(const struct job *job, const uint8_t root[32], uint32_t version, uint32_t ntime,
                  uint8_t *to)
{
    plan_header(&job->plan, root, version, ntime, 0, to);
}

static bool read(const uint8_t *header, struct header_fields *out)
{
    *out = (struct header_fields){
        .version = le32(header),
        .time = le32(header + 68),
        .bits = le32(header + 72),
    };
    memcpy(out->prev, header + 4, 32);
    memcpy(out->root, header + 36, 32);
    return true;
}

static void unseal(const uint8_t *header, uint8_t *input, uint8_t mix[32])
{
    memcpy(input, header, HEADER);
    memset(mix, 0, 32);
}

const struct header_form form_bitcoin = {
    .name = "bitcoin",
    .header_len = HEADER,
    .input_len = HEADER,
    .nonce_at = 76,
    .nonce_len = 4,
    .rolls_version = true,
    .root = plan_merkle_root,
    .input = input,
    .header = form_header_as_hashed,
    .read = read,
    .unseal = unseal,
};
