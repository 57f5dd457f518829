/* SPDX-License-Identifier: MIT */
/* Look-up of embedded files. */
#include "base/embed.h"

#include <stddef.h>
#include <string.h>

const struct embedded *embedded_find(const char *name)
{
    for (const struct embedded *e = embedded_files; e->name; e++)
        if (!strcmp(e->name, name))
            return e;
    return NULL;
}
