/* SPDX-License-Identifier: MIT */
/* What a miner of the crowd says: handshake, shares, and the answers read by their fixed form. */
#include "cli/bench_guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { ID_CONFIGURE = 1, ID_SUBSCRIBE, ID_AUTHORIZE, ID_SHARES = 16 };

/* --- shares ---------------------------------------------------------------------------------- */

static uint32_t scramble(struct guest *c)
{
    c->seed ^= c->seed << 13;
    c->seed ^= c->seed >> 17;
    return c->seed ^= c->seed << 5;
}

/* Appends one; false when the window is full. An id tells its place in the window. */
static bool add_share(struct guest *c, struct str *out)
{
    unsigned window = c->crowd->window, at = 0;

    while (at < window && c->window[at].id)
        at++;
    if (at == window || !c->worked)
        return false;
    uint32_t id = ID_SHARES + c->sent++ % 1000000 * CROWD_WINDOW_MAX + at;
    str_addf(out,
             "{\"id\":%u,\"method\":\"mining.submit\",\"params\":[\"bench.%u\",\"%s\",\"%0*x\","
             "\"%s\",\"%08x\",\"%08x\"]}\n",
             id, c->number, c->job, 2 * c->extranonce2_len, c->sent, c->ntime, scramble(c),
             (scramble(c) & 0xffff) << 13);
    c->window[at] = (struct submitted){.id = id, .at_ns = bench_now_ns()};
    c->open++;
    c->crowd->sent += c->crowd->counting;
    return true;
}

void crowd_feed(struct crowd *crowd)
{
    crowd->hungry = true;
    for (unsigned i = 0; i < crowd->count; i++) {
        struct guest *c = &crowd->guests[i];
        str_clear(&crowd->out);
        while (c->state == GUEST_UP && add_share(c, &crowd->out))
            ;
        if (crowd->out.len)
            guest_send(c, crowd->out.s, crowd->out.len);
        if (i % 64 == 63)
            crowd_turn(crowd, 0);
    }
}

static bool submit_one(struct crowd *crowd)
{
    for (unsigned tries = 0; tries < crowd->count; tries++) {
        struct guest *c = &crowd->guests[crowd->turn++ % crowd->count];
        str_clear(&crowd->out);
        if (c->state != GUEST_UP || !add_share(c, &crowd->out))
            continue;
        guest_send(c, crowd->out.s, crowd->out.len);
        return true;
    }
    return false;
}

unsigned crowd_submit(struct crowd *crowd, uint64_t count)
{
    unsigned done = 0;

    while (done < count && submit_one(crowd))
        done++;
    return done;
}

static void on_verdict(struct guest *c, uint32_t id, const char *line)
{
    struct crowd *crowd = c->crowd;
    struct submitted *s = &c->window[(id - ID_SHARES) % CROWD_WINDOW_MAX];

    if (s->id != id)
        return;
    s->id = 0;
    c->open--;
    if (crowd->counting) {
        bool yes = strstr(line, "\"result\":true") != NULL;
        crowd->answered++;
        crowd->accepted += yes;
        crowd->refused += !yes;
        histogram_add(crowd->latency, (uint64_t)(bench_now_ns() - s->at_ns));
        if (!yes && !*crowd->refusal)
            (void)text_copy(crowd->refusal, sizeof crowd->refusal, line);
    }
    if (crowd->hungry)
        (void)add_share(c, &crowd->out);
}

/* --- handshake ------------------------------------------------------------------------------- */

void guest_greet(struct guest *c)
{
    static const char hello[] =
        "{\"id\":1,\"method\":\"mining.configure\",\"params\":[[\"version-rolling\"],"
        "{\"version-rolling.mask\":\"1fffe000\",\"version-rolling.min-bit-count\":2}]}\n"
        "{\"id\":2,\"method\":\"mining.subscribe\",\"params\":[\"otedama-bench\"]}\n";

    guest_send(c, hello, sizeof hello - 1);
}

static void see_whether_up(struct guest *c)
{
    if (c->state != GUEST_GREETS || !c->subscribed || !c->authorised || !c->worked)
        return;
    c->state = GUEST_UP;
    c->crowd->up++;
    histogram_add(c->crowd->handshake, (uint64_t)(bench_now_ns() - c->began_ns));
}

/* ...],"EXTRANONCE1",8],"error":null} */
static int on_subscribed(struct guest *c, const char *line)
{
    const char *end = strstr(line, "],\"error\":null");

    while (end && end > line && end[-1] >= '0' && end[-1] <= '9')
        end--;
    long len = end ? strtol(end, NULL, 10) : 0;
    if (len < 4 || len > 16)
        return ERR_PROTOCOL;
    c->extranonce2_len = (uint8_t)len;
    c->subscribed = true;
    str_addf(&c->crowd->out,
             "{\"id\":%d,\"method\":\"mining.authorize\",\"params\":[\"bench.%u\",\"x\"]}\n",
             ID_AUTHORIZE, c->number);
    return 0;
}

static int on_authorised(struct guest *c, const char *line)
{
    if (!strstr(line, "\"result\":true")) {
        (void)text_copy(c->crowd->refusal, sizeof c->crowd->refusal, line);
        return ERR_REJECTED;
    }
    c->authorised = true;
    see_whether_up(c);
    return 0;
}

/* --- jobs ------------------------------------------------------------------------------------ */

/* {"id":null,"method":"mining.notify","params":["JOB",...,"NTIME",true]} */
static int on_notify(struct guest *c, const char *line, size_t len)
{
    struct crowd *crowd = c->crowd;
    const char *id = strstr(line, "\"params\":[\""), *tail = strrchr(line, ',');

    if (!id || !tail || tail - line < 10)
        return ERR_PROTOCOL;
    id += sizeof "\"params\":[\"" - 1;
    size_t id_len = strcspn(id, "\"");
    if (id_len >= sizeof c->job)
        return ERR_PROTOCOL;
    memcpy(c->job, id, id_len);
    c->job[id_len] = 0;
    memcpy(c->ntime, tail - 9, 8);
    c->ntime[8] = 0;
    c->worked = true;
    if (crowd->listening && !c->told_ns) {
        c->told_ns = crowd->stamp_ns;
        crowd->told++;
        if (crowd->told == 1) {
            str_clear(&crowd->notify);
            str_add_n(&crowd->notify, line, len);
            str_add(&crowd->notify, "\n");
        }
    }
    see_whether_up(c);
    return 0;
}

int guest_line(void *arg, char *line, size_t len)
{
    static const char head[] = "{\"id\":";
    struct guest *c = arg;
    const char *id = line + sizeof head - 1;

    if (len <= sizeof head || memcmp(line, head, sizeof head - 1) != 0)
        return ERR_PROTOCOL;
    if (*id < '0' || *id > '9')
        return strstr(line, "\"mining.notify\"") ? on_notify(c, line, len) : 0;
    uint32_t number = (uint32_t)strtoul(id, NULL, 10);
    if (number == ID_SUBSCRIBE)
        return on_subscribed(c, line);
    if (number == ID_AUTHORIZE)
        return on_authorised(c, line);
    if (number >= ID_SHARES)
        on_verdict(c, number, line);
    return 0;
}
