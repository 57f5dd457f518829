/* SPDX-License-Identifier: MIT */
/* A front's jobs: taken from the hub, serialised once, kept by time. Ids are "1f3a", and "1f3av2"
 * for a connection that got the job again with a new difficulty. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/rand.h"
#include "core/target.h"
#include "pool/front_state.h"

static void tip_leave(struct tip *tip)
{
    if (--tip->jobs)
        return;
    share_set_free(&tip->seen);
    free(tip);
}

/* A tip that came back while jobs of it live is still known. */
static struct tip *tip_of(const struct front *f, const struct job *job)
{
    const struct front_job *fj = f->jobs;

    while (fj && (fj->tip->height != job->height ||
                  memcmp(fj->tip->prevhash, job->plan.prevhash, 32) != 0))
        fj = fj->next;
    struct tip *tip = fj ? fj->tip : xcalloc(1, sizeof *tip);
    memcpy(tip->prevhash, job->plan.prevhash, 32);
    tip->height = job->height;
    tip->jobs++;
    return tip;
}

static void job_free(struct front_job *fj)
{
    job_unref(fj->job);
    for (unsigned i = 0; i < DIALECTS_FOR_MAX; i++) {
        str_free(&fj->told[i].body);
        str_free(&fj->told[i].text);
    }
    tip_leave(fj->tip);
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

/* What is hashed of a job that all connections share. */
static void make_input(struct front *f, struct front_job *fj)
{
    const struct job *job = fj->job;
    const struct block_plan *plan = &job->plan;
    uint8_t extranonce1[FRONT_EXTRANONCE1], extranonce2[FRONT_EXTRANONCE2] = {0}, root[32];

    if (job->form->given || !job->form->root)
        return;
    put_be32(extranonce1, f->options.node_id << 24 | f->shared_extranonce);
    job->form->root(plan, extranonce1, sizeof extranonce1, extranonce2, sizeof extranonce2, root);
    job->form->input(job, root, plan->version, plan->ntime, fj->input);
}

static void tell(struct front *f, struct front_job *fj, unsigned at, const char *id, bool clean)
{
    const struct dialect *d = f->dialects[at];
    struct told *told = &fj->told[at];
    const struct notice notice = {
        .job = fj->job,
        .body = &told->body,
        .id = id,
        .ntime = fj->job->plan.ntime,
        .clean = clean,
        .input = fj->input,
        .input_len = job_input_len(fj->job),
    };

    if (d->job_body)
        d->job_body(&told->body, fj->job);
    if (d->same_for_all)
        d->notify(&told->text, &notice);
}

static struct front_job *job_make(struct front *f, struct job *job, bool clean)
{
    struct front_job *fj = xcalloc(1, sizeof *fj);
    char id[16];

    if (!f->next_serial)
        f->next_serial = (rand_u32() & 0xffffff) + 1; /* not the ids of the run before */
    fj->job = job;
    fj->tip = tip_of(f, job);
    fj->serial = f->next_serial++;
    fj->published_us = now_us();
    fj->network_difficulty = u256_is_zero(&job->block_target)
                                 ? 0
                                 : target_difficulty(&job->algo->diff1, &job->block_target);
    (void)snprintf(id, sizeof id, "%x", fj->serial);
    fj->clean = clean;
    make_input(f, fj);
    for (unsigned i = 0; f->dialects[i]; i++)
        tell(f, fj, i, id, clean);
    return fj;
}

void front_take_job(struct front *f)
{
    struct publication *p = slot_take(&f->slot);

    if (!p)
        return;
    const struct front_job *tip = f->jobs;
    bool clean =
        p->clean || !tip || memcmp(tip->job->plan.prevhash, p->job->plan.prevhash, 32) != 0;
    struct front_job *fj = job_make(f, p->job, clean);
    free(p);
    retire(f->jobs, clean, fj->published_us);
    fj->next = f->jobs;
    f->jobs = fj;
    f->version_mask = fj->job->plan.version_mask & VERSION_ROLLING_MASK;
    for (struct session *s = f->sessions, *next; s; s = next) {
        next = s->next; /* sending may close it */
        session_job(s, fj);
    }
}

struct front_job *front_job_find(struct front *f, const char *id, uint32_t *variant)
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

struct front_job *front_job_of_header(struct front *f, const uint8_t header[32])
{
    struct front_job *fj = f->jobs;

    while (fj && memcmp(fj->input, header, 32) != 0)
        fj = fj->next;
    return fj;
}

const struct told *session_told(const struct session *s, const struct front_job *fj)
{
    unsigned i = 0;

    while (s->front->dialects[i + 1] && s->front->dialects[i] != s->miner.dialect)
        i++;
    return &fj->told[i];
}

/* The newest and the one before stay, whatever their age, and those of which shares are being
 * verified. */
void front_jobs_expire(struct front *f, int64_t now)
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

void front_jobs_free(struct front *f)
{
    while (f->jobs) {
        struct front_job *fj = f->jobs;
        f->jobs = fj->next;
        job_free(fj);
    }
}
