/* SPDX-License-Identifier: MIT */
/* One miner of the crowd: what it says and what it understands. */
#pragma once

#include "cli/bench_crowd.h"

/* Asks for version rolling and subscribes. */
void guest_greet(struct guest *);
/* lines_fn: takes a line from the server. */
int guest_line(void *guest, char *line, size_t len);

/* bench_crowd.c */
void guest_send(struct guest *, const char *bytes, size_t len);
void guest_end(struct guest *);
