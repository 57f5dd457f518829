/* SPDX-License-Identifier: MIT */
/* SHA-256d: SHA-256 of SHA-256 of an 80-byte header (Bitcoin's proof of work). */
#include <string.h>

#include "algo/cpu.h"
#include "crypto/sha256.h"
#include "kernels/sha256d/prepare.h"

static int hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    (void)ctx;
    sha256d(in->bytes, 80, out->hash);
    memset(out->mix, 0, sizeof out->mix);
    return 0;
}

static const char *const aliases[] = {"sha256", "sha-256d", "sha-256", "bitcoin", NULL};

enum { V = SCAN_VERSIONS_MAX };

/* In the order that was measured: docs/performance.md. */
static const struct algo_impl impls[] = {
#if defined(__x86_64__)
    {"avx512", CPU_AVX512, V, sha256d_scan_avx512}, {"shani", CPU_SHANI, V, sha256d_scan_shani},
    {"avx2", CPU_AVX2, V, sha256d_scan_avx2},       {"sse41", CPU_SSE41, V, sha256d_scan_sse41},
#elif defined(__aarch64__)
    {"armsha", CPU_ARM_SHA2, V, sha256d_scan_armsha}, {"neon", CPU_NEON, V, sha256d_scan_neon},
#endif
    {"scalar", 0, V, sha256d_scan_scalar},          {0},
};

static const struct algo_vector vectors[] = {
    {.source = "BTC block 0",
     .input_hex =
         "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd"
         "7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c",
     .hash_hex = "6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000"},
    {.source = "BTC block 1",
     .input_hex =
         "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd"
         "1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299",
     .hash_hex = "4860eb18bf1b1620e37e9490fc8a427514416fd75159ab86688e9a8300000000"},
    {.source = "BTC block 100000",
     .input_hex =
         "0100000050120119172a610421a6c3011dd330d9df07b63616c2cc1f1cd00200000000006657a925"
         "2aacd5c0b2940996ecff952228c3067cc38d4885efb5a4ac4247e9f337221b4d4c86041b0f2b5710",
     .hash_hex = "06e533fd1ada86391f3f6c343204b0d278d4aaec1c0b20aa27ba030000000000"},
    {.source = "BTC block 125552",
     .input_hex =
         "0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2"
         "fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695",
     .hash_hex = "1dbd981fe6985776b644b173a4d0385ddc1aa2a829688d1e0000000000000000"},
    {.source = "BTC block 491133 (version 0x20000000)",
     .input_hex =
         "00000020790dfd29a6eab5667c8bb42511b3c370d19b03fe9070c1000000000000000000ed32efbf"
         "afeb50a29fa29f7838cb3019af23d5623d6e310bce43d50b8b9623776e86ec5930eb001884adf6b3",
     .hash_hex = "8d07823d71f57e4f25ba61c007c413641713c682af5a18000000000000000000"},
    {.source = "BTC block 839900 (rolled version bits)",
     .input_hex =
         "0060962aa39b4310863947efd282b30ff755d3ab247c76ee7e5d010000000000000000004c4577af"
         "f36cdfdb0613ee3dc73c46e349da802849ec4f4995f9de8df5838008df1b226619420317178560d2",
     .hash_hex = "371f722596c4de75a0af5f36d1f9ecb5e6b6e2fafa3d02000000000000000000"},
    {.source = "BTC testnet3 block 1",
     .input_hex =
         "0100000043497fd7f826957108f4a30fd9cec3aeba79972084e90ead01ea330900000000bac8b0fa"
         "927c0ac8234287e33c5f74d38d354820e24756ad709d7038fc5f31f020e7494dffff001d03e4b672",
     .hash_hex = "06128e87be8b1b4dea47a7247d5528d2702c96826c7a648497e773b800000000"},
    {0},
};

const struct algo algo_sha256d = {
    .name = "sha256d",
    .title = "SHA-256d",
    .aliases = aliases,
    .input_len = 80,
    .nonce_at = 76,
    .nonce_len = 4,
    .diff1 = {{0, 0, 0, UINT64_C(0xffff) << 16}}, /* 0xffff * 2^208 */
    .hash = hash,
    .impls = impls,
    .vectors = vectors,
};
