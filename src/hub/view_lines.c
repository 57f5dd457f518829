/* SPDX-License-Identifier: MIT */
/* Lines, datasets and algorithms in the snapshot. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/clock.h"
#include "base/str.h"
#include "hub/internal.h"

static void brief(const struct job *job, struct dataset_brief *b)
{
    struct dataset_view v;

    *b = (struct dataset_brief){.eta_s = NAN};
    if (!job || !job->dataset)
        return;
    dataset_view(job->dataset, &v);
    b->known = true;
    (void)text_copy(b->title, sizeof b->title, v.title);
    (void)text_copy(b->state, sizeof b->state, dataset_state_name(v.state));
    b->making = v.progress < 1;
    b->progress = v.progress;
    b->eta_s = v.eta_seconds;
    b->bytes = v.bytes;
    (void)text_copy(b->pages, sizeof b->pages, v.pages);
    if (v.state != DATASET_FULL && !v.full_wanted) /* what failed once and is tried again is not */
        (void)text_copy(b->error, sizeof b->error, v.error);
}

/* A dataset that could not even be begun has no job: the line says why. */
static void line_brief(const struct feed *feed, struct dataset_brief *b)
{
    brief(feed->job, b);
    if (!*feed->trouble)
        return;
    b->known = true;
    (void)text_copy(b->state, sizeof b->state, dataset_state_name(DATASET_FAILED));
    (void)text_copy(b->error, sizeof b->error, feed->trouble);
}

void hub_view_device_line(const struct hub *hub, const struct hub_device *d,
                          struct device_view *view)
{
    const struct algo *algo = line_algo(d->line);

    if (algo)
        (void)text_copy(view->algo, sizeof view->algo, algo->name);
    if (d->line == &d->own)
        (void)text_copy(view->line, sizeof view->line, wish_name(hub, d->own.wish));
    memcpy(view->done, d->done, sizeof view->done);
    view->cpu_share = d->cpu_share;
    line_brief(&d->line->feed, &view->dataset);
}

static double return_in_s(const struct hub *hub, const struct line *line)
{
    int64_t limit = hub->config->mining.switching.return_after_us;

    if (line->stage != CHANGE_TRIAL || !limit)
        return NAN;
    return (double)(limit - line->clock_us) / SECOND_US;
}

static void view_line_rate(const struct hub *hub, const struct line *line, struct line_view *view,
                           int64_t now)
{
    for (unsigned i = 0; i < hub->device_count; i++) {
        const struct hub_device *d = &hub->devices[i];
        if (d->line != line)
            continue;
        view->devices++;
        for (unsigned w = 0; w < RATE_WINDOWS && d->device; w++)
            if (d->algo == line_algo(line))
                view->rate[w] += rate_window(&d->rate, w, now);
    }
}

static bool note_lives(const struct line *line, int64_t now)
{
    return *line->note && now - line->note_us < NOTE_LIFE_S * SECOND_US;
}

/* A device whose own line was given up stands in the default one again: what happened is told
 * there, unless that has something to tell itself. */
static void view_note(const struct hub *hub, const struct line *line, struct line_view *view,
                      int64_t now)
{
    if (note_lives(line, now))
        (void)text_copy(view->note, sizeof view->note, line->note);
    for (unsigned i = 0; i < hub->device_count && !line->owner && !*view->note; i++) {
        const struct hub_device *d = &hub->devices[i];
        if (d->line == line && note_lives(&d->own, now))
            (void)snprintf(view->note, sizeof view->note, "%s: %.160s", d->info.id, d->own.note);
    }
}

static void view_line(const struct hub *hub, const struct line *line, struct snapshot *s)
{
    struct line_view *view = &s->lines[s->line_count++];

    *view = (struct line_view){.stage = line->stage, .changed_us = line->went_us, .gap_ms = NAN};
    if (line->owner)
        (void)text_copy(view->name, sizeof view->name, line->owner->info.id);
    if (line_algo(line))
        (void)text_copy(view->algo, sizeof view->algo, line_algo(line)->name);
    if (line->wish.algo)
        (void)text_copy(view->wish, sizeof view->wish, line->wish.algo->name);
    (void)text_copy(view->source, sizeof view->source, line->feed.source);
    if (line->stage == CHANGE_PREPARING)
        (void)text_copy(view->next, sizeof view->next, wish_name(hub, line->to));
    if (line->stage == CHANGE_TRIAL)
        (void)text_copy(view->before, sizeof view->before, wish_name(hub, line->before));
    view->return_in_s = return_in_s(hub, line);
    if (line->gap_heard_us)
        view->gap_ms = (double)line->gap_us / 1000;
    view_note(hub, line, view, s->taken_us);
    line_brief(&line->feed, &view->dataset);
    line_brief(&line->next, &view->next_dataset);
    view_line_rate(hub, line, view, s->taken_us);
}

void hub_view_lines(const struct hub *hub, struct snapshot *s)
{
    s->line_count = 0;
    if (line_used(hub, &hub->line) || !hub->device_count)
        view_line(hub, &hub->line, s);
    for (unsigned i = 0; i < hub->device_count && s->line_count < HUB_LINES_MAX; i++)
        if (hub->devices[i].line == &hub->devices[i].own)
            view_line(hub, &hub->devices[i].own, s);
    s->switch_count = hub->switch_count;
    memcpy(s->switches, hub->switches, sizeof s->switches);
}

/* --- algorithms --------------------------------------------------------------------------------
 */

/* The newest key of the algorithm that is known here; else that of its first dataset, which is the
 * smallest. */
static struct algo_key key_of(const struct hub *hub, const struct algo *algo)
{
    struct algo_key key = {.seed_len = 0};
    const struct pool *pool = hub_pool(hub, algo);
    const struct job *job = pool ? pool_job((struct pool *)(uintptr_t)pool) : NULL;

    for (unsigned i = 0; i < hub->device_count; i++)
        if (line_algo(hub->devices[i].line) == algo)
            job = hub->devices[i].line->feed.job;
    return job ? job->key : key;
}

static void dataset_sizes(const struct hub *hub, const struct algo *algo, struct algo_view *view)
{
    struct algo_key key = key_of(hub, algo);
    struct dataset_plan plan;

    if (!algo->dataset)
        return;
    if (algo->dataset->plan(&key, &plan, NULL) < 0) {
        key.seed_len = 32; /* a seed of which only the length matters here */
        if (algo->dataset->plan(&key, &plan, NULL) < 0)
            return;
    }
    view->light_bytes = plan.light_bytes;
    view->full_bytes = plan.full_bytes;
}

void hub_view_algos(struct hub *hub, struct snapshot *s)
{
    for (unsigned n = 0; n < ALGOS_MAX && algos[n]; n++) {
        struct algo_view *view = &s->algos[s->algo_count++];
        *view = (struct algo_view){.rate = NAN};
        (void)text_copy(view->name, sizeof view->name, algos[n]->name);
        (void)text_copy(view->title, sizeof view->title, algos[n]->title);
        source_words(hub, algos[n], view->source);
        dataset_sizes(hub, algos[n], view);
        for (unsigned i = 0; i < hub->device_count; i++) {
            const struct hub_device *d = &hub->devices[i];
            view->devices += line_algo(d->line) == algos[n];
            if (d->known[n] > 0)
                view->rate = (isnan(view->rate) ? 0 : view->rate) + d->known[n];
        }
    }
}
