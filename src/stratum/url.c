/* SPDX-License-Identifier: MIT */
/* Pool URLs: schemes are words of the dialects' rows. */
#include "stratum/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "stratum/client.h"

/* Known to mean something that this program does not speak: said by name, never taken for TCP. */
static const struct {
    const char *schemes, *text;
} refused[] = {
    {" stratum+ssl stratum+tls stratum+tls12 stratum+tls13 stratums ssl tls tcps ",
     "encrypted Stratum (TLS) is not available in this build: use stratum+tcp://, or a TLS tunnel "
     "such as stunnel"},
    {" stratum2 stratum2+tcp sv2 ",
     "Stratum V2 is not available in this build: use stratum+tcp://"},
    {" http https getwork gbt ",
     "this is not a Stratum URL: a coin daemon is configured under pool.daemons"},
};

static bool has_word(const char *list, const char *word, size_t len)
{
    while (*list) {
        list += strspn(list, " ");
        size_t n = strcspn(list, " ");
        if (n == len && n && !strncasecmp(list, word, len))
            return true;
        list += n;
    }
    return false;
}

static int refuse_scheme(const char *scheme, size_t len, struct fault *why)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (has_word(refused[i].schemes, scheme, len))
            return fault_set(why, ERR_CONFIG, "%.*s:// %s", (int)len, scheme, refused[i].text);
    return fault_set(why, ERR_CONFIG, "unknown URL scheme \"%.*s\": write stratum+tcp://host:port",
                     (int)(len > 40 ? 40 : len), scheme);
}

int stratum_url_parse(const char *url, struct stratum_url *ret, struct fault *why)
{
    struct stratum_url u = {.dialect = dialects[0]};
    const char *host = strstr(url, "://");
    char authority[HOST_MAX + 16];

    if (host) {
        size_t len = (size_t)(host - url);
        u.dialect = NULL;
        for (size_t i = 0; dialects[i] && !u.dialect; i++)
            if (has_word(dialects[i]->schemes, url, len))
                u.dialect = dialects[i];
        if (!u.dialect)
            return refuse_scheme(url, len, why);
        host += 3;
    } else {
        host = url;
    }
    if (strchr(host, '@'))
        return fault_set(why, ERR_CONFIG,
                         "put the user name under upstreams[].user, not into the URL");
    size_t len = strcspn(host, "/?#");
    if (len >= sizeof authority)
        return fault_set(why, ERR_CONFIG, "the pool's host name is too long");
    (void)snprintf(authority, sizeof authority, "%.*s", (int)len, host);
    int err = endpoint_parse(authority, 0, false, &u.to, why);
    if (!err)
        *ret = u;
    return err;
}

int stratum_url_check(const char *url, struct fault *why)
{
    struct stratum_url u;

    return stratum_url_parse(url, &u, why);
}

static unsigned labels(const char *host)
{
    unsigned n = 1;

    for (; *host; host++)
        n += *host == '.';
    return n;
}

/* "co.uk", "com.au": a country's second level, under which strangers register. */
static bool is_public_suffix(const char *suffix)
{
    const char *dot = strchr(suffix, '.');

    return !dot || (labels(suffix) == 2 && strlen(dot + 1) == 2 && dot - suffix <= 3);
}

bool redirect_allowed(const char *from, const char *to)
{
    size_t from_len = strlen(from), to_len = strlen(to);

    if (!strcasecmp(from, to))
        return true;
    if (host_is_literal(from) || host_is_literal(to) || labels(from) < 2)
        return false;
    if (!is_public_suffix(from) && to_len > from_len + 1 && to[to_len - from_len - 1] == '.' &&
        !strcasecmp(to + to_len - from_len, from))
        return true;
    const char *from_rest = strchr(from, '.'), *to_rest = strchr(to, '.');
    return from_rest && to_rest && !is_public_suffix(from_rest + 1) &&
           !strcasecmp(from_rest, to_rest);
}
