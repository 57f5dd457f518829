/* SPDX-License-Identifier: MIT */
/* RandomX (Monero's proof of work), hashed by librandomx. */
#include <stdio.h>
#include <string.h>

#include "base/rand.h"
#include "kernels/randomx/data.h"
#include "kernels/randomx/threads.h"
#include "kernels/randomx/vm.h"

/* What can be told in milliseconds: a hash takes half a second of preparation. */
static bool compares(void)
{
    for (unsigned i = 0; i < 64; i++) {
        uint8_t hash[32], near[32];
        rand_bytes(hash, sizeof hash);
        memcpy(near, hash, sizeof near);
        near[i % 32] ^= 1;
        struct u256 value = u256_from_le(hash), target = u256_from_le(near);
        if (!rx_meets(hash, &value) || rx_meets(hash, &target) != (u256_cmp(&value, &target) <= 0))
            return false;
    }
    return true;
}

static unsigned selftest(unsigned rounds, algo_report_fn *report, void *arg)
{
    struct fault why = {0};
    const struct rx_lib *rx = rx_lib(&why);
    bool sized = rx && rx->dataset_item_count() == RX_ITEMS, exact = compares();

    (void)rounds;
    report(arg, "randomx library", rx != NULL, rx ? NULL : why.text);
    if (rx)
        report(arg, "randomx dataset size", sized,
               sized ? NULL : "the library was built for another dataset than Monero's");
    report(arg, "randomx compare", exact, exact ? NULL : "targets are compared wrongly");
    return !rx + (rx && !sized) + !exact;
}

static const char *const aliases[] = {"rx/0", "randomx/0", "rx0", "random-x",
                                      "rx",   "monero",    "xmr", NULL};

static const struct algo_impl impls[] = {
    {"jit", 0, 0, rx_scan_jit},
    {"soft-aes", 0, 0, rx_scan_soft_aes},
    {"interpreter", 0, 0, rx_scan_interpreter},
    {0},
};

#define SEED_A "74657374206b657920303030"
#define SEED_B "74657374206b657920303031"
#define SEED_C "c71feaeab92f093fb881fb60316ebd8495d63c2f9076f14773b13ed356169938"

/* Source: tevador/RandomX's own tests, a share on Monero's chain, and inputs of odd lengths checked
 * with two builds of the library. */
static const struct algo_vector vectors[] = {
    {.source = "test 1",
     .input_hex = "5468697320697320612074657374",
     .hash_hex = "639183aae1bf4c9a35884cb46b09cad9175f04efd7684e7262a0ac1c2f0b4e3f",
     .seed_hex = SEED_A,
     .slow = true},
    {.source = "test 2",
     .input_hex = "4c6f72656d20697073756d20646f6c6f722073697420616d6574",
     .hash_hex = "300a0adb47603dedb42228ccb2b211104f4da45af709cd7547cd049e9489c969",
     .seed_hex = SEED_A,
     .slow = true},
    {.source = "test 3",
     .input_hex = "73656420646f20656975736d6f642074656d706f7220696e6369646964756e74207574206c61626f"
                  "726520657420646f6c6f7265206d61676e6120616c69717561",
     .hash_hex = "c36d4ed4191e617309867ed66a443be4075014e2b061bcdaf9ce7b721d2b77a8",
     .seed_hex = SEED_A,
     .slow = true},
    {.source = "test 4",
     .input_hex = "73656420646f20656975736d6f642074656d706f7220696e6369646964756e74207574206c61626f"
                  "726520657420646f6c6f7265206d61676e6120616c69717561",
     .hash_hex = "e9ff4503201c0c2cca26d285c93ae883f9b1d30c9eb240b820756f2d5a7905fc",
     .seed_hex = SEED_B,
     .slow = true},
    {.source = "test 5",
     .input_hex = "0b0b98bea7e805e0010a2126d287a2a0cc833d312cb786385a7c2f9de69d25537f584a9bc9977b00"
                  "000000666fd8753bf61a8631f12984e3fd44f4014eca629276817b56f32e9b68bd82f416",
     .hash_hex = "c56414121acda1713c2f2a819d8ae38aed7c80c35c2a769298d34f03833cd5f1",
     .seed_hex = SEED_B,
     .slow = true},
    {.source = "empty input",
     .input_hex = "",
     .hash_hex = "be99911973c1cab1e875bc9be3d88c2b0554a23c78c651c3fc7e8c497d0a6290",
     .seed_hex = SEED_C,
     .slow = true},
    {.source = "1-byte input",
     .input_hex = "89",
     .hash_hex = "4f5d694887521afb684e364f33152eb67a9257758de2d395fa31df090264280f",
     .seed_hex = SEED_C,
     .slow = true},
    {.source = "76-byte input",
     .input_hex = "5c2a983f9104af4cad26afae67d6190bf6533d918f8eacf5426c83c9987294524aa12e0bcf901c14"
                  "14a826eb9e70e95270fa28d8f38382ec257a7fa2d54519de6fa658510e91e15a8379db2d",
     .hash_hex = "20298f4b9e16e48a96e3ead54aba42b87844d63279ba741ee65217efb7462700",
     .seed_hex = SEED_C,
     .slow = true},
    {.source = "137-byte input",
     .input_hex = "e49bc588c44eb23bc7baf43cf5b18ea8c02874db4aa6ae48ecdf53e3eed17dc89b597d39e48e1e11"
                  "50b4e8a75d888538636765cf7c56e28b2c42f2e4497fe978622c526bd6c72ca494736b4755374cbb"
                  "c7f955bcb18c3fbaed24f5f1fc6989938f2a641db8d605742ee0b657d3144138f9fecaecb8a9bbaa"
                  "d032484ef7b53245ed979219c6fb02352f",
     .hash_hex = "85ddc77e8324adc9a1bd4c6eb4110e627fe722d811d80e388264e2d87a09a9bb",
     .seed_hex = SEED_C,
     .slow = true},
    {.source = "empty key",
     .input_hex = "643b3822b7369634bd0f4a696d4fb98ccd6b796d5f4db3415bfb468ec94d41e186f81773c5a7b9fe"
                  "fdc73d",
     .hash_hex = "6e823e84e93e0c663f29b414bf93659252ac1d1c87159903fa545092a7489ad2",
     .seed_hex = "",
     .slow = true},
    {.source = "60-byte key",
     .input_hex = "ef4c6964efc3e6850721d135c152948b1f0c5def8e7853cafe177bbba123b78c6dff56d552909d3b"
                  "2debced1ec39bacad6e8d6f524aae9618a620e16c85badf4b8edb3333056d8399ba59f59",
     .hash_hex = "683f7a48d87026a29a269cf4c4507958cac9365bb28f6057ab93f88da8a83d1a",
     .seed_hex = "bd5e683320ea04fc740406d259167d1d26b00bff1d2bf400a02b4610746621c167c6f6bad320f9d1"
                 "c04b150dba0a27f684b89cd75e462f686d3bde2e",
     .slow = true},
    {.source = "P2Pool share on Monero height 3258099",
     .input_hex = "1010c5b5aeb8062aaa1728867d88194c8866077942e8f4ca628c1989a316f72182eb4f4ea0e5da40"
                  "080215dae0961941c1bb6471df5399f06b1db0a0ae621001961e3c6a02f160698ec1f215",
     .hash_hex = "0906c001cc0900098fe1b62593f8ba52bd1ae2a0806096aa361a9f1702000000",
     .seed_hex = "bf513dbe52c22b09e65edae222ec902d6adb75585a0141b81a165f0fb0c9c0bc",
     .slow = true},
    {0},
};

const struct algo algo_randomx = {
    .name = "randomx",
    .title = "RandomX",
    .aliases = aliases,
    .input_len = 76,
    .nonce_at = 39,
    .nonce_len = 4,
    .any_len = true,
    .diff1 = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}}, /* difficulty 1: every hash */
    .hash = rx_hash,
    .impls = impls,
    .dataset = &rx_dataset_ops,
    .ctx_new = rx_ctx_new,
    .ctx_free = rx_ctx_free,
    .vectors = vectors,
    .selftest = selftest,
    .threads = rx_threads,
    .trial_nonces = 3,
};
