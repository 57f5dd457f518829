/* SPDX-License-Identifier: MIT */
/* Every Stratum v1 dialect from hostile peers. The first byte chooses: c = lines of a pool to a
 * client that waits for its handshake, r = to one that is ready, s = lines of a miner to a server,
 * u = a pool URL; the second, 0 to 5, which dialect of dialects.c. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/alloc.h"
#include "net/lines.h"
#include "stratum/client_session.h"
#include "stratum/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An algorithm that the dialect carries. */
static const struct algo *algo_of(const struct dialect *d)
{
    char name[32] = "";

    memcpy(name, d->algos, strcspn(d->algos, " "));
    const struct algo *algo = algo_find(name);
    if (!algo)
        abort();
    return algo;
}

/* --- the pool's end is hostile -----------------------------------------------------------------
 */

static void on_job(void *arg, struct job *job)
{
    struct stratum_client *c = *(struct stratum_client **)arg;
    struct share share = {.job = job, .extranonce2_len = job->plan.extranonce2_len};
    uint8_t root[32];

    if (job->nonce_min > job->nonce_max || (job->form->given && !job->input_len))
        abort();
    share.nonce = job->nonce_max;
    plan_merkle_root(&job->plan, job->plan.extranonce1, job->plan.extranonce1_len,
                     share.extranonce2, share.extranonce2_len, root);
    (void)stratum_client_submit(c, &share);
}

static void fuzz_client(const struct dialect *dialect, uint8_t *data, size_t size, bool ready)
{
    const struct stratum_client_options options = {.url = "pool.example:3333",
                                                   .user = "u",
                                                   .algo = algo_of(dialect),
                                                   .reconnect = RECONNECT_SAME_DOMAIN};
    struct stratum_client *c;
    struct stratum_client_events events = {.job = on_job, .arg = &c};
    struct lines lines = {.limit = CLIENT_LINE_MAX};
    uv_loop_t loop;

    (void)uv_loop_init(&loop);
    if (client_new(&loop, &options, &events, &c, NULL) < 0)
        abort();
    c->dialect = dialect;
    memset(c->url.dialects + 1, 0, sizeof c->url.dialects - sizeof *c->url.dialects);
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

static int subscribe(struct miner *m, const char *session, struct fault *why)
{
    bool prefix = m->dialect->makes_input && !m->dialect->own_input;

    (void)session;
    (void)why;
    m->extranonce1_len = prefix ? 3 : 4;
    m->extranonce2_len = prefix ? 0 : 8;
    return 0;
}

static bool current(struct miner *m, struct notice *n)
{
    static const uint8_t input[76] = {16, 16};
    static struct job *job;
    static struct str body;

    if (!job)
        job = job_new(m->algo);
    str_clear(&body);
    if (m->dialect->job_body)
        m->dialect->job_body(&body, job);
    *n = (struct notice){
        .job = job, .body = &body, .id = "1f", .target = u256_max(), .input = input};
    n->input_len = m->algo->input_len;
    return m->subscribed;
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
    if (!m->subscribed || !s->user || (!s->job && !s->has_header) ||
        (!m->dialect->makes_input && s->extranonce2_len != 8))
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

static void fuzz_server(const struct dialect *dialect, uint8_t *data, size_t size)
{
    static const struct miner_hooks hooks = {.subscribe = subscribe,
                                             .authorize = authorize,
                                             .submit = submit,
                                             .refused = refused,
                                             .current = current,
                                             .roll = roll,
                                             .suggest = suggest};
    struct lines lines = {.limit = 16 * 1024};
    AUTO_STR struct str out = {0};
    const struct dialect *const offered[] = {dialect, NULL};
    struct miner miner = {.offered = offered,
                          .hooks = &hooks,
                          .algo = algo_of(dialect),
                          .pool_agent = "pool",
                          .out = &out};

    (void)lines_feed(&lines, (char *)data, size, on_miner_line, &miner);
    lines_fini(&lines);
    if (miner.dialect)
        miner_remask(&miner, 0x6000);
    check_replies(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    AUTO_FREE uint8_t *copy = xmalloc(size);
    memcpy(copy, data + 2, size - 2);
    copy[size - 2] = 0;
    const struct dialect *dialect = dialects[data[1] % 6];
    if (data[0] == 'c' || data[0] == 'r')
        fuzz_client(dialect, copy, size - 2, data[0] == 'r');
    else if (data[0] == 's')
        fuzz_server(dialect, copy, size - 2);
    else if (data[0] == 'u')
        (void)stratum_url_check((char *)copy, NULL);
    return 0;
}
