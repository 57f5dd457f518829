/* SPDX-License-Identifier: MIT */
/* Postings: a job's texts and its tip. Ids on the wire are "1f3a", and "1f3av2" for a connection
 * that got the job again with a new difficulty. */
#include "front/posting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"
#include "core/target.h"

/* --- tips --------------------------------------------------------------------------------------
 */

static void tip_unref(struct tip *tip)
{
    if (atomic_fetch_sub_explicit(&tip->refs, 1, memory_order_acq_rel) > 1)
        return;
    seen_fini(&tip->seen);
    free(tip);
}

static struct tip *tip_new(struct poster *p, const uint8_t prevhash[32], uint64_t height)
{
    struct tip *tip = xcalloc(1, sizeof *tip);

    atomic_init(&tip->refs, 1); /* the list's */
    memcpy(tip->prevhash, prevhash, sizeof tip->prevhash);
    tip->height = height;
    seen_init(&tip->seen);
    tip->next = p->tips;
    p->tips = tip;
    return tip;
}

/* A tip that came back while a job of it lives is still known. */
static struct tip *tip_of(struct poster *p, const struct job *job)
{
    struct tip *tip = p->tips;

    while (tip && (tip->height != job->height ||
                   memcmp(tip->prevhash, job->plan.prevhash, sizeof tip->prevhash) != 0))
        tip = tip->next;
    if (!tip)
        tip = tip_new(p, job->plan.prevhash, job->height);
    (void)atomic_fetch_add_explicit(&tip->refs, 1, memory_order_relaxed);
    return tip;
}

/* Those that no job is on: nobody but this thread could find them again. */
static void drop_tips(struct poster *p, unsigned least_refs)
{
    for (struct tip **at = &p->tips; *at;) {
        struct tip *tip = *at;
        if (atomic_load_explicit(&tip->refs, memory_order_acquire) > least_refs) {
            at = &tip->next;
            continue;
        }
        *at = tip->next;
        tip_unref(tip);
    }
}

/* --- postings ----------------------------------------------------------------------------------
 */

static void make_input(const struct poster *p, struct posting *post)
{
    const struct job *job = post->job;
    const struct block_plan *plan = &job->plan;
    uint8_t extranonce1[FRONT_EXTRANONCE1], extranonce2[FRONT_EXTRANONCE2] = {0}, root[32];

    if (job->form->given)
        memcpy(post->input, job->input, sizeof post->input);
    if (job->form->given || !job->form->root)
        return;
    memcpy(extranonce1, post->salt, FRONT_SALT);
    put_be32(extranonce1 + FRONT_SALT, p->shared_extranonce);
    job->form->root(plan, extranonce1, sizeof extranonce1, extranonce2, sizeof extranonce2, root);
    job->form->input(job, root, plan->version, plan->ntime, post->input);
}

static void tell(struct posting *post, const struct dialect *d, struct told *told)
{
    char id[16];
    struct notice notice = {
        .job = post->job,
        .body = &told->body,
        .id = id,
        .salt = post->salt,
        .salt_len = FRONT_SALT,
        .ntime = post->job->plan.ntime,
        .input = post->input,
        .input_len = job_input_len(post->job),
    };

    (void)snprintf(id, sizeof id, "%x", post->serial);
    if (d->job_body)
        d->job_body(&told->body, post->job);
    for (unsigned clean = 0; d->same_for_all && clean < 2; clean++) {
        notice.clean = clean;
        d->notify(&told->text[clean], &notice);
    }
}

struct posting *posting_new(struct poster *p, struct job *job)
{
    struct posting *post = xcalloc(1, sizeof *post);

    if (!p->next_serial)
        p->next_serial = (rand_u32() & 0xffffff) + 1; /* not the ids of the run before */
    atomic_init(&post->refs, 1);
    post->job = job_ref(job);
    post->serial = p->next_serial++;
    salt_of(p->salts, 0, post->serial, 0, post->salt);
    post->clean =
        job->clean || !p->any || memcmp(p->prevhash, job->plan.prevhash, sizeof p->prevhash) != 0;
    post->published_us = now_us();
    post->network_difficulty = u256_is_zero(&job->block_target)
                                   ? 0
                                   : target_difficulty(&job->algo->diff1, &job->block_target);
    p->any = true;
    memcpy(p->prevhash, job->plan.prevhash, sizeof p->prevhash);
    p->given |= job->form->given;
    post->tip = tip_of(p, job);
    drop_tips(p, 1);
    make_input(p, post);
    for (unsigned i = 0; p->dialects[i]; i++)
        tell(post, p->dialects[i], &post->told[i]);
    return post;
}

json_t *poster_tips(const struct poster *p)
{
    json_t *ret = json_array();
    char digits[2 * 32 + 1];

    for (struct tip *tip = p->given ? p->tips : NULL; tip; tip = tip->next) {
        AUTO_STR struct str keys = {0};
        seen_list(&tip->seen, &keys);
        hex_encode(tip->prevhash, sizeof tip->prevhash, digits);
        (void)json_array_append_new(ret,
                                    json_pack("{s:s, s:I, s:s}", "prevhash", digits, "height",
                                              (json_int_t)tip->height, "seen", str_text(&keys)));
    }
    return ret;
}

void poster_know(struct poster *p, const json_t *tips)
{
    char digits[2 * SHARE_KEY_BYTES + 1] = "";
    const size_t step = sizeof digits - 1;
    uint8_t key[SHARE_KEY_BYTES], prevhash[32];
    json_t *row;
    size_t i;

    json_array_foreach(tips, i, row)
    {
        const char *hash = json_string_value(json_object_get(row, "prevhash"));
        const char *seen = json_string_value(json_object_get(row, "seen"));
        if (!hash || !seen || strlen(hash) != 2 * sizeof prevhash ||
            !hex_decode(hash, prevhash, sizeof prevhash))
            continue;
        struct tip *tip =
            tip_new(p, prevhash, (uint64_t)json_integer_value(json_object_get(row, "height")));
        for (size_t left = strlen(seen); left >= step; left -= step, seen += step) {
            memcpy(digits, seen, step);
            if (hex_decode(digits, key, sizeof key))
                (void)seen_add(&tip->seen, key);
        }
    }
}

void poster_fini(struct poster *p)
{
    drop_tips(p, UINT32_MAX);
}

struct posting *posting_ref(struct posting *post)
{
    (void)atomic_fetch_add_explicit(&post->refs, 1, memory_order_relaxed);
    return post;
}

void posting_unref(struct posting *post)
{
    if (!post || atomic_fetch_sub_explicit(&post->refs, 1, memory_order_acq_rel) > 1)
        return;
    job_unref(post->job);
    tip_unref(post->tip);
    for (unsigned i = 0; i < DIALECTS_FOR_MAX; i++) {
        str_free(&post->told[i].body);
        str_free(&post->told[i].text[0]);
        str_free(&post->told[i].text[1]);
    }
    free(post);
}
