/* SPDX-License-Identifier: MIT */
/* Jobs and the datasets they need: attached before a device sees the job, the next one prepared
 * before it is needed. */
#include "hub/feed.h"

#include <stdlib.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "config/paths.h"
#include "hub/internal.h"

enum {
    RETRY_S = 30,
    BLOCKS_AHEAD = 60, /* this long before a dataset is needed, its light part is made */
};

/* --- the datasets ---------------------------------------------------------------------------- */

/* On any thread: the loop looks at the feeds. */
static void on_changed(void *arg)
{
    struct hub *hub = arg;

    atomic_store(&hub->datasets_changed, true);
    (void)uv_async_send(&hub->bell);
}

void hub_datasets_open(struct hub *hub)
{
    const struct config *config = hub->config;
    struct datasets_options options = {
        .choices = {.huge_pages = config->mining.huge_pages,
                    .secure_jit = config->mining.randomx.secure_jit,
                    .randomx = config->mining.randomx.variant},
        .memory_max = config->mining.dataset.memory,
        .changed = on_changed,
        .arg = hub,
    };
    struct fault why = {0};
    char dir[600];

    if (config->mining.dataset.keep) {
        path_in_data(config, "datasets", dir, sizeof dir);
        if (path_make_dir(dir, &why) < 0)
            log_warn(CORE, "datasets are not kept between runs: %s", why.text);
        else
            options.choices.dir = dir;
    }
    hub->datasets = datasets_new(&options);
}

void hub_datasets_close(struct hub *hub)
{
    datasets_free(hub->datasets);
    hub->datasets = NULL;
}

/* --- attaching ------------------------------------------------------------------------------- */

static bool full_wanted(const struct hub *hub)
{
    return strcmp(hub->config->mining.dataset.mode, "light") != 0;
}

/* The job with its dataset: itself, or a copy where devices already have it with another one. One
 * reference; NULL and `why` when the dataset cannot be had. */
static struct job *attach(struct hub *hub, struct job *job, struct fault *why)
{
    if (!job->algo->dataset)
        return job_ref(job);
    struct dataset *d = datasets_get(hub->datasets, job->algo, &job->key, full_wanted(hub), why);
    if (!d)
        return NULL;
    if (!job->dataset || job->dataset == d) {
        dataset_unref(job->dataset);
        job->dataset = d; /* no device has seen a job without */
        return job_ref(job);
    }
    struct job *copy = job_copy(job);
    dataset_unref(copy->dataset);
    copy->dataset = d;
    return copy;
}

/* The key that a job of this source has after BLOCKS_AHEAD more blocks. */
static struct algo_key key_ahead(const struct job *job)
{
    struct algo_key key = job->next_key.seed_len ? job->next_key : job->key;

    if (key.height)
        key.height += BLOCKS_AHEAD;
    return key;
}

/* Makes the light part of the next dataset ahead, once for each. Nobody needs it yet: it is not
 * held, the list keeps it while there is memory. */
static void prepare_next(struct hub *hub, const struct job *job)
{
    struct algo_key key = key_ahead(job);

    if (!job->algo->dataset || dataset_fits(job->dataset, job->algo, &key))
        return;
    dataset_unref(datasets_get(hub->datasets, job->algo, &key, false, NULL));
}

/* --- the feed -------------------------------------------------------------------------------- */

static void set_trouble(struct feed *f, const char *text)
{
    if (!strcmp(f->trouble, text))
        return;
    (void)text_copy(f->trouble, sizeof f->trouble, text);
    if (*text)
        log_error(JOB, "%s cannot be mined: %s", f->offered->algo->name, f->trouble);
}

static void replace_job(struct feed *f, struct job *take)
{
    job_unref(f->job);
    f->job = take;
}

/* May the devices go on with what they have, although something newer is there? */
static bool still_good(const struct feed *f)
{
    return f->job && f->offered && f->job->algo == f->offered->algo &&
           f->job->source == f->offered->source && !f->offered->clean &&
           feed_ready(f) == FEED_READY;
}

static bool attach_offered(struct hub *hub, struct feed *f)
{
    struct fault why = {0};
    struct job *job = attach(hub, f->offered, &why);

    f->retry_us = job ? 0 : now_us() + RETRY_S * SECOND_US;
    if (!job) {
        set_trouble(f, *why.text ? why.text : "its dataset cannot be had");
        if (still_good(f))
            return false;
    } else {
        set_trouble(f, "");
        prepare_next(hub, job);
    }
    bool other = job != f->job;
    replace_job(f, job);
    return other;
}

/* What is said of the dataset of the present job when making it failed: nothing to hash with, or
 * only the light part. In the mode "full" the devices stop for that. True when the job is another
 * one now. */
static bool look(const struct hub *hub, struct feed *f)
{
    struct dataset_view view;
    bool strict = !strcmp(hub->config->mining.dataset.mode, "full");

    if (!f->job || !f->job->dataset || f->retry_us)
        return false;
    dataset_view(f->job->dataset, &view);
    if (!*view.error || view.state == DATASET_PREPARING || view.state == DATASET_FULL)
        return false;
    if (view.state == DATASET_LIGHT && !strict) {
        if (strcmp(f->noted, view.error) != 0)
            log_warn(JOB, "%s goes on with the light dataset, slowly: %s", view.algo->name,
                     view.error);
        (void)text_copy(f->noted, sizeof f->noted, view.error);
        return false;
    }
    set_trouble(f, view.error);
    f->retry_us = now_us() + RETRY_S * SECOND_US;
    replace_job(f, NULL);
    return true;
}

bool feed_take(struct hub *hub, struct feed *f, struct job *offer, const char *source)
{
    (void)text_copy(f->source, sizeof f->source, source);
    bool lost = look(hub, f);
    if (offer == f->offered && (!f->retry_us || now_us() < f->retry_us))
        return lost;
    (void)job_ref(offer);
    job_unref(f->offered);
    f->offered = offer;
    if (offer)
        return attach_offered(hub, f) || lost;
    bool other = f->job != NULL || lost;
    f->retry_us = 0;
    *f->trouble = 0;
    replace_job(f, NULL);
    return other;
}

void feed_drop(struct feed *f)
{
    job_unref(f->offered);
    job_unref(f->job);
    *f = (struct feed){0};
}

enum feed_ready feed_ready(const struct feed *f)
{
    if (!f->job)
        return *f->trouble ? FEED_FAILED : FEED_EMPTY;
    if (!f->job->dataset)
        return FEED_READY;
    switch (dataset_state(f->job->dataset)) {
    case DATASET_PREPARING:
        return FEED_PREPARING;
    case DATASET_FAILED:
        return FEED_FAILED;
    default:
        return FEED_READY;
    }
}
