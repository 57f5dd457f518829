/* SPDX-License-Identifier: MIT */
/* The listeners: addresses from the configuration, one libwebsockets vhost each. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/server.h"
#include "config/address.h"

struct place { /* an address to listen on */
    char host[256];
    uint16_t port;
    bool v6;
};

bool authority_is_loopback(const char *text)
{
    char host[256];
    unsigned port;
    size_t len = strlen(text);

    if (address_split(text, host, sizeof host, &port))
        return host_is_loopback(host);
    if (len >= sizeof host)
        return false;
    if (len > 2 && *text == '[' && text[len - 1] == ']') {
        snprintf(host, sizeof host, "%.*s", (int)len - 2, text + 1);
        return strchr(host, ':') && host_is_loopback(host);
    }
    return host_is_loopback(text);
}

static int parse(const char *key, const char *address, struct place *ret, struct fault *why)
{
    unsigned port;
    struct in_addr v4;
    struct in6_addr v6;

    if (!address_split(address, ret->host, sizeof ret->host, &port))
        return fault_set(why, ERR_CONFIG, "%s: \"%s\" is not HOST:PORT, such as 127.0.0.1:8080",
                         key, address);
    ret->port = (uint16_t)port;
    if (!*ret->host)
        strcpy(ret->host, "0.0.0.0");
    if (strcasecmp(ret->host, "localhost") == 0)
        strcpy(ret->host, "127.0.0.1");
    ret->v6 = inet_pton(AF_INET6, ret->host, &v6) == 1;
    if (!ret->v6 && inet_pton(AF_INET, ret->host, &v4) != 1)
        return fault_set(why, ERR_CONFIG,
                         "%s: \"%s\" is not an IP address of this machine; use 127.0.0.1:%u", key,
                         ret->host, ret->port);
    return 0;
}

/* Tries to bind, so that a person hears which errno it is; libwebsockets only says that it failed.
 */
static int try_bind(const struct place *place)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char port[8];
    int fd, on = 1, err = 0;

    snprintf(port, sizeof port, "%u", place->port);
    if (getaddrinfo(place->host, port, &hints, &found) != 0)
        return -EINVAL;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, 1) < 0)
        err = -errno;
    if (fd >= 0)
        close(fd);
    freeaddrinfo(found);
    return err;
}

static int explain(const char *key, const char *address, uint16_t port, int err, struct fault *why)
{
    if (err == -EADDRINUSE)
        return fault_set(why, err,
                         "%s: %s is in use by another program (`ss -ltnp 'sport = :%u'` shows "
                         "which); stop that one or choose another port for %s",
                         key, address, port, key);
    if (err == -EACCES)
        return fault_set(why, err, "%s: %s needs privileges; choose a port above 1023 for %s", key,
                         address, key);
    return fault_set(why, err, "%s: cannot listen on %s: %s; is it an address of this machine?",
                     key, address, err_str(err));
}

static int open_listener(struct api *api, struct api_listener *listener, const char *key,
                         const char *address, struct fault *why)
{
    static const struct lws_protocols protocols[] = {
        {"http", http_callback, 0, 0, 0, NULL, 0},
        {NULL, NULL, 0, 0, 0, NULL, 0},
    };
    struct lws_context_creation_info info = {0};
    struct place place;
    int err = parse(key, address, &place, why);

    if (err < 0)
        return err;
    if ((err = try_bind(&place)) < 0)
        return explain(key, address, place.port, err, why);
    info.port = place.port;
    info.iface =
        strcmp(place.host, "0.0.0.0") == 0 || strcmp(place.host, "::") == 0 ? NULL : place.host;
    info.protocols = protocols;
    info.vhost_name = listener_name(listener->which);
    info.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   (place.v6 ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6);
    info.keepalive_timeout = KEEPALIVE_S;
    info.timeout_secs_ah_idle = HEADER_TIMEOUT_S;
    info.server_string = "otedama";
    listener->loopback = host_is_loopback(place.host);
    listener->vhost = lws_create_vhost(api->context, &info);
    return listener->vhost ? 0 : explain(key, address, place.port, -EADDRINUSE, why);
}

int api_listen(struct api *api, const struct config *config, struct fault *why)
{
    const struct {
        const char *key, *address;
        bool enabled;
        unsigned limit; /* connections: people and scripts, scrapers, probes */
    } rows[LISTENERS] = {
        [LISTENER_API] = {"api.address", config->api.address, config->api.enable, 256},
        [LISTENER_METRICS] = {"monitoring.metrics.address", config->monitoring.metrics.address,
                              config->monitoring.metrics.enabled, 32},
        [LISTENER_HEALTH] = {"monitoring.health.address", config->monitoring.health.address,
                             config->monitoring.health.enabled, 32},
    };

    for (unsigned i = 0; i < LISTENERS; i++) {
        int err;
        api->listeners[i] = (struct api_listener){.which = i, .limit = rows[i].limit};
        if (!rows[i].enabled)
            continue;
        err = open_listener(api, &api->listeners[i], rows[i].key, rows[i].address, why);
        if (err < 0)
            return err;
    }
    return 0;
}

int api_port(const struct api *api, enum listener which)
{
    struct lws_vhost *vhost = api->listeners[which].vhost;

    return vhost ? lws_get_vhost_listen_port(vhost) : 0;
}
