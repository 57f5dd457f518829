/* SPDX-License-Identifier: MIT */
/* TLS on a stream, through OpenSSL: version 1.2 at least, no renegotiation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/err.h"

enum { TLS_FINGERPRINT = 32 }; /* SHA-256 of the certificate (DER) */

/* What all connections of a kind share. Counted; any thread. */
struct tls_context;

enum tls_trust {
    TLS_VERIFY,   /* by the system's authorities (or `authorities`) and the host's name */
    TLS_PIN,      /* exactly one certificate, whoever signed it */
    TLS_INSECURE, /* anybody: only when the user said so by that word */
};

struct tls_client_options {
    enum tls_trust trust;
    uint8_t fingerprint[TLS_FINGERPRINT]; /* TLS_PIN */
    const char *authorities;              /* file of CA certificates; NULL = the system's */
};

/* 0, or ERR_CONFIG and `why` (authorities that cannot be read). */
int tls_client_context(const struct tls_client_options *, struct tls_context **ret,
                       struct fault *why);

/* A server's certificate chain and key, PEM files. 0, or ERR_CONFIG and `why`. */
int tls_server_context(const char *certificate, const char *key, struct tls_context **ret,
                       struct fault *why);

struct tls_context *tls_context_ref(struct tls_context *);
void tls_context_unref(struct tls_context *); /* NULL is fine */

/* Makes a self-signed certificate for `name` with a P-256 key, valid for ten years, and writes both
 * (the key with mode 0600). 0 or a negative error and `why`. */
int tls_make_certificate(const char *certificate, const char *key, const char *name,
                         struct fault *why);

/* Of the first certificate in a PEM file. 0 or a negative error and `why`. */
int tls_file_fingerprint(const char *certificate, uint8_t fingerprint[TLS_FINGERPRINT],
                         struct fault *why);

/* Reads 64 hexadecimal digits, with or without colons. */
bool tls_fingerprint_parse(const char *text, uint8_t fingerprint[TLS_FINGERPRINT]);

/* --- for tcp.c ------------------------------------------------------------------------------- */

struct stream;
struct tls; /* one connection's */

/* `host` is the name the certificate must be for; NULL makes it the server's end. */
struct tls *tls_new(struct tls_context *, const char *host);
void tls_free(struct tls *); /* NULL is fine */

/* Begins the client's handshake: 0 or an error that ends the stream. */
int tls_begin(struct tls *, struct stream *);

/* Bytes from the peer: hands what they say to the stream's reader. 0, UV_EOF when the peer said
 * goodbye, or ERR_PROTOCOL (see tls_trouble). The reader may close the stream meanwhile. */
int tls_take(struct tls *, struct stream *, const char *bytes, size_t len);

/* Sends all in one write, or keeps it until the handshake is through: nothing leaves before the
 * peer is trusted. 0, UV_ENOBUFS past `limit` kept bytes, or the stream's error. */
int tls_send(struct tls *, struct stream *, const uv_buf_t *bufs, unsigned count, size_t limit);

void tls_goodbye(struct tls *, struct stream *); /* best effort */

const char *tls_version(const struct tls *); /* "TLSv1.3"; "" before the handshake is through */
const char *tls_trouble(const struct tls *); /* why it failed and what to do; "" = it did not */
