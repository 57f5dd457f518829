/* SPDX-License-Identifier: MIT */
/* Seen shares: share sets behind locks. */
#include "front/seen.h"

#include "base/hex.h"

void seen_init(struct seen *s)
{
    for (unsigned i = 0; i < SEEN_PARTS; i++) {
        s->parts[i].set = (struct share_set){0};
        (void)uv_mutex_init(&s->parts[i].lock);
    }
}

void seen_fini(struct seen *s)
{
    for (unsigned i = 0; i < SEEN_PARTS; i++) {
        share_set_free(&s->parts[i].set);
        uv_mutex_destroy(&s->parts[i].lock);
    }
}

bool seen_has(struct seen *s, const uint8_t key[SHARE_KEY_BYTES])
{
    struct seen_part *part = &s->parts[key[0] % SEEN_PARTS];

    uv_mutex_lock(&part->lock);
    bool ret = share_set_has(&part->set, key);
    uv_mutex_unlock(&part->lock);
    return ret;
}

enum seen_result seen_add(struct seen *s, const uint8_t key[SHARE_KEY_BYTES])
{
    struct seen_part *part = &s->parts[key[0] % SEEN_PARTS];
    enum seen_result ret = SEEN_NEW;

    uv_mutex_lock(&part->lock);
    if (share_set_has(&part->set, key))
        ret = SEEN_BEFORE;
    else if (!share_set_add(&part->set, key))
        ret = SEEN_FULL;
    uv_mutex_unlock(&part->lock);
    return ret;
}

void seen_list(struct seen *s, struct str *out)
{
    char digits[2 * SHARE_KEY_BYTES + 1];

    for (unsigned i = 0; i < SEEN_PARTS; i++) {
        const struct share_set *set = &s->parts[i].set;
        uv_mutex_lock(&s->parts[i].lock);
        for (uint32_t k = 0; k < set->cap; k++) {
            if (!set->used[k])
                continue;
            hex_encode(set->keys[k], SHARE_KEY_BYTES, digits);
            str_add_n(out, digits, sizeof digits - 1);
        }
        uv_mutex_unlock(&s->parts[i].lock);
    }
}
