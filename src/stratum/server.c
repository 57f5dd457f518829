/* SPDX-License-Identifier: MIT */
/* Stratum server: from a line to a verb of the dialect. */
#include "stratum/server.h"

#include <string.h>

#include "stratum/server_common.h"

static bool knows(const struct dialect *d, const char *method)
{
    for (const struct server_verb *v = d->as_server; v->method; v++)
        if (!strcmp(v->method, method))
            return true;
    return false;
}

/* The dialect that begins like this, else the first that has the word, else the first. */
static const struct dialect *meet(const struct dialect *const *offered, const struct message *m)
{
    const struct dialect *const *at;

    for (at = offered; *at; at++)
        if ((*at)->greets && (*at)->greets(m))
            return *at;
    for (at = offered; *at && m->method; at++)
        if (knows(*at, m->method))
            return *at;
    return *offered;
}

static int not_found(struct miner *miner, const struct message *m)
{
    char name[80];
    struct fault why = {0};

    (void)text_clean(name, sizeof name, m->method);
    (void)fault_set(&why, ERR_NO_METHOD, "method not found: %s", name);
    return server_no(miner, m, "null", ERR_NO_METHOD, &why);
}

int miner_line(struct miner *miner, const char *line, size_t len, struct fault *why)
{
    static const char suggest[] = "mining.suggest_difficulty(";
    char room[MESSAGE_ROOM];
    struct message m;
    int err = miner->dialect && message_quick(line, len, room, &m)
                  ? 0
                  : message_parse(line, len, &m, why);

    if (err < 0)
        return err;
    const char *method = m.method;
    if (method && !strncmp(method, suggest, sizeof suggest - 1))
        method = "mining.suggest_difficulty"; /* some firmware puts the value into the name */
    if (!miner->dialect)
        miner->dialect = meet(miner->offered, &m);
    const struct server_verb *verb = miner->dialect->as_server;
    while (method && verb->method && strcmp(verb->method, method) != 0)
        verb++;
    if (method && verb->on) {
        err = verb->on(miner, &m);
    } else if (method) {
        err = not_found(miner, &m);
    } /* else an answer to something we asked: nothing depends on it */
    message_fini(&m);
    return err;
}

void miner_remask(struct miner *miner, uint32_t pool_mask)
{
    uint32_t mask = miner->asked_mask & pool_mask;

    if (!miner->rolling || mask == miner->version_mask)
        return;
    miner->version_mask = mask;
    miner->dialect->set_mask(miner->out, mask);
}

bool version_merge(uint32_t job_version, uint32_t mask, uint32_t bits, uint32_t *ret)
{
    *ret = (job_version & ~mask) | (bits & mask);
    return !(bits & ~mask);
}
