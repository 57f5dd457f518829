/* SPDX-License-Identifier: MIT */
/* The configuration as the program uses it: filled by the option table (options.def) from defaults,
 * file, environment and flags, in that order of growing strength. Immutable once loaded; counted,
 * because a reload may replace it while others still read the old one. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct text_list {
    char **items;
    size_t count;
};

struct upstream_config { /* upstreams[] */
    char *url, *user, *pass;
    char *algorithm, *coin;                          /* "" = mining.algorithm, unknown */
    char *tls;                                       /* "verify", "insecure" */
    char *tls_fingerprint, *tls_authorities, *proxy; /* "" = none, the system's, none */
    uint32_t quota;                                  /* 0 = spare */
};

struct device_algorithm_config { /* mining.device_algorithms[] */
    char *device, *algorithm;
};

enum { POOL_PORTS_MAX = 15, PROXIES_MAX = 64 }; /* entries of pool.ports and pool.proxy_from */

struct pool_port_config {         /* pool.ports[] */
    char *address, *preset, *tls; /* "small|standard|rental", "off|on|detect" */
    double start, min, max;       /* share difficulty; 0 = the preset's */
    int64_t share_interval_us;    /* 0 = the pool's */
};

struct daemon_config { /* pool.daemons[] */
    char *url, *user, *pass, *cookie_file;
};

struct config {
    _Atomic uint32_t refs;
    char *path; /* the file it came from; NULL = embedded default */
    struct option_origin
        *origins; /* where each option's value came from: use option_origin (schema.h) */

    struct {
        char *name;
        char *mode; /* "development" | "production" */
    } app;
    struct {
        char *dir; /* database, devnet blocks, sockets; "" = the user's data directory */
    } data;
    struct {
        char *algorithm;
        bool autostart; /* start hashing at program start */
        bool enable_cpu, enable_gpu, enable_asic;
        struct {
            uint32_t threads; /* 0 = one per physical core */
            int32_t priority; /* nice value 0..19 of the hashing threads */
            char *impl;       /* "auto" or an implementation's name */
        } cpu;
        struct {
            char *mode;      /* "auto" | "full" | "light" */
            bool keep;       /* full ones are kept in data.dir/datasets between runs */
            uint64_t memory; /* bytes for all together; 0 = what is free */
        } dataset;
        bool huge_pages;
        struct {
            char *variant; /* "v1" | "v2" */
            bool secure_jit;
        } randomx;
        struct {
            int64_t return_after_us; /* nothing accepted for this long: go back; 0 = never */
        } switching;
        struct {
            struct device_algorithm_config *items;
            size_t count;
        } device_algorithms;
        struct {
            struct text_list devices; /* empty = all */
            uint32_t intensity;
            uint32_t temperature_limit; /* degrees Celsius */
        } gpu;
        struct {
            struct text_list devices;
            int64_t poll_interval_us;
        } asic;
    } mining;
    struct {
        struct upstream_config *items;
        size_t count;
        int64_t silence_us;      /* no line from the pool for this long: it is dead (default 45s) */
        int64_t return_after_us; /* the primary served jobs this long before we go back */
        char *strategy;          /* "failover", "round-robin", "rotate", "balance", "quota" */
        char *allow_reconnect;   /* "never", "same-domain", "any" */
        int64_t rotate_us, connect_us, answer_us;
        int64_t job_us;   /* 0 = by the pool's habit */
        int64_t share_us; /* 0 = any */
        uint32_t rejects, reject_percent;
    } upstreams;
    struct {
        bool enable;
        char *address; /* "host:port" of the Stratum listener */
        struct {
            struct pool_port_config *items;
            size_t count;
        } ports;
        struct {
            char *certificate, *key; /* files; "" = made by the pool */
        } tls;
        struct text_list proxy_from; /* addresses and networks */
        char *drain_to;              /* "host:port"; "" = the same */
        uint32_t max_connections, loops, check_percent;
        uint32_t fee_bp;      /* pool.fee_percentage in basis points (1.5 -> 150) */
        char *coin;           /* a name of coin/coins.c; "devnet" = in-process chain */
        char *network;        /* "main" | "test" | "regtest" */
        char *payout_address; /* where block rewards go: the pool's wallet */
        char *view_key;       /* secret, 64 hex digits: of a Monero wallet; "" = none */
        char *coinbase_text;  /* up to 32 bytes in the coinbase */
        uint32_t node_id;     /* 0..255, distinct for each pool node */
        struct {
            char *system;      /* "pplns" | "solo": reward/schemes.c */
            int64_t window_us; /* PPLNS by time; 0 = by work */
            double factor;     /* PPLNS by work: window = factor x network difficulty */
        } rewards;
        struct {
            double start, min, max;    /* share difficulty; max 0 = network difficulty */
            int64_t share_interval_us; /* vardiff aims at one share per this */
        } difficulty;
        struct {
            struct daemon_config *items;
            size_t count;
        } daemons;
        struct {
            int64_t block_interval_us;
        } devnet;
        struct {
            uint32_t per_address, per_prefix, per_site; /* connections; 0 = a part of all */
            uint32_t lines_per_second;                  /* of one connection; 0 = no limit */
            uint64_t bytes_per_second;
            int64_t login_time_us;
            uint32_t refused_logins;
            uint32_t min_shares, invalid_percent, duplicate_percent;
            int64_t ban_time_us, ban_time_max_us;
            bool limit_loopback;
            struct text_list trusted; /* "10.0.0.0/8" */
        } limits;
    } pool;
    struct {
        bool enable;
        char *address;
        struct {
            bool enabled;
            int64_t token_expiry_us;
        } auth;
    } api;
    struct {
        struct {
            bool enabled;
            char *address;
        } metrics, health;
    } monitoring;
    struct {
        char *level;
        char *file;        /* "" = none */
        uint64_t max_size; /* bytes */
        uint32_t keep;
    } log;
    struct {
        char *theme;   /* "dark", "mono", ... */
        char *symbols; /* "auto" | "braille" | "block" | "ascii" */
        int64_t refresh_us;
    } ui;
};

/* A setting from the command line: "--set pool.enable=true" or a flag's alias. A path may name an
 * entry of a list ("upstreams[0].url"): one that is there is changed, the first unused number adds
 * one. A list as a whole is written as YAML ("upstreams" = "[]" empties it, so that a following
 * "upstreams[0].url" replaces what the file says). */
struct config_override {
    const char *path, *value, *origin; /* origin: "--threads", for messages */
};

struct config_request {
    const char *file; /* --config; NULL = search (OTEDAMA_CONFIG, ./config.yaml, ...) */
    const struct config_override *overrides;
    size_t override_count;
    bool strict; /* warnings are errors */
};

/* Loads, merges, validates. 0 and `*ret` (one reference), or ERR_CONFIG / -errno and `why`
 * (file:line:column, nearest name). Warnings go to the log. Any one thread at a time. */
int config_load(const struct config_request *, struct config **ret, struct fault *why);

/* The same, with every problem told to `say` (may be NULL), warnings too; nothing is logged. `*ret`
 * stays untouched on failure. */
struct problem;
int config_check(const struct config_request *, void (*say)(void *arg, const struct problem *),
                 void *arg, struct config **ret, struct fault *why);

/* Where a configuration is looked for when no flag names it, in order; ends with NULL. Free
 * it with config_places_free. */
char **config_places(void);
void config_places_free(char **);

struct config *config_ref(struct config *);
void config_unref(struct config *);
