/* SPDX-License-Identifier: MIT */
/* What overview.c and overview_boxes.c share. */
#pragma once

#include "ui/panel.h"

struct rig_heat { /* NAN = no sensor answers */
    double watts, celsius, fan, hashes_per_joule;
    const char *hottest; /* device; NULL = unknown */
};
struct rig_heat overview_heat(const struct snapshot *, int64_t now_us);
void overview_source(const struct ui_ctx *, struct canvas, int y);
