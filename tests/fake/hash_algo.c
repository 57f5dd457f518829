/* SPDX-License-Identifier: MIT */
/* Descriptors of the tests' own: sha256d, and Keccak of any input in RandomX's place. */
#include "tests/fake/hash_algo.h"

#include "crypto/keccak.h"
#include "crypto/sha256.h"

static int hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    (void)ctx;
    *out = (struct algo_result){0};
    sha256d(in->bytes, 80, out->hash);
    return 0;
}

const struct algo fake_sha256d = {
    .name = "sha256d",
    .title = "SHA-256d",
    .input_len = 80,
    .nonce_at = 76,
    .nonce_len = 4,
    .diff1 = {{0, 0, 0, 0xffff0000}},
    .hash = hash,
};

const struct algo fake_easy = {
    .name = "sha256d",
    .title = "SHA-256d at a tiny difficulty",
    .input_len = 80,
    .nonce_at = 76,
    .nonce_len = 4,
    .diff1 = {{0, 0, 0, UINT64_C(1) << 56}},
    .hash = hash,
};

static int hash_blob(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    (void)ctx;
    *out = (struct algo_result){0};
    keccak256(in->bytes, in->len, out->hash);
    return 0;
}

const struct algo fake_blob = {
    .name = "randomx",
    .title = "Keccak of hashing blobs",
    .input_len = 76,
    .nonce_at = 39,
    .nonce_len = 4,
    .any_len = true,
    .diff1 = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
    .hash = hash_blob,
};
