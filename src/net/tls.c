/* SPDX-License-Identifier: MIT */
/* One TLS connection: OpenSSL reads what the stream received and says what to send; the socket
 * stays the stream's. */
#include "net/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/hex.h"
#include "base/str.h"
#include "net/address.h"
#include "net/stream.h"
#include "net/tls_context.h"

enum {
    PLAIN_BYTES = 16 * 1024,
    HANDSHAKE_MAX = 32 * 1024, /* bytes from a peer that has not come through it */
    OUT_KEPT = 1024,           /* a buffer this big stays for the next message */
};

struct tls {
    struct tls_context *context; /* a reference */
    SSL *ssl;
    const char *fed; /* from the peer; borrowed while tls_take runs */
    size_t fed_len;
    struct str out; /* what OpenSSL wants sent */
    bool ready;
    uint32_t shaken; /* bytes from the peer until then */
    struct str kept; /* to be sent when ready */
    char host[HOST_MAX];
    char seen[2 * TLS_FINGERPRINT + 1]; /* fingerprint of the peer's certificate; "" = none yet */
    char trouble[256];
};

/* Notes whose certificate it is, so that a refusal can say what could be pinned. */
static int on_verify(int ok, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *t = SSL_get_app_data(ssl);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len;

    if (X509_digest(X509_STORE_CTX_get0_cert(store), EVP_sha256(), digest, &len) &&
        len == TLS_FINGERPRINT)
        hex_encode(digest, TLS_FINGERPRINT, t->seen);
    return t->context->trust == TLS_VERIFY ? ok : 1;
}

static void expect_host(struct tls *t, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);

    (void)text_copy(t->host, sizeof t->host, host);
    if (host_is_literal(host)) {
        (void)X509_VERIFY_PARAM_set1_ip_asc(param, host);
    } else {
        (void)SSL_set1_host(t->ssl, host);
        (void)SSL_set_tlsext_host_name(t->ssl, t->host);
    }
}

/* --- OpenSSL's end ----------------------------------------------------------------------------
 */

/* It reads what was received where that lies, and keeps no copy but of a record's part. */
static int end_read(BIO *end, char *into, size_t len, size_t *done)
{
    struct tls *t = BIO_get_data(end);

    BIO_clear_retry_flags(end);
    if (!t->fed_len) {
        BIO_set_retry_read(end);
        return 0;
    }
    *done = len < t->fed_len ? len : t->fed_len;
    memcpy(into, t->fed, *done);
    t->fed += *done;
    t->fed_len -= *done;
    return 1;
}

static int end_write(BIO *end, const char *bytes, size_t len, size_t *done)
{
    struct tls *t = BIO_get_data(end);

    BIO_clear_retry_flags(end);
    str_add_n(&t->out, bytes, len);
    *done = len;
    return 1;
}

static long end_ctrl(BIO *end, int what, long num, void *arg)
{
    (void)end;
    (void)num;
    (void)arg;
    return what == BIO_CTRL_FLUSH;
}

BIO_METHOD *tls_end_new(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "stream");

    if (!m || !BIO_meth_set_read_ex(m, end_read) || !BIO_meth_set_write_ex(m, end_write) ||
        !BIO_meth_set_ctrl(m, end_ctrl))
        abort(); /* no memory: as xmalloc */
    return m;
}

struct tls *tls_new(struct tls_context *context, const char *host)
{
    struct tls *t = xcalloc(1, sizeof *t);
    BIO *end = BIO_new(context->end);

    t->context = tls_context_ref(context);
    t->ssl = SSL_new(context->ssl);
    if (!t->ssl || !end)
        abort(); /* no memory: as xmalloc */
    BIO_set_data(end, t);
    BIO_set_init(end, 1);
    SSL_set_bio(t->ssl, end, end);
    SSL_set_app_data(t->ssl, t);
    if (host) {
        SSL_set_connect_state(t->ssl);
        SSL_set_verify(t->ssl, SSL_VERIFY_PEER, on_verify);
        expect_host(t, host);
    } else {
        SSL_set_accept_state(t->ssl);
    }
    return t;
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    SSL_free(t->ssl);
    str_free(&t->kept);
    str_free(&t->out);
    tls_context_unref(t->context);
    free(t);
}

/* --- troubles -------------------------------------------------------------------------------- */

static void explain_certificate(struct tls *t, long result)
{
    (void)snprintf(t->trouble, sizeof t->trouble,
                   "the certificate of %.80s is not trusted (%s); if it is the right one, pin its "
                   "fingerprint %s",
                   t->host, X509_verify_cert_error_string(result), t->seen);
}

static int fail(struct tls *t)
{
    long result = SSL_get_verify_result(t->ssl);
    unsigned long code = ERR_get_error();

    if (!*t->trouble && *t->host && t->context->trust == TLS_VERIFY && result != X509_V_OK)
        explain_certificate(t, result);
    else if (!*t->trouble)
        (void)snprintf(t->trouble, sizeof t->trouble, "TLS: %s",
                       code ? ERR_reason_error_string(code) : "the peer broke off");
    ERR_clear_error();
    return ERR_PROTOCOL;
}

/* --- moving bytes ---------------------------------------------------------------------------- */

/* What OpenSSL wants sent goes to the socket. */
static int flush(struct tls *t, struct stream *s)
{
    const uv_buf_t buf = uv_buf_init(t->out.s, (unsigned)t->out.len);
    int err = t->out.len ? stream_send_raw(s, &buf, 1) : 0;

    if (t->out.cap > OUT_KEPT)
        str_free(&t->out);
    else
        str_clear(&t->out);
    return err;
}

static int write_plain(struct tls *t, struct stream *s, const uv_buf_t *bufs, unsigned count)
{
    size_t done;

    for (unsigned i = 0; i < count; i++)
        if (bufs[i].len && SSL_write_ex(t->ssl, bufs[i].base, bufs[i].len, &done) != 1)
            return fail(t);
    return flush(t, s);
}

static bool pin_holds(struct tls *t)
{
    char want[2 * TLS_FINGERPRINT + 1];

    if (!*t->host || t->context->trust != TLS_PIN)
        return true;
    hex_encode(t->context->fingerprint, TLS_FINGERPRINT, want);
    if (!strcmp(want, t->seen))
        return true;
    (void)snprintf(t->trouble, sizeof t->trouble,
                   "the certificate of %.80s has the fingerprint %s, not the pinned one", t->host,
                   t->seen);
    return false;
}

/* 0 also while more is needed from the peer. */
static int shake(struct tls *t, struct stream *s)
{
    ERR_clear_error();
    int done = SSL_do_handshake(t->ssl);
    int want = done == 1 ? SSL_ERROR_NONE : SSL_get_error(t->ssl, done);

    if (done != 1 && want != SSL_ERROR_WANT_READ) {
        (void)flush(t, s); /* the alert that tells the peer why */
        return fail(t);
    }
    int err = flush(t, s);
    if (err || done != 1)
        return err;
    if (!pin_holds(t))
        return ERR_PROTOCOL;
    t->ready = true;
    const uv_buf_t kept = uv_buf_init(t->kept.s, (unsigned)t->kept.len);
    err = write_plain(t, s, &kept, 1);
    str_free(&t->kept);
    return err;
}

int tls_begin(struct tls *t, struct stream *s)
{
    return shake(t, s);
}

static int read_plain(struct tls *t, struct stream *s)
{
    char plain[PLAIN_BYTES];
    size_t len;

    while (!s->closing) {
        ERR_clear_error();
        if (SSL_read_ex(t->ssl, plain, sizeof plain, &len) == 1) {
            s->events->data(s->arg, plain, len);
            continue;
        }
        int want = SSL_get_error(t->ssl, 0);
        if (want == SSL_ERROR_ZERO_RETURN)
            return UV_EOF;
        if (want != SSL_ERROR_WANT_READ)
            return fail(t);
        return flush(t, s); /* key updates are answered */
    }
    return 0;
}

static int take_handshake(struct tls *t, struct stream *s, size_t len)
{
    int err = shake(t, s);

    if (err < 0 || t->ready)
        return err;
    t->shaken += (uint32_t)(len < HANDSHAKE_MAX ? len : HANDSHAKE_MAX);
    if (t->shaken < HANDSHAKE_MAX)
        return 0;
    (void)snprintf(t->trouble, sizeof t->trouble, "TLS: the handshake has no end");
    return ERR_PROTOCOL;
}

int tls_take(struct tls *t, struct stream *s, const char *bytes, size_t len)
{
    int err = 0;

    t->fed = bytes;
    t->fed_len = len;
    if (!t->ready)
        err = take_handshake(t, s, len);
    if (!err && t->ready)
        err = read_plain(t, s);
    t->fed_len = 0;
    return err;
}

int tls_send(struct tls *t, struct stream *s, const uv_buf_t *bufs, unsigned count, size_t limit)
{
    if (t->ready)
        return write_plain(t, s, bufs, count);
    for (unsigned i = 0; i < count; i++) {
        if (t->kept.len + bufs[i].len > limit)
            return UV_ENOBUFS;
        str_add_n(&t->kept, bufs[i].base, bufs[i].len);
    }
    return 0;
}

void tls_goodbye(struct tls *t, struct stream *s)
{
    if (!t->ready)
        return;
    ERR_clear_error();
    (void)SSL_shutdown(t->ssl);
    (void)flush(t, s);
    ERR_clear_error();
}

const char *tls_version(const struct tls *t)
{
    return t->ready ? SSL_get_version(t->ssl) : "";
}

const char *tls_trouble(const struct tls *t)
{
    return t->trouble;
}
