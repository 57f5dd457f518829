/* SPDX-License-Identifier: MIT */
/* Stratum v1 from hostile peers. The first byte chooses: c = lines of a pool to a client that waits
 * for its handshake, r = to one that is ready, s = lines of a miner to a server, u = a pool URL. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/alloc.h"
#include "net/lines.h"
#include "stratum/client_session.h"
#include "stratum/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct algo sha256d_words = {.name = "sha256d", .diff1 = {{0, 0, 0, 0xffff0000}}};

/* --- the pool's end is hostile -----------------------------------------------------------------
 */

static void on_job(void *arg, struct job *job)
{
    struct stratum_client *c = *(struct stratum_client **)arg;
    struct share share = {.job = job, .extranonce2_len = job->plan.extranonce2_len};
    uint8_t root[32];

    plan_merkle_root(&job->plan, job->plan.extranonce1, job->plan.extranonce1_len,
                     share.extranonce2, share.extranonce2_len, root);
    (void)stratum_client_submit(c, &share);
}

static void fuzz_client(uint8_t *data, size_t size, bool ready)
{
    static const struct stratum_client_options options = {
        .url = "pool.example:3333", .user = "u", .algo = &sha256d_words, .allow_reconnect = true};
    struct stratum_client *c;
    struct stratum_client_events events = {.job = on_job, .arg = &c};
    struct lines lines = {.limit = CLIENT_LINE_MAX};
    uv_loop_t loop;

    (void)uv_loop_init(&loop);
    if (client_new(&loop, &options, &events, &c, NULL) < 0)
        abort();
    c->state = ready ? CLIENT_READY : CLIENT_HANDSHAKE;
    c->subscribed = c->authorised = ready;
    c->target = u256_max();
    c->extranonce2_len = ready ? 4 : 0;
    c->dialect->hello(c);
    size_t half = size / 2; /* two reads */
    if (!lines_feed(&lines, (char *)data, half, client_line, c))
        (void)lines_feed(&lines, (char *)data + half, size - half, client_line, c);
    lines_fini(&lines);
    stratum_client_close(c);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop))
        abort();
}

/* --- the miner's end is hostile -----------------------------------------------------------------
 */

static int subscribe(struct miner *m, struct fault *why)
{
    (void)why;
    m->extranonce1_len = 4;
    m->extranonce2_len = 8;
    return 0;
}

static int authorize(struct miner *m, const char *user, const char *pass, struct fault *why)
{
    (void)m;
    return strlen(user) + strlen(pass) > 64
               ? fault_set(why, ERR_UNAUTHORIZED, "too long: %.80s", user)
               : 0;
}

static int submit(struct miner *m, const struct submission *s, struct fault *why)
{
    (void)why;
    if (!m->subscribed || !s->user || !s->job || s->extranonce2_len != 8)
        abort();
    return s->nonce & 1 ? ERR_LOW_DIFF : 0;
}

static void refused(struct miner *m, const char *user, int err)
{
    (void)m;
    (void)user;
    if (err >= 0)
        abort();
}

static uint32_t roll(struct miner *m, uint32_t mask)
{
    (void)m;
    return mask & VERSION_ROLLING_MASK;
}

static void suggest(struct miner *m, double difficulty, bool floor)
{
    (void)m;
    (void)floor;
    if (!(difficulty > 0))
        abort();
}

static int on_miner_line(void *arg, char *line, size_t len)
{
    (void)miner_line(arg, line, len, NULL);
    return 0;
}

/* Every reply is one line of JSON. */
static void check_replies(struct str *out)
{
    for (char *at = out->s, *lf; at && (lf = strchr(at, '\n')); at = lf + 1) {
        json_t *reply = json_loadb(at, (size_t)(lf - at), 0, NULL);
        if (!reply)
            abort();
        json_decref(reply);
    }
}

static void fuzz_server(uint8_t *data, size_t size)
{
    static const struct miner_hooks hooks = {.subscribe = subscribe,
                                             .authorize = authorize,
                                             .submit = submit,
                                             .refused = refused,
                                             .roll = roll,
                                             .suggest = suggest};
    struct lines lines = {.limit = 16 * 1024};
    AUTO_STR struct str out = {0};
    struct miner miner = {.dialect = dialects[0],
                          .hooks = &hooks,
                          .algo = &sha256d_words,
                          .pool_agent = "pool",
                          .out = &out};

    (void)lines_feed(&lines, (char *)data, size, on_miner_line, &miner);
    lines_fini(&lines);
    miner_remask(&miner, 0x6000);
    check_replies(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    AUTO_FREE uint8_t *copy = xmalloc(size);
    memcpy(copy, data + 1, size - 1);
    copy[size - 1] = 0;
    if (data[0] == 'c' || data[0] == 'r')
        fuzz_client(copy, size - 1, data[0] == 'r');
    else if (data[0] == 's')
        fuzz_server(copy, size - 1);
    else if (data[0] == 'u')
        (void)stratum_url_check((char *)copy, NULL);
    return 0;
}
