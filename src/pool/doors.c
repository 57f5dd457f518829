/* SPDX-License-Identifier: MIT */
/* Where miners connect: addresses with their difficulties, the certificate, whose PROXY headers
 * count; at the start and when the configuration is read again. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/str.h"
#include "config/paths.h"
#include "pool/internal.h"

enum { RETRY_TICKS = 5 };

static const char own_certificate[] = "pool-certificate.pem", own_key[] = "pool-key.pem";

/* --- settings -----------------------------------------------------------------------------------
 */

static enum front_tls tls_of(const char *word)
{
    return !strcmp(word, "on") ? FRONT_TLS : !strcmp(word, "detect") ? FRONT_EITHER : FRONT_PLAIN;
}

static void fill_port(struct pool_port *port, const struct difficulty_settings *d, int64_t interval)
{
    port->front.tls = tls_of(port->tls);
    port->front.start_difficulty = d->start;
    port->front.min_difficulty = d->min;
    port->front.max_difficulty = d->max;
    port->front.share_interval_us = interval;
}

/* The port's own words go before the preset's; what these leave over is fitted to them. */
static void add_port(const struct pool *p, struct pool_doors *doors, const struct config *config,
                     const struct pool_port_config *c)
{
    struct pool_port *port = &doors->ports[doors->count++];
    struct difficulty_settings d;
    int64_t interval = config->pool.difficulty.share_interval_us;

    (void)text_copy(port->address, sizeof port->address, c->address);
    (void)text_copy(port->preset, sizeof port->preset, c->preset);
    (void)text_copy(port->tls, sizeof port->tls, c->tls);
    if (!difficulty_preset(&d, c->preset, config, p->algo))
        difficulty_choose(&d, config, p->algo);
    if (c->max > 0)
        d.max = c->max;
    if (c->min > 0)
        d.min = c->min;
    if (d.max > 0 && d.min > d.max)
        d.min = d.max;
    if (c->start > 0)
        d.start = c->start;
    if (c->start > 0 && c->min <= 0 && d.min > d.start)
        d.min = d.start;
    if (d.start < d.min)
        d.start = d.min;
    if (d.max > 0 && d.start > d.max)
        d.start = d.max;
    fill_port(port, &d, c->share_interval_us > 0 ? c->share_interval_us : interval);
    doors->tls |= port->front.tls != FRONT_PLAIN;
}

static void choose_certificate(struct pool_doors *doors, const struct config *config)
{
    const char *certificate = config->pool.tls.certificate;

    doors->own = !certificate || !*certificate;
    path_in_data(config, doors->own ? own_certificate : certificate, doors->certificate,
                 sizeof doors->certificate);
    path_in_data(config, doors->own ? own_key : config->pool.tls.key, doors->key,
                 sizeof doors->key);
}

int doors_choose(struct pool *p, const struct config *config, struct pool_doors *ret,
                 struct fault *why)
{
    struct pool_port *first = &ret->ports[0];

    *ret = (struct pool_doors){.count = 1};
    (void)text_copy(first->address, sizeof first->address, config->pool.address);
    (void)text_copy(first->preset, sizeof first->preset, "standard");
    (void)text_copy(first->tls, sizeof first->tls, "off");
    struct difficulty_settings standard;
    difficulty_choose(&standard, config, p->algo);
    fill_port(first, &standard, config->pool.difficulty.share_interval_us);
    for (size_t i = 0; i < config->pool.ports.count && ret->count < FRONT_PORTS_MAX; i++)
        add_port(p, ret, config, &config->pool.ports.items[i]);
    for (size_t i = 0; i < config->pool.proxy_from.count && i < PROXIES_MAX; i++) {
        int err =
            prefix_parse(config->pool.proxy_from.items[i], &ret->proxies[ret->proxy_count++], why);
        if (err < 0)
            return err;
    }
    choose_certificate(ret, config);
    if (config->pool.drain_to && *config->pool.drain_to)
        return endpoint_parse(config->pool.drain_to, 0, false, &ret->drain_to, why);
    return 0;
}

void doors_ports(const struct pool_doors *doors, struct front_port ports[FRONT_PORTS_MAX])
{
    for (unsigned i = 0; i < doors->count; i++) {
        ports[i] = doors->ports[i].front;
        ports[i].address = doors->ports[i].address;
    }
}

/* --- the certificate ----------------------------------------------------------------------------
 */

/* A name that a certificate may have. */
static void host_name(char out[64])
{
    (void)gethostname(out, 63);
    out[63] = 0;
    for (const char *c = out; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.')
            out[0] = 0;
    if (!out[0])
        (void)text_copy(out, 64, "otedama");
}

static int make_own(const struct pool_doors *doors, struct fault *why)
{
    char name[64] = "";

    if (!access(doors->certificate, F_OK) && !access(doors->key, F_OK))
        return 0;
    host_name(name);
    int err = tls_make_certificate(doors->certificate, doors->key, name, why);
    if (!err)
        log_info(POOL, "made the pool's certificate, %s", doors->certificate);
    return err;
}

int doors_context(struct pool *p, const struct pool_doors *doors, struct tls_context **ret,
                  struct fault *why)
{
    uint8_t digest[TLS_FINGERPRINT];
    char text[2 * TLS_FINGERPRINT + 1];
    int err = 0;

    *ret = NULL;
    if (doors->tls && ((doors->own && (err = make_own(doors, why)) < 0) ||
                       (err = tls_file_fingerprint(doors->certificate, digest, why)) < 0 ||
                       (err = tls_server_context(doors->certificate, doors->key, ret, why)) < 0)) {
        (void)text_copy(p->tls_problem, sizeof p->tls_problem, why ? why->text : err_str(err));
        return err;
    }
    p->tls_problem[0] = text[0] = 0;
    if (doors->tls)
        hex_encode(digest, sizeof digest, text);
    if (strcmp(text, p->fingerprint) != 0 && *text)
        log_info(POOL, "the fingerprint of the pool's certificate is %s", text);
    memcpy(p->fingerprint, text, sizeof text);
    return 0;
}

/* --- when it is open ----------------------------------------------------------------------------
 */

/* 0, or the first error. */
static int listen_now(struct pool *p, struct fault *why)
{
    struct front_port ports[FRONT_PORTS_MAX];
    struct fault trouble[FRONT_PORTS_MAX];
    int err = 0;

    doors_ports(&p->doors, ports);
    (void)p->parts->front_listen(p->front, ports, p->doors.count, trouble);
    for (unsigned i = 0; i < p->doors.count; i++) {
        struct pool_port *port = &p->doors.ports[i];
        if (*trouble[i].text && strcmp(port->problem, trouble[i].text) != 0)
            log_error(POOL, "%s", trouble[i].text);
        if (*port->problem && !*trouble[i].text)
            log_info(POOL, "the pool listens on %s", port->address);
        (void)text_copy(port->problem, sizeof port->problem, trouble[i].text);
        if (*trouble[i].text && !err)
            err = fault_set(why, UV_EADDRINUSE, "%s", trouble[i].text);
    }
    const char *first = p->parts->front_listens(p->front, p->doors.ports[0].address);
    if (first)
        (void)text_copy(p->listening, sizeof p->listening, first);
    return err;
}

/* Problems of ports that are configured as before stay known: they are logged once. */
static void keep_problems(const struct pool_doors *before, struct pool_doors *after)
{
    for (unsigned i = 0; i < after->count; i++)
        for (unsigned k = 0; k < before->count; k++)
            if (!strcmp(after->ports[i].address, before->ports[k].address))
                memcpy(after->ports[i].problem, before->ports[k].problem,
                       sizeof after->ports[i].problem);
}

int pool_relisten(struct pool *p, const struct config *config, struct fault *why)
{
    struct pool_doors fresh;
    struct tls_context *tls = NULL;
    int err = doors_choose(p, config, &fresh, why);

    if (err < 0)
        return err;
    difficulty_choose(&p->set.difficulty, config, p->algo);
    keep_problems(&p->doors, &fresh);
    p->doors = fresh;
    if (!p->front)
        return 0;
    p->parts->front_trust(p->front, fresh.proxies, fresh.proxy_count);
    int secured = doors_context(p, &p->doors, &tls, why);
    if (secured < 0)
        log_error(POOL, "%s", p->tls_problem); /* the one before stays */
    else
        p->parts->front_secure(p->front, tls);
    tls_context_unref(tls);
    struct fault busy = {0};
    err = listen_now(p, &busy);
    if (err < 0 && !secured)
        *why = busy;
    pool_changed(p);
    return secured < 0 ? secured : err;
}

void doors_tick(struct pool *p)
{
    bool closed = false;

    for (unsigned i = 0; i < p->doors.count; i++)
        closed |= *p->doors.ports[i].problem != 0;
    if (!p->front || !closed || ++p->doors_ticks % RETRY_TICKS)
        return;
    if (!listen_now(p, NULL))
        pool_changed(p);
}

void doors_view(const struct pool *p, struct pool_view *v)
{
    for (unsigned i = 0; i < p->doors.count && i < POOL_LISTENERS_SHOWN; i++) {
        const struct pool_port *port = &p->doors.ports[i];
        struct pool_listener_view *l = &v->listener[v->listener_count++];
        const char *at = p->front ? p->parts->front_listens(p->front, port->address) : NULL;
        *l = (struct pool_listener_view){.open = at != NULL,
                                         .start_difficulty = port->front.start_difficulty,
                                         .min_difficulty = port->front.min_difficulty};
        (void)text_copy(l->address, sizeof l->address, at ? at : port->address);
        (void)text_copy(l->preset, sizeof l->preset, port->preset);
        (void)text_copy(l->tls, sizeof l->tls, port->tls);
        (void)text_copy(l->problem, sizeof l->problem, port->problem);
    }
    memcpy(v->tls_fingerprint, p->fingerprint, sizeof v->tls_fingerprint);
    (void)text_copy(v->tls_problem, sizeof v->tls_problem, p->tls_problem);
    v->tls_own = p->doors.own;
}
