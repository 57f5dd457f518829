/* SPDX-License-Identifier: MIT */
/* One context at a time, made again when the key or the dataset behind it changes. */
#include "algo/hasher.h"

#include <errno.h>

void hasher_init(struct hasher *h, const struct algo *algo, struct datasets *datasets)
{
    *h = (struct hasher){.algo = algo, .datasets = datasets};
}

static void drop_ctx(struct hasher *h)
{
    if (h->ctx)
        h->algo->ctx_free(h->ctx);
    h->ctx = NULL;
    h->ready = h->full = false;
}

static void drop_dataset(struct hasher *h)
{
    drop_ctx(h);
    dataset_unref(h->dataset);
    h->dataset = NULL;
}

void hasher_fini(struct hasher *h)
{
    drop_dataset(h);
}

/* Why there is no dataset: a key that cannot be, or else no memory. */
static int refused(const struct hasher *h, const struct algo_key *key)
{
    struct dataset_plan plan;

    return h->algo->dataset->plan(key, &plan, NULL) < 0 ? ERR_KEY : ERR_MEMORY;
}

/* The dataset of the key. `plan` may cost a millisecond, so keys are compared first. */
static int choose_dataset(struct hasher *h, const struct algo_key *key, struct fault *why)
{
    bool same = h->dataset && algo_key_same(&h->key, key);

    if (!h->datasets)
        return fault_set(why, ERR_KEY, "%s needs a dataset, and there is none", h->algo->name);
    if (!same && !dataset_fits(h->dataset, h->algo, key)) {
        drop_dataset(h);
        if (!(h->dataset = datasets_get(h->datasets, h->algo, key, false, why)))
            return refused(h, key);
    }
    h->key = *key;
    return 0;
}

static int failed(struct hasher *h, struct fault *why)
{
    struct dataset_view view;

    dataset_view(h->dataset, &view);
    drop_dataset(h); /* the next call tries again */
    return fault_set(why, ERR_MEMORY, "the dataset could not be made: %s", view.error);
}

static int make_ctx(struct hasher *h, struct fault *why)
{
    int err = h->algo->ctx_new ? h->algo->ctx_new(h->dataset, &h->ctx, why) : 0;

    h->ready = !err;
    return err;
}

int hasher_ready(struct hasher *h, const struct algo_key *key, struct fault *why)
{
    int err;

    if (!h->algo->dataset)
        return h->ready ? 0 : make_ctx(h, why);
    if ((err = choose_dataset(h, key, why)) < 0)
        return err;
    enum dataset_state state = dataset_state(h->dataset);
    if (h->ready && h->full == (state == DATASET_FULL))
        return 0;
    if (state == DATASET_PREPARING)
        return -EAGAIN;
    if (state == DATASET_FAILED)
        return failed(h, why);
    drop_ctx(h);
    if ((err = make_ctx(h, why)) == 0)
        h->full = state == DATASET_FULL;
    return err;
}
