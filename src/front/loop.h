/* SPDX-License-Identifier: MIT */
/* The inside of a front: what its files share. A loop and its sessions belong to the loop's thread,
 * but for the few fields that say otherwise; what the loops have in common is in struct front. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "algo/hasher.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/slot.h"
#include "base/str.h"
#include "core/port.h"
#include "front/cause.h"
#include "front/extranonce.h"
#include "front/front.h"
#include "front/guard.h"
#include "front/handover.h"
#include "front/meter.h"
#include "front/posting.h"
#include "front/resume.h"
#include "front/salt.h"
#include "front/verifier.h"
#include "net/lines.h"
#include "net/peer.h"
#include "net/stream.h"
#include "stratum/server.h"

enum {
    FRONT_LINE_MAX = 16 * 1024,
    FRONT_QUEUE_MAX = 256 * 1024, /* unsent bytes of one connection */
    FRONT_READ_BYTES = 64 * 1024,
    FRONT_BACKLOG = 4096,
    FRONT_WORKERS_MAX = 65536, /* names known at once */
    FRONT_HELD_MAX = 16384,    /* shares of a loop that wait for a dataset, beside block claims */
    SESSION_WORKERS_MAX = 256, /* names authorised on one connection */
    SESSION_JUNK_MAX = 5,      /* lines that are no messages */
    SESSION_PENDING_MAX = 16,  /* shares of one connection that wait to be verified */
    SESSION_URGENT_MAX = 8,    /* those beside them that claim to be blocks */
    SESSION_FALSE_MAX = 10,    /* claims that were false, less those that were true */
};

#define FRONT_BATCH_US      (150 * INT64_C(1000))
#define FRONT_JOB_LIFE_US   (600 * SECOND_US) /* of the same tip */
#define FRONT_STALE_LIFE_US (120 * SECOND_US) /* told "stale", and looked at for blocks */
#define FRONT_LOGIN_US      (30 * SECOND_US)  /* to authorise in, when the guard says nothing */
#define FRONT_STALL_US      (30 * SECOND_US)  /* a peer that takes no byte */
#define FRONT_OPENING_US    (10 * SECOND_US)  /* to finish a PROXY header, a TLS handshake */
#define FRONT_WORKER_US     (3600 * SECOND_US)
#define FRONT_HELD_US       (20 * SECOND_US) /* a share waits for its dataset */
#define FRONT_DRAIN_US      (2 * SECOND_US)  /* shares are verified while closing */

/* --- jobs ------------------------------------------------------------------------------------ */

struct front_job {          /* a posting as one loop holds it */
    struct front_job *next; /* older */
    struct posting *post;
    struct job *job; /* the posting's, and so is the serial */
    uint32_t serial;
    bool stale, clean;
    int64_t retired_us; /* monotonic; 0 = of the present tip */
    uint32_t pending;   /* shares of it that are being verified */
};

/* What the hub hands over through the slot. */
struct publication {
    struct posting *post;
    bool clean; /* this one, or one before it that the loop did not take */
};

/* --- workers and what is owed to the hub ------------------------------------------------------ */

struct worker {
    struct front_worker news; /* for the next report */
    bool changed;             /* there is one */
    uint32_t connections;
    uint32_t pending; /* shares of it that are being verified */
    int64_t seen_us;
    struct front_share due; /* count 0 = nothing */
    struct worker *due_next;
    UT_hash_handle hh;
};

/* --- sessions -------------------------------------------------------------------------------- */

struct session {
    struct miner miner; /* first: hooks get a pointer to it */
    struct front_loop *loop;
    const struct front_port *port;
    struct session *prev, *next;
    struct stream *stream;
    struct peer peer; /* who it is: where it is connected from, or what a PROXY header said */
    struct guard_entry entry;
    struct meter meter;
    uint8_t cause;   /* enum cause: it must be, or was closed for it */
    struct str head; /* of what comes before the first line, while a part is missing; the lines of
                        a session that waits */
    struct lines lines;
    int64_t since_us, line_us, notified_us;
    struct course course;
    struct worker **workers;
    uint16_t worker_count;
    uint8_t opening; /* enum opening */
    uint8_t junk;
    uint8_t false_claims; /* of results and mix hashes */
    uint32_t proven;      /* claims in a row that were true */
    bool accepted;        /* a share of it was */
    bool live;            /* it is in the table of those that may be gone on with */
    bool waited;          /* for another loop's answer */
    bool fixed;           /* the course is, for the jobs of that time */
    bool greeted;         /* it was told a job on this connection */
    bool sent_away;       /* the front is being drained, and it was told so */
    bool gone;            /* closed, but shares of it are being verified */
    uint16_t pending;     /* shares that are being verified */
    uint16_t urgent;      /* those of them that went before the others */
    struct verify_lane lane;
    UT_hash_handle by_id;     /* under the front's live_lock */
    struct letter *waits_for; /* for another loop to end the former connection */
    int64_t waits_us;
    struct session *next_waiting;
};

/* A job in the words of one connection: its id, its salt, what is hashed where that is its own. */
struct wording {
    char id[24];
    uint8_t salt[FRONT_SALT];
    uint8_t input[ALGO_INPUT_MAX];
};

/* A port with settings that it has, or had: sessions that came through it point to it. */
struct door {
    struct front_port port; /* first, and never changes */
    char configured[PEER_MAX], address[PEER_MAX];
    bool open; /* the hub's: connections are taken */
    struct door *next;
};

struct listener { /* a loop's socket of a port */
    uv_tcp_t tcp; /* first: hooks get a pointer to it */
    struct front_loop *loop;
    const struct door *door;
    struct listener *next;
};

/* What the hub wants done about a loop's listeners. */
struct order {
    const struct door *door;    /* whose listeners close, */
    const struct door *instead; /* or have these settings from now on */
    int fd;                     /* a listening socket to take; -1 = none */
    struct order *next;
};

struct front_loop {
    struct front *front;
    const struct front_options *options; /* the front's */
    unsigned index;
    uv_loop_t loop;
    uv_thread_t thread;
    bool started;
    struct listener *listeners;
    uv_mutex_t orders_lock;
    struct order *orders; /* under the lock; oldest first */
    uv_async_t wake;
    uv_timer_t tick, batch_timer;
    struct port *port;               /* to the hub */
    struct slot slot;                /* struct publication, from the hub */
    _Atomic bool stop, drain, ended; /* from the hub; from the hub; to the hub */
    _Atomic bool keep;               /* from the hub, before `stop`: connections are handed over */
    json_t *kept_sessions, *kept_listeners; /* rows of a hand-over; the hub's after the end */
    bool closing;
    uv_timer_t drain_timer;
    int64_t drain_us; /* since when it is drained; 0 = it is not */
    uint32_t drain_count, drain_told;

    struct hasher hasher;                 /* for what is checked here */
    struct verifier *verifier;            /* for slow algorithms; NULL: shares are checked here */
    struct verify_task *held, **held_end; /* shares whose dataset is being prepared, oldest first */
    unsigned held_count;
    struct str out; /* replies of the connection that is being served */
    char read_buffer[FRONT_READ_BYTES];
    struct wording wording; /* of the newest answer to "what is the work?" */

    struct front_job *jobs; /* newest first */
    uint32_t version_mask;  /* what miners may roll in the newest job */

    struct session *sessions, *waiting;
    struct letter *letters; /* under orders_lock: of and to other loops */
    uint32_t session_count;
    int32_t session_news; /* come less gone since the last report */

    struct worker *workers;
    struct worker *due;        /* those with `due.count` */
    struct front_share *batch; /* full rows that wait for the others */
    uint32_t batch_count, batch_cap;
    uint32_t rejected[REJECTS]; /* since the last report */
    uint32_t causes[CAUSES];    /* since the last report */
    struct guard *guard;        /* the front's */
    struct guard_limits limits; /* the guard's, as of: */
    uint32_t generation;

    struct {
        int64_t last_us;
        uint32_t silent;
    } noted[CAUSES];
};

/* What the loops share; each field says who may touch it. */
struct front {
    struct front_options options; /* never changes; its ports, TLS and proxies are below */
    struct door *doors;           /* the list is the hub's, each is never freed before the front */
    json_t *handed_listeners;     /* the hub's, while it starts: of a program before; borrowed */
    atomic_uint orders_open;      /* that no loop has carried out */
    uv_mutex_t trust_lock;
    struct tls_context *tls;                              /* under the lock */
    struct prefix *proxies;                               /* under the lock */
    unsigned proxy_count;                                 /* under the lock */
    char agent[48];                                       /* never changes */
    const struct dialect *dialects[DIALECTS_FOR_MAX + 1]; /* never change */
    uint32_t shared_extranonce;     /* never changes: in jobs whose input all connections share */
    struct extranonces extranonces; /* any thread */
    struct salts salts;             /* never change */
    struct parking parking;         /* any thread */
    uv_mutex_t live_lock;
    struct session *live;            /* under the lock, by id; each belongs to its loop's thread */
    atomic_uint newest_serial;       /* of all postings, before any loop tells it */
    atomic_uint connections;         /* of all loops */
    struct guard *guard, *own_guard; /* never change; any thread */
    struct poster poster;            /* the hub's */
    bool stopping, draining;         /* the hub's: front_stop, front_drain was called */
    struct front_drain drain;        /* never changes once draining */
    unsigned stopped_count;          /* the hub's: loops that said they ended */
    unsigned next_taken;             /* the hub's: the loop whose events it takes next */
    unsigned loop_count;             /* never changes */
    struct front_loop *loops;
};

/* loop.c: hub thread */
void loop_init(struct front *, unsigned index);
int loop_start(struct front_loop *, struct fault *why); /* its thread */
void loop_abandon(struct front_loop *);                 /* closes a loop that never started */
void loop_fini(struct front_loop *);                    /* after its end */

void loop_shut(struct front_loop *); /* its thread: closes everything */

/* drain.c: the loop's thread */
void session_send_away(struct session *); /* asks it to connect anew; may close it */
void front_draining(struct front_loop *); /* begins it, when the hub wants it */

/* ports.c: hub thread */
/* Binds and listens on the port for all loops. */
int port_listen(struct front *, const struct front_port *, struct fault *why);
/* Those of a hand-over that are not wanted any more, and would keep an address from another port.
 */
void ports_close_others(json_t *handed_listeners, const struct front_port *, unsigned count);
void ports_close(struct front *); /* no connection is taken any more, once the loops did it */
void ports_free(struct front *);  /* after the loops' end */
/* its loop's thread */
void listeners_follow(struct front_loop *); /* carries out what the hub wants */
void listeners_close(struct front_loop *);
json_t *listeners_rows(struct front_loop *); /* of a hand-over: their sockets stay open */
void orders_free(struct front_loop *);       /* those that came after its end */

/* leaving.c: sessions that go on in the next program */
json_t *session_row(struct session *); /* its connection stays open; NULL: it cannot */
/* Makes one of a row, of the hub's thread before the loop runs. One that cannot be is closed. */
void session_adopt(struct front_loop *, json_t *row);

/* opening.c: what comes before the first line */
enum opening {
    OPENING_DONE,
    OPENING_FIRST,  /* the first byte tells what it is */
    OPENING_HEADER, /* a PROXY header must come */
};
void session_opens(struct session *); /* a connection was taken: what it must begin with */
/* Takes what belongs to the beginning. True: the rest, in `*bytes`, are lines (they may lie in
 * `*kept`, which the caller frees in any case). False: nothing is left, or the session was closed.
 */
bool session_opening(struct session *, char **bytes, size_t *len, struct str *kept);
bool session_opening_late(struct session *, int64_t now); /* it took too long, and was closed */
struct tls_context *front_tls(struct front *);            /* a reference; NULL: none. Any thread */

/* jobs.c */
void front_take_job(struct front_loop *);
struct front_job *front_job_find(struct front_loop *, const char *id, uint32_t *variant);
/* The job, and its variant, whose input begins with this header hash for the session; NULL: none.
 */
struct front_job *session_job_of_header(const struct session *, const uint8_t header[32],
                                        uint32_t *variant);
/* What the session's dialect says of the job. */
const struct told *session_told(const struct session *, const struct front_job *);
void front_jobs_expire(struct front_loop *, int64_t now);
void front_jobs_free(struct front_loop *);

/* workers.c */
struct worker *front_worker(struct front_loop *, const char *user); /* NULL: too many */
void front_credit(struct front_loop *, struct worker *, double difficulty, uint64_t height);
void front_reject(struct front_loop *, struct worker *, int err); /* worker may be NULL */
void front_send_batch(struct front_loop *);
void front_send_stats(struct front_loop *);
void front_workers_expire(struct front_loop *, int64_t now);
void front_workers_free(struct front_loop *);

void worker_connect(struct worker *, const char *agent, const struct peer *);
void worker_disconnect(struct worker *);

/* gate.c: asks the guard, once at each turn of a connection's life; no limit is for trusted ones */
/* It comes, from session->peer. Not CAUSE_NONE: it must be refused. */
enum cause gate_enter(struct session *);
/* Bytes, then a line came; a login was refused; a submit was answered. False: session->cause says
 * why it must be closed. */
bool gate_bytes(struct session *, size_t len);
bool gate_line(struct session *);
bool gate_login_refused(struct session *);
bool gate_share(struct session *, int err);
void gate_leave(struct session *);       /* closed, for session->cause */
void gate_look(struct front_loop *);     /* takes new limits, closes who has been banned */
void gate_say(struct str *, enum cause); /* appends the miner's last line */

/* notes.c: the log, limited per cause */
void front_note(struct front_loop *, enum cause cause, const char *peer);
void front_note_more(struct front_loop *, enum cause cause, const char *peer, const char *more);

/* session.c: a connection's life, and reading */
void front_accept(uv_stream_t *listener, int status);
struct session *session_new(struct front_loop *, const struct front_port *, struct stream *);
bool session_enter(struct session *); /* counts it in; false: it was refused and is no more */
int session_start(struct session *);  /* reads from it */
void session_close(struct session *);
void session_close_noted(struct session *, enum cause cause);
void session_close_more(struct session *, enum cause cause, const char *more); /* and what else */
bool session_foreign(const char *bytes, size_t len, enum cause *cause); /* it is no Stratum */
void session_ended(void *session, int err);       /* the connection was closed, or failed */
void session_free(struct session *);              /* when it is gone and nothing is pending */
bool session_tick(struct session *, int64_t now); /* false: it was closed */
void session_peer(const struct session *, char out[PEER_MAX]);

void session_go_on(struct session *); /* with the lines that it said while it waited */

/* takeover.c: a miner that comes back while its old connection seems to live */
void session_live(struct session *); /* it may be gone on with, by its id */
void session_not_live(struct session *);
/* Ends the connection of that session, so that it is parked. True: it is another loop's; the
 * session waits for that one's answer, and what it said must be asked again then. */
bool session_end_former(struct session *, const uint8_t id[SESSION_ID_BYTES]);
void session_waits_no_more(struct session *);
void takeover_read(struct front_loop *); /* what other loops ask and answer */
void takeover_expire(struct front_loop *, int64_t now);
void takeover_fini(struct front_loop *);

/* login.c: subscribe, authorise, what the password asks for */
int session_subscribe(struct miner *, const char *session, struct fault *why);
void session_release(
    struct session *); /* its extranonce: to the miner that may come back, or to rest */
/* May anybody mine as this user? 0 or ERR_UNAUTHORIZED. */
int session_check_user(const struct front_loop *, const char *user, struct fault *why);
int session_authorize(struct miner *, const char *user, const char *pass, struct fault *why);
void session_give_extranonce(struct session *);                        /* by its course's */
struct worker *session_add_worker(struct session *, const char *user); /* NULL: too many */
bool session_ready(const struct session *);                            /* it may be told jobs */
struct worker *session_worker(const struct session *, const char *user);

/* retarget.c: difficulty */
void session_limits(const struct session *, struct vardiff_limits *);
struct u256 session_target(const struct session *, double difficulty); /* as its dialect tells it */
void session_suggest(struct miner *, double difficulty, bool floor);
/* The miner knows its extranonce from now on, or is about to choose: see struct course. */
void session_fix_difficulty(struct session *);
double session_due_difficulty(struct session *); /* vardiff's, within the limits */
/* What the job is worth as everybody gets it. */
double session_job_difficulty(struct session *, const struct front_job *);
/* Appends set_difficulty when it changed, and remembers from which job on. */
void session_say_difficulty(struct session *, const struct front_job *, double difficulty);

/* notify.c: telling jobs */
void session_send(struct session *); /* what stands in the loop's `out`; may close it */
void session_job(struct session *, struct front_job *); /* the newest job, for everybody */
void session_first_job(struct session *);               /* appended to its other replies */
bool session_current(struct miner *, struct notice *);
void session_retarget(struct session *, int64_t now); /* vardiff's word, appended when it changed */
/* Do all connections hash the same input? Then no job can be made new to one of them. */
bool session_shares_input(const struct session *);
/* The plan's extranonce1 for the session's shares of a job's variant: salt, and what it was told.
 */
void session_extranonce1(const struct session *, const struct front_job *, uint32_t variant,
                         uint8_t out[FRONT_EXTRANONCE1]);
/* What is hashed of it, without a nonce, where the pool makes that. */
void session_input(const struct session *, const struct front_job *, uint32_t variant,
                   uint8_t out[ALGO_INPUT_MAX]);

/* A share on its way to the verdict. */
struct judged {
    struct worker *worker;
    struct front_job *fj;
    const struct step *step;
    double wanted; /* difficulty: what it is worth */
    bool stale;    /* when it came */
    bool urgent;   /* it claims to be a block */
    bool claims;   /* it says what was found, and that would do */
    uint8_t key[SHARE_KEY_BYTES];
};

/* check.c */
int front_submit(struct miner *, const struct submission *, struct fault *why);
void front_refused(struct miner *, const char *user, int err);
/* What a hashed share comes to: credit, a block, or a refusal; `err` is share_check's. */
int front_settle(struct session *, const struct judged *, struct share *, int err, struct fault *);
void front_report_block(struct front_loop *, const struct worker *, const struct share *);

/* verify.c */
/* May its claim be believed? By settings, and by what the connection claimed before. */
bool front_believes(const struct session *, const struct judged *);
int front_verify_later(struct session *, const struct judged *, const struct submission *,
                       const struct share *, struct fault *why); /* SUBMIT_LATER, or an error */
void front_verified(void *front, struct verify_task *);          /* verify_done_fn */
void front_verify_held(struct front_loop *); /* once more: the dataset may be there */
