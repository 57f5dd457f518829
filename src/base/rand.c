/* SPDX-License-Identifier: MIT */
/* getrandom(2), which cannot fail once the system is up. */
#include "base/rand.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void rand_bytes(void *out, size_t len)
{
    uint8_t *to = out;

    while (len) {
        ssize_t got = getrandom(to, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        to += got;
        len -= (size_t)got;
    }
}

uint32_t rand_u32(void)
{
    uint32_t v;

    rand_bytes(&v, sizeof v);
    return v;
}
