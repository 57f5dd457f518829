/* SPDX-License-Identifier: MIT */
/* Listening. */
#include "transcript/listen.h"

enum { BACKLOG = 128 };

int listen_at(uv_loop_t *loop, uv_tcp_t *listener, const char *address,
              uv_connection_cb on_connection, char real[PEER_MAX], struct fault *why)
{
    struct endpoint at;
    struct sockaddr_storage sa;
    int len = sizeof sa;
    int err = uv_tcp_init(loop, listener);

    if (!err)
        err = endpoint_parse(address, 0, true, &at, why);
    if (!err)
        err = endpoint_literal(&at, &sa, why);
    if (err < 0)
        return err;
    err = uv_tcp_bind(listener, (struct sockaddr *)&sa, 0);
    if (!err)
        err = uv_listen((uv_stream_t *)listener, BACKLOG, on_connection);
    if (err)
        return fault_set(why, err, "cannot listen on %.80s: %s", address, err_str(err));
    (void)uv_tcp_getsockname(listener, (struct sockaddr *)&sa, &len);
    sockaddr_format((struct sockaddr *)&sa, real);
    return 0;
}
