/* SPDX-License-Identifier: MIT */
/* Parts of the overview. One thread. */
#pragma once

#include "ui/panel.h"

/* The status block of the standard layout; returns the rows it took. */
int overview_status(const struct ui_ctx *, struct canvas);

void overview_rates(const struct ui_ctx *, struct canvas, int y, bool wide);
void overview_tiny(const struct ui_ctx *, struct canvas);

/* Boxes of the wide layout. */
void overview_shares_box(const struct ui_ctx *, struct canvas);
void overview_heat_box(const struct ui_ctx *, struct canvas);
void overview_pool_box(const struct ui_ctx *, struct canvas);
void overview_program_box(const struct ui_ctx *, struct canvas);
