/* SPDX-License-Identifier: MIT */
/* Pool URLs: schemes are words of the dialects' rows. */
#include "stratum/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "stratum/client.h"

enum { SCHEME_MAX = 24 };

/* Ends of a scheme, and schemes of their own, that say how the bytes travel. */
static const char *const tls_words[] = {"ssl", "tls", "tls12", "tls13", "tcps", "stratums", NULL};

/* Known to mean something that this program does not speak: said by name, never taken for TCP. */
static const struct {
    const char *schemes, *text;
} refused[] = {
    {" sv2 stratum2 ", "Stratum V2 is not available in this build: use stratum+tcp://"},
    {" stratum3 ", "this is EthereumStratum/2.0.0, which only ethash and etchash pools speak"},
    {" ethproxy ", "this is spoken by ethash and etchash pools only"},
    {" http https getwork gbt daemon ",
     "this is not a Stratum URL: a coin daemon is configured under pool.daemons"},
};

static bool is_tls_word(const char *word)
{
    for (const char *const *at = tls_words; *at; at++)
        if (!strcasecmp(*at, word))
            return true;
    return false;
}

static int refuse_scheme(const char *scheme, const struct algo *algo, struct fault *why)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (text_has_word(refused[i].schemes, scheme))
            return fault_set(why, ERR_CONFIG, "%s:// %s", scheme, refused[i].text);
    return fault_set(why, ERR_CONFIG,
                     "unknown URL scheme \"%s\"%s%s: write stratum+tcp://host:port", scheme,
                     algo ? " for " : "", algo ? algo->name : "");
}

/* Cuts "+tcp" or "+ssl" off a scheme. False: there is a plus with something else behind. */
static bool cut_transport(char *scheme, bool *tls)
{
    char *plus = strrchr(scheme, '+');

    *tls = false;
    if (plus) {
        *plus = 0;
        *tls = is_tls_word(plus + 1);
        return *tls || !strcasecmp(plus + 1, "tcp");
    }
    if (is_tls_word(scheme) || !strcasecmp(scheme, "tcp")) {
        *tls = is_tls_word(scheme);
        memcpy(scheme, "stratum", sizeof "stratum");
    }
    return true;
}

/* The dialects that a scheme (without transport) may mean for the algorithm. */
static unsigned find_dialects(const char *scheme, const struct algo *algo, struct stratum_url *u)
{
    unsigned n = 0;

    for (const struct dialect *const *at = dialects; *at && n < URL_DIALECTS_MAX; at++)
        if (text_has_word((*at)->schemes, scheme) &&
            (!algo || text_has_word((*at)->algos, algo->name)))
            u->dialects[n++] = *at;
    return n;
}

static int read_scheme(const char *url, size_t len, const struct algo *algo, struct stratum_url *u,
                       struct fault *why)
{
    char scheme[SCHEME_MAX] = "stratum", whole[SCHEME_MAX];

    if (len >= sizeof scheme)
        return fault_set(why, ERR_CONFIG, "unknown URL scheme: write stratum+tcp://host:port");
    if (len) {
        memcpy(scheme, url, len);
        scheme[len] = 0;
    }
    memcpy(whole, scheme, sizeof whole);
    if (!cut_transport(scheme, &u->tls))
        return refuse_scheme(*scheme ? scheme : whole, algo, why);
    return find_dialects(scheme, algo, u) ? 0 : refuse_scheme(scheme, algo, why);
}

int stratum_url_parse(const char *url, const struct algo *algo, struct stratum_url *ret,
                      struct fault *why)
{
    struct stratum_url u = {0};
    const char *host = strstr(url, "://");
    char authority[HOST_MAX + 16];
    int err = host == url ? refuse_scheme("", algo, why)
                          : read_scheme(url, host ? (size_t)(host - url) : 0, algo, &u, why);

    if (err < 0)
        return err;
    host = host ? host + 3 : url;
    if (strchr(host, '@'))
        return fault_set(why, ERR_CONFIG,
                         "put the user name under upstreams[].user, not into the URL");
    size_t len = strcspn(host, "/?#");
    if (len >= sizeof authority)
        return fault_set(why, ERR_CONFIG, "the pool's host name is too long");
    (void)snprintf(authority, sizeof authority, "%.*s", (int)len, host);
    err = endpoint_parse(authority, 0, false, &u.to, why);
    if (!err)
        *ret = u;
    return err;
}

int stratum_url_check(const char *url, struct fault *why)
{
    struct stratum_url u;

    return stratum_url_parse(url, NULL, &u, why);
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
