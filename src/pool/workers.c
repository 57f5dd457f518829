/* SPDX-License-Identifier: MIT */
/* Workers by user name. The part before the first dot names the account. */
#include "pool/workers.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"

static const int64_t FORGET_US = 24 * 3600 * SECOND_US;
/* Names that never had a share cost nothing to make up. */
static const int64_t FORGET_IDLE_US = 3600 * SECOND_US;

/* bech32 may be written in capitals: the same address must be the same account. */
static void unify_address(char *address, const char *hrp)
{
    size_t len = hrp ? strlen(hrp) : 0;

    if (!len || strncasecmp(address, hrp, len) != 0 || address[len] != '1')
        return;
    for (char *p = address; *p; p++)
        *p = (char)tolower((unsigned char)*p);
}

static void split_user(struct worker *w, const char *hrp)
{
    const char *dot = strchr(w->user, '.');
    size_t len = dot ? (size_t)(dot - w->user) : strlen(w->user);

    len = len < sizeof w->address ? len : sizeof w->address - 1;
    memcpy(w->address, w->user, len);
    w->address[len] = '\0';
    if (!len)
        (void)text_copy(w->address, sizeof w->address, "anonymous");
    unify_address(w->address, hrp);
    (void)text_copy(w->name, sizeof w->name, dot ? dot + 1 : "");
}

/* Names come from miners and go to terminals, JSON and the database: printable ASCII only. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e)
            *text = '?';
}

struct worker *workers_get(struct workers *ws, const char *user)
{
    char key[sizeof(((struct worker *)0)->user)];
    struct worker *w;

    (void)text_copy(key, sizeof key, user);
    make_printable(key);
    HASH_FIND_STR(ws->by_user, key, w);
    if (w)
        return w;
    w = xcalloc(1, sizeof *w);
    memcpy(w->user, key, sizeof key);
    split_user(w, ws->hrp);
    w->difficulty = NAN;
    w->active_us = now_us();
    rate_reset(&w->rate, w->active_us);
    HASH_ADD_STR(ws->by_user, user, w);
    return w;
}

static void on_last(void *arg, const struct value *c, unsigned n)
{
    (void)n;
    store_rows_known(arg, ROWS_WORKER, (uint64_t)c[0].i);
}

void workers_open(struct workers *ws, struct worker *w)
{
    if (w->id)
        return;
    w->account = accounts_get(ws->accounts, w->address);
    w->id = (uint32_t)store_row_next(ws->store, ROWS_WORKER);
    struct store_batch *batch = store_batch_new();
    const struct value args[] = {value_int(w->id), value_int(w->account->id), value_text(w->name),
                                 value_int(wall_ms())};
    store_batch_add(batch, ST_worker_add, args, 4);
    store_submit(ws->store, batch, false, NULL, NULL);
}

/* id, owner, name */
static void on_worker(void *arg, const struct value *c, unsigned n)
{
    struct workers *ws = arg;
    const char *owner = c[1].p, *name = c[2].p;
    AUTO_FREE char *user = *name ? xasprintf("%s.%s", owner, name) : xstrdup(owner);
    struct worker *w = workers_get(ws, user);

    (void)n;
    w->id = (uint32_t)c[0].i;
    w->account = accounts_get(ws->accounts, owner);
}

int workers_load(struct workers *ws, struct store *store, struct accounts *accounts,
                 struct fault *why)
{
    const struct value chain = value_text(accounts->chain);
    int err;

    ws->store = store;
    ws->accounts = accounts;
    if ((err = store_query(store, ST_worker_last, NULL, 0, on_last, store)) < 0 ||
        (err = store_query(store, ST_worker_all, &chain, 1, on_worker, ws)) < 0)
        return fault_set(why, err, "cannot read the workers from the database");
    return 0;
}

static void forget(struct workers *ws, struct worker *w)
{
    if (w->id) {
        struct store_batch *batch = store_batch_new();
        const struct value id = value_int(w->id);
        store_batch_add(batch, ST_worker_drop, &id, 1);
        store_submit(ws->store, batch, false, NULL, NULL);
    }
    HASH_DEL(ws->by_user, w);
    free(w);
}

void workers_tidy(struct workers *ws, int64_t now)
{
    struct worker *w, *tmp;

    HASH_ITER(hh, ws->by_user, w, tmp)
    {
        int64_t limit = w->id ? FORGET_US : FORGET_IDLE_US;
        if (!w->local && w->connections == 0 && now - w->active_us > limit)
            forget(ws, w);
    }
}

void workers_fini(struct workers *ws)
{
    struct worker *w, *tmp;

    HASH_ITER(hh, ws->by_user, w, tmp)
    {
        HASH_DEL(ws->by_user, w);
        free(w);
    }
}
