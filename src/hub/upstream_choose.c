/* SPDX-License-Identifier: MIT */
/* Which upstream pool is used: the strategies. */
#include <stdio.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/clock.h"
#include "hub/upstream_one.h"

enum {
    PATIENCE_S = 5, /* a better pool may take this long to serve before the next is asked */
    SLICE_S = 5,    /* a device works so long for one pool before it is the next one's turn */
    DISTRUST_MAX = 6,
};

const char *strategy_name(enum strategy strategy)
{
    static const char *const names[STRATEGIES] = {
#define X(name, word, help) [name] = word,
        STRATEGIES_LIST(X)
#undef X
    };

    return names[strategy];
}

bool strategy_parse(const char *word, enum strategy *ret)
{
    for (unsigned i = 0; i < STRATEGIES; i++)
        if (!strcmp(word, strategy_name(i))) {
            *ret = (enum strategy)i;
            return true;
        }
    return false;
}

bool choose_spreads(const struct upstreams *all)
{
    return all->strategy == STRATEGY_BALANCE || all->strategy == STRATEGY_QUOTA;
}

/* The pool at a place of the order, which begins where the demand says. */
static struct upstream *in_order(const struct upstreams *all, const struct demand *demand,
                                 unsigned k)
{
    return all->items[(demand->first + k) % all->count];
}

/* May `up` take over from a pool of lower priority that serves well? One that was left because of
 * its shares has to wait longer each time. */
static bool proven(const struct upstreams *all, const struct demand *demand,
                   const struct upstream *up)
{
    unsigned times = up->distrust < DISTRUST_MAX ? up->distrust : DISTRUST_MAX;

    if (all->strategy == STRATEGY_ROTATE)
        return up->pinned || up->number == demand->first;
    return up->pinned || now_us() - up->serving_us >= all->config->upstreams.return_after_us
                                                          << times;
}

/* Work given to it by slices counts this many times less than that of one with weight 1. */
static double weight(const struct upstream *up)
{
    return up->all->strategy == STRATEGY_BALANCE ? 1 : up->quota;
}

static bool is_spare(const struct upstream *up)
{
    return choose_spreads(up->all) && weight(up) <= 0;
}

/* --- the active one -------------------------------------------------------------------------- */

typedef bool usable_fn(const struct upstream *);

static bool serves_undrilled(const struct upstream *up)
{
    return upstream_serves(up) && !up->drilled;
}

static int choose_among(const struct upstreams *all, const struct demand *demand, usable_fn *usable)
{
    bool keep = demand->active >= 0 && usable(all->items[demand->active]);

    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i]->pinned && upstream_meets(all->items[i], demand) && usable(all->items[i]))
            return (int)i;
    for (unsigned spare = 0; spare < 2; spare++)
        for (unsigned k = 0; k < all->count; k++) {
            const struct upstream *up = in_order(all, demand, k);
            if (is_spare(up) != spare || !upstream_meets(up, demand) || !usable(up))
                continue;
            if (!keep || (int)up->number == demand->active || proven(all, demand, up))
                return (int)up->number;
        }
    return -1;
}

/* Those that serve; those that a drill leaves alone; those whose last job is still good. */
int choose_pool(const struct upstreams *all, const struct demand *demand)
{
    static usable_fn *const kinds[] = {serves_undrilled, upstream_serves, upstream_lingers};
    int number = -1;

    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds && number < 0; i++)
        number = choose_among(all, demand, kinds[i]);
    return number;
}

static bool may_follow(const struct upstream *up, const struct demand *demand)
{
    return up->enabled && upstream_meets(up, demand) && up->status != UPSTREAM_DEAD;
}

/* The order begins with the next pool that is not known to be dead. */
static void turn(struct upstreams *all, struct demand *demand)
{
    demand->turned_us = now_us();
    for (unsigned k = 1; k <= all->count; k++) {
        const struct upstream *up = in_order(all, demand, k % all->count);
        if (!may_follow(up, demand))
            continue;
        demand->first = up->number;
        return;
    }
}

void choose_turn(struct upstreams *all, struct demand *demand)
{
    bool due = now_us() - demand->turned_us >= all->rotate_us;

    if (all->count < 2 || demand->active < 0)
        return;
    if (all->strategy == STRATEGY_ROUND_ROBIN) { /* whoever serves is the first of the order */
        demand->first =
            all->items[demand->active]->drilled ? demand->first : (unsigned)demand->active;
        return;
    }
    if (all->strategy != STRATEGY_ROTATE) {
        demand->first = 0;
        demand->turned_us = now_us();
        return;
    }
    if (!demand->turned_us) {
        demand->first = (unsigned)demand->active;
        demand->turned_us = now_us();
    } else if (due || !may_follow(all->items[demand->first], demand)) {
        turn(all, demand);
    }
}

/* --- who is connected ------------------------------------------------------------------------ */

static bool pinned_serves(const struct upstreams *all, const struct demand *demand)
{
    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i]->pinned && upstream_meets(all->items[i], demand) &&
            serves_undrilled(all->items[i]))
            return true;
    return false;
}

/* Just begun, or about to be, and not failed yet: the pools below need not be asked. */
static bool promising(const struct upstream *up)
{
    return up->enabled && !up->failures && !up->drilled && !upstream_serves(up) &&
           (up->status == UPSTREAM_STANDBY || now_us() - up->since_us < PATIENCE_S * SECOND_US);
}

/* Does the pool make those below it superfluous for this demand? */
static bool covers(const struct upstream *up, const struct demand *demand)
{
    bool none = demand->active < 0 || up->all->items[demand->active]->lingers_us ||
                up->all->strategy == STRATEGY_ROTATE;

    return (serves_undrilled(up) && ((int)up->number == demand->active || none)) ||
           (none && promising(up));
}

/* Where work is spread all are wanted but the spare ones. */
void choose_wanted(const struct upstreams *all, const struct demand *demand, bool *wanted)
{
    bool covered = pinned_serves(all, demand);

    for (unsigned spare = 0; spare < 2; spare++)
        for (unsigned k = 0; k < all->count; k++) {
            const struct upstream *up = in_order(all, demand, k);
            bool always = up->pinned || (int)up->number == demand->active ||
                          (choose_spreads(all) && !is_spare(up));
            if (is_spare(up) != spare || !upstream_meets(up, demand))
                continue;
            wanted[up->number] |= up->enabled && (!covered || always);
            covered = covered || covers(up, demand);
        }
}

/* --- slices ---------------------------------------------------------------------------------- */

/* Whoever begins to serve has no right to what was given to others meanwhile. */
void choose_joins(struct upstream *up)
{
    const struct upstreams *all = up->all;
    double least = -1;

    for (unsigned i = 0; i < all->count; i++) {
        const struct upstream *other = all->items[i];
        if (other != up && upstream_serves(other) && upstream_algo(other) == upstream_algo(up) &&
            (least < 0 || other->virtual_time < least))
            least = other->virtual_time;
    }
    if (least > up->virtual_time)
        up->virtual_time = least;
}

static bool may_share(const struct upstream *up, const struct demand *demand,
                      const struct job *like)
{
    return up && serves_undrilled(up) && !is_spare(up) && upstream_meets(up, demand) &&
           up->job->algo == like->algo &&
           (!like->dataset || dataset_fits(like->dataset, like->algo, &up->job->key));
}

static const struct demand *demand_of(const struct upstreams *all, const struct algo *algo)
{
    for (unsigned i = 0; i < all->demand_count; i++)
        if (all->demands[i].algo == algo)
            return &all->demands[i];
    return NULL;
}

/* The one that has had the least for its weight. */
static struct upstream *least_served(const struct upstreams *all, const struct demand *demand,
                                     const struct job *like)
{
    struct upstream *best = NULL;

    for (unsigned i = 0; i < all->count; i++)
        if (may_share(all->items[i], demand, like) &&
            (!best || all->items[i]->virtual_time < best->virtual_time))
            best = all->items[i];
    return best;
}

/* What was estimated when the slice began is replaced by what was done. */
static void settle(struct upstreams *all, struct slice *slice, double done)
{
    struct upstream *up = upstreams_identified(all, slice->source);

    if (up && slice->source && done >= slice->done)
        up->virtual_time +=
            (done - slice->done - slice->charged) / (weight(up) > 0 ? weight(up) : 1);
    *slice = (struct slice){.source = 0};
}

struct job *upstreams_slice(struct upstreams *all, const struct algo *algo, const struct job *like,
                            const struct rate *rate, struct slice *slice)
{
    const struct demand *demand = choose_spreads(all) ? demand_of(all, algo) : NULL;
    int64_t now = now_us();

    if (!demand || pinned_serves(all, demand))
        return NULL;
    struct upstream *up = upstreams_identified(all, slice->source);
    if (now >= slice->until_us || !may_share(up, demand, like)) {
        settle(all, slice, rate->total);
        if (!(up = least_served(all, demand, like)))
            return NULL;
        double estimate = rate_window(rate, RATE_10S, now) * SLICE_S;
        *slice = (struct slice){.source = SOURCE_OF_UPSTREAM(up->id),
                                .until_us = now + SLICE_S * SECOND_US,
                                .done = rate->total,
                                .charged = estimate > 1 ? estimate : 1};
        up->virtual_time += slice->charged / weight(up);
    }
    up->worked_us = now;
    return up->job;
}

/* --- for people ------------------------------------------------------------------------------ */

static bool shares_now(const struct upstream *up)
{
    return up->worked_us && now_us() - up->worked_us < 2 * SLICE_S * SECOND_US;
}

bool upstreams_is_active(const struct upstreams *all, unsigned number)
{
    bool spread = false;

    for (unsigned i = 0; i < all->count && choose_spreads(all); i++)
        spread |= shares_now(all->items[i]);
    if (spread)
        return shares_now(all->items[number]);
    for (unsigned i = 0; i < all->demand_count; i++)
        if (all->demands[i].active == (int)number)
            return true;
    return false;
}

void upstreams_words(const struct upstreams *all, const struct algo *algo, char out[64])
{
    const struct demand *demand = demand_of(all, algo);
    unsigned many = 0;
    int len;

    *out = 0;
    if (!demand || demand->active < 0)
        return;
    const struct upstream *main = all->items[demand->active];
    for (unsigned i = 0; i < all->count && choose_spreads(all) && !main->pinned; i++)
        many += serves_undrilled(all->items[i]) && !is_spare(all->items[i]) &&
                upstream_algo(all->items[i]) == upstream_algo(main);
    if (many < 2) {
        (void)snprintf(out, 64, "pool %d", demand->active);
        return;
    }
    len = snprintf(out, 64, "pools");
    for (unsigned i = 0; i < all->count && len < 40; i++)
        if (serves_undrilled(all->items[i]) && !is_spare(all->items[i]) &&
            upstream_algo(all->items[i]) == upstream_algo(main))
            len += snprintf(out + len, 64 - (size_t)len, " %u", i);
    (void)snprintf(out + len, 64 - (size_t)len, " by %s", strategy_name(all->strategy));
}
