/* SPDX-License-Identifier: MIT */
/* Known answers: tests/vectors/ALGORITHM.json, built into the program. A file holds sets; a set is
 * a list of cases, an object of cases named by numbers, or one case. Every case is checked through
 * the interface of algo.h where that reaches, and every implementation this CPU runs is checked
 * with it. */
#pragma once

#include <jansson.h>

#include "algo/algo.h"

enum known_outcome { KNOWN_RIGHT, KNOWN_WRONG, KNOWN_LEFT_OUT };

/* One line for each case: "ethash headers 3" and, for people, what the case is and what came of it.
 */
typedef void known_report_fn(void *arg, const char *name, enum known_outcome, const char *detail);

/* The case at hand. */
struct known {
    const struct algo *algo;
    const json_t *row;        /* the case */
    const json_t *set;        /* what it was found in, as the file has it */
    const char *name;         /* of a case in an object: "171"; else NULL */
    struct dataset *dataset;  /* light, of the case's key; NULL where the set asks for none */
    struct algo_ctx *ctx;     /* NULL where the algorithm has none */
    struct algo_key key;      /* zero where the set asks for none */
    bool brief;               /* searches end early; KNOWN_BRIEF_HITS winners are hashed */
    enum known_outcome *told; /* set to KNOWN_LEFT_OUT by a check that cannot be made here */
    char *detail;             /* what is wrong, or why it was left out: KNOWN_DETAIL bytes */
};
enum { KNOWN_DETAIL = 256, KNOWN_BRIEF_HITS = 4 };

struct known_set {
    const struct algo *algo;
    const char *name; /* of the set in the file */

    /* Is the case right? False with detail written. */
    bool (*check)(struct known *);

    /* The key of the case's dataset; false: the case is another algorithm's. NULL: all cases are
     * this one's and need no dataset. Cases with datasets are slow, and are ordered by dataset. */
    bool (*key)(const json_t *set, const json_t *row, struct algo_key *);

    const char *choice; /* RandomX: which variant; else NULL */
    const char *inside; /* the cases are this member of the set; NULL = they are the set */
    const char *part;   /* told behind the set's name where two rows of this table share its cases:
                           "v2"; else NULL */
    bool whole;         /* the set is one case */
};

/* Sets of one file. */
struct known_table {
    const char *file;             /* "tests/vectors/ethash.json" */
    const struct known_set *sets; /* ends with {0} */
};

extern const struct known_table known_tables[]; /* kernels/known.c; ends with {0} */

/* Checks the cases of a table's sets. `slow` false: those with datasets are told as left out,
 * and the others are brief: a second for all. Returns the number of wrong ones. Any thread. */
unsigned known_check(const struct known_table *, bool slow, known_report_fn *, void *arg);

/* --- for checks ------------------------------------------------------------------------------ */

/* All return false with detail written: members that are missing are wrong, too. */
bool known_wrong(struct known *, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool known_left_out(struct known *, const char *why);
bool known_bytes(struct known *, const json_t *row, const char *key, void *out, size_t len);
bool known_number(struct known *, const json_t *row, const char *key, uint64_t *out);
/* A number written as hex digits, most significant first. */
bool known_hex(struct known *, const json_t *row, const char *key, uint64_t *out);
bool known_u256(struct known *, const json_t *row, const char *key, struct u256 *out);

/* `len` bytes equal those that a member tells in hex. */
bool known_same(struct known *, const json_t *row, const char *key, const void *got, size_t len);
bool known_equal(struct known *, const json_t *row, const char *key, uint64_t got);
/* Numbers equal those of a list: hex words as text, or integers. */
bool known_words(struct known *, const json_t *list, const uint32_t *got, size_t count);

/* An input hashes to `hash` (and `mix`, unless NULL), by algo->hash, by algo->quick and as the only
 * winner of a scan of each implementation; a target one below the hash is met by none. */
bool known_hash(struct known *, const uint8_t *input, size_t len, const uint8_t hash[32],
                const uint8_t *mix);

/* What a scan is to find: `hits` has members "nonce", as a number or in hex. */
struct known_scan {
    const uint8_t *input;
    size_t len;
    uint64_t first, count;
    struct u256 target;
    const json_t *hits;
    uint32_t versions[SCAN_VERSIONS_MAX]; /* rolled at once; hits of version_at are compared */
    unsigned version_count, version_at;
};

/* An implementation finds exactly that, going on behind each full list. */
bool known_finds(struct known *, const struct algo_impl *, const struct known_scan *);
/* Each that this CPU runs does. */
bool known_all_find(struct known *, const struct known_scan *);

/* A hash is at most the target that a member names. */
bool known_meets(struct known *, const char *target, const uint8_t hash[32]);

/* A search of an 80-byte header whose last bytes may be missing: members "start_nonce", "count",
 * "target", "hits"; `hash` is the member of a hit that shows its hash as a number. */
bool known_header_scan(struct known *, const char *header, size_t len, const char *hash);
