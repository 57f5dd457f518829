/* SPDX-License-Identifier: MIT */
/* Why connections are refused or closed, and addresses banned: causes.def with names. */
#pragma once

#include <stdbool.h>

enum cause {
#define X(name, word, kind, points, text) CAUSE_##name,
#include "front/causes.def"
#undef X
    CAUSES /* <= 32 */
};

enum cause_kind { CAUSE_OTHER, CAUSE_REFUSED, CAUSE_CLOSED };

const char *cause_name(enum cause); /* "slow-reader"; never NULL */
const char *cause_text(enum cause); /* "it does not read what it is sent" */
enum cause_kind cause_kind(enum cause);
unsigned cause_points(enum cause);
/* CAUSE_NONE when there is none of the name. */
enum cause cause_find(const char *name);
