/* SPDX-License-Identifier: MIT */
/* A loop's jobs: taken from the hub, told to its connections, kept by time. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "front/loop.h"

enum { HEADER_JOBS = 16 }; /* that a header hash is looked for in */

static void job_free(struct front_job *fj)
{
    posting_unref(fj->post);
    free(fj);
}

static void retire(struct front_job *fj, bool stale, int64_t now)
{
    for (; fj; fj = fj->next) {
        fj->stale |= stale;
        if (!fj->retired_us)
            fj->retired_us = now;
    }
}

void front_take_job(struct front_loop *f)
{
    struct publication *p = slot_take(&f->slot);

    if (!p)
        return;
    struct front_job *fj = xcalloc(1, sizeof *fj);
    *fj = (struct front_job){.next = f->jobs,
                             .post = p->post,
                             .job = p->post->job,
                             .serial = p->post->serial,
                             .clean = p->clean || !f->jobs};
    free(p);
    retire(f->jobs, fj->clean, now_us());
    f->jobs = fj;
    f->version_mask = fj->job->plan.version_mask & VERSION_ROLLING_MASK;
    for (struct session *s = f->sessions, *next; s; s = next) {
        next = s->next; /* sending may close it */
        session_job(s, fj);
    }
}

struct front_job *front_job_find(struct front_loop *f, const char *id, uint32_t *variant)
{
    char *end;

    if (!*id || strlen(id) > 16 || strspn(id, "0123456789abcdefv") != strlen(id) || *id == 'v')
        return NULL;
    unsigned long serial = strtoul(id, &end, 16);
    *variant = 0;
    if (*end == 'v') {
        unsigned long v = strtoul(end + 1, &end, 16);
        if (v > UINT32_MAX)
            return NULL;
        *variant = (uint32_t)v;
    }
    if (*end)
        return NULL;
    struct front_job *fj = f->jobs;
    while (fj && fj->serial != serial)
        fj = fj->next;
    return fj;
}

/* The last variant of a job that the session was told. */
static uint32_t last_variant(const struct session *s, const struct front_job *fj)
{
    for (unsigned i = 0; i < s->course.sent_count; i++)
        if (s->course.sent[i].serial == fj->serial)
            return s->course.sent[i].variant;
    return 0;
}

struct front_job *session_job_of_header(const struct session *s, const uint8_t header[32],
                                        uint32_t *variant)
{
    uint8_t input[ALGO_INPUT_MAX];
    struct front_job *fj = s->loop->jobs;

    for (unsigned i = 0; fj && i < HEADER_JOBS; i++, fj = fj->next)
        for (uint32_t v = last_variant(s, fj) + 1; v-- > 0;) {
            session_input(s, fj, v, input);
            if (memcmp(input, header, 32) != 0)
                continue;
            *variant = v;
            return fj;
        }
    return NULL;
}

const struct told *session_told(const struct session *s, const struct front_job *fj)
{
    const struct dialect *const *offered = s->loop->front->dialects;
    unsigned i = 0;

    while (offered[i + 1] && offered[i] != s->miner.dialect)
        i++;
    return &fj->post->told[i];
}

/* The newest and the one before stay, whatever their age, and those of which shares are being
 * verified. */
void front_jobs_expire(struct front_loop *f, int64_t now)
{
    struct front_job **at = f->jobs ? &f->jobs->next : NULL;

    if (at && *at && !(*at)->stale)
        at = &(*at)->next;
    while (at && *at) {
        struct front_job *fj = *at;
        int64_t life = fj->stale ? FRONT_STALE_LIFE_US : FRONT_JOB_LIFE_US;
        if (now - fj->retired_us <= life || fj->pending) {
            at = &fj->next;
            continue;
        }
        *at = fj->next;
        job_free(fj);
    }
}

void front_jobs_free(struct front_loop *f)
{
    while (f->jobs) {
        struct front_job *fj = f->jobs;
        f->jobs = fj->next;
        job_free(fj);
    }
}
