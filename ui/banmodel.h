/* SPDX-License-Identifier: MIT */
/* Bans of the own pool's Stratum port as rows of a table. One thread. */
#pragma once

#include "ui/widgets/table.h"

enum { BAN_SORT = 2 }; /* column of the age: newest first */

struct table_model ban_model(const struct ui_ctx *);
