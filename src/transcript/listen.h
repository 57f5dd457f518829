/* SPDX-License-Identifier: MIT */
/* A listening socket on a uv loop, for the recorder and the replayed pool. */
#pragma once

#include <uv.h>

#include "base/err.h"
#include "net/address.h"

/* Binds "127.0.0.1:3333" (port 0 = any free one) and listens; `real` takes where. The handle is
 * initialised in every case and must be closed. 0, or a negative error and `why`. */
int listen_at(uv_loop_t *, uv_tcp_t *listener, const char *address, uv_connection_cb on_connection,
              char real[PEER_MAX], struct fault *why);
