/* SPDX-License-Identifier: MIT */
/* What no single option can say: names of algorithms, listeners, the mode, defaults that depend on
 * other values. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "algo/algo.h"
#include "base/alloc.h"
#include "config/address.h"
#include "config/tree.h"

/* The place in the file that a value came from. */
static struct place place_of(const struct config *config, const char *path)
{
    const struct option_origin *origin = &config->origins[option_find(path) - option_table];

    return (struct place){origin->line ? config->path : NULL, origin->line, origin->column};
}

static bool given(const struct config *config, const char *path)
{
    return strcmp(option_origin(config, option_find(path)), "default") != 0;
}

static bool production(const struct config *config)
{
    return !strcmp(config->app.mode, "production");
}

static void replace(char **at, char *with)
{
    free(*at);
    *at = with;
}

/* The canonical name in place of an alias. */
static void check_algorithm(struct config *config, const char *path, const char *row, char **name,
                            struct report *report)
{
    const struct algo *algo = algo_find(*name);
    AUTO_STR struct str known = {0};
    struct place place = place_of(config, row);

    if (algo) {
        replace(name, xstrdup(algo->name));
        return;
    }
    for (const struct algo *const *a = algos; *a; a++)
        str_addf(&known, "%s%s", a == algos ? "" : a[1] ? ", " : " or ", (*a)->name);
    report_error(report, &place, path, "unknown algorithm \"%s\": must be %s", *name,
                 str_text(&known));
}

static void check_algorithms(struct config *config, struct report *report)
{
    char path[64];

    check_algorithm(config, "mining.algorithm", "mining.algorithm", &config->mining.algorithm,
                    report);
    for (size_t i = 0; i < config->upstreams.count; i++) {
        struct upstream_config *up = &config->upstreams.items[i];
        (void)snprintf(path, sizeof path, "upstreams[%zu].algorithm", i);
        if (*up->algorithm)
            check_algorithm(config, path, "upstreams", &up->algorithm, report);
    }
    for (size_t i = 0; i < config->mining.device_algorithms.count; i++) {
        (void)snprintf(path, sizeof path, "mining.device_algorithms[%zu].algorithm", i);
        check_algorithm(config, path, "mining.device_algorithms",
                        &config->mining.device_algorithms.items[i].algorithm, report);
    }
}

/* 64 hexadecimal digits, with or without colons. */
static bool is_fingerprint(const char *text)
{
    unsigned digits = 0;

    for (; *text; text++)
        if (*text != ':' && (!isxdigit((unsigned char)*text) || ++digits > 64))
            return false;
    return digits == 64;
}

static bool is_proxy(const char *url)
{
    return !strncasecmp(url, "socks5://", 9) || !strncasecmp(url, "socks5h://", 10) ||
           !strncasecmp(url, "http://", 7);
}

static void check_upstreams(const struct config *config, struct report *report)
{
    struct place place = place_of(config, "upstreams");
    char path[64];

    for (size_t i = 0; i < config->upstreams.count; i++) {
        const struct upstream_config *up = &config->upstreams.items[i];
        (void)snprintf(path, sizeof path, "upstreams[%zu].tls_fingerprint", i);
        if (*up->tls_fingerprint && !is_fingerprint(up->tls_fingerprint))
            report_error(report, &place, path, "not a SHA-256 fingerprint: 64 hexadecimal digits");
        (void)snprintf(path, sizeof path, "upstreams[%zu].proxy", i);
        if (*up->proxy && !is_proxy(up->proxy))
            report_error(report, &place, path, "a proxy is socks5://HOST:PORT or http://HOST:PORT");
    }
}

/* ":3333" becomes "0.0.0.0:3333". */
static void name_all_interfaces(char **address)
{
    if (**address == ':')
        replace(address, xasprintf("0.0.0.0%s", *address));
}

/* Without authentication, what answers questions or takes commands serves this machine only. */
static void check_loopback(struct config *config, const char *path, bool enabled, char **address,
                           struct report *report)
{
    char host[256];
    unsigned port;
    struct place place = place_of(config, path);

    if (!enabled || !address_split(*address, host, sizeof host, &port) || host_is_loopback(host))
        return;
    if (!*host) {
        report_error(report, &place, path,
                     "\"%s\" would listen on all interfaces: write 127.0.0.1:%u", *address, port);
        return;
    }
    if (!given(config, "api.auth.enabled") || (production(config) && !config->api.auth.enabled)) {
        report_error(report, &place, path,
                     "%s is reachable from other machines, which needs authentication, and this "
                     "version has none: write 127.0.0.1:%u",
                     *address, port);
        return;
    }
    report_warning(report, &place, path,
                   "listens on 127.0.0.1:%u instead of %s: access from other machines needs "
                   "authentication, which this version does not offer yet",
                   port, *address);
    replace(address, xasprintf("127.0.0.1:%u", port));
}

struct listener {
    const char *path;
    bool enabled;
    char **address;
};

/* Two listeners on one address: told at the one that the configuration names. Port 0 is any free
 * one. */
static void check_apart(const struct config *config, const struct listener *a,
                        const struct listener *b, struct report *report)
{
    size_t len = strlen(*a->address);

    if (!a->enabled || !b->enabled || strcmp(*a->address, *b->address) != 0 ||
        !strcmp(*a->address + len - 2, ":0"))
        return;
    const struct listener *told = given(config, a->path) ? a : b;
    struct place place = place_of(config, told->path);
    report_error(report, &place, told->path, "%s is the address of %s too", *a->address,
                 told == a ? b->path : a->path);
}

static void check_listeners(struct config *config, struct report *report)
{
    enum { FIXED = 4 };
    struct listener listeners[FIXED + POOL_PORTS_MAX] = {
        {"api.address", config->api.enable, &config->api.address},
        {"monitoring.metrics.address", config->monitoring.metrics.enabled,
         &config->monitoring.metrics.address},
        {"monitoring.health.address", config->monitoring.health.enabled,
         &config->monitoring.health.address},
        {"pool.address", config->pool.enable, &config->pool.address},
    };
    unsigned count = FIXED;

    for (unsigned i = 0; i < FIXED - 1; i++)
        check_loopback(config, listeners[i].path, listeners[i].enabled, listeners[i].address,
                       report);
    for (size_t i = 0; i < config->pool.ports.count && i < POOL_PORTS_MAX; i++)
        listeners[count++] = (struct listener){"pool.ports", config->pool.enable,
                                               &config->pool.ports.items[i].address};
    for (unsigned i = FIXED - 1; i < count; i++)
        name_all_interfaces(listeners[i].address);
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < i; j++)
            check_apart(config, &listeners[i], &listeners[j], report);
}

/* A port's own difficulties; what the preset says of the rest is fitted to them. */
static void check_port(const struct pool_port_config *port, size_t number,
                       const struct place *place, struct report *report)
{
    char path[64];

    (void)snprintf(path, sizeof path, "pool.ports[%zu].start_difficulty", number);
    if (port->max > 0 && port->max < port->min)
        report_error(report, place, path, "max_difficulty is below min_difficulty");
    else if (port->start > 0 &&
             (port->start < port->min || (port->max > 0 && port->start > port->max)))
        report_error(report, place, path, "must lie between min_difficulty and max_difficulty");
}

static void check_networks(const struct config *config, const char *option,
                           const struct text_list *list, struct report *report)
{
    struct place place = place_of(config, option);

    for (size_t i = 0; i < list->count; i++)
        if (!network_check(list->items[i]))
            report_error(report, &place, option,
                         "\"%.60s\" is not an address or a network such as 10.0.0.0/8",
                         list->items[i]);
}

static void check_ports(const struct config *config, struct report *report)
{
    struct place place = place_of(config, "pool.ports");
    struct place tls = place_of(config, "pool.tls.certificate");
    struct place proxy = place_of(config, "pool.proxy_from");

    if (config->pool.ports.count > POOL_PORTS_MAX)
        report_error(report, &place, "pool.ports", "lists more than %d addresses", POOL_PORTS_MAX);
    for (size_t i = 0; i < config->pool.ports.count; i++)
        check_port(&config->pool.ports.items[i], i, &place, report);
    char host[256];
    unsigned number = 0;
    struct place drain = place_of(config, "pool.drain_to");
    if (*config->pool.drain_to &&
        (!address_split(config->pool.drain_to, host, sizeof host, &number) || !*host || !number))
        report_error(report, &drain, "pool.drain_to", "\"%.80s\" is not host:port",
                     config->pool.drain_to);
    if (!*config->pool.tls.certificate != !*config->pool.tls.key)
        report_error(report, &tls, "pool.tls.certificate",
                     "a certificate and its key go together: set both, or none");
    if (config->pool.proxy_from.count > PROXIES_MAX)
        report_error(report, &proxy, "pool.proxy_from", "lists more than %d networks", PROXIES_MAX);
    check_networks(config, "pool.proxy_from", &config->pool.proxy_from, report);
    check_networks(config, "pool.limits.trusted", &config->pool.limits.trusted, report);
}

static void check_difficulty(const struct config *config, struct report *report)
{
    double start = config->pool.difficulty.start, min = config->pool.difficulty.min;
    double max = config->pool.difficulty.max;
    struct place place = place_of(config, "pool.difficulty.start");

    if (start > 0 && (start < min || (max > 0 && start > max)))
        report_error(report, &place, "pool.difficulty.start",
                     "must lie between pool.difficulty.min and pool.difficulty.max");
    else if (max > 0 && max < min)
        report_error(report, &place, "pool.difficulty.max",
                     "must not be below pool.difficulty.min");
}

/* Real money and a chain without value do not go together; but a file that says nothing about the
 * coin is that of a first trial. */
static void check_coin(struct config *config, struct report *report)
{
    bool devnet = !strcmp(config->pool.coin, "devnet");
    bool told = given(config, devnet ? "pool.coin" : "pool.network");
    struct place place = place_of(config, devnet ? "pool.coin" : "pool.network");

    if (!given(config, "pool.network"))
        replace(&config->pool.network, xstrdup(devnet ? "regtest" : "main"));
    if (!config->pool.enable || !production(config) ||
        (!devnet && !strcmp(config->pool.network, "main")))
        return;
    if (told || !devnet)
        report_error(report, &place, devnet ? "pool.coin" : "pool.network",
                     "app.mode is production, and coins of %s%s have no value",
                     devnet ? "devnet" : "the network ", devnet ? "" : config->pool.network);
    else
        report_warning(report, NULL, "pool.coin",
                       "is not set: the pool mines on the development chain, whose coins have no "
                       "value");
}

/* What is switched on and would do nothing is said. */
static void check_inert(const struct config *config, struct report *report)
{
    const struct {
        const char *path;
        bool on;
        const char *reason;
    } inert[] = {
        {"mining.enable_gpu", config->mining.enable_gpu,
         "has no effect: this version has no driver for graphics cards"},
        {"mining.enable_asic", config->mining.enable_asic,
         "has no effect: this version has no driver for ASIC devices"},
        {"api.auth.enabled", config->api.auth.enabled,
         "has no effect: this version has no authentication and serves this machine only"},
    };

    for (unsigned i = 0; i < sizeof inert / sizeof *inert; i++) {
        struct place place = place_of(config, inert[i].path);
        if (inert[i].on)
            report_warning(report, &place, inert[i].path, "%s", inert[i].reason);
    }
}

/* Two lines for one device. */
static void check_device_algorithms(const struct config *config, struct report *report)
{
    const struct device_algorithm_config *items = config->mining.device_algorithms.items;
    struct place place = place_of(config, "mining.device_algorithms");

    for (size_t i = 0; i < config->mining.device_algorithms.count; i++)
        for (size_t j = 0; j < i; j++)
            if (!strcmp(items[i].device, items[j].device))
                report_error(report, &place, "mining.device_algorithms",
                             "names the device %s more than once", items[i].device);
}

void config_validate(struct config *config, struct report *report)
{
    if (!given(config, "pool.enable"))
        config->pool.enable = config->upstreams.count == 0;
    else if (!config->pool.enable && !config->upstreams.count)
        report_warning(report, NULL, "upstreams",
                       "there is nothing to mine for: pool.enable is false and no pool is listed");
    check_inert(config, report);
    check_algorithms(config, report);
    check_upstreams(config, report);
    check_device_algorithms(config, report);
    check_listeners(config, report);
    check_ports(config, report);
    check_difficulty(config, report);
    check_coin(config, report);
}
