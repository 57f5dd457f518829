/* SPDX-License-Identifier: MIT */
/* One snapshot with something in every field, for tests of the API. */
#pragma once

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "coin/coin.h"
#include "hub/snapshot.h"

static inline struct counters canned_counters(void)
{
    return (struct counters){.found = 12,
                             .accepted = 9,
                             .rejected = 1,
                             .stale = 1,
                             .unanswered = 1,
                             .sent = 12,
                             .refused = {1},
                             .hardware_errors = 2,
                             .difficulty_accepted = 144.5,
                             .best_difficulty = 77.25};
}

static inline struct dataset_brief canned_dataset(void)
{
    return (struct dataset_brief){.known = true,
                                  .title = "epoch 598",
                                  .state = "light",
                                  .making = true,
                                  .progress = 0.43,
                                  .eta_s = 52,
                                  .bytes = 5000000000,
                                  .pages = "2 MiB pages",
                                  .error = "not enough memory"};
}

static inline struct effective_rate canned_effective(void)
{
    return (struct effective_rate){
        .rate = 1.1e6, .low = 9e5, .high = 1.4e6, .shares = 9, .seconds = 90};
}

static inline void canned_rejects(struct snapshot *s)
{
    static struct rejects rejects = {.total = 3, .count = 1, .next = 1};

    rejects.items[0] = (struct rejected){.at_ms = 1767700000123,
                                         .job_age_ms = 1500,
                                         .difficulty = 16,
                                         .refusal = REFUSAL_LOW_DIFFICULTY,
                                         .device = "cpu0",
                                         .algo = "sha256d",
                                         .reason = "low difficulty"};
    s->rejects = &rejects;
}

static inline void canned_device(struct device_view *d, unsigned number, int64_t now)
{
    *d = (struct device_view){.state = DEVICE_RUN,
                              .rate = {1.5e6, 1.25e6, NAN},
                              .average = 1.2e6,
                              .hashes = 5e9,
                              .shares = canned_counters(),
                              .by_algo = {canned_counters()},
                              .effective = canned_effective(),
                              .telemetry_us = now - SECOND_US};
    d->info.number = (uint16_t)number;
    d->info.threads = 2;
    snprintf(d->info.id, sizeof d->info.id, "cpu%u", number - 1);
    strcpy(d->info.name, "Test processor");
    strcpy(d->info.kind, "cpu");
    strcpy(d->info.address, "socket 0");
    strcpy(d->algo, "sha256d");
    strcpy(d->impl, "scalar");
    d->done[0] = 5e9;
    d->cpu_share = 0.98;
    strcpy(d->line, "sha256d");
    d->dataset = canned_dataset();
    strcpy(d->error, number == 2 ? "too hot" : "");
    d->telemetry = (struct telemetry){.celsius = {61.5f, NAN, NAN, NAN},
                                      .watts = 35.5f,
                                      .volts = NAN,
                                      .fan_rpm = {1200, NAN},
                                      .fan_ratio = 0.4f,
                                      .mhz = 3200};
    for (unsigned i = 0; i < HISTORY_POINTS; i++)
        d->history[i] = i < 100 ? NAN : (float)i;
}

static inline void canned_pool(struct pool_view *p, int64_t now)
{
    static const struct coin coin = {.name = "devnet",
                                     .symbol = "DEV",
                                     .chain = "devnet",
                                     .decimals = 8,
                                     .block_s = 10,
                                     .maturity = 10};

    *p = (struct pool_view){.serving = true,
                            .has_job = true,
                            .coin = &coin,
                            .network = NETWORK_REGTEST,
                            .scheme = "pplns",
                            .fee_bp = 100,
                            .height = 101,
                            .network_difficulty = 2.5,
                            .template_us = now - SECOND_US,
                            .coinbase_value = 5000000001,
                            .rate_1m = 2e6,
                            .round_effort = 0.5,
                            .connections = 2,
                            .workers = 1,
                            .max_connections = 100,
                            .shares_accepted = 50,
                            .shares_rejected = 3,
                            .shares_stale = 2,
                            .reject_reasons = {2, 1},
                            .blocks_found = 3,
                            .blocks_mature = 1,
                            .blocks_orphaned = 1,
                            .balance_immature = 9007199254740993,
                            .balance_owed = 10,
                            .balance_fee = 1,
                            .ledger_ok = true,
                            .node_count = 1,
                            .worker_count = 1,
                            .block_count = 2};
    strcpy(p->address, "127.0.0.1:3333");
    p->nodes[0] = (struct chain_node_view){.name = "127.0.0.1:18443",
                                           .up = true,
                                           .active = true,
                                           .height = 100,
                                           .tip_us = now - 9 * SECOND_US,
                                           .rpc_ms = 1.5,
                                           .error = "slow"};
    p->listener_count = 1;
    p->listener[0] = (struct pool_listener_view){.address = "127.0.0.1:3333",
                                                 .preset = "standard",
                                                 .tls = "off",
                                                 .open = true,
                                                 .start_difficulty = 1,
                                                 .min_difficulty = 0.001};
    p->bans = 2;
    p->ban_count = 2;
    p->ban[0] = (struct pool_ban_view){.network = "203.0.113.7",
                                       .cause = CAUSE_INVALID,
                                       .count = 2,
                                       .since_ms = wall_ms() - 20000,
                                       .until_ms = wall_ms() + 220000};
    p->ban[1] = (struct pool_ban_view){.network = "2001:db8:1:1::/64",
                                       .cause = CAUSE_MANUAL,
                                       .count = 1,
                                       .since_ms = wall_ms() - 3600000};
    p->causes[CAUSE_FULL] = 3;
    p->causes[CAUSE_SLOW] = 5;
    p->worker[0] = (struct pool_worker_view){.name = "rig1",
                                             .address = "devaddress",
                                             .rate_1m = 3e6,
                                             .rate_15m = NAN,
                                             .difficulty = 16,
                                             .valued = true,
                                             .share_value = 1234567,
                                             .accepted = 50,
                                             .rejected = 3,
                                             .stale = 2,
                                             .seen_us = now - 2 * SECOND_US,
                                             .connections = 2};
    for (unsigned i = 0; i < 2; i++) {
        p->block[i] = (struct pool_block_view){.height = 100 - i,
                                               .state = BLOCK_IMMATURE,
                                               .confirmations = i,
                                               .reward = 5000000000,
                                               .found_ms = 1767700000123,
                                               .finder = "devaddress",
                                               .detail = "inconclusive"};
        memset(p->block[i].hash, '0', 64);
    }
}

static inline void canned_upstream(struct upstream_view *u, unsigned number, int64_t now)
{
    *u = (struct upstream_view){.number = number,
                                .url = "stratum+tcp://127.0.0.1:3333",
                                .user = "user.rig",
                                .status = UPSTREAM_ALIVE,
                                .active = !number,
                                .shares = canned_counters(),
                                .last_error = "connection refused",
                                .algo = "sha256d",
                                .effective = canned_effective(),
                                .quota = 1,
                                .part = 0.5,
                                .resumed = 1,
                                .signals = {{SIGNAL_OK, 1, 45}},
                                .job_interval_s = 30,
                                .trouble = TROUBLE_CONNECT,
                                .trouble_us = now - 90 * SECOND_US,
                                .failovers = {[TROUBLE_CONNECT] = 1},
                                .failures = 1,
                                .since_us = now - 60 * SECOND_US,
                                .ack_ms_p50 = 20,
                                .ack_ms_p95 = 45.5};
    u->client = (struct stratum_client_view){.state = CLIENT_READY,
                                             .peer = "127.0.0.1:3333",
                                             .dialect = "Stratum V1",
                                             .security = "TLSv1.3",
                                             .difficulty = 16,
                                             .last_line_us = now - 1000,
                                             .last_job_us = now - 2 * SECOND_US,
                                             .unanswered = 1,
                                             .rtt_ms = 21.5,
                                             .authorised = true};
}

static inline void canned_lines(struct snapshot *s)
{
    s->line_count = 2;
    s->lines[0] = (struct line_view){.devices = 1,
                                     .algo = "sha256d",
                                     .wish = "sha256d",
                                     .source = "pool 0",
                                     .rate = {1.5e6, 1.25e6, NAN},
                                     .stage = CHANGE_PREPARING,
                                     .next = "kawpow",
                                     .return_in_s = NAN,
                                     .gap_ms = 38,
                                     .dataset = canned_dataset(),
                                     .next_dataset = canned_dataset()};
    s->lines[1] = (struct line_view){.name = "cpu1",
                                     .devices = 1,
                                     .algo = "scrypt",
                                     .source = "pool 1",
                                     .rate = {1.5e3, 1.25e3, NAN},
                                     .stage = CHANGE_TRIAL,
                                     .before = "sha256d",
                                     .return_in_s = 500,
                                     .gap_ms = NAN,
                                     .note = "returned",
                                     .dataset = canned_dataset(),
                                     .next_dataset = canned_dataset()};
    s->algo_count = 2;
    s->algos[0] = (struct algo_view){.name = "sha256d", .title = "SHA-256d", .source = "pool 0"};
    s->algos[0].rate = NAN;
    s->algos[1] = (struct algo_view){.name = "kawpow",
                                     .title = "KawPow",
                                     .source = "own chain",
                                     .devices = 1,
                                     .rate = 4000,
                                     .light_bytes = 16777216,
                                     .full_bytes = 1073741824};
    s->switch_count = 1;
    s->switches[0] = (struct switch_count){"sha256d", "kawpow", "command", 2};
}

/* Fills `s`; `devices` has room for two. Never freed: its count does not fall to 0. */
static inline void canned_snapshot(struct snapshot *s, struct device_view *devices)
{
    int64_t now = now_us();

    memset(s, 0, sizeof *s);
    atomic_init(&s->refs, 1u << 30);
    s->seq = 7;
    s->taken_us = s->hub_tick_us = now;
    s->taken_ms = wall_ms();
    s->started_us = now - 100 * SECOND_US;
    s->started_ms = s->taken_ms - 100000;
    strcpy(s->version, "0.1.0");
    strcpy(s->host, "rig");
    strcpy(s->app_name, "Otedama");
    s->state = MINING_RUNNING;
    strcpy(s->algorithm, "sha256d");
    strcpy(s->source, "pool 0");
    s->pool_on = true;
    s->rate[RATE_10S] = 3e6;
    s->rate[RATE_1M] = 2.5e6;
    s->rate[RATE_15M] = NAN;
    s->average = 2.4e6;
    s->hashes = 1e10;
    s->shares = canned_counters();
    for (unsigned i = 0; i < HISTORY_POINTS; i++)
        s->history[i] = i < 100 ? NAN : (float)(2 * i);
    s->history_count = HISTORY_POINTS - 100;
    s->device_count = 2;
    s->devices = devices;
    canned_device(&devices[0], 1, now);
    canned_device(&devices[1], 2, now);
    canned_lines(s);
    s->upstream_count = 2;
    canned_upstream(&s->upstreams[0], 0, now);
    canned_upstream(&s->upstreams[1], 1, now);
    s->by_algo[0] = canned_counters();
    s->effective = canned_effective();
    canned_rejects(s);
    s->strategy = (struct strategy_view){.strategy = STRATEGY_QUOTA,
                                         .rotate_us = 1800 * SECOND_US,
                                         .drill = {.state = DRILL_OK,
                                                   .to = 1,
                                                   .began_ms = 1767700000123,
                                                   .took_ms = 1200,
                                                   .share_ms = 3400,
                                                   .text = "pool 1 took over"}};
    canned_pool(&s->pool, now);
    s->store = (struct store_view){
        .path = "/tmp/x.db", .bytes = 4096, .committed = 4, .last_commit_ms = 1.25};
    s->job_height = 101;
    s->job_difficulty = 16;
    s->network_difficulty = 2.5;
    s->job_us = now - 3 * SECOND_US;
    s->warning_count = 1;
    strcpy(s->warnings[0], "no coin daemon on this host");
    s->hub_busy_ratio = 0.015;
    s->rss_bytes = 12345678;
    s->hub_tick_ms_max = 0.75;
    strcpy(s->config_path, "/etc/otedama/config.yaml");
    strcpy(s->log_path, "logs/otedama.log");
}
