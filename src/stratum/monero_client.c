/* SPDX-License-Identifier: MIT */
/* Monero Stratum, the miner's half: login, jobs with their seed, NiceHash mode, keepalived. */
#include <string.h>
#include <strings.h>

#include "base/endian.h"
#include "base/hex.h"
#include "stratum/client_common.h"
#include "stratum/monero.h"

enum { NICEHASH_BYTE = 3, SEED = 32 };

static const char wire_algo[] = "rx/0";

void monero_hello(struct stratum_client *c)
{
    AUTO_STR struct str params = {0};

    str_add(&params, "{\"login\":");
    json_put_text(&params, c->user);
    str_add(&params, ",\"pass\":");
    json_put_text(&params, c->pass);
    str_add(&params, ",\"agent\":");
    json_put_text(&params, c->agent);
    str_addf(&params, ",\"algo\":[\"%s\"]}", wire_algo);
    client_say(c, ASK_SUBSCRIBE, 0, "login", params.s);
}

/* --- jobs ------------------------------------------------------------------------------------ */

static bool read_seed(const char *text, struct algo_key *key)
{
    if (!text || !hex_decode(text, key->seed, SEED))
        return false;
    key->seed_len = SEED;
    return true;
}

/* Fills input and nonces. A nonce that is not zero is NiceHash mode: its last byte stays. */
static bool read_blob(const char *text, struct job *job)
{
    long len = text ? hex_decode_any(text, job->input, sizeof job->input) : -1;
    unsigned at = len < 0 ? 0 : monero_nonce_at(job->input, (size_t)len);

    if (!at)
        return false;
    job->form = &form_given;
    job->input_len = (uint16_t)len;
    job->nonce_at = (uint16_t)at;
    if (le32(job->input + at)) {
        job->nonce_min = (uint64_t)job->input[at + NICEHASH_BYTE] << 24;
        job->nonce_max = job->nonce_min | 0xffffff;
    }
    put_le32(job->input + at, 0);
    return true;
}

static int take_job(struct stratum_client *c, const json_t *o)
{
    const char *id = json_string_value(json_object_get(o, "job_id"));
    const char *algo = json_string_value(json_object_get(o, "algo"));
    const char *next = json_string_value(json_object_get(o, "next_seed_hash"));
    struct job *newest = client_newest_job(c);
    struct u256 target;
    double height;

    if (!id || strlen(id) >= JOB_ID_MAX)
        return client_broken(c, "job: no usable job_id");
    if (algo && algo_find(algo) != c->algo) {
        client_fail(c, ERR_REJECTED, "the pool gives work for the algorithm \"%.30s\", not %s",
                    algo, c->algo->name);
        return ERR_REJECTED;
    }
    if (!monero_target_read(json_string_value(json_object_get(o, "target")), &target))
        return client_broken(c, "job: the target is not 8 or 16 digits");
    (void)client_set_target(c, &target);
    struct job *job = client_job_new(c);
    bool good = read_blob(json_string_value(json_object_get(o, "blob")), job) &&
                read_seed(json_string_value(json_object_get(o, "seed_hash")), &job->key);
    if (!good) {
        job_unref(job);
        return client_broken(c, "job: blob or seed_hash cannot be read");
    }
    if (next && *next && !read_seed(next, &job->next_key))
        memset(&job->next_key, 0, sizeof job->next_key);
    (void)text_copy(job->id, sizeof job->id, id);
    if (json_to_number(json_object_get(o, "height"), &height) && height > 0 && height < 0x1p53)
        job->height = (uint64_t)height;
    job->clean = !newest || newest->height != job->height || !job->height;
    client_job(c, job);
    return 0;
}

static int on_job(struct stratum_client *c, const struct message *m)
{
    const json_t *inner = json_object_get(m->named, "job");

    if (!m->named)
        return client_broken(c, "job: no parameters");
    return take_job(c, inner ? inner : m->named);
}

/* --- answers --------------------------------------------------------------------------------- */

static bool offers(const struct message *m, const char *extension)
{
    const json_t *list = json_object_get(m->result, "extensions"), *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (json_is_string(item) && !strcmp(json_string_value(item), extension))
            return true;
    }
    return false;
}

static int on_login(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];
    const char *session = json_string_value(json_object_get(m->result, "id"));
    const json_t *job = json_object_get(m->result, "job");

    (void)r;
    if (message_verdict(m, reason, sizeof reason)) {
        client_fail(c, ERR_UNAUTHORIZED, "the pool refused login \"%.80s\": %s", c->user, reason);
        return ERR_UNAUTHORIZED;
    }
    if (!session || strlen(session) >= sizeof c->session)
        return client_broken(c, "login: the answer has no usable id");
    (void)text_copy(c->session, sizeof c->session, session);
    c->names_algo = offers(m, "algo");
    c->subscribed = c->authorised = true;
    client_progress(c);
    return json_is_object(job) ? take_job(c, job) : 0;
}

/* Words after which xmrig, too, begins anew: the session is not known any more. */
static bool session_lost(const char *reason)
{
    return !strncasecmp(reason, "unauthenticated", 15) || strcasestr(reason, "banned");
}

static int on_submitted(struct stratum_client *c, const struct message *m, const struct request *r)
{
    char reason[128];
    int err = client_submitted(c, m, r);

    if (!err && message_verdict(m, reason, sizeof reason) && session_lost(reason)) {
        client_fail(c, ERR_UNAUTHORIZED, "the pool says: %s", reason);
        return ERR_UNAUTHORIZED;
    }
    return err;
}

static client_answer_fn *const answers[ASKS] = {
    [ASK_SUBSCRIBE] = on_login,
    [ASK_SUBMIT] = on_submitted,
};

int monero_answer(struct stratum_client *c, const struct message *m)
{
    return client_answer(c, m, answers);
}

/* --- speaking -------------------------------------------------------------------------------- */

int64_t monero_submit(struct stratum_client *c, const struct share *share)
{
    AUTO_STR struct str params = {0};
    uint8_t nonce[4];
    char nonce_hex[9], hash_hex[65];
    int64_t ticket = client_ticket(c);

    if (ticket < 0)
        return ticket;
    put_le32(nonce, (uint32_t)share->nonce);
    hex_encode(nonce, sizeof nonce, nonce_hex);
    hex_encode(share->hash, sizeof share->hash, hash_hex);
    str_add(&params, "{\"id\":");
    json_put_text(&params, c->session);
    str_add(&params, ",\"job_id\":");
    json_put_text(&params, share->job->id);
    str_addf(&params, ",\"nonce\":\"%s\",\"result\":\"%s\"", nonce_hex, hash_hex);
    if (c->names_algo)
        str_addf(&params, ",\"algo\":\"%s\"", wire_algo);
    str_add(&params, "}");
    client_say(c, ASK_SUBMIT, (uint64_t)ticket, "submit", params.s);
    return ticket;
}

/* An error is an answer too, from a pool that does not know the word. */
void monero_probe(struct stratum_client *c)
{
    AUTO_STR struct str params = {0};

    if (c->request_count == CLIENT_REQUESTS)
        return;
    str_add(&params, "{\"id\":");
    json_put_text(&params, c->session);
    str_add(&params, "}");
    client_say(c, ASK_PROBE, 0, "keepalived", params.s);
}

const struct client_verb monero_as_client[] = {
    {"job", on_job},
    {"client.reconnect", client_on_reconnect},
    {"client.show_message", client_on_show_message},
    {"client.get_version", client_on_get_version},
    {0},
};
