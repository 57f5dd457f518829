/* SPDX-License-Identifier: MIT */
/* Connecting by name: DNS, then all addresses in the order of RFC 8305 (IPv6 and IPv4 take turns),
 * the next one begun when one has not answered for 250 ms; the first that answers is taken. One uv
 * loop. */
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
 * up here. `first` turns the order of the addresses: 0 for the first try. */
struct connector *net_connect(uv_loop_t *, const struct endpoint *, const struct proxy *,
                              unsigned first, int64_t timeout_us, connect_done_fn *done, void *arg);

/* Gives up; `done` does not come. NULL is fine. */
void net_connect_cancel(struct connector *);
