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
    FULL_TRIES = 3,    /* a second apart, before a full dataset counts as not to be had */
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

static bool full_wanted(const struct hub *hub, const struct feed *f)
{
    return !f->ahead && strcmp(hub->config->mining.dataset.mode, "light") != 0;
}

/* The offered job with its dataset: itself, or a copy where devices already have it with another
 * one. One reference; NULL and `why` when the dataset cannot be had. */
static struct job *attach(struct hub *hub, const struct feed *f, struct fault *why)
{
    struct job *job = f->offered;

    if (!job->algo->dataset)
        return job_ref(job);
    struct dataset *d = datasets_get(hub->datasets, job->algo, &job->key, full_wanted(hub, f), why);
    if (!d)
        return NULL;
    if (!job->dataset) { /* no device has seen a job without */
        job->dataset = d;
        return job_ref(job);
    }
    if (job->dataset == d) {
        dataset_unref(d);
        return job_ref(job);
    }
    struct job *copy = job_copy(job);
    dataset_unref(copy->dataset);
    copy->dataset = d;
    return copy;
}

/* Asks for the full part again. */
static void want_full(struct hub *hub, struct feed *f)
{
    if (f->job && f->job->dataset && full_wanted(hub, f))
        dataset_unref(datasets_get(hub->datasets, f->job->algo, &f->job->key, true, NULL));
}

void feed_begin(struct hub *hub, struct feed *f)
{
    f->ahead = false;
    want_full(hub, f);
}

/* The key that a job of this source has after BLOCKS_AHEAD more blocks. */
static struct algo_key key_ahead(const struct job *job)
{
    struct algo_key key = algo_key_has_seed(&job->next_key) ? job->next_key : job->key;

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

static bool strict(const struct hub *hub)
{
    return !strcmp(hub->config->mining.dataset.mode, "full");
}

/* The tries for a full part count for a dataset, however many jobs come meanwhile. */
static void count_tries_of(struct feed *f, const struct job *job)
{
    if (!job || dataset_fits(job->dataset, f->tried, &f->tried_key))
        return;
    f->full_tries = 0;
    f->tried = job->algo;
    f->tried_key = job->key;
}

/* Is it known that the full part of this job's dataset cannot be had, where it must be had, and is
 * it not yet time for the next try? */
static bool is_hopeless(const struct hub *hub, const struct feed *f, const struct job *job)
{
    return job && !f->job && strict(hub) && f->full_tries >= FULL_TRIES && now_us() < f->retry_us &&
           dataset_state(job->dataset) == DATASET_LIGHT && !dataset_filling(job->dataset);
}

static bool attach_offered(struct hub *hub, struct feed *f)
{
    struct fault why = {0};
    struct job *job = attach(hub, f, &why);

    count_tries_of(f, job);
    if (is_hopeless(hub, f, job)) {
        job_unref(job);
        return false;
    }
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

/* The full part could not be made: the devices go on with the light one, and it is tried again. In
 * the mode "full" that is an error once it has failed a few times: memory of the algorithm before
 * may not be free yet. True when the job is not to be hashed. */
static bool stays_light(struct hub *hub, struct feed *f, const struct dataset_view *view)
{
    int64_t now = now_us();

    if (now < f->full_retry_us)
        return false;
    if (strict(hub) && f->full_tries >= FULL_TRIES)
        return true;
    if (!strict(hub) && f->full_tries == FULL_TRIES && strcmp(f->noted, view->error) != 0) {
        log_warn(JOB, "%s goes on with the light dataset, slowly: %s", view->algo->name,
                 view->error);
        (void)text_copy(f->noted, sizeof f->noted, view->error);
    }
    f->full_retry_us = now + (f->full_tries < FULL_TRIES ? 1 : RETRY_S) * SECOND_US;
    f->full_tries++;
    want_full(hub, f);
    return false;
}

/* Did making the dataset of the present job fail? True when the job is another one now. */
static bool look(struct hub *hub, struct feed *f)
{
    struct dataset_view view;

    if (!f->job || !f->job->dataset || f->retry_us)
        return false;
    if (dataset_state(f->job->dataset) == DATASET_FULL) {
        f->full_tries = 0;
        return false;
    }
    dataset_view(f->job->dataset, &view);
    if (!*view.error || (view.full_wanted && view.state != DATASET_FAILED))
        return false; /* the full part is just being tried for */
    if (view.state != DATASET_FAILED &&
        (view.state != DATASET_LIGHT || !full_wanted(hub, f) || !stays_light(hub, f, &view)))
        return false;
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
    case DATASET_FAILED: /* just now: the next feed_take hears why */
        return FEED_PREPARING;
    default:
        return FEED_READY;
    }
}
