/* SPDX-License-Identifier: MIT */
/* What a chain told its owner, for tests: the functions go with a chain_heard as their `arg`. */
#pragma once

#include "chain/chain.h"
#include "chain/template.h"

struct chain_heard {
    struct chain_template *template; /* the newest */
    unsigned templates, new_tips;
    int answers; /* to chain_submit and chain_status */
    enum submit_result result;
    char text[160];
    int64_t confirmations;
};

void chain_heard_template(void *arg, struct chain_template *, bool new_tip);
void chain_heard_submit(void *arg, enum submit_result, const char *text);
void chain_heard_status(void *arg, int64_t confirmations);
