/* SPDX-License-Identifier: MIT */
/* What a daemon's answer to a block means. Any thread. */
#pragma once

#include "chain/rpc.h"

enum verdict {
    VERDICT_ACCEPTED,
    VERDICT_REJECTED,
    VERDICT_LATER,  /* stored, not judged yet: ask for its status later */
    VERDICT_RETRY,  /* no judgement: the same daemon may take it on the next try */
    VERDICT_UNSURE, /* a refusal that a busy daemon gives too: rejected if it stays so */
    VERDICT_ASK,    /* refused without a reason: accepted if the daemon knows the block */
};

/* Of submitblock (BIP22). `text` gets the daemon's own word, or what is wrong. */
enum verdict submit_verdict(const struct rpc_reply *, char *text, size_t size);
