/* SPDX-License-Identifier: MIT */
/* The list of reward schemes. The first is the default. */
#include "reward/schemes.h"

#include <string.h>

const struct reward_scheme *const reward_schemes[] = {&scheme_pplns, &scheme_solo, NULL};

const struct reward_scheme *reward_find(const char *name)
{
    for (size_t i = 0; reward_schemes[i]; i++)
        if (!strcmp(reward_schemes[i]->name, name))
            return reward_schemes[i];
    return NULL;
}
