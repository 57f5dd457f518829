/* SPDX-License-Identifier: MIT */
/* Connecting by name: DNS, then all addresses in turn, within one time limit each. One uv loop. */
#pragma once

#include <stdint.h>

#include <uv.h>

#include "net/address.h"
#include "net/stream.h"

struct connector;

/* Either a connected stream, now the receiver's, or an error and what failed. The connector is gone
 * after the call. */
typedef void connect_done_fn(void *arg, int err, struct stream *take, const char *reason);

/* Starts; `done` comes in a later loop turn. `timeout_us` is for DNS and for each address. */
struct connector *net_connect(uv_loop_t *, const struct endpoint *, int64_t timeout_us,
                              connect_done_fn *done, void *arg);

/* Gives up; `done` does not come. NULL is fine. */
void net_connect_cancel(struct connector *);
