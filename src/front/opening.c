/* SPDX-License-Identifier: MIT */
/* What comes before a connection's first line: a PROXY header from those who must send one, and
 * TLS. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "front/loop.h"
#include "net/forwarded.h"

enum { TLS_HANDSHAKE = 0x16, HEADER_START = 6 };

/* --- whom to trust, what to show ----------------------------------------------------------------
 */

void front_secure(struct front *front, struct tls_context *tls)
{
    struct tls_context *before;

    if (tls)
        (void)tls_context_ref(tls);
    uv_mutex_lock(&front->trust_lock);
    before = front->tls;
    front->tls = tls;
    uv_mutex_unlock(&front->trust_lock);
    tls_context_unref(before);
}

struct tls_context *front_tls(struct front *front)
{
    uv_mutex_lock(&front->trust_lock);
    struct tls_context *tls = front->tls ? tls_context_ref(front->tls) : NULL;
    uv_mutex_unlock(&front->trust_lock);
    return tls;
}

void front_trust(struct front *front, const struct prefix *from, unsigned count)
{
    struct prefix *before, *fresh = count ? xcalloc(count, sizeof *fresh) : NULL;

    if (count)
        memcpy(fresh, from, count * sizeof *fresh);
    uv_mutex_lock(&front->trust_lock);
    before = front->proxies;
    front->proxies = fresh;
    front->proxy_count = count;
    uv_mutex_unlock(&front->trust_lock);
    free(before);
}

static bool is_proxy(struct front *front, const struct peer *peer)
{
    bool found = false;

    uv_mutex_lock(&front->trust_lock);
    for (unsigned i = 0; i < front->proxy_count && !found; i++)
        found = prefix_has(&front->proxies[i], peer);
    uv_mutex_unlock(&front->trust_lock);
    return found;
}

/* --- the beginning ------------------------------------------------------------------------------
 */

void session_opens(struct session *s)
{
    s->opening = is_proxy(s->loop->front, &s->peer) ? OPENING_HEADER : OPENING_FIRST;
}

/* With a word of why, when it goes out at once. */
static void refuse(struct session *s, enum cause cause)
{
    struct str *out = &s->loop->out;

    str_clear(out);
    gate_say(out, cause);
    uv_buf_t buf = uv_buf_init(out->s, (unsigned)out->len);
    (void)stream_send(s->stream, &buf, 1);
    session_close_noted(s, cause);
}

/* The length of a whole header; 0 while it is not, negative when the session was closed. */
static int take_header(struct session *s, const char *bytes, size_t len)
{
    struct sockaddr_storage from;
    int used = forwarded_parse((const uint8_t *)bytes, len, &from);

    if (used < 0 || (!used && len > FORWARDED_MAX)) {
        session_close_noted(s, CAUSE_NO_PROXY);
        return ERR_PROTOCOL;
    }
    if (used && from.ss_family == AF_UNSPEC) {
        s->entry.trusted = true; /* the balancer speaks for itself */
    } else if (used) {
        peer_from_sockaddr(&s->peer, (struct sockaddr *)&from);
        enum cause cause = gate_enter(s);
        if (cause) {
            refuse(s, cause);
            return ERR_REJECTED;
        }
    }
    return used;
}

/* Parts are put together until the header is whole. */
static bool header_done(struct session *s, char **bytes, size_t *len, struct str *kept)
{
    *kept = s->head;
    s->head = (struct str){0};
    if (kept->len) {
        str_add_n(kept, *bytes, *len);
        *bytes = kept->s;
        *len = kept->len;
    }
    int used = take_header(s, *bytes, *len);
    if (!used && !kept->len)
        str_add_n(kept, *bytes, *len);
    if (!used) {
        s->head = *kept;
        *kept = (struct str){0};
    }
    if (used <= 0)
        return false;
    *bytes += used;
    *len -= (size_t)used;
    s->opening = OPENING_FIRST;
    return *len > 0;
}

static bool is_header(const char *bytes, size_t len)
{
    static const char text[HEADER_START] = {'P', 'R', 'O', 'X', 'Y', ' '};
    static const char binary[HEADER_START] = {'\r', '\n', '\r', '\n', '\0', '\r'};

    return len >= HEADER_START &&
           (!memcmp(bytes, text, HEADER_START) || !memcmp(bytes, binary, HEADER_START));
}

static void secure(struct session *s, const char *bytes, size_t len)
{
    struct stream *stream = s->stream;
    struct tls_context *tls = front_tls(s->loop->front);

    if (!tls) {
        session_close_noted(s, CAUSE_NO_TLS);
        return;
    }
    int err = stream_tls_accept(stream, tls, bytes, len);
    tls_context_unref(tls);
    if (err < 0 && !stream->closing)
        session_ended(s, err);
}

/* Whoever configured a miner for the wrong port finds it in the miner's log. */
static void refuse_plain(struct session *s)
{
    static const char text[] =
        "{\"id\":null,\"result\":null,\"error\":[20,\"this port speaks TLS: use "
        "stratum+ssl://\",null]}\n";
    const uv_buf_t buf = uv_buf_init((char *)(uintptr_t)text, sizeof text - 1);

    (void)stream_send(s->stream, &buf, 1);
    session_close_noted(s, CAUSE_PLAIN);
}

/* True when lines come in plain. */
static bool first_byte(struct session *s, const char *bytes, size_t len)
{
    enum cause cause;

    s->opening = OPENING_DONE;
    if (is_header(bytes, len)) {
        session_close_noted(s, CAUSE_PROXY);
        return false;
    }
    if (s->port->tls != FRONT_PLAIN && *bytes == TLS_HANDSHAKE) {
        secure(s, bytes, len);
        return false;
    }
    if (s->port->tls != FRONT_TLS)
        return true;
    if (session_foreign(bytes, len, &cause))
        session_close_noted(s, cause);
    else
        refuse_plain(s);
    return false;
}

bool session_opening(struct session *s, char **bytes, size_t *len, struct str *kept)
{
    if (s->opening == OPENING_HEADER && !header_done(s, bytes, len, kept))
        return false;
    return first_byte(s, *bytes, *len);
}

bool session_opening_late(struct session *s, int64_t now)
{
    bool shaking = s->stream->tls && !*stream_security(s->stream);

    if ((s->opening != OPENING_HEADER && !shaking) || now - s->since_us <= FRONT_OPENING_US)
        return false;
    session_close_noted(s, CAUSE_OPENING);
    return true;
}
