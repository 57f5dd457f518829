/* SPDX-License-Identifier: MIT */
/* Blocks and templates of real Monero daemons. */
#include "tests/fake/monero_answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/hex.h"
#include "chain/monero_template.h"
#include "tests/fake/row.h"

json_t *monero_captured;

int monero_captured_load(void **state)
{
    (void)state;
    monero_captured = json_load_file("tests/vectors/monero-templates.json", 0, NULL);
    return monero_captured ? 0 : -1;
}

int monero_captured_unload(void **state)
{
    (void)state;
    json_decref(monero_captured);
    return 0;
}

json_t *monero_answer_with(unsigned others)
{
    const json_t *rows = json_object_get(monero_captured, "templates");
    char name[32];

    (void)snprintf(name, sizeof name, "%u others", others);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!strcmp(row_text(row, "name"), name))
            return json_deep_copy(json_object_get(row, "result"));
    }
    fail_msg("no template with %s", name);
    return NULL;
}

uint16_t monero_blob_of(const uint8_t *bytes, const struct monero_block *b, uint32_t cut,
                        uint8_t blob[])
{
    uint8_t *miner = memcpy(xmalloc(b->miner_end), bytes, b->miner_end);
    struct block_plan plan = {.coinb1 = miner + b->miner_at,
                              .coinb1_len = cut,
                              .coinb2 = miner + b->miner_at + cut,
                              .coinb2_len = (uint32_t)(b->miner_end - b->miner_at - cut)};
    uint16_t len = monero_input(b, blob);

    plan.branch_count = (uint8_t)monero_branch(b->txs, b->tx_count, plan.branch);
    memcpy(blob + b->nonce_at, bytes + b->nonce_at, 4);
    form_monero.root(&plan, NULL, 0, NULL, 0, blob + b->nonce_at + 4);
    free(miner);
    return len;
}

uint8_t *bytes_of_hex(const char *hex, size_t *len)
{
    *len = strlen(hex) / 2;
    uint8_t *bytes = xmalloc(*len + 1);
    assert_true(hex_decode(hex, bytes, *len));
    return bytes;
}
