/* SPDX-License-Identifier: MIT */
/* TLS contexts: whom to trust, what to show. */
#include "net/tls_context.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "base/alloc.h"

static struct tls_context *context_new(const SSL_METHOD *method)
{
    struct tls_context *c = xcalloc(1, sizeof *c);

    atomic_init(&c->refs, 1);
    c->ssl = SSL_CTX_new(method);
    if (!c->ssl)
        abort(); /* no memory: as xmalloc */
    c->end = tls_end_new();
    (void)SSL_CTX_set_min_proto_version(c->ssl, TLS1_2_VERSION);
    (void)SSL_CTX_set_options(c->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    (void)SSL_CTX_set_mode(c->ssl, SSL_MODE_RELEASE_BUFFERS);
    return c;
}

struct tls_context *tls_context_ref(struct tls_context *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void tls_context_unref(struct tls_context *c)
{
    /* release: our uses happen before the last holder frees; pairs with its acquire */
    if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    SSL_CTX_free(c->ssl);
    BIO_meth_free(c->end);
    free(c);
}

/* OpenSSL's word for what went wrong last, and its queue emptied. */
static const char *last_reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return text ? text : "it cannot be read";
}

int tls_client_context(const struct tls_client_options *options, struct tls_context **ret,
                       struct fault *why)
{
    struct tls_context *c = context_new(TLS_client_method());
    int ok = 1;

    c->trust = options->trust;
    memcpy(c->fingerprint, options->fingerprint, sizeof c->fingerprint);
    if (options->authorities)
        ok = SSL_CTX_load_verify_file(c->ssl, options->authorities);
    else if (options->trust == TLS_VERIFY)
        ok = SSL_CTX_set_default_verify_paths(c->ssl);
    if (ok == 1) {
        *ret = c;
        return 0;
    }
    tls_context_unref(c);
    return fault_set(why, ERR_CONFIG, "certificate authorities %s: %s",
                     options->authorities ? options->authorities : "of the system", last_reason());
}

/* OpenSSL would ask on the terminal, and everything would wait for the answer. */
static int no_password(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

/* Making two tickets takes an eighth of a handshake's time; a miner that came back with one would
 * save the signature, less than that, and most never do. */
static void no_resumption(SSL_CTX *ssl)
{
    (void)SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_num_tickets(ssl, 0);
    (void)SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET); /* of TLS 1.2 */
}

int tls_server_context(const char *certificate, const char *key, struct tls_context **ret,
                       struct fault *why)
{
    struct tls_context *c = context_new(TLS_server_method());
    int err = 0;

    SSL_CTX_set_default_passwd_cb(c->ssl, no_password);
    if (SSL_CTX_use_certificate_chain_file(c->ssl, certificate) != 1)
        err = fault_set(why, ERR_CONFIG, "TLS certificate %s: %s", certificate, last_reason());
    else if (SSL_CTX_use_PrivateKey_file(c->ssl, key, SSL_FILETYPE_PEM) != 1)
        err = fault_set(why, ERR_CONFIG, "TLS key %s: %s", key, last_reason());
    else if (SSL_CTX_check_private_key(c->ssl) != 1)
        err = fault_set(why, ERR_CONFIG, "TLS key %s is not that of the certificate %s", key,
                        certificate);
    if (err < 0) {
        ERR_clear_error();
        tls_context_unref(c);
        return err;
    }
    no_resumption(c->ssl);
    *ret = c;
    return 0;
}
