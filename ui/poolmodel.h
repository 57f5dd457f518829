/* SPDX-License-Identifier: MIT */
/* Workers of the own pool as rows of a table, and its blocks. One thread. */
#pragma once

#include "ui/widgets/table.h"

enum { WORKER_SORT = 2 }; /* column of the hash rate */

struct table_model worker_model(const struct ui_ctx *);
void pool_block_row(const struct ui_ctx *, const struct pool_block_view *, struct canvas, int y);
