/* SPDX-License-Identifier: MIT */
/* Placeholders: made once for each original, then the same. */
#include "transcript/placeholder.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/address.h"

enum {
    NAME_IN_TEXT_MIN = 3, /* a shorter name is not looked for inside of texts */
    NAME_ALONE_MIN = 6,   /* ... and in words without a space, where ids and hashes stand too */
};

/* --- making -------------------------------------------------------------------------------------
 */

static char *ip_for(const char *original, unsigned n)
{
    return strchr(original, ':') ? xasprintf("2001:db8::%x", n & 0xffff)
                                 : xasprintf("192.0.2.%u", n % 256);
}

static char *host_for(const char *original, unsigned n)
{
    return host_is_literal(original) ? ip_for(original, n) : xasprintf("pool%u.example", n);
}

/* Letters and digits become the number's digits with zeros before them; the rest stays. */
static char *session_for(const char *original, unsigned n)
{
    char *text = xstrndup(original, strnlen(original, PLACEHOLDER_TEXT_MAX - 1));
    unsigned rest = n;

    for (size_t i = strlen(text); i-- > 0;) {
        if (!isalnum((unsigned char)text[i]) || (i == 1 && text[0] == '0' && text[1] == 'x'))
            continue;
        text[i] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (!rest)
        return text;
    free(text); /* too short for the number */
    return xasprintf("session%u", n);
}

static char *make(enum placeholder_kind kind, const char *original, unsigned n)
{
    char *address;

    switch (kind) {
    case FOR_USER:
        address = test_address(original, n);
        return address ? address : xasprintf("user%u", n);
    case FOR_WORKER:
        return xasprintf("worker%u", n);
    case FOR_SESSION:
        return session_for(original, n);
    default:
        return host_for(original, n);
    }
}

static const char *known(const struct placeholders *p, enum placeholder_kind kind,
                         const char *original)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].kind == kind && !strcmp(p->list[i].original, original))
            return p->list[i].text;
    return NULL;
}

void placeholder_put(struct placeholders *p, enum placeholder_kind kind, const char *original,
                     struct str *out)
{
    const char *text = known(p, kind, original);

    if (!*original)
        return;
    if (text) {
        str_add(out, text);
        return;
    }
    char *made = make(kind, original, ++p->given[kind]);
    str_add(out, made);
    if (p->count >= PLACEHOLDERS_MAX) {
        free(made);
        return;
    }
    if (p->count == p->room) {
        p->room = p->room ? 2 * p->room : 16;
        p->list = xreallocarray(p->list, p->room, sizeof *p->list);
    }
    p->list[p->count++] = (struct placeholder){kind, xstrdup(original), made};
}

void placeholder_put_user(struct placeholders *p, const char *original, struct str *out)
{
    size_t base = strcspn(original, "./+");
    AUTO_FREE char *name = xstrndup(original, base);
    const char *rest = original + base;

    if (base)
        placeholder_put(p, FOR_USER, name, out);
    if (!*rest)
        return;
    str_add_n(out, rest, 1);
    size_t digits = strspn(rest + 1, "0123456789");
    if (*rest == '+' && digits && digits <= 18 && !rest[1 + digits])
        str_add(out, rest + 1);
    else
        placeholder_put(p, FOR_WORKER, rest + 1, out);
}

/* --- inside of texts ------------------------------------------------------------------------- */

/* The longest known name that stands here as a word of its own. */
static const struct placeholder *name_at(const struct placeholders *p, const char *text,
                                         const char *at, size_t least)
{
    const struct placeholder *best = NULL;
    size_t longest = least - 1;

    if (at > text && isalnum((unsigned char)at[-1]))
        return NULL;
    for (size_t i = 0; i < p->count; i++) {
        size_t len = strlen(p->list[i].original);
        if (len > longest && !strncmp(at, p->list[i].original, len) &&
            !isalnum((unsigned char)at[len]) && p->list[i].kind != FOR_SESSION) {
            best = &p->list[i];
            longest = len;
        }
    }
    return best;
}

/* The length of an IP address that stands here as a word of its own; 0 = none. A port may follow.
 */
static size_t ip_at(const char *text, const char *at, char ip[INET6_ADDRSTRLEN])
{
    static const char letters[] = "0123456789abcdefABCDEF:.";
    uint8_t bytes[16];

    if (at > text && (isalnum((unsigned char)at[-1]) || strchr(":.", at[-1])))
        return 0;
    size_t len = strspn(at, letters), v4 = strspn(at, "0123456789.");
    while (len && strchr(".:", at[len - 1]) && len > 2 && at[len - 2] != ':')
        len--; /* the end of a sentence */
    if (len >= INET6_ADDRSTRLEN || isalnum((unsigned char)at[len]))
        len = 0;
    (void)text_copy(ip, len + 1, at);
    if (len && strchr(ip, ':') && inet_pton(AF_INET6, ip, bytes) == 1)
        return len;
    while (v4 && at[v4 - 1] == '.')
        v4--;
    if (v4 < 7 || v4 >= INET_ADDRSTRLEN || isalnum((unsigned char)at[v4]))
        return 0;
    (void)text_copy(ip, v4 + 1, at);
    return inet_pton(AF_INET, ip, bytes) == 1 ? v4 : 0;
}

void placeholder_put_text(struct placeholders *p, const char *text, struct str *out)
{
    size_t least = strchr(text, ' ') ? NAME_IN_TEXT_MIN : NAME_ALONE_MIN;
    char ip[INET6_ADDRSTRLEN];

    for (const char *at = text; *at;) {
        const struct placeholder *name = name_at(p, text, at, least);
        size_t len = name ? strlen(name->original) : ip_at(text, at, ip);
        if (name)
            str_add(out, name->text);
        else if (len)
            placeholder_put(p, FOR_HOST, ip, out);
        else
            str_add_n(out, at, len = 1);
        at += len;
    }
}

void placeholders_free(struct placeholders *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->list[i].original);
        free(p->list[i].text);
    }
    free(p->list);
    *p = (struct placeholders){0};
}
