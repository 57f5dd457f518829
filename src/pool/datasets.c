/* SPDX-License-Identifier: MIT */
/* The datasets that an open pool's jobs need: the present one, and the next one before it is
 * needed. A closed pool holds none: its jobs may be mined by nobody, and who mines them gets the
 * dataset. */
#include <inttypes.h>

#include "algo/dataset.h"
#include "base/log.h"
#include "base/str.h"
#include "pool/internal.h"

enum { RETRY_TICKS = 30 };

static void set_problem(struct pool *p, const char *text)
{
    if (!strcmp(p->dataset_problem, text))
        return;
    (void)text_copy(p->dataset_problem, sizeof p->dataset_problem, text);
    if (*text)
        log_error(POOL, "no dataset for %s at height %" PRIu64 ": %s", p->algo->name,
                  p->template ? p->template->height : 0, text);
    pool_changed(p);
}

static void replace(struct dataset **at, struct dataset *with)
{
    dataset_unref(*at);
    *at = with;
}

void datasets_follow(struct pool *p, const struct chain_template *t)
{
    struct fault why = {.text = ""};

    if (!p->algo->dataset || !p->open)
        return;
    if (!p->datasets) {
        set_problem(p, "this program keeps no datasets");
        return;
    }
    replace(&p->dataset, datasets_get(p->datasets, p->algo, &t->key, false, &why));
    if (!p->dataset)
        set_problem(p, why.text);
    else if (dataset_state(p->dataset) != DATASET_PREPARING)
        set_problem(p, "");
    if (!p->dataset || dataset_fits(p->dataset, p->algo, &t->next_key))
        replace(&p->next, NULL);
    else /* that it cannot be had is told once it is needed */
        replace(&p->next, datasets_get(p->datasets, p->algo, &t->next_key, false, NULL));
}

/* What failed is asked for again with the next template: that makes it anew. */
void datasets_look(struct pool *p)
{
    struct dataset_view view;

    if (p->dataset && dataset_state(p->dataset) == DATASET_FAILED) {
        dataset_view(p->dataset, &view);
        set_problem(p, view.error);
    } else if (p->dataset && dataset_state(p->dataset) != DATASET_PREPARING) {
        set_problem(p, "");
    }
    if (*p->dataset_problem && p->ticks % RETRY_TICKS == 0)
        pool_refresh(p);
}

void datasets_drop(struct pool *p)
{
    replace(&p->dataset, NULL);
    replace(&p->next, NULL);
    p->dataset_problem[0] = '\0';
}
