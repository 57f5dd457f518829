/* SPDX-License-Identifier: MIT */
/* Understanding a conversation that others have. */
#include "transcript/talk.h"

#include <string.h>

#include "base/str.h"
#include "transcript/walk.h"

static const struct {
    const char *method, *dialects;
    bool answer;
    const char *path;
    enum role role;
} fields[] = {
#define FIELD(method, dialects, answer, path, role) {method, dialects, answer, path, ROLE_##role},
#include "transcript/fields.def"
#undef FIELD
};

enum role field_role(enum talk_dialect dialect, const char *method, bool answer, const char *path)
{
    if (!method)
        return ROLE_NONE;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].answer == answer && !strcmp(fields[i].method, method) &&
            strchr(fields[i].dialects, dialect ? dialect : TALK_BITCOIN) &&
            path_is(path, fields[i].path))
            return fields[i].role;
    return ROLE_NONE;
}

bool method_is_submit(const char *method)
{
    return text_has_word("mining.submit eth_submitWork submit", method);
}

bool method_is_optional(const char *method)
{
    return text_has_word("mining.configure mining.extranonce.subscribe mining.suggest_difficulty "
                         "mining.suggest_target mining.minimum_difficulty mining.multi_version "
                         "mining.get_transactions mining.noop mining.ping mining.hashrate "
                         "eth_submitHashrate keepalived getjob client.get_version",
                         method);
}

bool is_job(const struct message *m, const char *method, bool answer)
{
    if (!method)
        return false;
    if (!answer)
        return text_has_word("mining.notify job", method);
    if (!strcmp(method, "login"))
        return json_is_object(json_object_get(m->result, "job"));
    return !strcmp(method, "eth_getWork") && json_array_size(m->result) >= 3;
}

/* --- dialects ----------------------------------------------------------------------------------
 */

/* The number of parameters tells the job messages of the mining.* dialects from one another. */
static enum talk_dialect of_notify(const struct message *m, enum talk_dialect now)
{
    size_t n = json_array_size(m->params);

    if (n >= 8)
        return TALK_BITCOIN;
    if (n == 7)
        return TALK_KAWPOW;
    return now == TALK_ETHEREUM2 ? now : TALK_ETHEREUM1;
}

static bool says_ethereum1(const struct message *m)
{
    static const char name[] = "EthereumStratum/1";
    const json_t *value;
    size_t i;

    json_array_foreach(m->params, i, value)
    {
        if (json_is_string(value) && !strncmp(json_string_value(value), name, sizeof name - 1))
            return true;
    }
    return false;
}

static void learn(struct talk *t, const struct message *m)
{
    if (!strcmp(m->method, "login"))
        t->dialect = TALK_MONERO;
    else if (!strncmp(m->method, "eth_", 4) && !t->dialect)
        t->dialect = TALK_ETHPROXY;
    else if (!strcmp(m->method, "mining.hello"))
        t->dialect = TALK_ETHEREUM2;
    else if (!strcmp(m->method, "mining.notify"))
        t->dialect = of_notify(m, t->dialect);
    else if (!t->dialect && says_ethereum1(m))
        t->dialect = TALK_ETHEREUM1;
}

/* --- requests and answers -----------------------------------------------------------------------
 */

static void remember(struct talk *t, bool by_miner, const struct message *m, size_t tag)
{
    struct talk_request *r = &t->pending[t->next++ % TALK_PENDING];

    (void)text_copy(r->method, sizeof r->method, m->method);
    memcpy(r->id, m->id, m->id_len);
    r->id[m->id_len] = 0;
    r->by_miner = by_miner;
    r->tag = tag;
}

static struct talk_request *answered(struct talk *t, bool by_miner, const struct message *m)
{
    for (unsigned i = 0; i < TALK_PENDING; i++) {
        struct talk_request *r = &t->pending[i];
        if (*r->method && r->by_miner != by_miner && strlen(r->id) == m->id_len &&
            !memcmp(r->id, m->id, m->id_len))
            return r;
    }
    return NULL;
}

const char *talk_hear(struct talk *t, bool by_miner, const struct message *m, bool *answer,
                      size_t *tag)
{
    static const char work[] = "eth_getWork";

    *answer = !m->method;
    if (m->method) {
        learn(t, m);
        if (message_has_id(m))
            remember(t, by_miner, m, *tag);
        return m->method;
    }
    struct talk_request *r = answered(t, by_miner, m);
    if (r) {
        *tag = r->tag;
        memcpy(t->answered, r->method, sizeof t->answered);
        *r->method = 0;
        return t->answered;
    }
    /* ETHPROXY pools push work as answers to nothing, with id 0 */
    return !by_miner && json_array_size(m->result) >= 3 ? work : NULL;
}
