/* SPDX-License-Identifier: MIT */
/* The words of submitblock (BIP22), and bcoin's form of them. */
#include "chain/words.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

static enum verdict word_verdict(const char *word)
{
    static const struct {
        const char *word;
        enum verdict verdict;
    } rows[] = {
        {"duplicate", VERDICT_ACCEPTED},
        {"inconclusive", VERDICT_LATER},
        {"duplicate-inconclusive", VERDICT_LATER},
        {"inconclusive-not-best-prevblk", VERDICT_LATER},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].word, word))
            return rows[i].verdict;
    return VERDICT_REJECTED;
}

/* Errors of a daemon that has looked at the block; the others (warming up, no peers) are not about
 * it. -22 and -25 come from a busy or confused one too: they are tried again before they count. */
static enum verdict error_verdict(const struct rpc_reply *reply)
{
    static const struct {
        long code;
        enum verdict verdict;
    } rows[] = {
        {-32601, VERDICT_REJECTED},
        {-8, VERDICT_REJECTED},
        {-22, VERDICT_UNSURE},
        {-25, VERDICT_UNSURE},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (reply->err == ERR_RPC && reply->code == rows[i].code)
            return rows[i].verdict;
    return VERDICT_RETRY;
}

enum verdict submit_verdict(const struct rpc_reply *reply, char *text, size_t size)
{
    static const char prefix[] = "rejected: "; /* bcoin */

    if (reply->err) {
        text_copy(text, size, reply->text);
        return error_verdict(reply);
    }
    if (json_is_null(reply->result)) {
        text_copy(text, size, "accepted");
        return VERDICT_ACCEPTED;
    }
    const char *word = json_string_value(reply->result);
    if (!word) {
        text_copy(text, size, "the answer to submitblock is not a word");
        return VERDICT_RETRY;
    }
    if (!strncmp(word, prefix, sizeof prefix - 1))
        word += sizeof prefix - 1;
    text_clean(text, size, word);
    return word_verdict(word);
}
