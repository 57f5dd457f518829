/* SPDX-License-Identifier: MIT */
/* The inside of a Stratum client: what client.c keeps and what a dialect's client half may use. */
#pragma once

#include "net/connect.h"
#include "net/lines.h"
#include "net/stream.h"
#include "stratum/client.h"
#include "stratum/dialect.h"
#include "stratum/message.h"
#include "stratum/url.h"

enum {
    CLIENT_LINE_MAX = 256 * 1024,
    CLIENT_QUEUE_MAX = 256 * 1024,
    CLIENT_READ_BYTES = 16 * 1024,
    CLIENT_JOBS = 32,       /* newest jobs that shares may still answer */
    CLIENT_REQUESTS = 1024, /* unanswered at most */
    EXTRANONCE2_MAX = 16,
};

struct request {
    uint64_t id;
    uint64_t ticket; /* of a share; 0 = a request of the handshake */
    int kind;        /* the dialect's */
    int64_t sent_us;
};

struct stratum_client {
    uv_loop_t *loop;
    uv_timer_t timer; /* handshake limit, or the wait before a reconnect */
    struct stratum_client_events events;
    char *user, *pass, *agent, *coin;
    const struct algo *algo;
    uint32_t source;
    enum reconnect_policy reconnect;
    unsigned moves; /* that the pool asked for and got, since move_us */
    int64_t move_us;
    unsigned first_address;
    int64_t connect_timeout_us, handshake_timeout_us;
    const struct dialect *dialect; /* the one that is spoken, of url.dialects */
    unsigned dialect_at;
    struct stratum_url url;
    struct endpoint to; /* url.to, or where the pool sent us */
    struct tls_context *tls;
    struct proxy proxy;

    enum client_state state;
    bool freed; /* stratum_client_close was called */
    struct connector *connector;
    struct stream *stream;
    struct lines lines;
    char peer[PEER_MAX];
    char read_buffer[CLIENT_READ_BYTES];

    uint64_t next_id, next_ticket;
    unsigned request_count;
    struct request *requests; /* CLIENT_REQUESTS of them */

    /* what the pool said */
    bool subscribed, authorised;
    uint8_t extranonce1[EXTRANONCE_MAX];
    uint8_t extranonce1_len, extranonce2_len;
    struct u256 target; /* of the next job */
    double difficulty;
    uint32_t version_mask;
    bool rolling;                  /* version rolling was agreed: submits carry version bits */
    bool announced;                /* a job of this connection was handed out */
    struct job *jobs[CLIENT_JOBS]; /* ring, newest at job_at - 1; each with a reference */
    unsigned job_at;
    char session[160];             /* Monero, EthereumStratum 2: the pool's name for it */
    bool names_algo;               /* Monero: submits name the algorithm */
    struct stratum_session resume; /* asked for; id "" = a new one */
    char resumable[160];           /* the pool's name for this one; "" = it has none */
    bool resumed;
    bool can_resume; /* EthereumStratum 2: the pool says that it does */
    json_t *early;   /* mining.notify that came before the answer to subscribe */

    double job_difficulty, rtt_ms;
    int64_t last_line_us, last_job_us;
};

/* A client that is not connected yet; stratum_client_close frees it. 0, or ERR_CONFIG and `why`. */
int client_new(uv_loop_t *, const struct stratum_client_options *,
               const struct stratum_client_events *, struct stratum_client **ret,
               struct fault *why);

/* One line from the pool (a lines_fn; `arg` is the client). */
int client_line(void *arg, char *line, size_t len);

/* Sends one message (a newline is added); on failure the connection ends by itself later. */
void client_send(struct stratum_client *, struct str *line);

/* A number for a new request; remembers it until the answer. 0 when too many are unanswered. */
uint64_t client_request(struct stratum_client *, int kind, uint64_t ticket);
/* Finds and forgets the request that a message answers. False: none. Notes the round trip. */
bool client_answered(struct stratum_client *, const struct message *, struct request *ret);

/* Says what became of the handshake: READY once both are true. */
void client_progress(struct stratum_client *);

/* A complete job (its reference is taken): handed out now, or when the client becomes READY. */
void client_job(struct stratum_client *, struct job *take);
struct job *client_newest_job(struct stratum_client *); /* borrowed, or NULL */

/* Ends the connection: open answers are told as ERR_CLOSED, then the state with the reason. */
void client_fail(struct stratum_client *, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Connects again, elsewhere or to the same place, after a wait. */
void client_move(struct stratum_client *, const struct endpoint *, unsigned wait_s);
