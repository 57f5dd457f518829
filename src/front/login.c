/* SPDX-License-Identifier: MIT */
/* A miner's logins: its extranonces, the names it mines for, what its password asks for. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"
#include "front/loop.h"

bool session_ready(const struct session *s)
{
    return s->miner.subscribed && s->worker_count;
}

struct worker *session_worker(const struct session *s, const char *user)
{
    for (unsigned i = 0; user && i < s->worker_count; i++)
        if (!strcmp(s->workers[i]->news.user, user))
            return s->workers[i];
    return NULL;
}

/* "x,d=1024" or "d=1024;x": what is not understood is ignored. */
static void read_password(struct session *s, const char *pass)
{
    while (*pass) {
        size_t len = strcspn(pass, ",; ");
        const char *value = !strncasecmp(pass, "d=", 2)      ? pass + 2
                            : !strncasecmp(pass, "diff=", 5) ? pass + 5
                                                             : NULL;
        char text[32] = "", *end;
        if (value && (size_t)(pass + len - value) < sizeof text)
            memcpy(text, value, (size_t)(pass + len - value));
        if (text[0] && strspn(text, "0123456789.eE+") == strlen(text)) {
            double d = strtod(text, &end);
            if (!*end && d > 0 && d < 0x1p200) {
                s->course.floor = d;
                session_suggest(&s->miner, d, false); /* down too: it is the miner's choice */
            }
        }
        pass += len;
        pass += strspn(pass, ",; ");
    }
}

/* An extranonce1 for the coinbase; or the first three bytes of the connection's nonces. */
void session_give_extranonce(struct session *s)
{
    struct miner *m = &s->miner;
    uint8_t bytes[FRONT_TOLD1];

    put_be32(bytes, s->loop->options->node_id << 24 | s->course.extranonce);
    bool prefix = m->dialect->makes_input && !m->dialect->own_input;
    memcpy(m->extranonce1, bytes + prefix, sizeof bytes - prefix);
    m->extranonce1_len = (uint8_t)(sizeof bytes - prefix);
    m->extranonce2_len = prefix ? 0 : FRONT_EXTRANONCE2;
}

/* The miner may know of its connection's end before we do: what knows the session's id is the
 * miner, and its old connection goes. */
static bool unpark(struct session *s, const uint8_t id[SESSION_ID_BYTES], struct legacy *ret)
{
    struct parking *parking = &s->loop->front->parking;

    if (session_unpark(parking, id, ret))
        return true;
    return !session_end_former(s, id) && session_unpark(parking, id, ret);
}

/* Their passwords were read before; who may no more be paid has to say so anew. */
static void log_in_again(struct session *s, const struct legacy *legacy)
{
    struct fault why = {0};

    for (size_t at = 0; at < legacy->users_len; at += strlen(legacy->users + at) + 1)
        (void)session_authorize(&s->miner, legacy->users + at, "", &why);
}

/* Goes on where a lost connection of the miner ended. What vardiff measured is not carried over:
 * the time without a connection says nothing of the miner's speed. */
static bool resume(struct session *s, const char *text)
{
    uint8_t id[SESSION_ID_BYTES];
    struct legacy legacy;

    if (!text || strlen(text) != 2 * sizeof id || !hex_decode(text, id, sizeof id) ||
        !unpark(s, id, &legacy))
        return false;
    s->course = legacy.course;
    memcpy(s->miner.session, id, sizeof id);
    vardiff_init(&s->course.vardiff, s->course.sent_difficulty, now_us());
    session_fix_difficulty(s);
    log_in_again(s, &legacy);
    return true;
}

int session_subscribe(struct miner *m, const char *session, struct fault *why)
{
    struct session *s = (struct session *)m;

    if (s->course.extranonce)
        return 0;
    if (!resume(s, session)) {
        if (s->waits_for)
            return SUBSCRIBE_LATER;
        s->course.extranonce = extranonce_take(&s->loop->front->extranonces);
        if (!s->course.extranonce)
            return fault_set(why, ERR_REJECTED, "the pool has no extranonce left: try later");
        rand_bytes(m->session, sizeof m->session);
    }
    session_give_extranonce(s);
    m->subscribed = true;
    if (!s->fixed && !session_shares_input(s)) /* what it asks for makes other work */
        session_fix_difficulty(s);
    session_live(s);
    return 0;
}

static void park(struct session *s)
{
    struct front *front = s->loop->front;
    struct legacy legacy = {.course = s->course};

    for (unsigned i = 0; i < s->worker_count && s->miner.dialect->resumes_logins; i++) {
        const char *user = s->workers[i]->news.user;
        size_t bytes = strlen(user) + 1;
        if (legacy.users_len + bytes > sizeof legacy.users)
            break;
        memcpy(legacy.users + legacy.users_len, user, bytes);
        legacy.users_len += (uint16_t)bytes;
    }
    session_park(&front->parking, &front->extranonces, s->miner.session, &legacy, now_us());
}

void session_release(struct session *s)
{
    struct front *front = s->loop->front;
    bool may_return = s->greeted && s->miner.dialect->resumes && !s->miner.abandons;

    session_not_live(s);
    if (may_return && !s->loop->closing)
        park(s);
    else if (s->course.extranonce)
        extranonce_rest(&front->extranonces, s->course.extranonce, now_us());
}

/* The address is what stands before the first dot. Anything goes on the devnet. */
int session_check_user(const struct front_loop *f, const char *user, struct fault *why)
{
    size_t len = strlen(user), address_len = strcspn(user, ".");
    char address[sizeof((struct front_worker *)0)->user];
    uint8_t script[SCRIPT_MAX];

    if (len >= sizeof address)
        return fault_set(why, ERR_UNAUTHORIZED, "the user name is longer than %zu characters",
                         sizeof address - 1);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)user[i] <= ' ' || (unsigned char)user[i] >= 0x7f)
            return fault_set(why, ERR_UNAUTHORIZED,
                             "the user name has a blank or a character that is not ASCII");
    if (!address_len)
        return fault_set(why, ERR_UNAUTHORIZED,
                         "the user name must be your payout address, with .WORKER if you like");
    if (!f->options->coin || !strcmp(f->options->coin->name, "devnet"))
        return 0;
    memcpy(address, user, address_len);
    address[address_len] = 0;
    int err = address_script(f->options->coin, f->options->network, address, script, why);
    return err < 0 ? ERR_UNAUTHORIZED : 0;
}

struct worker *session_add_worker(struct session *s, const char *user)
{
    struct worker *w = s->worker_count < SESSION_WORKERS_MAX ? front_worker(s->loop, user) : NULL;

    if (!w)
        return NULL;
    s->workers = xreallocarray(s->workers, s->worker_count + 1u, sizeof(struct worker *));
    s->workers[s->worker_count++] = w;
    worker_connect(w, s->miner.agent, &s->peer);
    return w;
}

int session_authorize(struct miner *m, const char *user, const char *pass, struct fault *why)
{
    struct session *s = (struct session *)m;
    struct front_loop *f = s->loop;
    int err = session_check_user(f, user, why);

    if (err < 0) {
        (void)gate_login_refused(s);
        return err;
    }
    if (!session_worker(s, user)) {
        struct worker *w = session_add_worker(s, user);
        if (!w)
            return fault_set(why, ERR_UNAUTHORIZED, "too many workers");
        if (!s->course.asked && !s->course.sent_difficulty && w->news.difficulty > 0)
            s->course.vardiff.difficulty = w->news.difficulty; /* where it was before */
    }
    read_password(s, pass);
    return 0;
}
