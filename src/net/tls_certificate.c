/* SPDX-License-Identifier: MIT */
/* Certificates: making a self-signed one, and fingerprints. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "base/hex.h"
#include "net/address.h"
#include "net/tls.h"

enum { YEARS = 10, DAY_S = 86400 };

/* The certificate must name the host in this extension: common names are no longer looked at. */
static bool add_name(X509 *x, const char *name)
{
    char value[HOST_MAX + 8];

    (void)snprintf(value, sizeof value, "%s:%s", host_is_literal(name) ? "IP" : "DNS", name);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
    bool ok = e && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

static bool fill(X509 *x, EVP_PKEY *key, const char *name)
{
    X509_NAME *subject = X509_get_subject_name(x);
    uint64_t serial;

    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           X509_set_version(x, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) &&
           X509_time_adj_ex(X509_getm_notAfter(x), YEARS * 365, 0, NULL) &&
           X509_set_pubkey(x, key) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(x, subject) == 1 && add_name(x, name) &&
           X509_sign(x, key, EVP_sha256()) > 0;
}

static int write_pem(BIO *pem, const char *path, mode_t mode, struct fault *why)
{
    char *bytes;
    long len = BIO_get_mem_data(pem, &bytes);
    int err = dir_make_parent(path, 0700);

    if (!err)
        err = file_write(path, bytes, (size_t)len, mode);
    return err < 0 ? fault_set(why, err, "cannot write %s: %s", path, err_str(err)) : 0;
}

int tls_make_certificate(const char *certificate, const char *key_file, const char *name,
                         struct fault *why)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    BIO *cert_pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_mem());
    int err;

    if (!key || !x || !cert_pem || !key_pem || !fill(x, key, name) ||
        PEM_write_bio_X509(cert_pem, x) != 1 ||
        PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) != 1)
        err = fault_set(why, ERR_CONFIG, "cannot make a TLS certificate for \"%s\"", name);
    else if (!(err = write_pem(key_pem, key_file, 0600, why)))
        err = write_pem(cert_pem, certificate, 0644, why);
    ERR_clear_error();
    BIO_free(key_pem);
    BIO_free(cert_pem);
    X509_free(x);
    EVP_PKEY_free(key);
    return err;
}

int tls_file_fingerprint(const char *path, uint8_t fingerprint[TLS_FINGERPRINT], struct fault *why)
{
    FILE *f = fopen(path, "re");
    X509 *x = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
    unsigned len = 0;
    int ok = x && X509_digest(x, EVP_sha256(), fingerprint, &len) && len == TLS_FINGERPRINT;

    if (f)
        (void)fclose(f);
    X509_free(x);
    ERR_clear_error();
    return ok ? 0 : fault_set(why, ERR_CONFIG, "%s is not a certificate in PEM form", path);
}

bool tls_fingerprint_parse(const char *text, uint8_t fingerprint[TLS_FINGERPRINT])
{
    char digits[2 * TLS_FINGERPRINT + 1];
    size_t n = 0;

    for (; *text; text++) {
        if (*text == ':')
            continue;
        if (!isxdigit((unsigned char)*text) || n == 2 * TLS_FINGERPRINT)
            return false;
        digits[n++] = *text;
    }
    digits[n] = 0;
    return n == 2 * TLS_FINGERPRINT && hex_decode(digits, fingerprint, TLS_FINGERPRINT);
}
