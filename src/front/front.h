/* SPDX-License-Identifier: MIT */
/* A front: threads with a uv loop each that listen for miners, speak Stratum with them, check their
 * shares and tell the hub what to credit. A connection stays with the loop that accepted it; the
 * kernel spreads new ones over the loops. It holds no money and no templates but jobs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <uv.h>

#include "base/err.h"
#include "coin/coin.h"
#include "core/event.h"
#include "core/job.h"
#include "core/share.h"
#include "front/guard.h"
#include "net/peer.h"
#include "net/tls.h"
#include "stratum/dialect.h"

enum reject {
    REJECT_STALE,
    REJECT_DUPLICATE,
    REJECT_LOW_DIFF,
    REJECT_UNAUTHORIZED,
    REJECT_TIME,
    REJECT_VERSION,
    REJECT_FIELD,
    REJECT_OTHER,
    REJECTS /* <= 8 */
};
const char *reject_name(enum reject);
enum reject reject_of(int err); /* ERR_STALE -> REJECT_STALE ... */

enum front_tls { FRONT_PLAIN, FRONT_TLS, FRONT_EITHER }; /* EITHER: the first byte tells */

/* One address where miners are served, and what they get there. */
struct front_port {
    const char *address; /* "127.0.0.1:3333", "[::1]:3333", "0.0.0.0:3333" */
    enum front_tls tls;
    double start_difficulty, min_difficulty, max_difficulty; /* max 0 = the network's */
    int64_t share_interval_us;
};

enum { FRONT_PORTS_MAX = 16, FRONT_LOOPS_MAX = 64 };

struct front_options {
    struct front_port ports[FRONT_PORTS_MAX];
    unsigned port_count;
    struct tls_context *tls;         /* a server's; takes a reference; NULL: no port speaks TLS */
    const struct prefix *proxy_from; /* whose connections begin with a PROXY header; copied */
    unsigned proxy_count;
    json_t *handed; /* by a program before (handover.h): what fits is taken; NULL = nothing */
    unsigned loops; /* threads that serve; 0 = 1 */
    uint32_t max_connections;
    unsigned check_percent; /* of the shares of proven connections, where checking takes a thread of
                               its own and the miner says what it found; 0 = 100 */
    unsigned proven_after;  /* true shares in a row; 0 = 1000 */
    const struct coin *coin; /* user names must be addresses of it, except on devnet */
    enum network network;
    const struct algo *algo;
    struct datasets *datasets; /* what checking a share needs; may be NULL for algorithms without */
    uint32_t node_id;          /* first byte of every extranonce1 */
    int64_t idle_us;     /* a connection without a line for this long is closed (default 10 min) */
    struct guard *guard; /* outlives the front; NULL: no limits, no bans */
    uv_async_t *bell;    /* the hub's */
};

/* Extranonce layout of every job handed to a front (and of the local job). The plan's extranonce1
 * is a salt, then what the miner is told as extranonce1: node_id and a 24-bit counter that never
 * hands out a value twice while a job of its time lives; counter 0 belongs to the rig's own
 * devices. The salt is the same in jobs as they are told to everybody, and makes one new to a
 * connection that gets it at another difficulty: see front/salt.h. */
enum {
    FRONT_SALT = 4,
    FRONT_TOLD1 = 4,
    FRONT_EXTRANONCE1 = FRONT_SALT + FRONT_TOLD1,
    FRONT_EXTRANONCE2 = 8
};

/* Is there a dialect that a front would speak with miners of the algorithm? */
bool front_speaks(const struct algo *);

struct front;

/* Binds, listens, starts the threads. Hub thread. */
int front_start(const struct front_options *, struct front **ret, struct fault *why);
/* Where its first port listens, "127.0.0.1:3333": the real port when the configured one was 0. */
const char *front_address(const struct front *);
/* The same of any port, by its address as configured. NULL: it does not. Hub thread. */
const char *front_listens(const struct front *, const char *address);
/* The addresses from now on. Those that are there go on, with their new settings for connections to
 * come; others close for new connections, but keep those they have. `trouble[i]` takes why a new
 * one does not listen, "" when it does. Returns how many do not. Hub thread. */
unsigned front_listen(struct front *, const struct front_port *, unsigned count,
                      struct fault trouble[]);
/* What connections to come are shown (takes a reference; NULL: TLS is refused), and which of them
 * begin with a PROXY header. Hub thread. */
void front_secure(struct front *, struct tls_context *);
void front_trust(struct front *, const struct prefix *, unsigned count);
/* Newest job; takes its own reference. `clean`: earlier jobs are stale from now on. Hub thread. */
void front_publish(struct front *, struct job *);
struct front_drain {
    char host[HOST_MAX]; /* where miners are sent to; "" = where they are */
    uint16_t port;
    int64_t spread_us; /* they are sent away over this time */
    int64_t grace_us;  /* and closed this much later, when they did not go */
};

/* Takes no connections any more, asks the miners to connect anew (in dialects that have a word for
 * it), answers and credits what they send meanwhile, and then closes as front_stop, which may be
 * called to hurry it. Hub thread. */
void front_drain(struct front *, const struct front_drain *);
/* Asks the front to close: it says EV_FRONT_STOPPED when all shares were reported. Those that wait
 * to be verified are, block claims first, for at most two seconds; the rest is refused. */
void front_stop(struct front *);
/* As front_stop, but plain connections and listening sockets stay open for the next program; others
 * are asked to connect anew. Hub thread. */
void front_hand_over(struct front *);
/* The document of it, once the front has stopped; NULL: there is none. The caller's. Hub thread. */
json_t *front_handed(struct front *);
/* Events for the hub: EV_FRONT_SHARES (p = struct front_shares), EV_FRONT_BLOCK (p = struct
 * front_block), EV_FRONT_BAN (p = struct guard_ban: the guard's, to be kept), EV_FRONT_STATS (p =
 * struct front_stats), EV_FRONT_STOPPED (all loops have ended). False when empty. Hub thread; the
 * caller frees `p`. */
bool front_take(struct front *, struct event *);
/* Joins and frees (stops first when still running). NULL is fine. */
void front_free(struct front *);

struct front_share {   /* one accepted share, or several equal ones of a worker */
    char user[128];    /* as authorised: "ADDRESS.worker" */
    double difficulty; /* assigned with the job */
    uint32_t count;
    uint64_t height;
    int64_t at_ms; /* Unix time of the last */
};

struct front_shares { /* malloc'ed; at most 200 ms late */
    uint32_t count;
    struct front_share items[];
};

/* malloc'ed. A share that meets the block target, the moment it is found. The front posts the batch
 * of its accepted shares so far, this one included, just before it: so the finder is in the reward
 * window of the own block. */
struct front_block {
    struct share *share; /* owned by the receiver */
    char user[128];      /* who found it, as authorised */
};

struct front_worker { /* what has changed since the loop's last report */
    char user[128];
    char agent[48];      /* user agent, control bytes replaced */
    char peer[PEER_MAX]; /* from where it connected last */
    double difficulty;
    uint32_t accepted, rejected, stale;
    int32_t connections; /* come less gone */
};

struct front_stats { /* malloc'ed, about once a second from each loop: what has changed */
    int32_t connections;
    uint32_t rejected[8];    /* [enum reject] */
    uint32_t causes[CAUSES]; /* connections refused and closed */
    uint32_t count;
    struct front_worker items[];
};
