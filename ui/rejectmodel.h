/* SPDX-License-Identifier: MIT */
/* Rejected shares as rows of a table. One thread. */
#pragma once

#include "ui/widgets/table.h"

struct table_model reject_model(const struct ui_ctx *);
