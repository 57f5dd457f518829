/* SPDX-License-Identifier: MIT */
/* The inside of one thread's context. */
#pragma once

#include "kernels/randomx/data.h"
#include "kernels/randomx/machine.h"

/* Ways to run the same programs. */
enum kind { KIND_JIT, KIND_SOFT_AES, KIND_INTERPRETER, KINDS };

/* The nonces of an input in a row on machines of our own: which were begun, which are known. */
struct row {
    struct machine *machine;       /* NULL = none is under way */
    uint8_t input[ALGO_INPUT_MAX]; /* nonce zero */
    uint16_t len, nonce_at;
    uint32_t begun, known; /* the first nonce of each group */
    bool any_known;
    uint8_t hash[2][32];
};

struct algo_ctx {
    struct rx_data *data;
    const struct algo_key *key;  /* the dataset's */
    const struct rx_copy *copy;  /* NULL: light */
    struct rx_vm *vms[KINDS];    /* the first at once, the others when first used */
    struct machine *machines[2]; /* of one and of two hashes at once, when first used */
    bool refused[2];             /* they cannot be had, or hash wrongly */
    struct row row;
    unsigned counted, huge;          /* scratchpads of ours in data->vms and vms_huge */
    struct rx_vm *busy;              /* the machine that has `pending` begun; NULL = none */
    uint8_t pending[ALGO_INPUT_MAX]; /* nonce included */
    uint16_t pending_len;
};

/* Is the key that of the context's dataset? */
bool rx_is_of(const struct algo_ctx *, const struct algo_key *);

/* May machines of our own hash with this context? */
bool rx_takes_machines(const struct algo_ctx *);

/* More scratchpads that were counted, and of those in huge pages. */
void rx_count_pads(struct algo_ctx *, unsigned pads, unsigned huge);

/* A search with the library. */
void rx_scan_by(struct algo_ctx *, enum kind, struct scan *);
