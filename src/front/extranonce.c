/* SPDX-License-Identifier: MIT */
/* Extranonce1 values: a bit for each, and a queue of those that rest. */
#include "front/extranonce.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/rand.h"

enum { VALUES = 1 << 24 };

static const int64_t REST_US = 900 * SECOND_US; /* longer than any job lives */

void extranonces_init(struct extranonces *e)
{
    *e = (struct extranonces){.used = xcalloc(VALUES / 8, 1)};
    e->used[0] = 1; /* 0 belongs to the rig's own devices */
    (void)uv_mutex_init(&e->lock);
}

void extranonces_fini(struct extranonces *e)
{
    uv_mutex_destroy(&e->lock);
    free(e->used);
    free(e->resting);
}

static uint32_t take(struct extranonces *e)
{
    uint32_t first = rand_u32() % VALUES;

    for (uint32_t tries = 0; tries < VALUES; tries++) {
        uint32_t value = (first + tries) % VALUES;
        if (!(e->used[value / 8] >> value % 8 & 1)) {
            e->used[value / 8] |= (uint8_t)(1u << value % 8);
            return value;
        }
    }
    return 0;
}

uint32_t extranonce_take(struct extranonces *e)
{
    uv_mutex_lock(&e->lock);
    uint32_t ret = take(e);
    uv_mutex_unlock(&e->lock);
    return ret;
}

bool extranonce_claim(struct extranonces *e, uint32_t value)
{
    if (!value || value >= VALUES)
        return false;
    uv_mutex_lock(&e->lock);
    bool is_free = !(e->used[value / 8] >> value % 8 & 1);
    e->used[value / 8] |= (uint8_t)(1u << value % 8);
    uv_mutex_unlock(&e->lock);
    return is_free;
}

void extranonce_rest(struct extranonces *e, uint32_t value, int64_t now_us)
{
    uv_mutex_lock(&e->lock);
    if (e->count == e->cap) {
        e->cap = e->cap ? e->cap * 2 : 64;
        e->resting = xreallocarray(e->resting, e->cap, sizeof *e->resting);
    }
    e->resting[e->count++] = (struct resting){.value = value, .at_us = now_us};
    uv_mutex_unlock(&e->lock);
}

void extranonces_expire(struct extranonces *e, int64_t now_us)
{
    uv_mutex_lock(&e->lock);
    while (e->head < e->count && now_us - e->resting[e->head].at_us > REST_US) {
        uint32_t value = e->resting[e->head++].value;
        e->used[value / 8] &= (uint8_t) ~(1u << value % 8);
    }
    if (e->head > 1024 && e->head * 2 > e->count) {
        e->count -= e->head;
        memmove(e->resting, e->resting + e->head, e->count * sizeof *e->resting);
        e->head = 0;
    }
    uv_mutex_unlock(&e->lock);
}
