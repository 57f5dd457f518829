/* SPDX-License-Identifier: MIT */
/* TLS at the load's end of the pool's benchmarks, whatever certificate the server shows; and a
 * certificate for the server's. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct secrets; /* what all connections of a crowd have in common */
struct secret;  /* one connection's */
struct tls_context;

struct secrets *secrets_new(void);
void secrets_free(struct secrets *); /* NULL is fine */

struct secret *secret_new(struct secrets *, int fd);
void secret_free(struct secret *); /* NULL is fine */

/* 1 = it is through, 0 = bytes from the server are needed, -1 = it failed. */
int secret_shake(struct secret *);

/* As recv and send on a socket that does not wait: -1 and errno. */
ssize_t secret_receive(struct secret *, void *bytes, size_t len);
ssize_t secret_send(struct secret *, const void *bytes, size_t len);

/* A server's context with a fresh self-signed certificate, as the program makes for itself. */
int secret_server(struct tls_context **ret, struct fault *why);
