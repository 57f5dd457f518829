/* SPDX-License-Identifier: MIT */
/* RandomX (Monero's proof of work), hashed by code of our own and by librandomx. */
#include "algo/cpu.h"
#include "kernels/randomx/data.h"
#include "kernels/randomx/selftest.h"
#include "kernels/randomx/threads.h"
#include "kernels/randomx/vm.h"

static const char *const aliases[] = {"rx/0", "randomx/0", "rx0", "random-x",
                                      "rx",   "monero",    "xmr", NULL};

static const struct algo_impl impls[] = {
    {"pair", CPU_AES, 0, rx_scan_pair},
    {"single", CPU_AES, 0, rx_scan_single},
    {"jit", 0, 0, rx_scan_jit},
    {"soft-aes", 0, 0, rx_scan_soft_aes},
    {"interpreter", 0, 0, rx_scan_interpreter},
    {0},
};

/* The implementations are compared on its dataset; the other known answers:
 * kernels/randomx/known.c. */
static const struct algo_vector vectors[] = {
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
    .selftest = rx_selftest,
    .threads = rx_threads,
    .trial_nonces = 3,
};
