/* SPDX-License-Identifier: MIT */
/* Going through the sets of known answers, each dataset made once. */
#include "algo/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/alloc.h"
#include "base/embed.h"

/* A case that is to be checked, and where. */
struct item {
    const struct known_set *set;
    const json_t *row, *cases;
    const char *member; /* NULL = `index` counts */
    size_t index;
    struct algo_key key;
    char dataset[DATASET_NAME_MAX + 8];
};

struct items {
    struct item *at;
    size_t count, room;
};

struct run {
    known_report_fn *report;
    void *arg;
    bool slow;
    unsigned wrong;
    const struct item *made; /* what dataset and ctx are for; NULL = none */
    int err;                 /* of making them */
    struct fault why;
    const char *refused;  /* a choice that cannot be had here, for any key; NULL = none */
    struct fault refusal; /* and why */
    struct dataset *dataset;
    struct algo_ctx *ctx;
};

/* --- reporting ------------------------------------------------------------------------------- */

/* Words for people in a case: where it is from, or what it is called. */
static const char *title_of(const json_t *row)
{
    static const char *const keys[] = {"name", "source", "note"};
    const char *text = NULL;

    for (size_t i = 0; i < sizeof keys / sizeof *keys && !(text && *text); i++)
        text = json_string_value(json_object_get(row, keys[i]));
    return text ? text : "";
}

static void tell(struct run *r, const struct item *item, enum known_outcome outcome,
                 const char *detail)
{
    const struct known_set *set = item->set;
    const char *title = title_of(item->row);
    char name[96], line[KNOWN_DETAIL + 160];

    if (set->whole)
        (void)snprintf(name, sizeof name, "%s %s", set->algo->name, set->name);
    else if (item->member)
        (void)snprintf(name, sizeof name, "%s %s %s", set->algo->name, set->name, item->member);
    else
        (void)snprintf(name, sizeof name, "%s %s %zu", set->algo->name, set->name, item->index);
    (void)snprintf(line, sizeof line, "%s%s%.120s%s%s", set->part ? set->part : "",
                   set->part && *title ? ", " : "", title,
                   *detail && (set->part || *title) ? ": " : "", detail);
    r->report(r->arg, name, outcome, line);
    r->wrong += outcome == KNOWN_WRONG;
}

/* --- datasets -------------------------------------------------------------------------------- */

static void drop(struct run *r)
{
    if (r->made && r->ctx)
        r->made->set->algo->ctx_free(r->ctx);
    dataset_unref(r->dataset);
    r->ctx = NULL;
    r->dataset = NULL;
    r->made = NULL;
}

/* Makes dataset and context for a case, unless they are there, or failed. */
static int make(struct run *r, const struct item *item)
{
    const struct algo *algo = item->set->algo;
    const struct dataset_choices choices = {.huge_pages = true, .randomx = item->set->choice};

    if (r->refused && item->set->choice && !strcmp(r->refused, item->set->choice)) {
        r->why = r->refusal;
        return ERR_CONFIG;
    }
    if (r->made && r->made->set->algo == algo && !strcmp(r->made->dataset, item->dataset))
        return r->err;
    drop(r);
    r->made = item;
    r->err = 0;
    r->why = (struct fault){0};
    if (item->set->key)
        r->err = dataset_build(algo, &item->key, &choices, false, 1, NULL, &r->dataset, &r->why);
    if (!r->err && algo->ctx_new && (!algo->dataset || r->dataset))
        r->err = algo->ctx_new(r->dataset, &r->ctx, &r->why);
    if (r->err == ERR_CONFIG) {
        r->refused = item->set->choice;
        r->refusal = r->why;
    }
    return r->err;
}

/* --- cases ----------------------------------------------------------------------------------- */

static void check(struct run *r, const struct item *item)
{
    char detail[KNOWN_DETAIL] = "";
    enum known_outcome outcome = KNOWN_WRONG;

    if (item->set->key && !r->slow) {
        tell(r, item, KNOWN_LEFT_OUT, "its dataset takes long");
        return;
    }
    int err = make(r, item);
    struct known k = {.algo = item->set->algo,
                      .row = item->row,
                      .set = item->cases,
                      .name = item->member,
                      .dataset = r->dataset,
                      .ctx = r->ctx,
                      .key = item->key,
                      .brief = !r->slow,
                      .told = &outcome,
                      .detail = detail};
    if (err < 0) {
        outcome = err == ERR_CONFIG ? KNOWN_LEFT_OUT : KNOWN_WRONG;
        (void)snprintf(detail, sizeof detail, "%.250s", *r->why.text ? r->why.text : err_str(err));
    } else if (item->set->check(&k)) {
        outcome = KNOWN_RIGHT;
    }
    tell(r, item, outcome, detail);
}

static void add(struct items *list, struct item item)
{
    const struct known_set *set = item.set;
    struct dataset_plan plan;

    if (set->key) {
        if (!set->key(item.cases, item.row, &item.key))
            return; /* another algorithm's */
        if (set->algo->dataset->plan(&item.key, &plan, NULL) == 0)
            (void)snprintf(item.dataset, sizeof item.dataset, "%s %s", plan.name,
                           set->choice ? set->choice : "");
    }
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->at = xrealloc(list->at, list->room * sizeof *list->at);
    }
    list->at[list->count++] = item;
}

static void add_set(struct items *list, const struct known_set *set, json_t *file)
{
    json_t *cases = json_object_get(file, set->name);
    struct item item = {.set = set, .row = cases, .cases = cases};
    json_t *row;

    if (set->inside)
        cases = json_object_get(cases, set->inside);
    if (set->whole) {
        add(list, item);
    } else if (json_is_array(cases)) {
        json_array_foreach(cases, item.index, item.row)
        {
            add(list, item);
        }
    } else {
        json_object_foreach(cases, item.member, row)
        {
            item.row = row;
            add(list, item);
        }
    }
}

/* Those without a dataset first, then by dataset; else in the order of the file. */
static int by_dataset(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = strcmp(x->dataset, y->dataset);

    if (order)
        return order;
    if (x->set != y->set)
        return x->set < y->set ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static json_t *load(const char *name)
{
    const struct embedded *file = embedded_find(name);

    return file ? json_loadb(file->data, (size_t)(file->end - file->data) - 1, 0, NULL) : NULL;
}

unsigned known_check(const struct known_table *table, bool slow, known_report_fn *report, void *arg)
{
    struct run run = {.report = report, .arg = arg, .slow = slow};
    json_t *file = load(table->file);
    struct items list = {0};

    for (const struct known_set *set = table->sets; set->algo; set++)
        add_set(&list, set, file);
    if (list.at)
        qsort(list.at, list.count, sizeof *list.at, by_dataset);
    for (size_t i = 0; list.at && i < list.count; i++)
        check(&run, &list.at[i]);
    drop(&run);
    free(list.at);
    json_decref(file);
    return run.wrong;
}
