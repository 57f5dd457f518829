/* SPDX-License-Identifier: MIT */
/* Hash tables: uthash with FNV-1a, whose macro (unlike the default) both compilers take without a
 * warning. */
#pragma once

#define HASH_FUNCTION HASH_FNV

#include <uthash.h>
