/* SPDX-License-Identifier: MIT */
/* Duplicate shares: an open-addressing table with a seeded hash. */
#include "front/share_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/rand.h"

static uint64_t mix(uint64_t h, uint64_t v)
{
    __extension__ unsigned __int128 wide =
        (unsigned __int128)(h ^ v) * UINT64_C(0x9e3779b97f4a7c15);

    return (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

/* The slot of a key, or the free one where it belongs. */
static uint32_t find(const struct share_set *s, const uint8_t *key)
{
    uint64_t h = s->seed;

    for (unsigned i = 0; i < SHARE_KEY_BYTES; i += 8)
        h = mix(h, le64(key + i) + s->seed);
    uint32_t at = (uint32_t)h & (s->cap - 1);
    while (s->used[at] && memcmp(s->keys[at], key, SHARE_KEY_BYTES) != 0)
        at = (at + 1) & (s->cap - 1);
    return at;
}

bool share_set_has(const struct share_set *s, const uint8_t key[SHARE_KEY_BYTES])
{
    return s->cap && s->used[find(s, key)];
}

static void put(struct share_set *s, const uint8_t *key)
{
    uint32_t at = find(s, key);

    if (s->used[at])
        return;
    s->used[at] = 1;
    memcpy(s->keys[at], key, SHARE_KEY_BYTES);
    s->count++;
}

static void grow(struct share_set *s)
{
    struct share_set old = *s;

    s->cap = old.cap ? old.cap * 2 : 64;
    s->count = 0;
    s->keys = xreallocarray(NULL, s->cap, SHARE_KEY_BYTES);
    s->used = xcalloc(s->cap, 1);
    for (uint32_t i = 0; i < old.cap; i++)
        if (old.used[i])
            put(s, old.keys[i]);
    share_set_free(&old);
}

bool share_set_add(struct share_set *s, const uint8_t key[SHARE_KEY_BYTES])
{
    if (s->count >= SHARE_SET_MAX)
        return false;
    if (!s->seed)
        rand_bytes(&s->seed, sizeof s->seed);
    if (s->count * 4 >= s->cap * 3)
        grow(s);
    put(s, key);
    return true;
}

void share_set_free(struct share_set *s)
{
    free(s->keys);
    free(s->used);
    s->keys = NULL;
    s->used = NULL;
    s->count = s->cap = 0;
}
