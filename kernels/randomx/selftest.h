/* SPDX-License-Identifier: MIT */
/* The self-test of RandomX that needs no dataset. */
#pragma once

#include "algo/algo.h"

/* As algo->selftest. */
unsigned rx_selftest(unsigned rounds, algo_report_fn *report, void *arg);
