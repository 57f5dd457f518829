/* SPDX-License-Identifier: MIT */
/* Snapshots and log records with fixed contents. All figures are invented. */
#include "canned.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

enum { NOW_S = 400000 };
#define WALL_MS INT64_C(1767625407000) /* 2026-01-05 15:03:27 UTC */
#define RECORD(n, at, lev, cat, rep, line)                                                         \
    {                                                                                              \
        .seq = (n), .wall_ms = WALL_MS - (at), .level = LOG_##lev, .category = LOG_##cat,          \
        .repeats = (rep), .text = line                                                             \
    }

const struct log_record canned_log[CANNED_LOG] = {
    RECORD(1, 61500, INFO, CORE, 0, "otedama 0.1.0, configuration: /etc/otedama/config.yaml"),
    RECORD(2, 60800, INFO, DEVICE, 0, "cpu0: AMD Ryzen 9 7950X, 16 threads, sha256d by avx2"),
    RECORD(3, 60100, INFO, STRATUM, 0, "pool 0: connected to 203.0.113.7:3333 in 38 ms"),
    RECORD(4, 59900, INFO, JOB, 0, "new block 903 312, difficulty 480k, from pool 0"),
    RECORD(5, 48200, INFO, SHARE, 0, "accepted  cpu0  diff 512.8k/480k  41 ms  pool 0"),
    RECORD(6, 40100, DEBUG, STRATUM, 0, "pool 0: mining.notify, clean, 12 branches"),
    RECORD(7, 35000, INFO, SHARE, 0, "accepted  gpu0  diff 1.21M/480k  39 ms  pool 0"),
    RECORD(8, 31000, WARN, THERMAL, 0, "gpu1 hot spot 79 C >= warning 78 C: fan 66% -> 71%"),
    RECORD(9, 25000, INFO, SHARE, 0, "accepted  cpu0  diff 602.0k/480k  44 ms  pool 0"),
    RECORD(10, 20100, WARN, STRATUM, 36, "pool 2: cannot connect: connection refused"),
    RECORD(11, 16000, WARN, SHARE, 0, "REJECTED  cpu0  \"low difficulty share\"  pool 0"),
    RECORD(12, 9000, INFO, SHARE, 0, "accepted  cpu0  diff 488.1k/480k  40 ms  pool 0"),
    RECORD(13, 4000, INFO, API, 0, "user ops1 (operator): GET /api/workers 200 in 2 ms"),
    RECORD(14, 1000, ERROR, DEVICE, 0, "gpu1: kernel took 4.1 s, twice its usual time"),
};

static void fill_history(float *points, double level, double swing)
{
    for (int i = 0; i < HISTORY_POINTS; i++)
        points[i] = (float)(level * (1 + swing * sin(i / 17.0) + swing * 0.4 * sin(i / 3.0)));
}

static void fill_device(struct device_view *d, unsigned number, const char *id, const char *name,
                        const char *kind, double rate)
{
    d->info.number = (uint16_t)number;
    (void)text_copy(d->info.id, sizeof d->info.id, id);
    (void)text_copy(d->info.name, sizeof d->info.name, name);
    (void)text_copy(d->info.kind, sizeof d->info.kind, kind);
    d->info.threads = 16;
    d->telemetry = telemetry_unknown;
    d->state = DEVICE_RUN;
    (void)text_copy(d->algo, sizeof d->algo, "sha256d");
    (void)text_copy(d->impl, sizeof d->impl, "avx2");
    d->rate[RATE_10S] = rate * 1.002;
    d->rate[RATE_1M] = rate;
    d->rate[RATE_15M] = rate * 0.993;
    d->average = rate * 0.987;
    d->hashes = rate * 270000;
    fill_history(d->history, rate, 0.03);
}

static struct snapshot *base(unsigned devices)
{
    struct snapshot *s = snapshot_new(devices);

    s->seq = 42;
    s->taken_us = NOW_S * SECOND_US;
    s->taken_ms = WALL_MS;
    s->started_us = s->taken_us - INT64_C(274329) * SECOND_US;
    s->started_ms = s->taken_ms - INT64_C(274329000);
    (void)text_copy(s->version, sizeof s->version, "0.1.0");
    (void)text_copy(s->host, sizeof s->host, "rig07");
    (void)text_copy(s->app_name, sizeof s->app_name, "otedama");
    (void)text_copy(s->algorithm, sizeof s->algorithm, "sha256d");
    s->state = MINING_RUNNING;
    s->history_count = HISTORY_POINTS;
    s->hub_busy_ratio = 0.012;
    s->hub_tick_ms_max = 0.8;
    s->hub_tick_us = s->taken_us;
    s->rss_bytes = UINT64_C(39950000);
    (void)text_copy(s->log_path, sizeof s->log_path, "/var/lib/otedama/otedama.log");
    (void)text_copy(s->config_path, sizeof s->config_path, "/etc/otedama/config.yaml");
    (void)text_copy(s->store.path, sizeof s->store.path, "/var/lib/otedama/otedama.db");
    s->store.bytes = 1310720;
    s->pool.ledger_ok = true;
    return s;
}

static struct dataset_brief dataset(const char *title, const char *state, double progress)
{
    struct dataset_brief d = {.known = true, .progress = progress, .eta_s = NAN};

    (void)text_copy(d.title, sizeof d.title, title);
    (void)text_copy(d.state, sizeof d.state, state);
    (void)text_copy(d.pages, sizeof d.pages, "2 MiB pages: 512 of 520");
    d.making = progress < 1;
    d.eta_s = d.making ? 52 : (double)NAN;
    d.bytes = UINT64_C(1090519040);
    return d;
}

static void fill_algos(struct snapshot *s)
{
    static const struct algo_view rows[] = {
        {"sha256d", "SHA-256d", "pool 0", 2, 1.63e9, 0, 0},
        {"scrypt", "Scrypt", "", 0, (double)NAN, 0, 0},
        {"randomx", "RandomX", "pool 2", 0, 12410, 268435456, 2181038080},
        {"kawpow", "KawPow", "pool 1", 1, 24.1e6, 16777216, UINT64_C(4781505664)},
    };

    s->algo_count = sizeof rows / sizeof *rows;
    memcpy(s->algos, rows, sizeof rows);
}

static void total(struct snapshot *s)
{
    double rate = 0;

    for (unsigned i = 0; i < s->device_count; i++)
        if (s->devices[i].state == DEVICE_RUN)
            rate += s->devices[i].rate[RATE_1M];
    s->rate[RATE_10S] = rate * 1.002;
    s->rate[RATE_1M] = rate;
    s->rate[RATE_15M] = rate * 0.993;
    s->average = rate * 0.987;
    s->hashes = rate * 270000;
    fill_history(s->history, rate, 0.02);
}

static void heat(struct device_view *d, const struct snapshot *s, float celsius, float watts,
                 float fan)
{
    d->telemetry.celsius[0] = celsius;
    d->telemetry.watts = watts;
    d->telemetry.fan_ratio = fan;
    d->telemetry_us = s->taken_us - SECOND_US;
}

static void fill_upstream(struct snapshot *s, unsigned i, const char *url,
                          enum upstream_status status)
{
    struct upstream_view *u = &s->upstreams[i];

    u->number = i;
    (void)text_copy(u->url, sizeof u->url, url);
    (void)text_copy(u->user, sizeof u->user, "tb1qexample.rig07");
    u->status = status;
    u->since_us = s->taken_us - INT64_C(9000) * SECOND_US * (i + 1);
    u->quota = 1;
    u->part = u->effective.rate = u->effective.low = u->effective.high = NAN;
    u->client.difficulty = u->client.rtt_ms = u->ack_ms_p50 = u->ack_ms_p95 = NAN;
}

static void fill_upstreams(struct snapshot *s)
{
    struct upstream_view *u = s->upstreams;

    s->upstream_count = 3;
    fill_upstream(s, 0, "stratum+tcp://eu.pool.example:3333", UPSTREAM_ALIVE);
    fill_upstream(s, 1, "stratum+tcp://us.pool.example:3333", UPSTREAM_CONNECTING);
    fill_upstream(s, 2, "stratum+tcp://backup.example:3334", UPSTREAM_DEAD);
    u->active = u->client.authorised = true;
    (void)text_copy(u->client.peer, sizeof u->client.peer, "203.0.113.7:3333");
    u->client.difficulty = 480000;
    u->client.rtt_ms = 38;
    u->client.last_job_us = s->taken_us - 12 * SECOND_US;
    u->ack_ms_p50 = 41;
    u->ack_ms_p95 = 120;
    u->shares = s->shares;
    u->effective = (struct effective_rate){
        .rate = 1.58e9, .low = 1.21e9, .high = 2.03e9, .shares = 60, .seconds = 3600};
    u->part = 1;
    for (unsigned i = 0; i < SIGNALS; i++)
        u->signals[i] = (struct signal){SIGNAL_OK, 1, 10};
    u->signals[SIGNAL_JOB] = (struct signal){SIGNAL_WARN, 92, 150};
    u[2].failures = 37;
    (void)text_copy(u[2].last_error, sizeof u[2].last_error,
                    "cannot connect to 198.51.100.4:3334: connection refused");
    s->warning_count = 1;
    (void)snprintf(s->warnings[0], sizeof s->warnings[0], "pool 2: %.140s", u[2].last_error);
}

static void fill_rejects(struct snapshot *s)
{
    static const struct rejected rows[] = {
        {.job_age_ms = 41000,
         .difficulty = 480000,
         .refusal = REFUSAL_STALE,
         .device = "gpu0",
         .algo = "sha256d",
         .reason = "job not found"},
        {.job_age_ms = 3200,
         .difficulty = 480000,
         .refusal = REFUSAL_LOW_DIFFICULTY,
         .device = "cpu0",
         .algo = "sha256d",
         .reason = "low difficulty share"},
        {.job_age_ms = 800,
         .difficulty = 240000,
         .refusal = REFUSAL_DUPLICATE,
         .device = "cpu0",
         .algo = "sha256d",
         .reason = "duplicate",
         .pool = 2},
    };

    s->rejects = rejects_new();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rejected row = rows[i];
        row.at_ms = s->taken_ms - 600000 * (3 - (int)i);
        row.at_us = s->taken_us - INT64_C(600000000) * (3 - (int)i);
        rejects_add(&s->rejects, &row);
    }
}

struct snapshot *canned_rig(void)
{
    struct snapshot *s = base(3);

    (void)text_copy(s->source, sizeof s->source, "pool 0");
    fill_device(&s->devices[0], 1, "cpu0", "AMD Ryzen 9 7950X", "cpu", 412.6e6);
    fill_device(&s->devices[1], 2, "gpu0", "NVIDIA GeForce RTX 3060 Ti", "gpu", 1.214e9);
    fill_device(&s->devices[2], 3, "gpu1", "AMD Radeon RX 6700 XT", "gpu", 0.988e9);
    s->devices[2].state = DEVICE_PAUSED;
    s->devices[2].rate[RATE_10S] = s->devices[2].rate[RATE_1M] = 0;
    heat(&s->devices[0], s, 71, 142, NAN);
    heat(&s->devices[1], s, 64, 221, 0.61F);
    heat(&s->devices[2], s, 79, 249, 0.71F);
    s->devices[0].shares = (struct counters){.found = 1708, .accepted = 1702, .rejected = 5};
    s->devices[1].shares = (struct counters){.found = 75, .accepted = 74, .rejected = 1};
    s->devices[2].shares = (struct counters){.found = 67, .accepted = 67};
    (void)text_copy(s->devices[2].error, sizeof s->devices[2].error,
                    "kernel took 4.1 s, twice its usual time");
    s->shares = (struct counters){.found = 1851,
                                  .accepted = 1843,
                                  .rejected = 6,
                                  .stale = 2,
                                  .difficulty_accepted = 8.8e8,
                                  .best_difficulty = 18.2e6};
    total(s);
    s->effective = (struct effective_rate){
        .rate = 1.58e9, .low = 1.21e9, .high = 2.03e9, .shares = 60, .seconds = 3600};
    fill_upstreams(s);
    fill_rejects(s);
    s->job_height = 903312;
    s->job_us = s->taken_us - 12 * SECOND_US;
    s->job_difficulty = 480000;
    s->network_difficulty = 1.1e14;
    return s;
}

static void fill_workers(struct snapshot *s)
{
    static const struct {
        const char *name, *address;
        double rate;
        uint64_t accepted, rejected;
        int seen_s;
        bool local;
    } rows[] = {{"cpu0", "dev1qk6v0p6xv7n0h3", 412.6e6, 1702, 5, 1, true},
                {"s19-rack2.11", "dev1qz9k2e5w2n8a4l", 98.1e12, 24310, 48, 1, false},
                {"s19-rack2.12", "dev1qz9k2e5w2n8a4l", 95.6e12, 23871, 71, 2, false},
                {"bitaxe-desk", "dev1q77aamw0d5k9xv", 1.21e12, 880, 0, 11, false},
                {"nicehash-a", "dev1qd03psl4t8e2rc", 18.9e12, 5210, 101, 4, false}};

    s->pool.worker_count = sizeof rows / sizeof *rows;
    s->pool.workers = s->pool.worker_count;
    for (unsigned i = 0; i < s->pool.worker_count; i++) {
        struct pool_worker_view *w = &s->pool.worker[i];
        (void)text_copy(w->name, sizeof w->name, rows[i].name);
        (void)text_copy(w->address, sizeof w->address, rows[i].address);
        w->rate_1m = rows[i].rate;
        w->rate_15m = i == 4 ? (double)NAN : rows[i].rate * 0.99;
        w->difficulty = rows[i].rate / 4.3e8;
        w->accepted = rows[i].accepted;
        w->rejected = rows[i].rejected;
        w->seen_us = s->taken_us - rows[i].seen_s * SECOND_US;
        w->connections = rows[i].local ? 0 : 1;
        w->local = rows[i].local;
    }
}

static void fill_block(struct snapshot *s, uint64_t height, enum block_state state,
                       int64_t confirmations, const char *finder)
{
    struct pool_block_view *b = &s->pool.block[s->pool.block_count++];

    b->height = height;
    b->state = state;
    b->confirmations = confirmations;
    b->reward = UINT64_C(5000370000);
    b->found_ms = s->taken_ms - (int64_t)(1250 - (int64_t)height % 1250) * 60000;
    (void)text_copy(b->finder, sizeof b->finder, finder);
}

struct snapshot *canned_pool(void)
{
    struct snapshot *s = base(1);
    struct pool_view *p = &s->pool;

    (void)text_copy(s->source, sizeof s->source, "local pool");
    s->config_path[0] = 0;
    p->ban[0] = (struct pool_ban_view){.network = "203.0.113.9",
                                       .cause = CAUSE_INVALID,
                                       .count = 2,
                                       .since_ms = s->taken_ms - 25000,
                                       .until_ms = s->taken_ms + 215000};
    p->ban[1] = (struct pool_ban_view){.network = "2001:db8:7::/48",
                                       .cause = CAUSE_MANUAL,
                                       .count = 1,
                                       .since_ms = s->taken_ms - 7620000};
    p->bans = p->ban_count = 2;
    s->pool_on = p->serving = p->has_job = true;
    fill_device(&s->devices[0], 1, "sim0", "simulated device", "sim", 412.6e6);
    (void)text_copy(s->devices[0].impl, sizeof s->devices[0].impl, "sim");
    s->shares = (struct counters){.found = 1708, .accepted = 1702, .rejected = 5, .stale = 1};
    s->devices[0].shares = s->shares;
    total(s);
    s->job_height = p->height = 1235;
    s->job_us = p->template_us = s->taken_us - 4 * SECOND_US;
    s->job_difficulty = 0.25;
    s->network_difficulty = p->network_difficulty = 4096;
    p->coin = coin_find("devnet");
    p->network = NETWORK_REGTEST;
    (void)text_copy(p->address, sizeof p->address, "127.0.0.1:3333");
    p->scheme = "pplns";
    p->fee_bp = 100;
    p->coinbase_value = UINT64_C(5000370000);
    p->rate_1m = 214.6e12;
    p->round_effort = 0.631;
    p->connections = 66;
    p->max_connections = 10000;
    p->shares_accepted = 55973;
    p->shares_rejected = 225;
    p->shares_stale = 31;
    p->reject_reasons[0] = 31;
    p->reject_reasons[2] = 190;
    p->reject_reasons[1] = 35;
    p->blocks_found = 3;
    p->blocks_mature = 1;
    p->balance_owed = UINT64_C(4950366300);
    p->balance_immature = UINT64_C(10000740000);
    p->balance_fee = UINT64_C(50003700);
    p->node_count = 1;
    p->nodes[0] = (struct chain_node_view){.name = "devnet",
                                           .up = true,
                                           .active = true,
                                           .height = 1234,
                                           .tip_us = s->taken_us - 9 * SECOND_US,
                                           .rpc_ms = 0.2};
    fill_workers(s);
    fill_block(s, 1234, BLOCK_FOUND, 0, "s19-rack2.11");
    fill_block(s, 1190, BLOCK_IMMATURE, 44, "s19-rack2.12");
    fill_block(s, 1077, BLOCK_MATURE, 157, "s19-rack2.11");
    return s;
}

/* Several lines: one prepares a switch, one builds its DAG and is on trial. */
struct snapshot *canned_lines(void)
{
    struct snapshot *s = canned_rig();
    struct line_view *line = s->lines;

    s->line_count = 2;
    *line = (struct line_view){.devices = 2, .stage = CHANGE_PREPARING, .gap_ms = NAN};
    (void)text_copy(line->algo, sizeof line->algo, "sha256d");
    (void)text_copy(line->source, sizeof line->source, "pool 0");
    (void)text_copy(line->next, sizeof line->next, "randomx");
    line->rate[RATE_1M] = 1.63e9;
    line->next_dataset = dataset("seed 4f1a9b02", "preparing", 0.71);
    line++;
    *line =
        (struct line_view){.devices = 1, .stage = CHANGE_TRIAL, .gap_ms = 38.2, .return_in_s = 552};
    (void)text_copy(line->name, sizeof line->name, "gpu0");
    (void)text_copy(line->algo, sizeof line->algo, "kawpow");
    (void)text_copy(line->wish, sizeof line->wish, "kawpow");
    (void)text_copy(line->source, sizeof line->source, "pool 1");
    (void)text_copy(line->before, sizeof line->before, "sha256d");
    line->rate[RATE_1M] = 24.1e6;
    line->dataset = dataset("epoch 598", "light", 0.43);
    s->devices[1].dataset = line->dataset;
    (void)text_copy(s->devices[1].line, sizeof s->devices[1].line, "kawpow");
    (void)text_copy(s->devices[1].algo, sizeof s->devices[1].algo, "kawpow");
    s->devices[1].rate[RATE_1M] = 24.1e6;
    s->devices[0].cpu_share = 0.61;
    fill_algos(s);
    return s;
}
