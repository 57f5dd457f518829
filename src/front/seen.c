/* SPDX-License-Identifier: MIT */
/* Seen shares: share sets behind locks. */
#include "front/seen.h"

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
