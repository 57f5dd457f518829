/* SPDX-License-Identifier: MIT */
/* The screens, in the order of their tabs. */
#include "ui/panel.h"

extern const struct panel panel_overview, panel_devices, panel_pools, panel_algorithms, panel_pool,
    panel_log, panel_help;

const struct panel *const panels[] = {
    &panel_overview, &panel_devices, &panel_pools, &panel_algorithms,
    &panel_pool,     &panel_log,     &panel_help,  NULL,
};
