/* SPDX-License-Identifier: MIT */
/* Connecting by name: DNS, then all addresses in turn, within one time limit each. One uv loop. */
#pragma once

#include <stdint.h>

#include <uv.h>

#include "net/address.h"
#include "net/proxy.h"
#include "net/stream.h"

struct connector;

/* Either a connected stream, now the receiver's, or an error and what failed. The connector is gone
 * after the call. */
typedef void connect_done_fn(void *arg, int err, struct stream *take, const char *reason);

/* Starts; `done` comes in a later loop turn. `timeout_us` is for DNS, for each address, and for the
 * talk with the proxy. With a proxy (copied; NULL = straight) the endpoint's name is never looked
 * up here. */
struct connector *net_connect(uv_loop_t *, const struct endpoint *, const struct proxy *,
                              int64_t timeout_us, connect_done_fn *done, void *arg);

/* Gives up; `done` does not come. NULL is fine. */
void net_connect_cancel(struct connector *);
