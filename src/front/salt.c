/* SPDX-License-Identifier: MIT */
/* Salts are worked out of a secret, so that none has to be kept. */
#include "front/salt.h"

#include <string.h>

#include "base/endian.h"
#include "base/rand.h"
#include "crypto/sha256.h"

void salts_init(struct salts *s)
{
    rand_bytes(s->secret, sizeof s->secret);
}

void salt_of(const struct salts *s, uint32_t extranonce, uint32_t serial, uint32_t variant,
             uint8_t out[FRONT_SALT])
{
    uint8_t bytes[SALT_SECRET_BYTES + 12], hash[32];

    memcpy(bytes, s->secret, SALT_SECRET_BYTES);
    put_be32(bytes + SALT_SECRET_BYTES, extranonce);
    put_be32(bytes + SALT_SECRET_BYTES + 4, serial);
    put_be32(bytes + SALT_SECRET_BYTES + 8, variant);
    sha256(bytes, sizeof bytes, hash);
    memcpy(out, hash, FRONT_SALT);
}
