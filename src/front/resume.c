/* SPDX-License-Identifier: MIT */
/* Parked sessions: a table by id, in the order of their coming. */
#include "front/resume.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"

static const int64_t PARKED_US = 300 * SECOND_US;

struct parked {
    uint8_t id[SESSION_ID_BYTES];
    int64_t at_us;
    uint32_t extranonce;
    uint16_t users_len;
    UT_hash_handle hh;
    uint8_t course[]; /* without the steps that are not there; the users stand behind it */
};

static size_t course_bytes(const struct course *c)
{
    return offsetof(struct course, steps) + c->step_count * sizeof c->steps[0];
}

void parking_init(struct parking *p)
{
    p->by_id = NULL;
    (void)uv_mutex_init(&p->lock);
}

static void forget(struct parking *p, struct parked *parked)
{
    HASH_DEL(p->by_id, parked);
    free(parked);
}

void parking_fini(struct parking *p)
{
    while (p->by_id)
        forget(p, p->by_id);
    uv_mutex_destroy(&p->lock);
}

static void give_up(struct parking *p, struct extranonces *extranonces, int64_t now_us)
{
    extranonce_rest(extranonces, p->by_id->extranonce, now_us);
    forget(p, p->by_id);
}

void session_park(struct parking *p, struct extranonces *extranonces,
                  const uint8_t id[SESSION_ID_BYTES], const struct legacy *legacy, int64_t now_us)
{
    const struct course *course = &legacy->course;
    size_t bytes = course_bytes(course);
    struct parked *parked = xcalloc(1, sizeof *parked + bytes + legacy->users_len);

    memcpy(parked->id, id, sizeof parked->id);
    parked->at_us = now_us;
    parked->extranonce = course->extranonce;
    parked->users_len = legacy->users_len;
    memcpy(parked->course, course, bytes);
    memcpy(parked->course + bytes, legacy->users, legacy->users_len);
    uv_mutex_lock(&p->lock);
    if (HASH_COUNT(p->by_id) >= PARKED_MAX)
        give_up(p, extranonces, now_us);
    HASH_ADD(hh, p->by_id, id, sizeof parked->id, parked);
    uv_mutex_unlock(&p->lock);
}

static void give_back(const struct parked *parked, struct legacy *ret)
{
    struct course *course = &ret->course;

    memset(course, 0, sizeof *course);
    memcpy(course, parked->course, offsetof(struct course, steps));
    memcpy(course, parked->course, course_bytes(course));
    ret->users_len = parked->users_len;
    memcpy(ret->users, parked->course + course_bytes(course), parked->users_len);
}

bool session_unpark(struct parking *p, const uint8_t id[SESSION_ID_BYTES], struct legacy *ret)
{
    struct parked *parked;

    uv_mutex_lock(&p->lock);
    HASH_FIND(hh, p->by_id, id, SESSION_ID_BYTES, parked);
    bool found = parked != NULL;
    if (found) {
        give_back(parked, ret);
        forget(p, parked);
    }
    uv_mutex_unlock(&p->lock);
    return found;
}

void parking_expire(struct parking *p, struct extranonces *extranonces, int64_t now_us)
{
    uv_mutex_lock(&p->lock);
    while (p->by_id && now_us - p->by_id->at_us > PARKED_US)
        give_up(p, extranonces, now_us);
    uv_mutex_unlock(&p->lock);
}
