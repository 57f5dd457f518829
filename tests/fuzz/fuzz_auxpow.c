/* SPDX-License-Identifier: MIT */
/* Any bytes as a merge-mined block's header and proof; what is taken is written the same, and never
 * valid by accident. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "chain/auxpow.h"
#include "chain/monero_aux.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(const struct auxpow *a, const uint8_t *data, size_t size)
{
    uint8_t *again = xmalloc(size);

    if (auxpow_write(a, again, size - 1) != size || auxpow_write(a, again, size) != size ||
        memcmp(again, data, size) != 0)
        abort();
    free(again);
}

/* A proof that is taken commits to the block: with another header it is not. */
static void judge(const struct auxpow *a, const uint8_t *header)
{
    static const uint8_t easy[32];
    uint32_t chain_id = (uint32_t)header[3] << 8 | header[2];
    uint8_t other[AUXPOW_HEADER];
    enum auxpow_verdict verdict = auxpow_verify(a, header, chain_id, easy);

    if (!auxpow_text(verdict)[0])
        abort();
    if (verdict != AUXPOW_VALID)
        return;
    memcpy(other, header, sizeof other);
    other[40] ^= 1;
    if (auxpow_verify(a, other, chain_id, easy) != AUXPOW_NO_ROOT)
        abort();
}

/* What is taken lies in a tree. */
static void read_params(uint64_t params)
{
    const uint8_t id[32] = {0};
    unsigned leaves;
    uint32_t nonce;

    if (!monero_aux_params_read(params, &leaves, &nonce))
        return;
    if (leaves < 1 || leaves > MONERO_AUX_MAX || monero_aux_slot(id, nonce, leaves) >= leaves)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct auxpow a;
    struct fault why = {0};
    uint64_t params;

    if (size >= sizeof params) {
        memcpy(&params, data, sizeof params);
        read_params(params);
    }
    if (size < AUXPOW_HEADER)
        return 0;
    if (auxpow_parse(data + AUXPOW_HEADER, size - AUXPOW_HEADER, &a, &why) == 0) {
        write_again(&a, data + AUXPOW_HEADER, size - AUXPOW_HEADER);
        judge(&a, data);
    } else if (!why.text[0]) {
        abort();
    }
    return 0;
}
