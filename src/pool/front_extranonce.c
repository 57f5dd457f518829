/* SPDX-License-Identifier: MIT */
/* Who has which extranonce1: a 24-bit counter that passes by values in use or resting. */
#include "base/alloc.h"
#include "base/rand.h"
#include "pool/front_state.h"

enum { VALUES = 1 << 24 };

static bool in_use(const struct front *f, uint32_t value)
{
    return f->extranonce_used[value / 8] >> value % 8 & 1;
}

uint32_t front_extranonce_take(struct front *f)
{
    if (!f->extranonce_used) {
        f->extranonce_used = xcalloc(VALUES / 8, 1); /* touched pages only cost memory */
        f->extranonce_used[0] = 1;                   /* 0 belongs to the rig's own devices */
        f->extranonce_next = rand_u32() % VALUES;
    }
    for (uint32_t tries = 0; tries < VALUES; tries++) {
        uint32_t value = f->extranonce_next;
        f->extranonce_next = (value + 1) % VALUES;
        if (!in_use(f, value)) {
            f->extranonce_used[value / 8] |= (uint8_t)(1u << value % 8);
            return value;
        }
    }
    return 0;
}

void front_extranonce_rest(struct front *f, uint32_t value, int64_t now)
{
    if (f->retired_count == f->retired_cap) {
        f->retired_cap = f->retired_cap ? f->retired_cap * 2 : 64;
        f->retired = xreallocarray(f->retired, f->retired_cap, sizeof *f->retired);
    }
    f->retired[f->retired_count++] = (struct retired){.value = value, .at_us = now};
}

void front_extranonce_expire(struct front *f, int64_t now)
{
    while (f->retired_head < f->retired_count &&
           now - f->retired[f->retired_head].at_us > FRONT_RETIRED_US) {
        uint32_t value = f->retired[f->retired_head++].value;
        f->extranonce_used[value / 8] &= (uint8_t) ~(1u << value % 8);
    }
    if (f->retired_head > 1024 && f->retired_head * 2 > f->retired_count) {
        f->retired_count -= f->retired_head;
        memmove(f->retired, f->retired + f->retired_head, f->retired_count * sizeof *f->retired);
        f->retired_head = 0;
    }
}
