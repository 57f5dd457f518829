/* SPDX-License-Identifier: MIT */
/* Flags of the program itself: short words for settings, from one table. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "config/config.h"

enum { FLAG_OVERRIDES = 64 };

struct flags {
    struct config_request request; /* points into `overrides` */
    struct config_override overrides[FLAG_OVERRIDES];
    bool headless, no_color, mono;
    char set_path[FLAG_OVERRIDES][96]; /* the part before "=" of --set */
};

/* Reads argv[1...]. 0, or EXIT_BAD_USAGE with `why` (nearest flag). */
int flags_read(int argc, char **argv, struct flags *, struct fault *why);

/* One line a flag: for the help. */
void flags_print(FILE *);

/* The same as roff items: for the manual. */
void flags_roff(FILE *);
