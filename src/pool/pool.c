/* SPDX-License-Identifier: MIT */
/* The pool as a whole: opening its parts, crediting shares, the tick, the end. */
#include "pool/pool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/str.h"
#include "core/target.h"
#include "crypto/sha256.h"
#include "pool/internal.h"

struct pool_life *life_ref(struct pool_life *life)
{
    life->refs++;
    return life;
}

void life_unref(struct pool_life *life)
{
    if (--life->refs == 0)
        free(life);
}

void pool_changed(struct pool *p)
{
    if (p->callbacks.changed && !p->closing)
        p->callbacks.changed(p->callbacks.arg);
}

/* --- crediting ---------------------------------------------------------------------------------
 */

uint64_t pool_work(const struct pool *p, double difficulty)
{
    double units = difficulty * p->units;

    units += units * 1e-9; /* what is whole but for rounding stays whole */
    if (!(units >= 1))
        return 1;
    return units < (double)WORK_MAX ? (uint64_t)units : WORK_MAX;
}

bool pool_shared(const struct pool *p)
{
    return p->open || p->taking;
}

bool pool_solo(const struct pool *p)
{
    return !pool_shared(p) || p->scheme->window == WINDOW_FINDER;
}

struct share_window pool_window(const struct pool *p, const struct u256 *network_target)
{
    double network = target_difficulty(&p->algo->diff1, network_target);

    return (struct share_window){
        .time_ms = p->set.window_us / 1000,
        .work = pool_work(p, p->set.factor * network),
    };
}

static struct share_window window_now(const struct pool *p)
{
    static const struct u256 easiest = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

    return pool_window(p, p->template ? &p->template->target : &easiest);
}

void pool_credit(struct pool *p, struct worker *w, double difficulty, uint64_t count, int64_t at_ms)
{
    struct share_window window = window_now(p);
    double hashes = difficulty * (double)count * target_hashes(&p->algo->diff1);
    int64_t now = now_us();

    workers_open(&p->workers, w);
    shares_add(&p->shares, &window, &w->cache,
               &(struct share_credit){
                   .account = w->account->id,
                   .worker = w->id,
                   .solo = pool_solo(p),
                   .difficulty = pool_work(p, difficulty),
                   .count = count,
                   .at_ms = at_ms,
               });
    w->accepted += count;
    w->seen_us = w->active_us = now;
    p->accepted += count;
    rate_add(&w->rate, hashes, now);
    rate_add(&p->rate, hashes, now);
}

/* --- the tick ----------------------------------------------------------------------------------
 */

static void on_tick(uv_timer_t *timer)
{
    struct pool *p = timer->data;

    p->ticks++;
    datasets_look(p);
    jobs_retarget(p);
    blocks_tick(p);
    doors_tick(p);
    if (p->ticks % 60 == 0) {
        struct share_window window = window_now(p);
        if (p->template)
            shares_tidy(&p->shares, &window, wall_ms());
        workers_tidy(&p->workers, now_us());
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle);
}

static int start_timer(struct pool *p)
{
    p->timer = xcalloc(1, sizeof *p->timer);
    p->timer->data = p;
    int err = uv_timer_init(p->loop, p->timer);

    if (err < 0) {
        free(p->timer);
        p->timer = NULL;
        return err;
    }
    return uv_timer_start(p->timer, on_tick, 1000, 1000);
}

static void on_template(void *arg, struct chain_template *t, bool new_tip)
{
    struct pool *p = arg;

    if (!p->closing)
        jobs_new_template(p, t, new_tip);
}

/* --- opening -----------------------------------------------------------------------------------
 */

static void copy_settings(struct pool *p, const struct config *config)
{
    (void)text_copy(p->set.text, sizeof p->set.text, config->pool.coinbase_text);
    p->set.fee_bp = config->pool.fee_bp;
    p->set.node_id = config->pool.node_id;
    p->set.max_connections = config->pool.max_connections;
    p->set.loops =
        config->pool.loops ? config->pool.loops : ((uint32_t)uv_available_parallelism() + 3) / 4;
    p->set.check_percent = config->pool.check_percent;
    p->set.window_us = config->pool.rewards.window_us;
    p->set.factor = config->pool.rewards.factor;
}

static int choose(struct pool *p, const struct config *config, struct fault *why)
{
    const char *algo;

    if (!(p->coin = coin_find(config->pool.coin)))
        return fault_set(why, ERR_CONFIG, "pool.coin: there is no coin \"%s\"", config->pool.coin);
    if (!network_parse(config->pool.network, &p->network))
        return fault_set(why, ERR_CONFIG, "pool.network: \"%s\" is not main, test or regtest",
                         config->pool.network);
    algo = p->coin->algo ? p->coin->algo : config->mining.algorithm;
    if ((p->coin->algo || !p->algo) && !(p->algo = algo_find(algo)))
        return fault_set(why, ERR_CONFIG, "%s: there is no algorithm \"%s\"",
                         p->coin->algo ? p->coin->name : "mining.algorithm", algo);
    if (!(p->scheme = reward_find(config->pool.rewards.system)))
        return fault_set(why, ERR_CONFIG, "pool.rewards.system: there is no scheme \"%s\"",
                         config->pool.rewards.system);
    (void)snprintf(p->chain_name, sizeof p->chain_name, "%s/%s%s%s", p->coin->name,
                   network_name(p->network), p->coin->algo ? "" : "/",
                   p->coin->algo ? "" : p->algo->name);
    difficulty_choose(&p->set.difficulty, config, p->algo);
    int err = doors_choose(p, config, &p->doors, why);
    if (err < 0)
        return err;
    p->units = difficulty_units(p->algo);
    p->workers.hrp = p->coin->address[p->network].hrp;
    return 0;
}

/* The devnet needs no wallet: without an address its coins go to one that nobody has a key of. */
static void devnet_script(struct pool *p)
{
    uint8_t digest[32];

    sha256("otedama devnet", 14, digest);
    p->script[0] = 0;
    p->script[1] = 20;
    memcpy(p->script + 2, digest, 20);
    p->script_len = 22;
}

static int payout_script(struct pool *p, const char *address, struct fault *why)
{
    if (!*address && !p->coin->algo) {
        devnet_script(p);
        return 0;
    }
    if (!*address)
        return fault_set(why, ERR_CONFIG,
                         "pool.payout_address: give an address of your %s wallet, "
                         "so that block rewards have somewhere to go",
                         p->coin->name);
    struct fault reason = {0};
    int len = address_script(p->coin, p->network, address, p->script, &reason);
    if (len < 0)
        return fault_set(why, len, "pool.payout_address: %s", reason.text);
    p->script_len = (size_t)len;
    return 0;
}

/* Only miner transactions of Monero hide whom they pay. */
static int check_view_key(const struct pool *p, const char *view_key, struct fault *why)
{
    if (!view_key || !*view_key || p->coin->cryptonote[p->network].standard)
        return 0;
    return fault_set(why, ERR_CONFIG, "pool.view_key is for Monero, not for %s: leave it out",
                     p->coin->name);
}

static void on_broken(void *arg, const char *text)
{
    (void)arg;
    log_error(POOL, "ledger: %s", text);
}

static int reconcile(struct pool *p, struct fault *why)
{
    const struct value chain = value_text(p->chain_name);
    int wrong = ledger_check(p->store, on_broken, NULL);

    if (wrong < 0)
        return fault_set(why, wrong, "cannot read the ledger from the database");
    p->ledger_ok = wrong == 0;
    return store_query(p->store, ST_balance_sums, &chain, 1, ledger_totals_row, &p->totals);
}

static int load(struct pool *p, struct fault *why)
{
    int err;

    if ((err = accounts_load(&p->accounts, p->store, p->chain_name, why)) < 0 ||
        (err = workers_load(&p->workers, p->store, &p->accounts, why)) < 0 ||
        (err = shares_load(&p->shares, p->store, p->chain_name, why)) < 0 ||
        (err = blocks_load(p, why)) < 0 || (err = reconcile(p, why)) < 0)
        return err;
    p->local = workers_get(&p->workers, "local");
    p->local->local = true;
    return 0;
}

static int open_chain(struct pool *p, const struct config *config, struct fault *why)
{
    const struct chain_options options = {
        .config = config,
        .coin = p->coin,
        .network = p->network,
        .algo = p->algo,
        .datasets = p->datasets,
        .store = p->store,
        .on_template = on_template,
        .arg = p,
    };

    return p->parts->chain_open(&options, p->loop, &p->chain, why);
}

int pool_new_on(const struct pool_parts *parts, const struct pool_setup *setup, struct pool **ret,
                struct fault *why)
{
    const struct config *config = setup->config;
    struct pool *p = xcalloc(1, sizeof *p);
    int err;

    p->parts = parts;
    p->algo = setup->algo;
    p->datasets = setup->datasets;
    p->store = setup->store;
    p->bans = setup->bans;
    p->loop = setup->loop;
    p->bell = setup->bell;
    p->callbacks = setup->callbacks;
    p->handed = setup->handed;
    p->life = xcalloc(1, sizeof *p->life);
    *p->life = (struct pool_life){.refs = 1, .pool = p};
    rand_bytes(p->salt, sizeof p->salt);
    rate_reset(&p->rate, now_us());
    copy_settings(p, config);
    if ((err = choose(p, config, why)) < 0 ||
        (err = payout_script(p, config->pool.payout_address, why)) < 0 ||
        (err = check_view_key(p, config->pool.view_key, why)) < 0 || (err = load(p, why)) < 0 ||
        (err = open_chain(p, config, why)) < 0)
        goto fail;
    if ((err = start_timer(p)) < 0) {
        (void)fault_set(why, err, "cannot start the pool's timer: %s", err_str(err));
        goto fail;
    }
    *ret = p;
    return 0;

fail:
    pool_free(p);
    return err;
}

int pool_new(const struct pool_setup *setup, struct pool **ret, struct fault *why)
{
    static const struct pool_parts parts = {
        .chain_open = chain_open,
        .front_start = front_start,
        .front_address = front_address,
        .front_listens = front_listens,
        .front_listen = front_listen,
        .front_secure = front_secure,
        .front_trust = front_trust,
        .front_publish = front_publish,
        .front_drain = front_drain,
        .front_stop = front_stop,
        .front_hand_over = front_hand_over,
        .front_handed = front_handed,
        .front_take = front_take,
        .front_free = front_free,
    };

    return pool_new_on(&parts, setup, ret, why);
}

void pool_refresh(struct pool *p)
{
    chain_refresh(p->chain);
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    serve_free(p); /* its last shares are credited */
    p->closing = true;
    chain_close(p->chain);
    p->life->pool = NULL;
    life_unref(p->life);
    if (p->timer) {
        (void)uv_timer_stop(p->timer);
        uv_close((uv_handle_t *)p->timer, on_timer_closed);
    }
    jobs_free(p);
    datasets_drop(p);
    blocks_fini(p);
    shares_fini(&p->shares);
    workers_fini(&p->workers);
    accounts_fini(&p->accounts);
    free(p);
}

bool pool_settling(const struct pool *p)
{
    return blocks_under_way(p);
}
