/* SPDX-License-Identifier: MIT */
/* The table of causes. */
#include "front/cause.h"

#include <string.h>

static const struct {
    const char *name, *text;
    enum cause_kind kind;
    unsigned points;
} causes[CAUSES] = {
#define X(name, word, kind, points, text) [CAUSE_##name] = {word, text, CAUSE_##kind, points},
#include "front/causes.def"
#undef X
};

_Static_assert(CAUSES <= 32, "reports have room for 32");

static enum cause checked(enum cause cause)
{
    return (unsigned)cause < CAUSES ? cause : CAUSE_NONE;
}

const char *cause_name(enum cause cause)
{
    return causes[checked(cause)].name;
}

const char *cause_text(enum cause cause)
{
    return causes[checked(cause)].text;
}

enum cause_kind cause_kind(enum cause cause)
{
    return causes[checked(cause)].kind;
}

unsigned cause_points(enum cause cause)
{
    return causes[checked(cause)].points;
}

enum cause cause_find(const char *name)
{
    for (unsigned i = 0; i < CAUSES; i++)
        if (!strcmp(causes[i].name, name))
            return i;
    return CAUSE_NONE;
}
