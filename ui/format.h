/* SPDX-License-Identifier: MIT */
/* Numbers for people: short, of bounded width, an en dash for what is not known. Any thread. */
#pragma once

#include <stdint.h>

enum { FORMAT_MAX = 32 };

/* "12.41k", "702.1", "–": at most 6 cells, four digits. */
const char *format_si(char out[FORMAT_MAX], double value);
/* The same with a unit: "12.41kH/s", "702.1 H/s". */
const char *format_rate(char out[FORMAT_MAX], double hashes_per_s);
/* Three digits: "480k", "1.05M", "0.002", "4e-06": at most 5 cells. */
const char *format_short(char out[FORMAT_MAX], double value);
/* Whole number with thin groups: "3 312 904". */
const char *format_count(char out[FORMAT_MAX], uint64_t value);
/* `decimals` digits after the point. */
const char *format_fixed(char out[FORMAT_MAX], double value, int decimals);
const char *format_percent(char out[FORMAT_MAX], uint64_t part, uint64_t whole); /* "0.3%" */
const char *format_bytes(char out[FORMAT_MAX], uint64_t bytes);                  /* "38.1M" */
/* Time since: "0.8s", "12s", "4m05s", "2h07m", "3d04h"; "–" below zero. */
const char *format_age(char out[FORMAT_MAX], int64_t us);
/* Monotonic time `then` seen from `now`; then = 0 is unknown. */
const char *format_since(char out[FORMAT_MAX], int64_t now_us, int64_t then_us);
const char *format_uptime(char out[FORMAT_MAX], int64_t us);     /* "3d04:12:09", "04:12:09" */
const char *format_clock(char out[FORMAT_MAX], int64_t wall_ms); /* UTC: "14:03:27" */
const char *format_date(char out[FORMAT_MAX], int64_t wall_ms);  /* UTC: "2026-01-05 14:03" */
