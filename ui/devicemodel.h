/* SPDX-License-Identifier: MIT */
/* Devices as rows of a table: overview and device screen show the same columns. One thread. */
#pragma once

#include "ui/widgets/table.h"

struct table_model device_model(const struct ui_ctx *);
