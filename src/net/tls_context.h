/* SPDX-License-Identifier: MIT */
/* The inside of a TLS context: for tls.c and tls_context.c alone. */
#pragma once

#include <stdatomic.h>

#include <openssl/ssl.h>

#include "net/tls.h"

struct tls_context {
    _Atomic uint32_t refs;
    SSL_CTX *ssl;
    BIO_METHOD *end;      /* how its connections reach their streams */
    enum tls_trust trust; /* clients */
    uint8_t fingerprint[TLS_FINGERPRINT];
};

BIO_METHOD *tls_end_new(void); /* tls.c */
