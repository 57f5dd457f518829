/* SPDX-License-Identifier: MIT */
/* Items and hashes, many in flight. Included by one file per instruction set, which defines:
 *   VEC_BYTES          of a vector
 *   KECCAK_ROL(x, n), KECCAK_CHI, KECCAK_XOR3 for `lanes`, a vector of 64-bit numbers
 * Memory is what this waits for: while one item waits for its parent, the others go on. A parent is
 * fetched (prefetched) as soon as its number is known, and used a turn later. */
#pragma once

#include <string.h>

#include "base/endian.h"
#include "crypto/keccak.h"
#include "kernels/ethash/engine.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

typedef uint64_t lanes __attribute__((vector_size(VEC_BYTES)));
typedef uint32_t words __attribute__((vector_size(VEC_BYTES), may_alias));

#define KECCAK_WORD lanes
#include "crypto/keccak_round.h"

enum {
    WIDTH = VEC_BYTES / 8,                               /* Keccak states side by side */
    PARTS = (int)sizeof(struct ethash_item) / VEC_BYTES, /* vectors of an item */
    FLIGHT = 16,                                         /* items made at once */
    NONCES = 16,                                         /* of the DAG's search */
    GROUP = 8, /* nonces whose next entries are asked for in a row: in long code the processor does
                  not reach the next request while it waits for the address of one */
};
_Static_assert(NONCES % WIDTH == 0 && FLIGHT % WIDTH == 0, "whole vectors");
_Static_assert((int)ETHASH_BATCH <= (int)NONCES && 2 * ETHASH_BATCH == FLIGHT,
               "hashes from the cache fill the flight of items");

/* --- Keccak ---------------------------------------------------------------------------------- */

static __attribute__((noinline)) void permute(lanes state[25])
{
    lanes a[25], b[25];

    memcpy(a, state, sizeof a);
    for (unsigned round = 0; round < KECCAK_ROUNDS; round += 2) {
        KECCAK_ROUND(b, a, keccak_round_constants[round] - (lanes){0});
        KECCAK_ROUND(a, b, keccak_round_constants[round + 1] - (lanes){0});
    }
    memcpy(state, a, sizeof a);
}

/* Lanes [at, at + count) of WIDTH states from rows of numbers, and back. */
static ALWAYS_INLINE void take(lanes *state, unsigned count, const uint64_t *rows, size_t stride)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned n = 0; n < WIDTH; n++)
            state[i][n] = rows[n * stride + i];
}

static ALWAYS_INLINE void give(const lanes *state, unsigned count, uint64_t *rows, size_t stride)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned n = 0; n < WIDTH; n++)
            rows[n * stride + i] = state[i][n];
}

static void zero_from(lanes *state, unsigned first)
{
    for (unsigned i = first; i < 25; i++)
        state[i] = (lanes){0};
}

/* Each item becomes its Keccak-512. `count` is a multiple of WIDTH. */
static void hash_items(struct ethash_item *items, unsigned count)
{
    for (unsigned at = 0; at < count; at += WIDTH) {
        lanes state[25];
        take(state, 8, items[at].lane, 8);
        zero_from(state, 8);
        state[8] += UINT64_C(0x8000000000000001);
        permute(state);
        give(state, 8, items[at].lane, 8);
    }
}

/* --- items ----------------------------------------------------------------------------------- */

/* to = fnv(to, from) for the words of one item. */
static ALWAYS_INLINE void mix_item(struct ethash_item *to, const struct ethash_item *from)
{
    words *t = (words *)(void *)to->word;
    const words *f = (const words *)(const void *)from->word;

    for (int i = 0; i < PARTS; i++)
        t[i] = t[i] * UINT32_C(0x01000193) ^ f[i];
}

/* `flight` items at once, a constant. Padded to whole Keccak vectors in mix[]. */
static ALWAYS_INLINE void some_items(const struct ethash_cache *cache, const uint32_t *index,
                                     unsigned flight, struct ethash_item *mix)
{
    const struct ethash_item *items = cache->items, *parent[FLIGHT];
    const struct ethash_mod by_items = cache->by_items;
    unsigned whole = (flight + WIDTH - 1) / WIDTH * WIDTH;

    for (unsigned f = 0; f < flight; f++)
        __builtin_prefetch(&items[ethash_mod(&by_items, index[f])]);
    for (unsigned f = 0; f < flight; f++) {
        mix[f] = items[ethash_mod(&by_items, index[f])];
        mix[f].word[0] ^= index[f];
    }
    hash_items(mix, whole);
    for (unsigned f = 0; f < flight; f++) {
        parent[f] = &items[ethash_mod(&by_items, ethash_fnv(index[f], mix[f].word[0]))];
        __builtin_prefetch(parent[f]);
    }
    for (uint32_t j = 1; j < cache->sizes.parents; j++)
        for (unsigned f = 0; f < flight; f++) {
            mix_item(&mix[f], parent[f]);
            uint32_t next = ethash_fnv(index[f] ^ j, mix[f].word[j % ETHASH_WORDS]);
            parent[f] = &items[ethash_mod(&by_items, next)];
            __builtin_prefetch(parent[f]);
        }
    for (unsigned f = 0; f < flight; f++)
        mix_item(&mix[f], parent[f]);
    hash_items(mix, whole);
}

static __attribute__((noinline)) void many_items(const struct ethash_cache *cache,
                                                 const uint32_t *index, struct ethash_item *mix)
{
    some_items(cache, index, FLIGHT, mix);
}

static __attribute__((noinline)) void two_items(const struct ethash_cache *cache,
                                                const uint32_t *index, struct ethash_item *mix)
{
    some_items(cache, index, 2, mix);
}

static void make_items(const struct ethash_cache *cache, const uint32_t *index, size_t count,
                       struct ethash_item *out)
{
    struct ethash_item mix[FLIGHT];
    uint32_t padded[FLIGHT];

    for (; count > 2; count -= count < FLIGHT ? count : FLIGHT) {
        size_t n = count < FLIGHT ? count : FLIGHT;
        for (size_t i = 0; i < FLIGHT; i++)
            padded[i] = index[i < n ? i : 0];
        many_items(cache, padded, mix);
        memcpy(out, mix, n * sizeof *out);
        index += n;
        out += n;
        if (count == n)
            return;
    }
    if (!count)
        return;
    padded[0] = index[0];
    padded[1] = index[count - 1];
    memset(mix, 0, sizeof mix);
    two_items(cache, padded, mix);
    memcpy(out, mix, count * sizeof *out);
}

/* --- hashes ---------------------------------------------------------------------------------- */

struct batch {
    unsigned count;
    const uint8_t *header[NONCES];
    uint64_t nonce[NONCES];
    struct ethash_item seed[NONCES];
    struct ethash_item mix[NONCES][2];
    uint64_t hash[NONCES][4];
};

/* seed = Keccak-512 of header and nonce; mix = the seed twice. */
static void begin(struct batch *b)
{
    for (unsigned at = 0; at < b->count; at += WIDTH) {
        lanes state[25];
        zero_from(state, 0);
        for (unsigned n = at; n < at + WIDTH && n < b->count; n++)
            for (unsigned i = 0; i < 4; i++)
                state[i][n - at] = le64(b->header[n] + 8 * i);
        take(state + 4, 1, b->nonce + at, 1);
        state[5] += 1;
        state[8] += UINT64_C(1) << 63;
        permute(state);
        give(state, 8, b->seed[at].lane, 8);
    }
    for (unsigned n = 0; n < b->count; n++)
        b->mix[n][0] = b->mix[n][1] = b->seed[n];
}

/* The entry that nonce n takes at an access. */
static ALWAYS_INLINE uint32_t entry(const struct ethash_view *view, const struct batch *b,
                                    unsigned n, uint32_t access)
{
    uint32_t word = b->mix[n][access / ETHASH_WORDS % 2].word[access % ETHASH_WORDS];

    return ethash_mod(&view->by_entries, ethash_fnv(access ^ b->seed[n].word[0], word));
}

static ALWAYS_INLINE const struct ethash_item *
fetch(const struct ethash_view *view, const struct batch *b, unsigned n, uint32_t access)
{
    const struct ethash_item *at = view->dag + 2 * (size_t)entry(view, b, n, access);

    __builtin_prefetch(at);
    __builtin_prefetch(at + 1);
    return at;
}

static ALWAYS_INLINE void mix_nonces(const struct ethash_view *view, struct batch *b,
                                     unsigned count)
{
    const struct ethash_item *at[NONCES];

    for (unsigned n = 0; n < count; n++)
        at[n] = fetch(view, b, n, 0);
    for (uint32_t access = 1; access <= ETHASH_ACCESSES; access++)
        for (unsigned group = 0; group < count; group += GROUP) {
            for (unsigned n = group; n < group + GROUP && n < count; n++) {
                mix_item(&b->mix[n][0], &at[n][0]);
                mix_item(&b->mix[n][1], &at[n][1]);
            }
            if (access < ETHASH_ACCESSES)
                for (unsigned n = group; n < group + GROUP && n < count; n++)
                    at[n] = fetch(view, b, n, access);
        }
}

static void mix_full(const struct ethash_view *view, struct batch *b)
{
    if (b->count == NONCES)
        mix_nonces(view, b, NONCES); /* a constant: the compiler unrolls it */
    else
        mix_nonces(view, b, b->count);
}

/* The same with items made from the cache. False when the job was replaced meanwhile: an access
 * takes less than a tenth of a millisecond. */
static bool mix_light(const struct ethash_view *view, struct batch *b, const struct scan *scan)
{
    struct ethash_item items[FLIGHT];
    uint32_t index[FLIGHT];

    for (uint32_t access = 0; access < ETHASH_ACCESSES; access++) {
        for (unsigned n = 0; n < b->count; n++) {
            index[2 * n] = 2 * entry(view, b, n, access);
            index[2 * n + 1] = index[2 * n] + 1;
        }
        make_items(view->cache, index, 2 * (size_t)b->count, items);
        for (unsigned n = 0; n < b->count; n++) {
            mix_item(&b->mix[n][0], &items[2 * n]);
            mix_item(&b->mix[n][1], &items[2 * n + 1]);
        }
        if (scan && scan_is_stale(scan))
            return false;
    }
    return true;
}

/* The mix hash of each nonce goes to the first half of its mix, its hash to hash[n]. */
static void end(struct batch *b)
{
    for (unsigned n = 0; n < b->count; n++)
        for (unsigned i = 0; i < 8; i++) {
            const uint32_t *w = &b->mix[n][i / 4].word[4 * i % ETHASH_WORDS];
            b->mix[n][0].word[i] = ethash_fnv(ethash_fnv(ethash_fnv(w[0], w[1]), w[2]), w[3]);
        }
    for (unsigned at = 0; at < b->count; at += WIDTH) {
        lanes state[25];
        zero_from(state, 0);
        take(state, 8, b->seed[at].lane, 8);
        take(state + 8, 4, b->mix[at][0].lane, 16);
        state[12] += 1;
        state[16] += UINT64_C(1) << 63;
        permute(state);
        give(state, 4, b->hash[at], 4);
    }
}

/* One batch of a search; false when it was left. */
static bool search(const struct ethash_view *view, const struct scan *scan, struct batch *b)
{
    const unsigned most = view->dag ? NONCES : ETHASH_BATCH;
    uint64_t left = scan->count - scan->done;

    b->count = left < most ? (unsigned)left : most;
    for (unsigned n = 0; n < b->count; n++) {
        b->header[n] = scan->in.bytes;
        b->nonce[n] = scan->first + scan->done + n;
    }
    begin(b);
    if (view->dag)
        mix_full(view, b);
    else if (!mix_light(view, b, scan))
        return false;
    end(b);
    return true;
}

static void scan_by(const struct ethash_view *view, struct scan *scan)
{
    struct batch b = {0};

    scan->done = 0;
    scan->found = 0;
    while (scan->done < scan->count && !scan_is_stale(scan)) {
        if (!search(view, scan, &b))
            return;
        for (unsigned n = 0; n < b.count; n++) {
            struct u256 value = u256_from_be((const uint8_t *)b.hash[n]);
            scan->done++;
            if (u256_cmp(&value, &scan->target) <= 0 && scan_found(scan, b.nonce[n]))
                return;
        }
    }
}

static void hash_some(const struct ethash_cache *cache, const uint8_t *const *inputs,
                      unsigned count, struct algo_result *out)
{
    const struct ethash_view view = ethash_view_of(cache, NULL);
    struct batch b = {.count = count};

    for (unsigned n = 0; n < count; n++) {
        b.header[n] = inputs[n];
        b.nonce[n] = le64(inputs[n] + ETHASH_NONCE_AT);
    }
    begin(&b);
    (void)mix_light(&view, &b, NULL);
    end(&b);
    for (unsigned n = 0; n < count; n++) {
        memcpy(out[n].hash, b.hash[n], sizeof out[n].hash);
        memcpy(out[n].mix, b.mix[n][0].bytes, sizeof out[n].mix);
    }
}
