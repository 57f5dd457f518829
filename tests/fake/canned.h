/* SPDX-License-Identifier: MIT */
/* Snapshots and log records with fixed contents, for screens that are compared. */
#pragma once

#include "base/log.h"
#include "hub/snapshot.h"

enum { CANNED_LOG = 14 };

/* A rig of three devices that mines at the first of three pools; one warning. */
struct snapshot *canned_rig(void);

/* A rig that serves a pool on devnet with workers and blocks; a simulated device. */
struct snapshot *canned_pool(void);
struct snapshot *canned_lines(void); /* several algorithms, one of them being changed to */

extern const struct log_record canned_log[CANNED_LOG];
