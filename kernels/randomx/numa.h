/* SPDX-License-Identifier: MIT */
/* Memory nodes: which there are, where a thread runs, where memory goes. No library needed. */
#pragma once

#include <stddef.h>

enum { NODES_MAX = 64 };

/* The nodes that have CPUs and memory this process may use, ascending; at least one entry (0 where
 * the system does not tell). Returns the count. Any thread. */
unsigned numa_nodes(int nodes[NODES_MAX]);

/* The node of the CPU that the calling thread runs on; 0 when unknown. */
int numa_here(void);

/* Moves the calling thread to a node: its new memory comes from there, it runs there. Best effort.
 * `numa_leave` undoes it. */
struct numa_stay;
struct numa_stay *numa_enter(int node);
void numa_leave(struct numa_stay *);

/* Pages of the range that are not there yet come from the node, whoever touches them first. Best
 * effort. */
void numa_place(void *at, size_t bytes, int node);
