/* SPDX-License-Identifier: MIT */
/* The memory that generated code works in, and the writer of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/randomx/pad.h"

enum {
    PROGRAM_WORDS = 16, /* of configuration, before the instructions */
    PROGRAM_STEPS = 256,
    PROGRAM_BYTES = 8 * (PROGRAM_WORDS + PROGRAM_STEPS),
    ITERATIONS = 2048,
    LANES_MAX = 2,
    CODE_BYTES = 32 << 10,
};

/* One machine. The register file comes first, as it is hashed. */
struct lane {
    _Alignas(64) uint64_t r[8];
    uint64_t f[4][2], e[4][2], a[4][2]; /* bits of doubles */
    uint64_t e_mask[2];                 /* of group E: fraction and exponent bits that are set */
    uint32_t mx, ma;                    /* dataset addresses: the next one, the one that is read */
    uint32_t at0, at1;                  /* scratchpad lines of the next iteration */
    uint32_t f_at;                      /* the line that f was written to last */
    uint32_t rounding;                  /* MXCSR */
};

/* What the code is called with. */
struct frame {
    struct lane lane[LANES_MAX];
    _Alignas(16) uint64_t fraction[2]; /* bits of group E that memory gives */
    uint64_t scale[2];                 /* what FSCAL_R flips */
    uint8_t *pad[LANES_MAX];
    const uint8_t *dataset;
    uint32_t rounding; /* that MXCSR holds now; 0 = unknown */
    uint32_t left;     /* iterations */
};

typedef void machine_fn(struct frame *);

/* A program as it was drawn. */
struct program {
    uint64_t word[PROGRAM_WORDS];
    struct step {
        uint8_t opcode, dst, src, mod;
        uint32_t imm;
    } step[PROGRAM_STEPS];
};
_Static_assert(sizeof(struct program) == PROGRAM_BYTES, "as drawn");

/* Writes code that runs `count` programs (1 or 2) in turns, an iteration each: while one waits for
 * memory, the other computes. Returns its length, 0 when it does not fit. */
size_t machine_write(const struct program *programs, unsigned count, uint8_t *code, size_t room);

/* Of a program's configuration. */
static inline uint32_t program_dataset_offset(const struct program *p)
{
    enum { EXTRA_LINES = 524288 };

    return (uint32_t)(p->word[13] % EXTRA_LINES) * 64;
}
