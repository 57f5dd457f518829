/* SPDX-License-Identifier: MIT */
/* scrypt with N = 1024, r = p = 1 of an 80-byte header (Litecoin's proof of work; RFC 7914). */
#include "kernels/scrypt/scrypt.h"

#include <errno.h>
#include <linux/mman.h>
#include <string.h>
#include <sys/mman.h>

#include "algo/cpu.h"
#include "algo/cpu_cache.h"
#include "algo/scan.h"
#include "base/alloc.h"
#include "base/endian.h"
#include "kernels/scrypt/hmac.h"
#include "kernels/scrypt/romix.h"

enum { HEADER = 80, HUGE_PAGE = 2 << 20 };

static void hash_with(uint32_t *v, const uint8_t *header, uint8_t out[32])
{
    uint8_t block[4 * SCRYPT_WORDS];
    uint32_t x[SCRYPT_WORDS];

    pbkdf2_once(header, HEADER, header, HEADER, block, sizeof block);
    for (unsigned i = 0; i < SCRYPT_WORDS; i++)
        x[i] = le32(block + 4 * i);
    scrypt_romix(x, v, SCRYPT_N);
    for (unsigned i = 0; i < SCRYPT_WORDS; i++)
        put_le32(block + 4 * i, x[i]);
    pbkdf2_once(header, HEADER, block, sizeof block, out, 32);
}

static int hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    AUTO_FREE uint32_t *own = ctx ? NULL : xmalloc(SCRYPT_PAD_BYTES);

    hash_with(ctx ? (uint32_t *)(void *)ctx->pads : own, in->bytes, out->hash);
    memset(out->mix, 0, sizeof out->mix);
    return 0;
}

static void *map_small(size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Where the administrator set 2 MiB pages aside; MAP_FAILED elsewhere. */
static void *map_huge(size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT), -1, 0);
}

static int ctx_new(struct dataset *dataset, struct algo_ctx **ret, struct fault *why)
{
    struct algo_ctx *ctx = xcalloc(1, sizeof *ctx);
    const size_t wanted = (size_t)SCRYPT_LANES_MAX * SCRYPT_PAD_BYTES;
    _Static_assert((int)SCRYPT_LANES_MAX * (int)SCRYPT_PAD_BYTES % (int)HUGE_PAGE == 0, "whole");

    (void)dataset;
    ctx->map_bytes = wanted;
    ctx->map = map_huge(wanted);
    if (ctx->map == MAP_FAILED) { /* one page more, to align it */
        ctx->map_bytes = wanted + HUGE_PAGE;
        ctx->map = map_small(ctx->map_bytes);
    }
    if (ctx->map == MAP_FAILED) {
        int err = -errno;
        free(ctx);
        return fault_set(why, err, "scrypt needs %zu KiB of scratch memory for each thread: %s",
                         wanted >> 10, err_str(err));
    }
    ctx->pads = (uint8_t *)(((uintptr_t)ctx->map + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
    (void)madvise(ctx->pads, wanted, MADV_HUGEPAGE); /* only a hint */
    memset(ctx->pads, 0, wanted); /* first touched here: memory of this thread's NUMA node */
    *ret = ctx;
    return 0;
}

static void ctx_free(struct algo_ctx *ctx)
{
    if (!ctx)
        return;
    (void)munmap(ctx->map, ctx->map_bytes);
    free(ctx);
}

void scrypt_scan_by(scrypt_batch_fn *batch, unsigned lanes, struct algo_ctx *ctx, struct scan *scan)
{
    uint8_t out[SCRYPT_LANES_MAX][32];

    scan->done = 0;
    scan->found = 0;
    while (scan->done < scan->count && !scan_is_stale(scan)) {
        uint64_t at = scan->first + scan->done, left = scan->count - scan->done;
        uint64_t n = left < lanes ? left : lanes;
        batch(ctx->pads, scan->in.bytes, (uint32_t)at, out);
        for (uint64_t i = 0; i < n; i++) {
            struct u256 value = u256_from_le(out[i]);
            scan->done++;
            if (u256_cmp(&value, &scan->target) <= 0 && scan_found(scan, at + i))
                return;
        }
    }
}

static void batch_scalar(uint8_t *pads, const uint8_t *header, uint32_t nonce, uint8_t (*out)[32])
{
    uint8_t copy[HEADER];

    memcpy(copy, header, sizeof copy);
    put_le32(copy + 76, nonce);
    hash_with((uint32_t *)(void *)pads, copy, out[0]);
}

void scrypt_scan_scalar(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(batch_scalar, 1, ctx, scan);
}

static const char *const aliases[] = {"scrypt-n1024", "scrypt-1024", "litecoin", NULL};

static const struct algo_impl impls[] = {
#if defined(__x86_64__)
    {"avx512", CPU_AVX512, 0, scrypt_scan_avx512},
    {"avx512x8", CPU_AVX512, 0, scrypt_scan_avx512_8},
    {"avx2", CPU_AVX2, 0, scrypt_scan_avx2},
    {"avx2x4", CPU_AVX2, 0, scrypt_scan_avx2_4},
    {"sse2", CPU_SSE2, 0, scrypt_scan_sse2},
#elif defined(__aarch64__)
    {"neon", CPU_NEON, 0, scrypt_scan_neon},
#endif
    {"scalar", 0, 0, scrypt_scan_scalar},
    {0},
};

/* Hashes in flight of implementations that have a sibling with fewer. */
static unsigned lanes_of(const struct algo_impl *impl)
{
    return impl->needs == CPU_AVX512 ? 16 : impl->needs == CPU_AVX2 ? 8 : 0;
}

/* Scratchpads that live in the core's own cache, or at least in half its share of the next one. */
static bool caches_hold(struct cpu_caches caches, size_t bytes)
{
    return (!caches.l2 && !caches.l3) || bytes <= caches.l2 || 2 * bytes <= caches.l3;
}

/* The first that runs, or its sibling for small caches. */
static const struct algo_impl *pick(unsigned features)
{
    const struct algo_impl *impl = impls;

    while (impl->needs & ~features)
        impl++;
    if (impl[1].needs == impl->needs && impl[1].name &&
        !caches_hold(cpu_caches(""), lanes_of(impl) * (size_t)SCRYPT_PAD_BYTES))
        impl++;
    return impl;
}

static const struct algo_vector vectors[] = {
    {.source = "LTC block 0",
     .input_hex =
         "010000000000000000000000000000000000000000000000000000000000000000000000d9ced4ed"
         "1130f7b7faad9be25323ffafa33232a17c3edf6cfd97bee6bafbdd97b9aa8e4ef0ff0f1ecd513f7c",
     .hash_hex = "001e67b013726fd7382e9acb69165b4b6316227fb3156b5b414ba6340c050000"},
    {.source = "LTC block 29255",
     .input_hex =
         "01000000f615f7ce3b4fc6b8f61e8f89aedb1d0852507650533a9e3b10b9bbcc30639f279fcaa867"
         "46e1ef52d3edb3c4ad8259920d509bd073605c9bf1d59983752a6b06b817bb4ea78e011d012d59d4",
     .hash_hex = "d9eb8663ffec241c2fb118adb7de97a82c803b6ff46d57667935c81001000000"},
    {.source = "Litecoin Core test 1",
     .input_hex =
         "020000004c1271c211717198227392b029a64a7971931d351b387bb80db027f270411e398a07046f"
         "7d4a08dd815412a8712f874a7ebf0507e3878bd24e20a3b73fd750a667d2f451eac7471b00de6659",
     .hash_hex = "065898d7ab2daa8235cdda9511d248f3010b5e11f682f80741ef2b0000000000"},
    {.source = "Litecoin Core test 2",
     .input_hex =
         "0200000011503ee6a855e900c00cfdd98f5f55fffeaee9b6bf55bea9b852d9de2ce35828e204eef7"
         "6acfd36949ae56d1fbe81c1ac9c0209e6331ad56414f9072506a77f8c6faf551eac7471b00389d01",
     .hash_hex = "94fc881c9ff1da50d235ed28f2bbcfddfeb7084e63ebd5bd110d3a0000000000"},
    {.source = "Litecoin Core test 4",
     .input_hex =
         "010000007824bc3a8a1b4628485eee3024abd8626721f7f870f8ad4d2f33a27155167f6a4009d128"
         "5049603888fe85a84b6c803a53305a8d497965a5e896e1a00568359589faf551eac7471b0065434e",
     .hash_hex = "fe05e1971818866adc7e8e6e2fd7e8d8991e032349cd91580007300000000000"},
    {.source = "DOGE block 0",
     .input_hex =
         "010000000000000000000000000000000000000000000000000000000000000000000000696ad20e"
         "2dd4365c7459b4a4a5af743d5e92c6da3229e6532cd605f6533f2a5b24a6a152f0ff0f1e67860100",
     .hash_hex = "48b41053487d4159cfaacf3adad783cf2f2dedea1413250cca74783f6f020000"},
    {0},
};

const struct algo algo_scrypt = {
    .name = "scrypt",
    .title = "scrypt (N = 1024)",
    .aliases = aliases,
    .input_len = HEADER,
    .nonce_at = 76,
    .nonce_len = 4,
    .diff1 = {{0, 0, 0, UINT64_C(0xffff) << 32}}, /* 0xffff * 2^224 */
    .hash = hash,
    .impls = impls,
    .pick = pick,
    .ctx_new = ctx_new,
    .ctx_free = ctx_free,
    .vectors = vectors,
};
