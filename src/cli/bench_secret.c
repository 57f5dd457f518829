/* SPDX-License-Identifier: MIT */
/* TLS at the load's end: OpenSSL on the socket itself. */
#include "cli/bench_secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tls.h"

/* Both are OpenSSL's own objects; the names keep its headers out of the load. */
struct secrets *secrets_new(void)
{
    SSL_CTX *c = SSL_CTX_new(TLS_client_method());

    if (!c)
        abort(); /* no memory: as xmalloc */
    SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
    (void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return (struct secrets *)c;
}

void secrets_free(struct secrets *all)
{
    SSL_CTX_free((SSL_CTX *)all);
}

struct secret *secret_new(struct secrets *all, int fd)
{
    SSL *s = SSL_new((SSL_CTX *)all);

    if (!s || SSL_set_fd(s, fd) != 1)
        abort(); /* no memory: as xmalloc */
    SSL_set_connect_state(s);
    return (struct secret *)s;
}

void secret_free(struct secret *s)
{
    SSL_free((SSL *)s);
}

/* What OpenSSL's result means on a socket: -1 with errno, 0 at the end. */
static ssize_t meaning(SSL *s, int result)
{
    int what = SSL_get_error(s, result);

    if (what == SSL_ERROR_ZERO_RETURN)
        return 0;
    errno = what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return -1;
}

int secret_shake(struct secret *secret)
{
    SSL *s = (SSL *)secret;

    ERR_clear_error();
    int done = SSL_do_handshake(s);
    if (done == 1)
        return 1;
    return meaning(s, done) < 0 && errno == EAGAIN ? 0 : -1;
}

ssize_t secret_receive(struct secret *secret, void *bytes, size_t len)
{
    SSL *s = (SSL *)secret;
    size_t done;

    ERR_clear_error();
    return SSL_read_ex(s, bytes, len, &done) == 1 ? (ssize_t)done : meaning(s, 0);
}

ssize_t secret_send(struct secret *secret, const void *bytes, size_t len)
{
    SSL *s = (SSL *)secret;
    size_t done;

    ERR_clear_error();
    return SSL_write_ex(s, bytes, len, &done) == 1 ? (ssize_t)done : meaning(s, 0);
}

int secret_server(struct tls_context **ret, struct fault *why)
{
    char folder[] = "/tmp/otedama-bench-XXXXXX", certificate[64], key[64];

    if (!mkdtemp(folder))
        return fault_set(why, -errno, "%s: %s", folder, err_str(-errno));
    (void)snprintf(certificate, sizeof certificate, "%s/cert.pem", folder);
    (void)snprintf(key, sizeof key, "%s/key.pem", folder);
    int err = tls_make_certificate(certificate, key, "127.0.0.1", why);
    if (!err)
        err = tls_server_context(certificate, key, ret, why);
    (void)unlink(certificate);
    (void)unlink(key);
    (void)rmdir(folder);
    return err;
}
