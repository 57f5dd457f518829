/* SPDX-License-Identifier: MIT */
/* The order of addresses. */
#include "net/happy.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

struct list {
    struct sockaddr_storage at[HAPPY_MAX];
    unsigned count;
};

static bool has(const struct list *l, const struct addrinfo *a)
{
    for (unsigned i = 0; i < l->count; i++)
        if (!memcmp(&l->at[i], a->ai_addr, a->ai_addrlen))
            return true;
    return false;
}

static void collect(const struct addrinfo *found, int family, struct list *l)
{
    for (const struct addrinfo *a = found; a && l->count < HAPPY_MAX; a = a->ai_next) {
        if (a->ai_family != family || a->ai_addrlen > sizeof l->at[0] || has(l, a))
            continue;
        memset(&l->at[l->count], 0, sizeof l->at[0]);
        memcpy(&l->at[l->count++], a->ai_addr, a->ai_addrlen);
    }
}

unsigned happy_order(const struct addrinfo *found, unsigned first,
                     struct sockaddr_storage out[HAPPY_MAX])
{
    struct list lists[2] = {{.count = 0}}, all = {.count = 0};
    int family = found && found->ai_family == AF_INET ? AF_INET : AF_INET6;

    collect(found, family, &lists[0]);
    collect(found, family == AF_INET ? AF_INET6 : AF_INET, &lists[1]);
    for (unsigned i = 0; i < HAPPY_MAX; i++)
        for (unsigned k = 0; k < 2; k++)
            if (i < lists[k].count && all.count < HAPPY_MAX)
                all.at[all.count++] = lists[k].at[i];
    for (unsigned i = 0; i < all.count; i++)
        out[i] = all.at[(first + i) % all.count];
    return all.count;
}
