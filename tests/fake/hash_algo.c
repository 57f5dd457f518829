/* SPDX-License-Identifier: MIT */
/* sha256d as a descriptor of the tests' own. */
#include "tests/fake/hash_algo.h"

#include "crypto/sha256.h"

static void hash(struct algo_ctx *ctx, const uint8_t *header, uint8_t out[32])
{
    (void)ctx;
    sha256d(header, 80, out);
}

const struct algo fake_sha256d = {
    .name = "sha256d",
    .title = "SHA-256d",
    .header_len = 80,
    .nonce_at = 76,
    .nonce_len = 4,
    .diff1 = {{0, 0, 0, 0xffff0000}},
    .hash = hash,
};

const struct algo fake_easy = {
    .name = "sha256d",
    .title = "SHA-256d at a tiny difficulty",
    .header_len = 80,
    .nonce_at = 76,
    .nonce_len = 4,
    .diff1 = {{0, 0, 0, UINT64_C(1) << 56}},
    .hash = hash,
};
